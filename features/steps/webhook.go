package steps

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mozartosim/features/cells"
	"mozartosim/features/receiver"
	"mozartosim/simulator/words"
)

// nextWebhook waits for one more than the scenario has seen.
func nextWebhook(ctx context.Context, w *World) error { return moreWebhooks(ctx, w, 1) }

func moreWebhooks(ctx context.Context, w *World, n int) error {
	w.seen += n
	return w.await(ctx, w.seen)
}

// webhooksHaveArrived counts the webhooks without moving the clock.
func webhooksHaveArrived(w *World, c *Company, _ *receiver.Mailbox, n int) error {
	all, _ := w.of(c)
	if len(all) != n {
		return failed(w.webhookRules(""), "expected that %s had arrived, but there were %d%s", words.Count(n, "webhook"), len(all), listed(all))
	}
	w.seen = len(all)
	return nil
}

// noMoreWebhooks lets all due jobs run, or waits for a while in real time, and checks that nothing arrives.
func noMoreWebhooks(ctx context.Context, w *World, c *Company, _ *receiver.Mailbox) error {
	wait := everythingHappens
	if w.api == nil {
		wait = quiet
	}
	if err := wait(ctx, w); err != nil {
		return err
	}
	if all, _ := w.of(c); len(all) > w.seen {
		return failed(w.webhookRules(""), "expected no further webhook, but %s came%s", words.Count(len(all)-w.seen, "more"), listed(all[w.seen:]))
	}
	return nil
}

func webhookHas(w *World, r *receiver.Call, t cells.Table) error {
	return withBody(w, w.expectTable("the webhook's", r.Doc.Fields, t, w.webhookRules), r)
}

func webhookFieldIs(w *World, r *receiver.Call, path, cell string) error {
	return webhookHas(w, r, cells.Table{{path, cell}})
}

func webhookFieldAbsent(w *World, r *receiver.Call, path string) error {
	return webhookFieldIs(w, r, path, "(absent)")
}

// withBody adds the webhook to a failure.
func withBody(w *World, err error, r *receiver.Call) error {
	var f *Failure
	if errors.As(err, &f) {
		f.Description += "; the webhook was " + cells.Clip(w.masker.Body(r.Body))
	}
	return err
}

// webhookMeetsContract validates the newest webhook against the provider's schema.
func webhookMeetsContract(w *World, r *receiver.Call) error {
	op := w.operation()
	if op == nil || op.Webhook == "" {
		return errors.New("the contract knows no webhook for this request")
	}
	if r.Doc.Fields == nil {
		return failed(w.webhookRules(""), "the webhook is no JSON object: %q", cells.Clip(w.masker.Body(r.Body)))
	}
	problems := w.env.Contract.Problems(op.Webhook, r.Doc)
	if problems == nil {
		return nil
	}
	var rules []string
	for _, p := range problems {
		rules = append(rules, w.webhookRules(p.Path)...)
	}
	return withBody(w, failed(rules, "the webhook breaks %s of the contract: %s", op.Webhook, strings.Join(problems.Texts(), "; ")), r)
}

// webhookIsAboutPayment compares ids, reference, shopper and amount with the call's.
func webhookIsAboutPayment(w *World, r *receiver.Call) error {
	t := cells.Table{{"transaction_id", "<answer.data.transactionId>"}}
	if _, there := w.referred("request", "userId"); there {
		t = append(t, []string{"user_id", "<request.userId>"})
	}
	if _, there := w.referred("request", "merchantReference"); there {
		t = append(t, []string{"merchantReference", "<request.merchantReference>"})
	}
	return webhookHas(w, r, append(t, []string{"amount", "<amount>"}, []string{"amount", "<request.baseamount>"}))
}

// webhooksAre compares all webhooks so far with a table: status and transaction_status, in the order of their arrival.
func webhooksAre(ctx context.Context, w *World, t cells.Table) error {
	pairs, err := t.Pairs("status", "transaction_status")
	if err != nil {
		return err
	}
	w.seen = len(pairs)
	if err := w.await(ctx, len(pairs)); err != nil {
		return err
	}
	var seen, want []string
	for _, r := range w.mine() {
		seen = append(seen, r.Doc.Text("status")+" "+r.Doc.Text("transaction_status"))
	}
	for _, p := range pairs {
		want = append(want, p[0]+" "+p[1])
	}
	if !slices.Equal(seen, want) {
		return failed(append(w.webhookRules("status"), w.webhookRules("transaction_status")...), "the webhooks are %s, expected %s", quotedList(seen), quotedList(want))
	}
	return nil
}

func webhookHasHeader(w *World, r *receiver.Call, name, cell string) error {
	return w.expectText("the webhook's header", name, r.Header.Get(name), cell, "webhook-secret")
}

func webhookHasNoHeader(w *World, r *receiver.Call, name string) error {
	return webhookHasHeader(w, r, name, "(absent)")
}

