package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features/certify"
	"mozartosim/features/evidence"
	"mozartosim/features/report"
	"mozartosim/features/setup"
	"mozartosim/simulator/mask"
)

// certifyFlags are the flags of `mozartosim certify`.
type certifyFlags struct {
	config       string
	capabilities []string
	formats      []string
	observed     []string
	list         bool
	verbose      bool
}

func newCertify() *cobra.Command {
	var how certifyFlags
	cmd := &cobra.Command{
		Use:   "certify",
		Short: "Test a merchant's own system, and grade it",
		Long: `Test a merchant's own system: have it start payments, fail as providers, networks and strangers do (webhooks twice, at the
same time, late, reversed, before the answer, lost, forged, malformed; a Cashier API that fails), and read after each check
what it credited. Each capability gets a grade.

The configuration says how a payment is started, where webhooks go, how an order's status and credited amount are read, and
which flows are checked. The merchant calls a simulator that is started in this process, or a running one. Of a running one,
name a company for certify alone: its clock becomes manual, and its PSPs' webhooks go through this program.

Exit codes: 0 full marks, 1 a check failed, 2 it could not be run.`,
		Example: `  mozartosim certify init                   # writes a certify.yaml to fill in
  mozartosim certify --config certify.yaml
  mozartosim certify --config certify.yaml --capability idempotency --format pretty
  mozartosim certify --config certify.yaml --format junit:out/certify.xml --format html:out/certify.html
  mozartosim certify --list                 # what is checked`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if how.list {
				return listChecks(cli.To(cmd))
			}
			return how.run(cmd)
		},
	}
	cmd.AddCommand(cli.NewInit(setup.Certify()))
	flags := cmd.Flags()
	flags.StringVar(&how.config, "config", "certify.yaml", "how the merchant is called and what is checked")
	flags.StringArrayVar(&how.capabilities, "capability", nil, "only this one, may be repeated: "+strings.Join(certify.Capabilities(), ", "))
	flags.StringArrayVar(&how.formats, "format", nil, strings.Replace(report.FormatHelp(), "pretty on a terminal, else progress", "the grades", 1))
	observedFlag(flags, &how.observed)
	flags.BoolVar(&how.list, "list", false, "list the checks and their points")
	flags.BoolVar(&how.verbose, "verbose", false, "print the simulator's log")
	cmd.AddCommand(cli.FileCheck("certify.yaml", "mozartosim certify check certify.yaml", func(file string) ([]string, error) {
		_, err := certify.ReadFile(file)
		return nil, err
	}))
	return cmd
}

func listChecks(out *cli.Output) error {
	checks, err := certify.Checks()
	if err != nil {
		return err
	}
	last := certify.Check{}
	for _, c := range checks {
		if c.Capability != last.Capability {
			out.Row(c.Capability)
		}
		if c.ID == last.ID { // in other words for other flows
			continue
		}
		last = c
		out.Row(c.ID, strconv.Itoa(c.Points), c.Name)
	}
	out.Table()
	return out.Err()
}

func (how *certifyFlags) run(cmd *cobra.Command) error {
	ctx, stdout, stop := cli.UntilUnread(cmd.Context(), cmd.OutOrStdout())
	defer stop()
	cmd.SetOut(stdout)
	config, err := certify.ReadFile(how.config)
	if err != nil {
		return cli.Usagef("%v", err)
	}
	var out *report.Outputs
	if len(how.formats) > 0 {
		if out, err = openOutputs(cmd.OutOrStdout(), how.formats); err != nil {
			return err
		}
	}
	options := how.options(cmd, out)
	if options.Guard, err = cli.Guard(); err != nil {
		return err
	}
	seen, err := certify.Run(ctx, config, options)
	if seen != nil {
		err = errors.Join(err, how.write(cmd, out, seen))
	}
	if err != nil {
		if errors.Is(err, context.Canceled) {
			err = errors.New("interrupted")
		}
		return cli.Usagef("%v", err)
	}
	if !certify.Passed(seen) {
		return errors.New("no full marks")
	}
	return nil
}

func (how *certifyFlags) options(cmd *cobra.Command, out *report.Outputs) certify.Options {
	options := certify.Options{
		Capabilities: how.capabilities, AdminToken: os.Getenv("MOZARTOSIM_ADMIN_TOKEN"), Version: version(),
		Log: slog.New(slog.DiscardHandler), Observed: how.observed,
		Logf: func(format string, args ...any) { fmt.Fprintf(cmd.ErrOrStderr(), format+"\n", args...) },
	}
	if how.verbose {
		options.Log = mask.NewLogger(cmd.ErrOrStderr(), false, false)
	}
	if out != nil && out.Live() != nil {
		options.Scenario = out.Live().Scenario
	}
	return options
}

// write writes the formats that were asked for, and the grades: to the error output where standard output is in use.
func (how *certifyFlags) write(cmd *cobra.Command, out *report.Outputs, seen *evidence.Run) error {
	if out == nil {
		return certify.WriteGrades(cmd.OutOrStdout(), seen)
	}
	return errors.Join(out.Finish(seen), certify.WriteGrades(cmd.ErrOrStderr(), seen))
}
