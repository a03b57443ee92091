package watch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/snippet"
	"mozartosim/simulator/webhook"
	"mozartosim/simulator/words"
)

// Listener prints what happens to a company of a running simulator.
type Listener struct {
	Company *adminapi.CompanyClient
	Out     io.Writer
	ErrOut  io.Writer
	JSON    bool               // print events, or payments, as JSON, one a line
	Diff    bool               // print what a webhook says that the payment's one before did not
	Clock   *clock.Clock       // what it waits on before it connects again
	Forward *webhook.Forwarder // where the inbox's webhooks go too; nil = nowhere
	Reply   bool               // the answers of Forward are the inbox's
	Hello   string             // printed once on ErrOut, when it is connected
	Since   int64              // the last event seen, or adminapi.FromNow
	Most    int                // attempts to print before it ends; 0 = no end

	show    func(context.Context, adminapi.StreamEvent) error
	printed int // attempts
}

// Attempts prints attempts of webhooks until ctx ends, or Most were printed. The error is that of the first connection, or what the
// admin API refused.
func (l *Listener) Attempts(ctx context.Context) error {
	l.show = l.print
	if l.Reply {
		return l.runReplying(ctx)
	}
	return l.run(ctx)
}

// Payments prints a payment whenever its status changes, of those that are asked for, until ctx ends.
func (l *Listener) Payments(ctx context.Context, by adminapi.PaymentQuery) error {
	l.show = func(ctx context.Context, e adminapi.StreamEvent) error { return l.printPayment(ctx, e, by) }
	return l.run(ctx)
}

// The pause before it connects again doubles from the first to the longest.
const (
	firstPause   = 500 * time.Millisecond
	longestPause = 30 * time.Second
)

// runReplying runs beside answering for the inbox, until one of them ends.
func (l *Listener) runReplying(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	answering := make(chan error, 1)
	go func() {
		defer stop()
		answering <- l.answerInbox(ctx)
	}()
	err := l.run(ctx)
	stop()
	return cmp.Or(err, <-answering)
}

// answerInbox takes the inbox's webhooks, posts each to the handler, and answers with what the handler answered, until ctx
// ends. An error that a lost connection can't explain ends it.
func (l *Listener) answerInbox(ctx context.Context) error {
	ask, scenarios := adminapi.InboxNextInput{Timeout: "30s"}, l.Company.Scenarios()
	for ctx.Err() == nil {
		next, err := scenarios.NextWebhook(ctx, ask)
		ask.Answer = nil // it is answered, or too late to be
		switch status := adminapi.StatusOf(err); {
		case ctx.Err() != nil:
		case status == http.StatusConflict: // the time-out was first
		case status != 0:
			return err
		case err != nil:
			_, _ = l.Clock.Hold(ctx, firstPause)
		case next.Delivery != "":
			answer := l.answerOf(ctx, next)
			ask.Answer = &answer
		}
	}
	return nil
}

// answerOf is what the handler answers to a webhook, or why it doesn't.
func (l *Listener) answerOf(ctx context.Context, next adminapi.InboxNext) adminapi.InboxAnswer {
	answer := adminapi.InboxAnswer{Delivery: next.Delivery}
	d, err := l.Company.Delivery(ctx, next.Delivery)
	if err == nil {
		answer.Status, answer.Body, err = l.Forward.Post(ctx, next.Headers, d.Body)
	}
	if err != nil {
		answer.Error = err.Error()
	}
	return answer
}

// errEnough ends a listener that has printed as many attempts as it should.
var errEnough = errors.New("enough")

// run streams until ctx ends. A connection that was lost is made again; one that never was is an error.
func (l *Listener) run(ctx context.Context) error {
	pause, connected := firstPause, false
	for {
		heard, err := l.follow(ctx, &connected)
		switch {
		case ctx.Err() != nil || errors.Is(err, errEnough):
			return nil //nolint:nilerr // it ends as it should
		case !connected || adminapi.StatusOf(err) != 0:
			return err
		}
		if heard {
			pause = firstPause
		}
		fmt.Fprintf(l.ErrOut, "the connection was lost (%v), trying again in %s\n", err, words.Span(pause))
		if _, err := l.Clock.Hold(ctx, pause); err != nil {
			return nil //nolint:nilerr // Ctrl-C
		}
		pause = min(2*pause, longestPause)
	}
}

// follow reads one connection to its end; heard says whether any event came.
func (l *Listener) follow(ctx context.Context, connected *bool) (heard bool, err error) {
	events, err := l.Company.Events(ctx, l.Since)
	if err != nil {
		return false, err
	}
	if !*connected && l.Hello != "" {
		fmt.Fprintln(l.ErrOut, l.Hello)
	}
	*connected = true
	for e, err := range events {
		if err != nil {
			return heard, err
		}
		heard, l.Since = true, int64(e.Seq)
		if err := l.show(ctx, e); err != nil {
			return heard, err
		}
	}
	return heard, ctx.Err()
}

