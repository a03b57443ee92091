package main

import (
	"fmt"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features/production"
	"mozartosim/features/record"
	"mozartosim/openapi"
	httplistener "mozartosim/simulator/listener"
	"mozartosim/simulator/mask"
)

// recordFlags are the flags of `mozartosim record`.
type recordFlags struct {
	upstream, webhooks, dir, listen string
	production, personal            bool
}

func newRecord() *cobra.Command {
	var how recordFlags
	cmd := &cobra.Command{
		Use:   "record",
		Short: "Run a proxy to the vendor's API that records calls and answers",
		Long: `Run a proxy to the vendor's API: it forwards every call and returns its answer unchanged, and writes a copy to a file,
with tokens, card data and PINs masked, and with stand-ins for personal data: names, email addresses, phone numbers,
addresses, dates of birth, bank accounts. The same person has the same stand-ins in every file of a run. "serve --answers-from DIR" replays the files for the calls that they match.

Webhooks are recorded too: send them to this program at ` + record.WebhookPath + `, and say with --webhooks-to where it forwards them.`,
		Example: `  mozartosim record --upstream https://backend.stg-app.mozarto.io --to recordings
  mozartosim record --upstream https://backend.stg-app.mozarto.io --to recordings --webhooks-to http://localhost:3000/webhooks/mozarto
  mozartosim serve --answers-from recordings`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return how.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&how.upstream, "upstream", "", "the vendor's base URL")
	flags.StringVar(&how.dir, "to", "", "the folder for the files")
	flags.StringVar(&how.listen, "listen", "127.0.0.1:8090", "where this program listens")
	flags.StringVar(&how.webhooks, "webhooks-to", "", "the merchant's webhook URL (default: no webhooks are accepted)")
	flags.BoolVar(&how.personal, "keep-personal-data", false, "keep personal data as it is, without stand-ins")
	flags.BoolVar(&how.production, production.Flag, false, "record from the vendor's production, where money is real")
	return cmd
}

func (how *recordFlags) run(cmd *cobra.Command) error {
	config, err := how.recorder(cmd)
	if err != nil {
		return err
	}
	on, err := net.Listen("tcp", how.listen)
	if err != nil {
		return cli.Usagef("--listen: %v", err)
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "point the merchant's base URL at http://%s: calls are forwarded to %s\n", on.Addr(), config.Upstream)
	if config.Webhooks != nil {
		fmt.Fprintf(out, "webhooks to http://%s%s are forwarded to %s\n", on.Addr(), record.WebhookPath, config.Webhooks)
	}
	ctx, stop := cli.UntilInterrupted(cmd.Context())
	defer stop()
	return httplistener.Start(httplistener.Bound(on, httplistener.Limits{Write: 30 * time.Second}), httplistener.Config{
		Handler: record.New(config), MaxHeader: 1 << 20, Read: 10 * time.Second, Idle: 2 * time.Minute, Log: config.Log,
	}).Wait(ctx)
}

// recorder reads the flags.
func (how *recordFlags) recorder(cmd *cobra.Command) (config record.Config, err error) {
	if how.dir == "" {
		return config, cli.Usagef("--to is missing: name the folder for the files")
	}
	if config.Upstream, err = cli.WebURL("--upstream", how.upstream, "https://backend.stg-app.mozarto.io"); err != nil {
		return config, err
	}
	if config.Upstream.User != nil {
		return config, cli.Usagef("--upstream must be a URL without a user")
	}
	if how.webhooks != "" {
		if config.Webhooks, err = cli.WebURL("--webhooks-to", how.webhooks, "http://localhost:3000/webhooks/mozarto"); err != nil {
			return config, err
		}
	}
	if err := production.Check(config.Upstream, how.production); err != nil {
		return config, cli.Usagef("%v", err)
	}
	if err := os.MkdirAll(how.dir, 0o700); err != nil {
		return config, cli.Usagef("--to: %v", err)
	}
	guard, err := cli.Guard("--upstream", how.upstream, "--webhooks-to", how.webhooks)
	if err != nil {
		return config, err
	}
	config.Dir, config.Personal, config.Client, config.Log = how.dir, how.personal, record.Transport(guard), mask.NewLogger(cmd.ErrOrStderr(), false, false)
	config.Contract, err = openapi.Cashier()
	return config, err
}
