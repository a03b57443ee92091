package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/watch"
	"mozartosim/simulator/webhook"
)

func newListen() *cobra.Command {
	var forwardTo, secret string
	l := &watch.Listener{Clock: clock.New()}
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
	flags.BoolVar(&l.Reply, "reply", false, "let your handler's answer be the inbox's, so that a failure is retried (with --forward-to)")
	flags.StringVar(&secret, "secret", "", "the shared secret of forwarded webhooks (default: they have no Authorization)")
	flags.Int64Var(&l.Since, "since", adminapi.FromNow, "begin after the event with this number; 0 begins with the first (default: now)")
	flags.Lookup("since").DefValue = "0" // help is silent about it
	flags.BoolVar(&l.Diff, "diff", false, "show what differs from the payment's webhook before")
	flags.IntVar(&l.Most, "count", 0, "end after this many attempts (default: never)")
	api := cli.AdminFlags(cmd)
	api.Watch = true
	cmd.RunE = api.Run(func(ctx context.Context, c *cli.Call) (err error) {
		if l.Forward, err = newForwarder(forwardTo, secret); err != nil {
			return err
		}
		if l.Reply && l.Forward == nil {
			return cli.Usagef("--reply goes with --forward-to")
		}
		if flags.Changed("since") && l.Since < 0 {
			return cli.Usagef("--since %d must be the number of an event, such as 0", l.Since)
		}
		l.Company, l.Out, l.ErrOut, l.JSON = c.Company, cmd.OutOrStdout(), cmd.ErrOrStderr(), api.JSON
		company, err := l.Company.BackOffice().Company(ctx, adminapi.Masked)
		if err != nil {
			return err
		}
		l.Hello = fmt.Sprintf("listening for webhooks of company %s at %s", company.Name, api.URL)
		if l.Forward != nil {
			l.Hello += ", and forwarding those of the inbox to " + forwardTo
		}
		l.Hello += "; Ctrl-C ends it"
		return l.Attempts(ctx)
	})
	return cmd
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
