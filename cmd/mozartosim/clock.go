package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
)

func newClock() *cobra.Command {
	cmd := cli.Verb(&cobra.Command{
		Use:   "clock",
		Short: "Show a company's clock, set it, or advance it",
		Long: `Show a company's clock, set it, or advance it. A clock is real, scaled (a number of times as fast) or manual: then time
stands still, and "clock advance" carries out every scheduled job on the way, webhooks included, before it returns.`,
		Example: `  mozartosim clock
  mozartosim clock set manual
  mozartosim clock advance 30d
  mozartosim clock advance --until-idle`,
		Args: cli.SubcommandsOnly,
	}, func(ctx context.Context, company *adminapi.CompanyClient, _ []string) (adminapi.Clock, error) {
		return company.Clock(ctx)
	}, writeClock)
	cmd.AddCommand(newClockSet(), newClockAdvance())
	return cmd
}

func writeClock(out cli.Output, c adminapi.Clock) error {
	mode, next := c.Mode, "none"
	if mode == "scaled" {
		mode = fmt.Sprintf("scaled, %g times as fast", c.Factor)
	}
	if !c.Next.IsZero() {
		next = cli.Ago(c.Now, c.Next) + ", at " + cli.Stamp(c.Next)
	}
	return cli.Table(out, [][]string{
		{"mode", mode}, {"now", cli.Stamp(c.Now)}, {"next job", next}, {"waiting", cli.Counted(c.Waiting, "job", "jobs")},
	})
}

func newClockSet() *cobra.Command {
	var factor float64
	modes := []string{"real", "scaled", "manual"}
	cmd := cli.Verb(&cobra.Command{
		Use:   "set real|scaled|manual",
		Short: "Set how the clock moves; its time continues from where it is",
		Example: `  mozartosim clock set manual
  mozartosim clock set scaled --factor 60      # a minute in a second`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 && args[0] == "scaled" {
				return cli.Usagef("--factor says how many times as fast the clock goes, as in: mozartosim clock set scaled --factor %s", args[1])
			}
			if err := cli.OneArg("real, scaled or manual", "manual")(cmd, args); err != nil {
				return err
			}
			switch {
			case !slices.Contains(modes, args[0]):
				return cli.OneOf("clock mode", args[0], modes)
			case cmd.Flags().Changed("factor") != (args[0] == "scaled"):
				return cli.Usagef("--factor goes with scaled, and scaled needs it, as in: mozartosim clock set scaled --factor 60")
			}
			return nil
		},
		ValidArgs: modes,
	}, func(ctx context.Context, company *adminapi.CompanyClient, args []string) (adminapi.Clock, error) {
		return company.SetClock(ctx, adminapi.ClockInput{Mode: args[0], Factor: factor})
	}, writeClock)
	cmd.Flags().Float64Var(&factor, "factor", 0, "how many times as fast a scaled clock goes")
	return cmd
}

// advanceFlags say how far to go; one of them counts.
type advanceFlags struct {
	to         time.Time
	untilIdle  bool
	deliveries int
}

func newClockAdvance() *cobra.Command {
	var how advanceFlags
	cmd := &cobra.Command{
		Use:   "advance [DURATION]",
		Short: "Advance a manual clock, and carry out every scheduled job on the way",
		Long: `Advance a manual clock, and carry out every scheduled job on the way, in order, webhooks included. One line is printed
for each job.`,
		Example: `  mozartosim clock advance 30d
  mozartosim clock advance 1h30m
  mozartosim clock advance --to 2026-06-01T12:00:00Z
  mozartosim clock advance --until-idle
  mozartosim clock advance --deliveries 2       # until two webhooks have been tried`,
		Args: cobra.ArbitraryArgs,
	}
	flags := cmd.Flags()
	flags.TimeVar(&how.to, "to", time.Time{}, []string{time.RFC3339}, "to this time, such as 2026-06-01T12:00:00Z")
	flags.BoolVar(&how.untilIdle, "until-idle", false, "until no job is left")
	flags.IntVar(&how.deliveries, "deliveries", 0, "until this many webhooks have been tried, such as 2")
	api := cli.AdminFlags(cmd)
	api.Timeout = time.Hour // it waits for every webhook on the way
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, err := how.input(cmd, args)
		if err != nil {
			return err
		}
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.AdvanceResult, error) {
			return company.Advance(ctx, in)
		}, writeAdvanced)
	}
	return cmd
}