// webhooksAreTheSame compares the bodies of all webhooks so far, byte by byte.
func webhooksAreTheSame(w *World) error {
	all := w.mine()
	for i, r := range all {
		if string(r.Body) != string(all[0].Body) {
			return failed(w.webhookRules(""), "webhooks 1 and %d differ: %s and %s", i+1, cells.Clip(w.masker.Body(all[0].Body)), cells.Clip(w.masker.Body(r.Body)))
		}
	}
	if len(all) < 2 {
		return errors.New("there are not two webhooks to compare")
	}
	return nil
}

// webhookCame compares the time between the answer and the newest webhook.
func webhookCame(w *World, r *receiver.Call, span string) error {
	if after := after(w, payment(w), len(w.mine())-1, *r); after != duration(span) {
		return failed(w.webhookRules(""), "the webhook came %s after the answer, expected %s", after, span)
	}
	return nil
}

func webhookCameWithin(w *World, r *receiver.Call, span string) error {
	if after := after(w, payment(w), len(w.mine())-1, *r); after > duration(span) {
		return failed(w.webhookRules(""), "the webhook came %s after the answer, expected at most %s", after, span)
	}
	return nil
}

// early counts the webhooks that arrived while the newest answer was waited for.
func early(w *World, a *answer) (n int) {
	for _, r := range w.mine() {
		if !r.At.Before(a.begun) && r.At.Before(a.arrived) {
			n++
		}
	}
	return n
}

func webhookCameBefore(w *World, a *answer) error {
	if early(w, a) == 0 {
		return failed(w.webhookRules(""), "expected a webhook before the answer, but none had come")
	}
	return nil
}

func noWebhookCameBefore(w *World, a *answer) error {
	if n := early(w, a); n > 0 {
		return failed(w.webhookRules(""), "%s had come before the answer, expected none", words.Count(n, "webhook"))
	}
	return nil
}

func webhookIsNoJSON(w *World, r *receiver.Call) error {
	if r.Doc.Fields != nil {
		return failed(nil, "expected a webhook that is no JSON object, but it was %s", cells.Clip(w.masker.Body(r.Body)))
	}
	return nil
}

// handlerAnswers sets how the merchant's handler answers: a list of statuses, then 200.
func handlerAnswers(m *receiver.Mailbox, statuses string) error {
	var replies []receiver.Reply
	for _, word := range strings.FieldsFunc(statuses, func(r rune) bool { return r == ',' || r == ' ' }) {
		var status int
		if _, err := fmt.Sscan(word, &status); err != nil || http.StatusText(status) == "" {
			return fmt.Errorf("%q must be HTTP statuses, such as 500, 500, 200", statuses)
		}
		replies = append(replies, receiver.Reply{Status: status})
	}
	m.ReplyWebhooks(replies...)
	return nil
}

func handlerFails(m *receiver.Mailbox, times int) error {
	return handlerAnswers(m, strings.Repeat("500 ", times))
}

// verifyUserAnswers sets how the merchant's verify-user answers.
func verifyUserAnswers(c *Company, m *receiver.Mailbox, status int) error {
	return verifyUserAnswersWith(c, m, status, "")
}

func verifyUserAnswersWith(c *Company, m *receiver.Mailbox, status int, body docString) error {
	if c.Shared {
		return &NotRun{"needs a company whose verify-user is the runner's own"}
	}
	m.ReplyVerify(receiver.Reply{Status: status, Body: string(body)})
	return nil
}

// verifyUserWasAsked compares the newest verify-user call with a table.
func verifyUserWasAsked(w *World, m *receiver.Mailbox, t cells.Table) error {
	asked := m.Verifications()
	if len(asked) == 0 {
		return failed([]string{"verify-user"}, "expected that the merchant's verify-user is asked, but it was not")
	}
	newest := asked[len(asked)-1]
	doc := map[string]any{"Authorization": newest.Header.Get("Authorization")}
	maps.Copy(doc, newest.Doc.Fields)
	return w.expectTable("the verify-user call's", doc, t, func(string) []string { return []string{"verify-user"} })
}

func verifyUserWasAskedTimes(m *receiver.Mailbox, n int) error {
	if asked := m.Verifications(); len(asked) != n {
		return failed([]string{"verify-user", "verify-user-answers"}, "verify-user was asked %d times, expected %d", len(asked), n)
	}
	return nil
}

var days = regexp.MustCompile(`(\d+)d`)

// duration reads a {duration}; days have 24 hours.
func duration(text string) time.Duration {
	text = days.ReplaceAllStringFunc(text, func(d string) string {
		n, _ := strconv.Atoi(strings.TrimSuffix(d, "d"))
		return strconv.Itoa(n*24) + "h"
	})
	d, _ := time.ParseDuration(text) // the pattern has checked it
	return d
}
