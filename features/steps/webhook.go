package steps

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/openapi"
)

// webhookRules names the ledger's entries about a field of the scenario's webhooks; "" is the webhook as such.
func (w *World) webhookRules(path string) []string {
	op := w.operation()
	if op == nil || op.Webhook == "" {
		return []string{"Webhook"}
	}
	if path == "" {
		return []string{op.Webhook, "webhook-acknowledged"}
	}
	if slices.ContainsFunc(w.env.Contract.FieldsOf(op.Webhook), func(f openapi.Field) bool { return f.Path == path }) {
		return []string{op.Webhook + "." + path}
	}
	return []string{op.Webhook}
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

// overtaking counts the webhooks that arrived while the newest answer was waited for.
func (w *World) overtaking() (int, error) {
	a, err := w.last()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, r := range w.mine() {
		if !r.At.Before(a.begun) && r.At.Before(a.arrived) {
			n++
		}
	}
	return n, nil
}

func webhookOvertook(w *World, _ Args) error {
	n, err := w.overtaking()
	if err == nil && n == 0 {
		err = failed(w.webhookRules(""), "expected a webhook before the answer, but none had come")
	}
	return err
}

func webhookDidNotOvertake(w *World, _ Args) error {
	n, err := w.overtaking()
	if err == nil && n > 0 {
		err = failed(w.webhookRules(""), "%s had come before the answer, expected none", count(n, "webhook"))
	}
	return err
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