// print prints an event that is an attempt; all others are skipped.
func (l *Listener) print(ctx context.Context, e adminapi.StreamEvent) error {
	if e.Kind != string(payment.KindDeliveryAttempted) {
		return nil
	}
	var a adminapi.Attempt
	err := json.Unmarshal(e.Data, &a)
	if err != nil {
		_, err = fmt.Fprintf(l.ErrOut, "event %d is left out: its attempt can't be read: %v\n", e.Seq, err)
		return err
	}
	if l.JSON {
		err = words.JSON(l.Out, e, "")
	} else {
		_, err = fmt.Fprintf(l.Out, "%s  %s  attempt %d: %s\n", words.Stamp(e.At), a.Delivery, a.N, a.Result())
	}
	if err == nil && l.Forward != nil && !l.Reply { // with reply, the attempt's result is the handler's
		err = l.forwardAttempt(ctx, a)
	}
	if err == nil && l.Diff && !l.JSON && a.N == 1 {
		err = l.printDifference(ctx, e.Payment, a.Delivery)
	}
	if l.printed++; err == nil && l.printed == l.Most {
		return errEnough
	}
	return err
}

// printPayment prints the payment of an event that changed its status, if it is one that is asked for; all other events are skipped.
func (l *Listener) printPayment(ctx context.Context, e adminapi.StreamEvent, by adminapi.PaymentQuery) error {
	if kind := payment.Kind(e.Kind); kind != payment.KindMoved && kind != payment.KindNotified {
		return nil
	}
	var to struct{ Status payment.Status }
	if err := json.Unmarshal(e.Data, &to); err != nil {
		_, err = fmt.Fprintf(l.ErrOut, "event %d is left out: it can't be read: %v\n", e.Seq, err)
		return err
	}
	p, err := l.Company.Payment(ctx, e.Payment)
	switch {
	case adminapi.StatusOf(err) == http.StatusNotFound: // dropped in the meantime
		return nil
	case err != nil:
		return err
	case !statusBefore(&p, e.Seq).May(to.Status): // the notification changed nothing
		return nil
	}
	p.Status = string(to.Status) // of then
	if !by.Matches(&p.PaymentSummary) {
		return nil
	}
	if l.JSON {
		return words.JSON(l.Out, p.PaymentSummary, "")
	}
	_, err = fmt.Fprintf(l.Out, "%s  %s  %s  %s  %s\n", words.Stamp(e.At), p.ID, Title(p.PaymentSummary), p.Status, words.OneLine(cmp.Or(p.MerchantReference, "-")))
	return err
}

// statusBefore is the status that a payment had before an event of its own.
func statusBefore(p *adminapi.Payment, seq uint64) payment.Status {
	status := payment.Created
	for _, e := range p.Events {
		var to struct{ Status payment.Status }
		kind := payment.Kind(e.Kind)
		if e.Seq >= seq || kind != payment.KindMoved && kind != payment.KindNotified || json.Unmarshal(e.Data, &to) != nil {
			continue
		}
		if status.May(to.Status) {
			status = to.Status
		}
	}
	return status
}

// forwardAttempt forwards what the inbox received. A handler's answer is printed beside the lines for people, but not
// between lines of JSON.
func (l *Listener) forwardAttempt(ctx context.Context, a adminapi.Attempt) error {
	d, err := l.Company.Delivery(ctx, a.Delivery)
	switch {
	case adminapi.StatusOf(err) == http.StatusNotFound: // dropped in the meantime
		return nil
	case err != nil:
		return err
	case d.URL != adminapi.InboxURL:
		return nil
	}
	out := l.Out
	if l.JSON {
		out = l.ErrOut
	}
	_, err = fmt.Fprintf(out, "  -> %s\n", l.Forward.Says(ctx, a.Headers, d.Body))
	return err
}

// printDifference prints what a webhook says that the payment's one before it did not say, and the other way round.
func (l *Listener) printDifference(ctx context.Context, of, delivery string) error {
	p, err := l.Company.Payment(ctx, of)
	if adminapi.StatusOf(err) == http.StatusNotFound { // dropped in the meantime
		return nil
	}
	at := slices.IndexFunc(p.Deliveries, func(d adminapi.Delivery) bool { return d.ID == delivery })
	if err != nil || at < 1 {
		return err
	}
	lines, _ := snippet.Diff([]byte(p.Deliveries[at-1].Body), []byte(p.Deliveries[at].Body))
	for _, line := range lines {
		if line.Sign != "" {
			fmt.Fprintf(l.Out, "  %s %s\n", line.Sign, words.OneLine(strings.TrimSpace(line.Text)))
		}
	}
	return nil
}

// Title names a payment in few words.
func Title(p adminapi.PaymentSummary) string {
	flow := strings.TrimSpace(p.PSP + " " + p.Type + " " + p.Variant)
	amount := p.Amount.String()
	if exact, err := money.Parse(amount, 2); err == nil {
		amount = exact.Fixed(2)
	}
	return fmt.Sprintf("%s %s %s", flow, amount, p.Currency)
}
