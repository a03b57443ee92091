package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/webhook"
	"mozartosim/simulator/words"
)

// listener streams the events of a company of a running simulator.
type listener struct {
	show    func(context.Context, adminapi.StreamEvent) error // nil = attempts of webhooks
	company *adminapi.CompanyClient
	json    bool // print events as JSON
	diff    bool // print what a webhook says that the payment's one before did not
	out     io.Writer
	errOut  io.Writer
	clock   *clock.Clock       // what it waits on before it connects again
	forward *webhook.Forwarder // nil = nowhere
	reply   bool               // the forwarder's answers are the inbox's
	hello   string             // printed once on errOut, when it is connected
	since   int64              // the last event seen, or adminapi.FromNow
	left    int                // attempts to print before it ends; 0 = no end
}

// The pause before it connects again doubles from the first to the longest.
const (
	firstPause   = 500 * time.Millisecond
	longestPause = 30 * time.Second
)

func newListen() *cobra.Command {
	var forwardTo, secret string
	l := &listener{clock: clock.New()}
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Stream webhooks and forward them to your handler",
		Long: `Stream webhooks as they are delivered: one line for each attempt, until Ctrl-C. The first line, on the error output, names
the company. A lost connection is made again, and no attempt is missed. With --forward-to, each webhook that the built-in
inbox received is posted to your handler too, and the handler's answer is printed. With --reply as well, the handler's answer
is the inbox's: a 500 fails the attempt, and the webhook is sent again by the retry schedule.`,
		Example: `  mozartosim listen
  mozartosim listen --forward-to http://localhost:9090/webhooks
  mozartosim listen --forward-to http://localhost:9090/webhooks --reply
  mozartosim listen --since 0 --count 2         # begin with the first event, end after two attempts`,
		Args: cli.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVar(&forwardTo, "forward-to", "", "post what the inbox received to this URL too")
	flags.BoolVar(&l.reply, "reply", false, "let your handler's answer be the inbox's, so that a failure is retried (with --forward-to)")
	flags.StringVar(&secret, "secret", "", "the shared secret of forwarded webhooks (default: they have no Authorization)")
	flags.Int64Var(&l.since, "since", adminapi.FromNow, "begin after the event with this number; 0 begins with the first (default: now)")
	flags.Lookup("since").DefValue = "0" // help is silent about it
	flags.BoolVar(&l.diff, "diff", false, "show what differs from the payment's webhook before")
	flags.IntVar(&l.left, "count", 0, "end after this many attempts (default: never)")
	api := cli.AdminFlags(cmd)
	api.Watch = true
	cmd.RunE = api.Run(func(ctx context.Context, c *cli.Call) (err error) {
		if l.forward, err = newForwarder(forwardTo, secret); err != nil {
			return err
		}
		if l.reply && l.forward == nil {
			return cli.Usagef("--reply goes with --forward-to")
		}
		if flags.Changed("since") && l.since < 0 {
			return cli.Usagef("--since %d must be the number of an event, such as 0", l.since)
		}
		l.company, l.out, l.errOut, l.json = c.Company, cmd.OutOrStdout(), cmd.ErrOrStderr(), api.JSON
		company, err := l.company.BackOffice().Company(ctx, adminapi.Masked)
		if err != nil {
			return err
		}
		l.hello = fmt.Sprintf("listening for webhooks of company %s at %s", company.Name, api.URL)
		if l.forward != nil {
			l.hello += ", and forwarding those of the inbox to " + forwardTo
		}
		l.hello += "; Ctrl-C ends it"
		if l.reply {
			return l.runReplying(ctx)
		}
		return l.run(ctx)
	})
	return cmd
}

