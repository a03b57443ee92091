package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/webhook"
)

// listener streams the events of a company of a running simulator.
type listener struct {
	show    func(context.Context, adminapi.StreamEvent) error // nil = attempts of webhooks
	company *adminapi.CompanyClient
	json    bool // print events as JSON
	out     io.Writer
	errOut  io.Writer
	clock   *clock.Clock // what it waits on before it connects again
	forward *forwarder   // nil = nowhere
	hello   string       // printed once on errOut, when it is connected
	since   int64        // the last event seen, or adminapi.FromNow
	left    int          // attempts to print before it ends; 0 = no end
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
inbox received is posted to your handler too, and the handler's answer is printed.`,
		Example: `  mozartosim listen
  mozartosim listen --forward-to http://localhost:9090/webhooks
  mozartosim listen --since 0 --count 2         # begin with the first event, end after two attempts`,
		Args: cli.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVar(&forwardTo, "forward-to", "", "post what the inbox received to this URL too")
	flags.StringVar(&secret, "secret", "", "the shared secret of forwarded webhooks (default: they have no Authorization)")
	flags.Int64Var(&l.since, "since", adminapi.FromNow, "begin after the event with this number; 0 begins with the first (default: now)")
	flags.Lookup("since").DefValue = "0" // help is silent about it
	flags.IntVar(&l.left, "count", 0, "end after this many attempts (default: never)")
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		if l.forward, err = newForwarder(forwardTo, secret); err != nil {
			return err
		}
		if flags.Changed("since") && l.since < 0 {
			return cli.Usagef("--since %d must be the number of an event, such as 0", l.since)
		}
		if l.company, err = api.Connect(); err != nil {
			return err
		}
		ctx, stop := cli.UntilInterrupted(cmd.Context())
		defer stop()
		l.out, l.errOut, l.json = cmd.OutOrStdout(), cmd.ErrOrStderr(), api.JSON
		company, err := l.company.BackOffice().Company(ctx, adminapi.Masked)
		if err != nil {
			return api.Explain(err)
		}
		l.hello = fmt.Sprintf("listening for webhooks of company %s at %s", company.Name, api.URL)
		if l.forward != nil {
			l.hello += ", and forwarding those of the inbox to " + forwardTo
		}
		l.hello += "; Ctrl-C ends it"
		return api.Explain(l.run(ctx))
	}
	return cmd
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
		fmt.Fprintf(l.errOut, "the connection was lost (%v), trying again in %s\n", err, cli.Words(pause))
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
		err = cli.CompactJSON(l.out, e)
	} else {
		_, err = fmt.Fprintf(l.out, "%s  %s  attempt %d: %s\n", cli.Stamp(e.At), a.Delivery, a.N, a.Result())
	}
	if err == nil && l.forward != nil {
		err = l.forwardAttempt(ctx, a)
	}
	if l.left--; err == nil && l.left == 0 {
		return errEnough
	}
	return err
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
	_, err = fmt.Fprintf(out, "  -> %s\n", l.forward.post(ctx, a.Headers, d.Body))
	return err
}

// forwarder posts webhooks to a merchant's handler.
type forwarder struct {
	url    string
	secret string
	client *http.Client
}

// forwardTimeout is how long a handler may take; the vendor waits as long (documented).
const forwardTimeout = 10 * time.Second

// newForwarder returns nil when there is nowhere to forward to.
func newForwarder(to, secret string) (*forwarder, error) {
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
	client := &http.Client{
		Timeout:       forwardTimeout,
		Transport:     guard.Transport(&http.Transport{}),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &forwarder{to, secret, client}, nil
}

// post sends a webhook as the simulator sent it and returns the result in words. Only the secret is a new one, since no
// secret is ever written down.
func (f *forwarder) post(ctx context.Context, headers map[string]string, body string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		switch http.CanonicalHeaderKey(name) {
		case "Authorization", "Host", "Connection", "Content-Length", "Transfer-Encoding", "Accept-Encoding":
		default:
			request.Header.Set(name, value)
		}
	}
	if auth := webhook.Authorization("", f.secret); auth != "" {
		request.Header.Set("Authorization", auth)
	}
	began := clock.Wall()
	answer, err := f.client.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Sprintf("%s does not answer: %v", f.url, failed.Err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10)) // the beginning is enough to show
	says := fmt.Sprintf("%s after %s", answer.Status, cli.Words(max(clock.Wall().Sub(began), time.Millisecond)))
	if len(text) > 0 {
		says += ": " + cli.OneLine(string(text))
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		says += " (the inbox has taken it already, so it is not retried; with serve --webhook-url your handler's answer counts)"
	}
	return says
}
