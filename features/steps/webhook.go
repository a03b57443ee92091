package steps

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"mozartosim/openapi"
)

// mine returns the webhooks that arrived for this scenario: all of its company's, or, where scenarios share a company, those
// about its own payments.
func (w *World) mine() []Received {
	found, _ := w.arrived(w.company)
	return found
}

func (w *World) arrived(c *Company) ([]Received, <-chan struct{}) {
	if c == nil || c.Mail == nil {
		return nil, nil
	}
	all, changed := c.Mail.all()
	if !c.Shared {
		return all, changed
	}
	var own []Received
	for _, r := range all {
		if w.ids[r.Doc.Text("transaction_id")] {
			own = append(own, r)
		}
	}
	return own, changed
}

// receiving says whether webhooks can be received at all.
func (w *World) receiving() (*Company, error) {
	c, err := w.us()
	if err != nil {
		return nil, err
	}
	if c.Mail == nil {
		return nil, &NotRun{"needs a webhook receiver that the target reaches (--listen, --webhook-url)"}
	}
	return c, nil
}

// await waits until n webhooks have arrived: by moving the company's clock where there is one to move, else in real time.
func (w *World) await(n int) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	for {
		seen, changed := w.arrived(c)
		if len(seen) >= n {
			return nil
		}
		if w.env.Control == nil {
			if err := w.awaitReally(c, n, changed); err != nil {
				return err
			}
			continue
		}
		happened, err := w.advance(map[string]any{"deliveries": 1})
		if err != nil {
			return err
		}
		if now, _ := w.arrived(c); len(now) == len(seen) && !slices.ContainsFunc(happened, isAttempt) {
			return failed(w.webhookRules(""), "expected %s, but %d arrived and nothing more is due%s", count(n, "webhook"), len(seen), w.told(seen))
		}
	}
}

// awaitReally waits for whatever comes next, as long as patience lasts.
func (w *World) awaitReally(c *Company, n int, changed <-chan struct{}) error {
	w.say("waiting up to %s for webhook %d%s", w.env.Patience, n, w.pageHint())
	ctx, cancel := context.WithTimeout(w.ctx, w.env.Patience)
	defer cancel()
	for {
		select {
		case <-changed:
			return nil
		case <-ctx.Done():
			if w.ctx.Err() != nil {
				return w.ctx.Err()
			}
			seen, _ := w.arrived(c)
			return failed(w.webhookRules(""), "expected %s within %s, but %d arrived%s", count(n, "webhook"), w.env.Patience, len(seen), w.told(seen))
		}
	}
}

