package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/payment"
)

// listener tails the deliveries of a running simulator.
type listener struct {
	api     *admin
	out     io.Writer
	errOut  io.Writer
	clock   *clock.Clock // what it waits on before it connects again
	forward *forwarder   // nil = nowhere
	hello   string       // said once, on errOut, when it is connected
	since   string       // the last event seen; "" = from now on
	left    int          // attempts to tell before it ends; 0 = no end
}

// The pause before another try to connect doubles from first to most.
const (
	firstPause = 500 * time.Millisecond
	mostPause  = 30 * time.Second
)

func newListen() *cobra.Command {
	var forwardTo, secret string
	l := &listener{clock: clock.New()}
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Tail the webhooks as they are delivered, and hand them on to your handler",
		Long: `Tail the webhooks as they are delivered: one line for each attempt, until Ctrl-C. Which company's they are
is said first, on the error output, out of the way of the lines. A lost connection is taken up again
where it broke off. With --forward-to, each webhook that the built-in inbox received is posted to your handler too, and
its answer printed.`,
		Example: `  mozartosim listen
  mozartosim listen --forward-to http://localhost:9090/webhooks
  mozartosim listen --since 0 --count 2         # from the first event on, and no longer than two attempts`,
		Args: noArgs,
	}
	flags := cmd.Flags()
	flags.StringVar(&forwardTo, "forward-to", "", "post what the inbox received to this URL too")
	flags.StringVar(&secret, "secret", "", "the shared secret that forwarded webhooks carry (default: no Authorization)")
	flags.StringVar(&l.since, "since", "", "begin behind this event, by its number; 0 begins with the first (default: now)")
	flags.IntVar(&l.left, "count", 0, "end after so many attempts (default: never)")
	l.api = newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var err error
		if l.forward, err = newForwarder(forwardTo, secret); err != nil {
			return err
		}
		if l.since != "" && strings.Trim(l.since, "0123456789") != "" {
			return wrong("--since %q must be the number of an event, such as 0", l.since)
		}
		ctx, stop := untilInterrupted(cmd.Context())
		defer stop()
		l.out, l.errOut = cmd.OutOrStdout(), cmd.ErrOrStderr()
		if _, err := l.api.path(ctx); err != nil { // names the first company
			return err
		}
		l.hello = fmt.Sprintf("listening for webhooks of company %s at %s", l.api.company, l.api.url)
		if l.forward != nil {
			l.hello += ", and handing those of the inbox on to " + forwardTo
		}
		l.hello += "; Ctrl-C ends it"
		return l.run(ctx)
	}
	return cmd
}

// errEnough ends a listener that has told what it should.
var errEnough = errors.New("enough")

// run tails until ctx ends. A connection that was lost is made again; one that never was is an error.
func (l *listener) run(ctx context.Context) error {
	pause, connected := firstPause, false
	for {
		heard, err := l.follow(ctx, &connected)
		switch {
		case ctx.Err() != nil || errors.Is(err, errEnough):
			return nil
		case !connected || status(err) != 0:
			return err
		}
		if heard {
			pause = firstPause
		}
		fmt.Fprintf(l.errOut, "the connection was lost (%v), trying again in %s\n", err, words(pause))
		if _, err := l.clock.Hold(ctx, pause); err != nil {
			return nil
		}
		pause = min(2*pause, mostPause)
	}
}

// follow reads one connection to its end; heard says whether anything came.
func (l *listener) follow(ctx context.Context, connected *bool) (heard bool, err error) {
	headers := []string{"Accept", "text/event-stream"}
	if l.since != "" {
		headers = append(headers, "Last-Event-ID", l.since)
	}
	answer, err := l.api.call(ctx, http.MethodGet, "/v1/events", l.api.of(query()), nil, headers...)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20)) // what is left of it says why
		return false, l.api.refused(answer, text)
	}
	if !*connected && l.hello != "" {
		fmt.Fprintln(l.errOut, l.hello)
	}
	*connected = true
	err = eachEvent(answer.Body, func(id, data string) error {
		heard = true
		if id != "" {
			l.since = id
		}
		return l.hear(ctx, data)
	})
	if err == nil {
		err = errors.New("the simulator closed it")
	}
	return heard, err
}

// hear tells an event if it is an attempt; everything else is passed over.
func (l *listener) hear(ctx context.Context, data string) error {
	var e eventShown
	if err := json.Unmarshal([]byte(data), &e); err != nil || e.Kind != payment.KindDeliveryAttempted {
		return nil
	}
	var a payment.Attempt
	if err := json.Unmarshal(e.Data, &a); err != nil {
		return nil
	}
	line := fmt.Sprintf("%s  %s  attempt %d: %s", stamp(e.At), a.Delivery, a.N, outcome(a))
	if l.api.json {
		line = data
	}
	if _, err := fmt.Fprintln(l.out, line); err != nil {
		return err
	}
	if l.forward != nil {
		if err := l.handOn(ctx, a); err != nil {
			return err
		}
	}
	if l.left > 0 {
		if l.left--; l.left == 0 {
			return errEnough
		}
	}
	return nil
}

// handOn forwards what the inbox received.
func (l *listener) handOn(ctx context.Context, a payment.Attempt) error {
	var d deliveryShown
	_, err := l.api.ask(ctx, http.MethodGet, join("v1", "deliveries", a.Delivery), l.api.of(query()), nil, &d)
	switch {
	case status(err) == http.StatusNotFound: // forgotten in the meantime
		return nil
	case err != nil:
		return err
	case target(d.URL) == d.URL: // it went somewhere else
		return nil
	}
	_, err = fmt.Fprintf(l.errOutOr(), "  -> %s\n", l.forward.post(ctx, a.Headers, d.Body))
	return err
}

// errOutOr is where a handler's answer goes: beside the lines for people, out of the way of JSON.
func (l *listener) errOutOr() io.Writer {
	if l.api.json {
		return l.errOut
	}
	return l.out
}