// input is what the admin API is asked for.
func (how advanceFlags) input(cmd *cobra.Command, args []string) (in adminapi.AdvanceInput, err error) {
	given := len(args)
	for _, arg := range args {
		var by cli.Duration
		if err := by.Set(arg); err != nil {
			return in, cli.Usagef("%q %v", arg, err)
		}
		in.By = by.String()
	}
	if cmd.Flags().Changed("to") {
		in.To = cli.Stamp(how.to)
		given++
	}
	if how.untilIdle {
		in.Until = "idle"
		given++
	}
	if cmd.Flags().Changed("deliveries") {
		if in.Deliveries = how.deliveries; in.Deliveries < 1 {
			return in, cli.Usagef("--deliveries %d must be a number from 1, such as 2", in.Deliveries)
		}
		given++
	}
	if given != 1 {
		return in, cli.Usagef("mozartosim clock advance needs one of: a duration such as 30d, --to, --until-idle, --deliveries and a number")
	}
	return in, nil
}

func writeAdvanced(out cli.Output, result adminapi.AdvanceResult) error {
	var rows [][]string
	for _, job := range result.Jobs {
		rows = append(rows, []string{cli.Stamp(job.At), job.Payment, job.Description})
	}
	if err := out.List(rows, "no job was due", ""); err != nil {
		return err
	}
	return out.Says("now " + cli.Stamp(result.Now))
}

func newReset() *cobra.Command {
	var all, keepClock bool
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Drop a company's payments and what was set while it ran, or reset the whole simulator",
		Long: `Drop a company's payments, jobs and calls, and what was set while it ran: its scenarios, overrides, outages and the inbox's
replies; its clock stands again as it did at the start. With --all that happens to every company, those that were made meanwhile are
deleted, and the configured ones are as they were.`,
		Example: `  mozartosim reset
  mozartosim reset --company shard-7
  mozartosim reset --keep-clock
  mozartosim reset --all`,
		Args: cli.NoArgs,
	}
	cmd.Flags().BoolVar(&all, "all", false, "reset the whole simulator")
	cmd.Flags().BoolVar(&keepClock, "keep-clock", false, "leave clocks as they are")
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var options []adminapi.ResetOption
		if keepClock {
			options = append(options, adminapi.KeepClock)
		}
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.ResetResult, error) {
			if !all {
				dropped, err := company.Reset(ctx, options...)
				return adminapi.ResetResult{Payments: dropped, Deleted: []string{}, Restored: []string{}}, err
			}
			client, err := cli.NewClient(api.URL)
			if err != nil {
				return adminapi.ResetResult{}, err
			}
			return client.Reset(ctx, "", options...)
		}, func(out cli.Output, r adminapi.ResetResult) error {
			says := "dropped " + cli.Counted(r.Payments, "payment", "payments")
			if len(r.Deleted) > 0 {
				says += "\ndeleted companies: " + strings.Join(r.Deleted, ", ")
			}
			if len(r.Restored) > 0 {
				says += "\nrestored companies: " + strings.Join(r.Restored, ", ")
			}
			return out.Says(says)
		})
	}
	return cmd
}

func newSnapshot() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "snapshot FILE",
		Short: "Copy everything of a company, but its back office, into a file",
		Long: `Copy everything of a company into a file: payments, jobs, counters, clock, scenarios that were put, outages, the inbox's replies; not
its back office. "mozartosim restore FILE" puts it back.`,
		Example: `  mozartosim snapshot before.json
  mozartosim snapshot - > before.json`,
		Args: cli.OneArg("a file, or - for the output", "before.json"),
	}
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		api.JSON = false
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (n int64, err error) {
			if args[0] == "-" {
				return company.Snapshot(ctx, cmd.OutOrStdout())
			}
			err = writeFile(args[0], func(to io.Writer) error {
				n, err = company.Snapshot(ctx, to)
				return err
			})
			return n, err
		}, func(out cli.Output, n int64) error {
			if args[0] == "-" {
				return nil
			}
			return out.Says(fmt.Sprintf("wrote %s (%d bytes)", args[0], n))
		})
	}
	return cmd
}