// runReplying runs beside answering for the inbox, until one of them ends.
func (l *listener) runReplying(ctx context.Context) error {
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
func (l *listener) answerInbox(ctx context.Context) error {
	ask, scenarios := adminapi.InboxNextInput{Timeout: "30s"}, l.company.Scenarios()
	for ctx.Err() == nil {
		next, err := scenarios.NextWebhook(ctx, ask)
		ask.Answer = nil // it is answered, or too late to be
		switch status := cli.StatusOf(err); {
		case ctx.Err() != nil:
		case status == http.StatusConflict: // the time-out was first
		case status != 0:
			return err
		case err != nil:
			_, _ = l.clock.Hold(ctx, firstPause)
		case next.Delivery != "":
			answer := l.answerOf(ctx, next)
			ask.Answer = &answer
		}
	}
	return nil
}

// answerOf is what the handler answers to a webhook, or why it doesn't.
func (l *listener) answerOf(ctx context.Context, next adminapi.InboxNext) adminapi.InboxAnswer {
	answer := adminapi.InboxAnswer{Delivery: next.Delivery}
	d, err := l.company.Delivery(ctx, next.Delivery)
	if err == nil {
		answer.Status, answer.Body, err = l.forward.Post(ctx, next.Headers, d.Body)
	}
	if err != nil {
		answer.Error = err.Error()
	}
	return answer
}

// errEnough ends a listener that has printed as many attempts as it should.
var errEnough = errors.New("enough")

// run streams until ctx ends. A connection that was lost is made again; one that never was is an error.
func (l *listener) run(ctx context.Context) error {
	pause, connected := firstPause, false
	for {
		heard, err := l.follow(ctx, &connected)
		switch {
		case ctx.Err() != nil || errors.Is(err, errEnough):
			return nil //nolint:nilerr // it ends as it should
		case !connected || cli.StatusOf(err) != 0:
			return err
		}
		if heard {
			pause = firstPause
		}
		fmt.Fprintf(l.errOut, "the connection was lost (%v), trying again in %s\n", err, words.Span(pause))
		if _, err := l.clock.Hold(ctx, pause); err != nil {
			return nil //nolint:nilerr // Ctrl-C
		}
		pause = min(2*pause, longestPause)
	}
}

// follow reads one connection to its end; heard says whether any event came.
func (l *listener) follow(ctx context.Context, connected *bool) (heard bool, err error) {
	events, err := l.company.Events(ctx, l.since)
	if err != nil {
		return false, err
	}
	if !*connected && l.hello != "" {
		fmt.Fprintln(l.errOut, l.hello)
	}
	*connected = true
	for e, err := range events {
		if err != nil {
			return heard, err
		}
		heard, l.since = true, int64(e.Seq)
		show := l.print
		if l.show != nil {
			show = l.show
		}
		if err := show(ctx, e); err != nil {
			return heard, err
		}
	}
	return heard, ctx.Err()
}

// print prints an event that is an attempt; all others are skipped.
func (l *listener) print(ctx context.Context, e adminapi.StreamEvent) error {
	if e.Kind != string(payment.KindDeliveryAttempted) {
		return nil
	}
	var a adminapi.Attempt
	err := json.Unmarshal(e.Data, &a)
	if err != nil {
		_, err = fmt.Fprintf(l.errOut, "event %d is left out: its attempt can't be read: %v\n", e.Seq, err)
		return err
	}
	if l.json {
		err = cli.JSON(l.out, e, "")
	} else {
		_, err = fmt.Fprintf(l.out, "%s  %s  attempt %d: %s\n", words.Stamp(e.At), a.Delivery, a.N, a.Result())
	}
	if err == nil && l.forward != nil && !l.reply { // with reply, the attempt's result is the handler's
		err = l.forwardAttempt(ctx, a)
	}
	if err == nil && l.diff && !l.json && a.N == 1 {
		err = l.printDifference(ctx, e.Payment, a.Delivery)
	}
	if l.left--; err == nil && l.left == 0 {
		return errEnough
	}
	return err
}

// watchPayments prints payments whenever their status changes. A lost connection is made again, and no change is missed.
func watchPayments(ctx context.Context, cmd *cobra.Command, c *cli.Call, by adminapi.PaymentQuery) error {
	l := &listener{
		company: c.Company, out: cmd.OutOrStdout(), errOut: cmd.ErrOrStderr(), json: c.Admin.JSON, clock: clock.New(), since: adminapi.FromNow,
		hello: "watching payments at " + c.Admin.URL + "; Ctrl-C ends it",
	}
	l.show = func(ctx context.Context, e adminapi.StreamEvent) error { return l.printPayment(ctx, e, by) }
	return l.run(ctx)
}

// printPayment prints the payment of an event that changed its status, if it is one that is asked for; all other events are skipped.
func (l *listener) printPayment(ctx context.Context, e adminapi.StreamEvent, by adminapi.PaymentQuery) error {
	if kind := payment.Kind(e.Kind); kind != payment.KindMoved && kind != payment.KindNotified {
		return nil
	}
	var to struct{ Status payment.Status }
	if err := json.Unmarshal(e.Data, &to); err != nil {
		_, err = fmt.Fprintf(l.errOut, "event %d is left out: it can't be read: %v\n", e.Seq, err)
		return err
	}
	p, err := l.company.Payment(ctx, e.Payment)
	switch {
	case cli.StatusOf(err) == http.StatusNotFound: // dropped in the meantime
		return nil
	case err != nil:
		return err
	case !statusBefore(&p, e.Seq).May(to.Status): // the notification changed nothing
		return nil
	}
	p.Status = string(to.Status) // of then
	for _, asked := range [][2]string{{by.PSP, p.PSP}, {by.Type, p.Type}, {by.Status, p.Status}, {by.UserID, p.UserID}, {by.MerchantReference, p.MerchantReference}} {
		if asked[0] != "" && asked[0] != asked[1] {
			return nil
		}
	}
	if l.json {
		return cli.JSON(l.out, p.PaymentSummary, "")
	}
	_, err = fmt.Fprintf(l.out, "%s  %s  %s  %s  %s\n", words.Stamp(e.At), p.ID, titleOf(p.PaymentSummary), p.Status, words.OneLine(cmp.Or(p.MerchantReference, "-")))
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
func (l *listener) forwardAttempt(ctx context.Context, a adminapi.Attempt) error {
	d, err := l.company.Delivery(ctx, a.Delivery)
	switch {
	case cli.StatusOf(err) == http.StatusNotFound: // dropped in the meantime
		return nil
	case err != nil:
		return err
	case d.URL != adminapi.InboxURL:
		return nil
	}
	out := l.out
	if l.json {
		out = l.errOut
	}
	_, err = fmt.Fprintf(out, "  -> %s\n", l.forward.Says(ctx, a.Headers, d.Body))
	return err
}

// newForwarder returns nil when there is nowhere to forward to.
func newForwarder(to, secret string) (*webhook.Forwarder, error) {
	if to == "" && secret != "" {
		return nil, cli.Usagef("--secret goes with --forward-to")
	}
	if to == "" {
		return nil, nil
	}
	if !strings.Contains(to, "://") {
		to = "http://" + to
	}
	if _, err := cli.WebURL("--forward-to", to, "http://localhost:9090/webhooks"); err != nil {
		return nil, err
	}
	guard, err := cli.Guard("--forward-to", to)
	if err != nil {
		return nil, err
	}
	return webhook.NewForwarder(to, secret, guard), nil
}