// pageHint tells a person where to pay.
func (w *World) pageHint() string {
	if len(w.answers) == 0 {
		return ""
	}
	a := w.answers[len(w.answers)-1]
	if a.op == nil || a.op.Redirect == "" {
		return ""
	}
	if url, ok := lookup(a.doc.Fields, a.op.Redirect); ok {
		return "; the provider's page is " + shown(url)
	}
	return ""
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// told lists webhooks for people.
func (w *World) told(all []Received) string {
	if len(all) == 0 {
		return ""
	}
	var words []string
	for _, r := range all {
		words = append(words, fmt.Sprintf("%s (%s)", r.Doc.Text("status"), r.Doc.Text("transaction_status")))
	}
	return ": " + strings.Join(words, ", ")
}

// webhookRules names the ledger's entries about a field of the scenario's webhooks; "" is the webhook as such.
func (w *World) webhookRules(path string) []string {
	op := w.operation()
	if op == nil || op.Webhook == "" {
		return []string{"Webhook"}
	}
	if path == "" {
		return []string{op.Webhook, "webhook-acknowledged"}
	}
	return []string{op.Webhook + "." + path, "Webhook." + path}
}

// newest returns the webhook that the steps talk about: the one that arrived last.
func (w *World) newest() (*Received, error) {
	c, err := w.receiving()
	if err != nil {
		return nil, err
	}
	all, _ := w.arrived(c)
	if len(all) == 0 {
		return nil, fmt.Errorf("no webhook has arrived yet: \"Then a webhook arrives\" must come before")
	}
	return &all[len(all)-1], nil
}

// nextWebhook waits for one more than the scenario has seen.
func nextWebhook(w *World, _ Args) error {
	w.seen++
	return w.await(w.seen)
}

func webhooksArrive(w *World, a Args) error {
	w.seen += a.Int(0)
	return w.await(w.seen)
}

// webhooksHaveArrived counts what is there without moving the clock.
func webhooksHaveArrived(w *World, a Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	all, _ := w.arrived(c)
	if len(all) != a.Int(0) {
		return failed(w.webhookRules(""), "expected that %s had arrived, but there were %d%s", count(a.Int(0), "webhook"), len(all), w.told(all))
	}
	w.seen = len(all)
	return nil
}

// noMoreWebhooks lets everything that is due happen, or waits for a while in real time, and insists that nothing arrives.
func noMoreWebhooks(w *World, _ Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	if w.env.Control == nil {
		err = w.quiet(c)
	} else {
		_, err = w.advance(map[string]any{"until": "idle"})
	}
	if err != nil {
		return err
	}
	if all, _ := w.arrived(c); len(all) > w.seen {
		return failed(w.webhookRules(""), "expected no further webhook, but %s came%s", count(len(all)-w.seen, "more"), w.told(all[w.seen:]))
	}
	return nil
}

func (w *World) quiet(c *Company) error {
	w.say("waiting %s to see that no webhook arrives", w.env.Quiet)
	ctx, cancel := context.WithTimeout(w.ctx, w.env.Quiet)
	defer cancel()
	for {
		all, changed := w.arrived(c)
		if len(all) > w.seen {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return w.ctx.Err()
		}
	}
}

func webhookHas(w *World, a Args) error {
	r, err := w.newest()
	if err != nil {
		return err
	}
	if err := w.expectTable("the webhook's", r.Doc.Fields, a.Table, w.webhookRules); err != nil {
		return w.withBody(err, r)
	}
	return nil
}

func (w *World) withBody(err error, r *Received) error {
	if f, ok := err.(*Failure); ok {
		f.Says += "; the webhook was " + clip(w.env.Masker.Body(r.Body))
	}
	return err
}

func webhookFieldIs(w *World, a Args) error {
	return webhookHas(w, Args{Table: [][]string{{a.Values[0], a.Values[1]}}})
}

func webhookFieldAbsent(w *World, a Args) error {
	return webhookHas(w, Args{Table: [][]string{{a.Values[0], "(absent)"}}})
}

// webhookHoldsContract validates the newest webhook against the provider's schema.
func webhookHoldsContract(w *World, _ Args) error {
	r, err := w.newest()
	if err != nil {
		return err
	}
	op := w.operation()
	if op == nil || op.Webhook == "" {
		return fmt.Errorf("the contract knows no webhook for this request")
	}
	if r.Doc.Fields == nil {
		return failed(w.webhookRules(""), "the webhook is no JSON object: %q", clip(w.env.Masker.Body(r.Body)))
	}
	problems := w.breaks(op.Webhook, r.Doc)
	if problems == nil {
		return nil
	}
	var rules []string
	for _, p := range problems {
		field, _, _ := strings.Cut(p, " ")
		rules = append(rules, w.webhookRules(field)...)
	}
	return w.withBody(failed(rules, "the webhook breaks %s of the contract: %s", op.Webhook, strings.Join(problems, "; ")), r)
}

// webhookIsAboutPayment holds ids, reference, shopper and amount against the call's.
func webhookIsAboutPayment(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	rows := [][]string{{"transaction_id", "<answer.data.transactionId>"}}
	if _, named := lookup(a.sent.fields, "userId"); named {
		rows = append(rows, []string{"user_id", "<request.userId>"})
	}
	if _, named := lookup(a.sent.fields, "merchantReference"); named {
		rows = append(rows, []string{"merchantReference", "<request.merchantReference>"})
	}
	rows = append(rows, []string{"amount", "<amount>"}, []string{"amount", "<request.baseamount>"})
	return webhookHas(w, Args{Table: rows})
}

// webhooksTell holds all webhooks so far against a table: status and transaction_status, in the order of their arrival.
func webhooksTell(w *World, a Args) error {
	rows := a.Table
	if len(rows) > 0 && rows[0][0] == "status" {
		rows = rows[1:]
	}
	w.seen = len(rows)
	if err := w.await(len(rows)); err != nil {
		return err
	}
	all := w.mine()
	var seen, want []string
	for _, r := range all {
		seen = append(seen, r.Doc.Text("status")+" "+r.Doc.Text("transaction_status"))
	}
	for _, row := range rows {
		want = append(want, strings.Join(row, " "))
	}
	if !slices.Equal(seen, want) {
		return failed(append(w.webhookRules("status"), w.webhookRules("transaction_status")...), "the webhooks told %s, expected %s", quotedList(seen), quotedList(want))
	}
	return nil
}

func webhookHasHeader(w *World, a Args) error {
	r, err := w.newest()
	if err != nil {
		return err
	}
	value := r.Header.Get(a.Values[0])
	if wanted := w.expect(value, value != "", a.Values[1]); wanted != "" {
		return failed([]string{"webhook-secret"}, "%s", mismatch("the webhook's header", a.Values[0], value, value != "", wanted))
	}
	return nil
}

func webhookHasNoHeader(w *World, a Args) error {
	return webhookHasHeader(w, Args{Values: []string{a.Values[0], "(absent)"}})
}

// webhooksAreTheSame compares the bodies of all webhooks so far, byte by byte.
func webhooksAreTheSame(w *World, _ Args) error {
	all := w.mine()
	for i, r := range all {
		if string(r.Body) != string(all[0].Body) {
			return failed(w.webhookRules(""), "webhooks 1 and %d differ: %s and %s", i+1, clip(w.env.Masker.Body(all[0].Body)), clip(w.env.Masker.Body(r.Body)))
		}
	}
	if len(all) < 2 {
		return fmt.Errorf("there are not two webhooks to compare")
	}
	return nil
}

// webhookCame holds the time between the answer and the newest webhook.
func webhookCame(w *World, a Args) error {
	r, err := w.newest()
	if err != nil {
		return err
	}
	_, _, _, made := w.origin()
	after := time.Duration(w.after(len(w.mine())-1, *r, made))
	if after != a.Span(0) {
		return failed(w.webhookRules(""), "the webhook came %s after the answer, expected %s", after, a.Values[0])
	}
	return nil
}

func webhookCameWithin(w *World, a Args) error {
	r, err := w.newest()
	if err != nil {
		return err
	}
	_, _, _, made := w.origin()
	if after := time.Duration(w.after(len(w.mine())-1, *r, made)); after > a.Span(0) {
		return failed(w.webhookRules(""), "the webhook came %s after the answer, expected at most %s", after, a.Values[0])
	}
	return nil
}

// webhookOvertook insists that a webhook had arrived before the answer did.
func webhookOvertook(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	if a.early == 0 {
		return failed(w.webhookRules(""), "expected a webhook before the answer, but none had come")
	}
	return nil
}

func webhookDidNotOvertake(w *World, _ Args) error {
	a, err := w.last()
	if err != nil {
		return err
	}
	if a.early > 0 {
		return failed(w.webhookRules(""), "%s had come before the answer, expected none", count(a.early, "webhook"))
	}
	return nil
}

func webhookIsNoJSON(w *World, _ Args) error {
	r, err := w.newest()
	if err != nil {
		return err
	}
	if r.Doc.Fields != nil {
		return failed(nil, "expected a webhook that is no JSON object, but it was %s", clip(w.env.Masker.Body(r.Body)))
	}
	return nil
}

// handlerAnswers programs the merchant's handler: a list of statuses, then 200.
func handlerAnswers(w *World, a Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	var replies []reply
	for _, word := range strings.FieldsFunc(a.Values[0], func(r rune) bool { return r == ',' || r == ' ' }) {
		status := Args{Values: []string{word}}.Int(0)
		if http.StatusText(status) == "" {
			return fmt.Errorf("%q must be HTTP statuses, such as 500, 500, 200", a.Values[0])
		}
		replies = append(replies, reply{status: status})
	}
	c.Mail.program(replies)
	return nil
}

func handlerFails(w *World, a Args) error {
	return handlerAnswers(w, Args{Values: []string{strings.TrimSuffix(strings.Repeat("500, ", a.Int(0)), ", ")}})
}

// verifyUserAnswers programs the merchant's verify-user.
func verifyUserAnswers(w *World, a Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	if c.Shared {
		return &NotRun{"needs a company whose verify-user is the runner's own"}
	}
	c.Mail.programVerify(reply{status: a.Int(0), body: a.Text})
	return nil
}

// verifyUserWasAsked holds the newest verify-user call against a table.
func verifyUserWasAsked(w *World, a Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	asked := c.Mail.verifications()
	if len(asked) == 0 {
		return failed([]string{"verify-user"}, "expected that the merchant's verify-user is asked, but it was not")
	}
	r := asked[len(asked)-1]
	doc := map[string]any{"Authorization": r.Header.Get("Authorization")}
	for name, value := range r.Doc.Fields {
		doc[name] = value
	}
	return w.expectTable("the verify-user call's", doc, a.Table, func(string) []string { return []string{"verify-user"} })
}

func verifyUserWasAskedTimes(w *World, a Args) error {
	c, err := w.receiving()
	if err != nil {
		return err
	}
	if asked := c.Mail.verifications(); len(asked) != a.Int(0) {
		return failed([]string{"verify-user", "verify-user-answers"}, "verify-user was asked %d times, expected %s", len(asked), a.Values[0])
	}
	return nil
}

// schemaOf validates the newest webhook or answer against any schema; for features about the shape of things.
func answerHoldsSchema(w *World, a Args) error {
	last, err := w.last()
	if err != nil {
		return err
	}
	return w.holds("the answer", a.Values[0], last.doc)
}

func (w *World) holds(what, schema string, doc openapi.Document) error {
	if !w.env.Contract.HasSchema(schema) {
		return fmt.Errorf("the contract has no schema %s", schema)
	}
	if problems := w.breaks(schema, doc); problems != nil {
		return failed([]string{schema}, "%s breaks %s of the contract: %s", what, schema, strings.Join(problems, "; "))
	}
	return nil
}