func newRestore() *cobra.Command {
	return cli.Verb(&cobra.Command{
		Use:   "restore FILE",
		Short: "Put a company back to a snapshot, all or nothing",
		Long: `Put a company back to a snapshot, all or nothing: what happened since is gone. Its calls ("mozartosim requests") are forgotten,
those from before the snapshot too, because a snapshot holds no calls.`,
		Example: `  mozartosim restore before.json`,
		Args:    cli.OneArg("the file of a snapshot, or - for the input", "before.json"),
	}, func(ctx context.Context, company *adminapi.CompanyClient, args []string) (restored adminapi.RestoreResult, err error) {
		if args[0] == "-" {
			return company.Restore(ctx, os.Stdin)
		}
		file, err := os.Open(args[0])
		if err != nil {
			return restored, err
		}
		defer file.Close() //nolint:errcheck // it was only read
		return company.Restore(ctx, file)
	}, func(out cli.Output, r adminapi.RestoreResult) error {
		return out.Says(fmt.Sprintf("restored %s and %s; the clock stands at %s; the request log is empty",
			cli.Counted(r.Payments, "payment", "payments"), cli.Counted(r.Jobs, "job", "jobs"), cli.Stamp(r.Now)))
	})
}

func newOutage() *cobra.Command {
	cmd := cli.Verb(&cobra.Command{
		Use:     "outage",
		Aliases: []string{"outages"},
		Short:   "Simulate a provider outage, or list those in force",
		Example: `  mozartosim outage
  mozartosim outage start PAYONE down --for 10m
  mozartosim outage end PAYONE`,
		Args: cli.SubcommandsOnly,
	}, func(ctx context.Context, company *adminapi.CompanyClient, _ []string) (map[string][]adminapi.Outage, error) {
		found, err := company.Scenarios().Outages(ctx)
		return map[string][]adminapi.Outage{"outages": found}, err
	}, func(out cli.Output, list map[string][]adminapi.Outage) error {
		now := out.Clock().Now
		var rows [][]string
		for _, o := range list["outages"] {
			until := `until "mozartosim outage end ` + o.PSP + `"`
			if !o.Until.IsZero() {
				until = "ends " + cli.Ago(now, o.Until)
			}
			rows = append(rows, []string{o.PSP, o.Kind, until})
		}
		return out.List(rows, "no provider has an outage", "")
	})
	cmd.AddCommand(newOutageStart(), newOutageEnd())
	return cmd
}

func newOutageStart() *cobra.Command {
	var lasts, delay cli.Duration
	cmd := &cobra.Command{
		Use:   "start PSP " + strings.Join(adminapi.OutageKinds(), "|"),
		Short: "Make a provider unavailable, for a while or until its outage is ended",
		Example: `  mozartosim outage start PAYONE down --for 10m
  mozartosim outage start gigadat slow --delay 2s`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return cli.Usagef("%s needs a provider and a kind of outage, as in: mozartosim outage start PAYONE down", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: cli.CompleteInTurn(cli.CompletePSP, cli.CompleteWords(adminapi.OutageKinds()...)),
	}
	cmd.Flags().Var(&lasts, "for", "how long, by the company's clock, such as 10m (default: until it is ended)")
	cmd.Flags().Var(&delay, "delay", "how late a slow provider answers, such as 2s")
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		psp, _, err := cli.Names(args[0], "")
		if err != nil {
			return err
		}
		in := adminapi.OutageInput{Kind: args[1]}
		switch {
		case !slices.Contains(adminapi.OutageKinds(), in.Kind):
			return cli.OneOf("outage", in.Kind, adminapi.OutageKinds())
		case delay > 0 && in.Kind != "slow":
			return cli.Usagef("--delay goes with slow only, as in: mozartosim outage start %s slow --delay 2s", psp)
		case delay == 0 && in.Kind == "slow":
			return cli.Usagef("slow needs --delay, how late the provider answers, as in: mozartosim outage start %s slow --delay 2s", psp)
		}
		says := psp + " is " + in.Kind
		if lasts > 0 {
			in.For = lasts.String()
			says += " for " + in.For
		}
		if delay > 0 {
			in.Delay = delay.String()
		}
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.Outage, error) {
			return company.Scenarios().StartOutage(ctx, psp, in)
		}, func(out cli.Output, _ adminapi.Outage) error { return out.Says(says) })
	}
	return cmd
}

func newOutageEnd() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "end PSP",
		Short:             "Make a provider available again",
		Example:           "  mozartosim outage end PAYONE",
		Args:              cli.OneArg("a provider", "PAYONE"),
		ValidArgsFunction: cli.CompleteInTurn(cli.CompletePSP),
	}
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		psp, _, err := cli.Names(args[0], "")
		if err != nil {
			return err
		}
		err = cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.Deleted, error) {
			return company.Scenarios().EndOutage(ctx, psp)
		}, func(out cli.Output, _ adminapi.Deleted) error { return out.Says(psp + " is available again") })
		if cli.StatusOf(err) == http.StatusNotFound && strings.Contains(err.Error(), "no outage") {
			_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%s has no outage: nothing was ended\n", psp)
		}
		return err
	}
	return cmd
}
