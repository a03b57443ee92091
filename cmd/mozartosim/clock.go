package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/words"
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
	}, func(ctx context.Context, c *cli.Call) error {
		clock, err := c.Company.Clock(ctx)
		return c.Print(clock, err, func() { writeClock(c, clock) })
	})
	cmd.AddCommand(newClockSet(), newClockAdvance())
	return cmd
}

func writeClock(c *cli.Call, clock adminapi.Clock) {
	mode, next := clock.Mode, "none"
	if mode == "scaled" {
		mode = fmt.Sprintf("scaled, %g times as fast", clock.Factor)
	}
	if !clock.Next.IsZero() {
		next = words.Ago(clock.Now, clock.Next) + ", at " + words.Stamp(clock.Next)
	}
	c.Row("mode", mode)
	c.Row("now", words.Stamp(clock.Now))
	c.Row("next job", next)
	c.Row("waiting", words.Count(clock.Waiting, "job"))
	c.Table()
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
	}, func(ctx context.Context, c *cli.Call) error {
		clock, err := c.Company.SetClock(ctx, adminapi.ClockInput{Mode: c.Args[0], Factor: factor})
		return c.Print(clock, err, func() { writeClock(c, clock) })
	})
	cmd.Flags().Float64Var(&factor, "factor", 0, "how many times as fast a scaled clock goes")
	return cmd
}

func newClockAdvance() *cobra.Command {
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
	flags.Time("to", time.Time{}, []string{time.RFC3339}, "to this time, such as 2026-06-01T12:00:00Z")
	flags.Bool("until-idle", false, "until no job is left")
	flags.Int("deliveries", 0, "until this many webhooks have been tried, such as 2")
	api := cli.AdminFlags(cmd)
	api.Timeout = time.Hour // it waits for every webhook on the way
	cmd.RunE = api.Run(func(ctx context.Context, c *cli.Call) error {
		in, err := advanceInput(flags, c.Args)
		if err != nil {
			return err
		}
		result, err := c.Company.Advance(ctx, in)
		return c.Print(result, err, func() {
			for _, job := range result.Jobs {
				c.Row(words.Stamp(job.At), job.Payment, job.Description)
			}
			c.List("no job was due", "")
			c.Say("now %s", words.Stamp(result.Now))
		})
	})
	return cmd
}

// advanceInput is what the admin API is asked for: an argument or a flag says how far to go, one of them.
func advanceInput(flags *pflag.FlagSet, args []string) (in adminapi.AdvanceInput, err error) {
	given := len(args)
	for _, arg := range args {
		var by cli.Duration
		if err := by.Set(arg); err != nil {
			return in, cli.Usagef("%q %v", arg, err)
		}
		in.By = by.String()
	}
	if flags.Changed("to") {
		to, _ := flags.GetTime("to") // it has been read
		in.To = words.Stamp(to)
		given++
	}
	if idle, _ := flags.GetBool("until-idle"); idle {
		in.Until = "idle"
		given++
	}
	if flags.Changed("deliveries") {
		if in.Deliveries, _ = flags.GetInt("deliveries"); in.Deliveries < 1 {
			return in, cli.Usagef("--deliveries %d must be a number from 1, such as 2", in.Deliveries)
		}
		given++
	}
	if given != 1 {
		return in, cli.Usagef("mozartosim clock advance needs one of: a duration such as 30d, --to, --until-idle, --deliveries and a number")
	}
	return in, nil
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
	return cli.Verb(cmd, func(ctx context.Context, c *cli.Call) error {
		var options []adminapi.ResetOption
		if keepClock {
			options = append(options, adminapi.KeepClock)
		}
		r := adminapi.ResetResult{Deleted: []string{}, Restored: []string{}}
		client, err := cli.NewClient(c.Admin.URL)
		switch {
		case err != nil:
			return err
		case all:
			r, err = client.Reset(ctx, "", options...)
		default:
			r.Payments, err = c.Company.Reset(ctx, options...)
		}
		return c.Print(r, err, func() {
			c.Say("dropped %s, and scenarios that were put, overrides, outages and the inbox's replies", words.Count(r.Payments, "payment"))
			if len(r.Deleted) > 0 {
				c.Say("deleted companies: %s", strings.Join(r.Deleted, ", "))
			}
			if len(r.Restored) > 0 {
				c.Say("restored companies: %s", strings.Join(r.Restored, ", "))
			}
		})
	})
}

func newSnapshot() *cobra.Command {
	return cli.Verb(&cobra.Command{
		Use:   "snapshot FILE",
		Short: "Copy everything of a company, but its back office, into a file",
		Long: `Copy everything of a company into a file: payments, jobs, counters, clock, scenarios that were put, outages, the inbox's replies; not
its back office. "mozartosim restore FILE" puts it back.`,
		Example: `  mozartosim snapshot before.json
  mozartosim snapshot - > before.json`,
		Args: cli.OneArg("a file, or - for the output", "before.json"),
	}, func(ctx context.Context, c *cli.Call) error {
		var n int64
		err := c.ToFile(c.Args[0], func(to io.Writer) (err error) {
			n, err = c.Company.Snapshot(ctx, to)
			return err
		})
		if err == nil && c.Args[0] != "-" {
			c.Say("wrote %s (%d bytes)", c.Args[0], n)
		}
		return err
	})
}

func newRestore() *cobra.Command {
	return cli.Verb(&cobra.Command{
		Use:   "restore FILE",
		Short: "Put a company back to a snapshot, all or nothing",
		Long: `Put a company back to a snapshot, all or nothing: what happened since is gone. Its calls ("mozartosim requests") are forgotten,
those from before the snapshot too, because a snapshot holds no calls.`,
		Example: `  mozartosim restore before.json`,
		Args:    cli.OneArg("the file of a snapshot, or - for the input", "before.json"),
	}, func(ctx context.Context, c *cli.Call) error {
		file, err := cli.Open(c.Args[0])
		if err != nil {
			return err
		}
		defer file.Close() //nolint:errcheck // it was only read
		r, err := c.Company.Restore(ctx, file)
		return c.Print(r, err, func() {
			c.Say("restored %s and %s; the clock stands at %s; the request log is empty",
				words.Count(r.Payments, "payment"), words.Count(r.Jobs, "job"), words.Stamp(r.Now))
		})
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
	}, func(ctx context.Context, c *cli.Call) error {
		found, err := c.Company.Scenarios().Outages(ctx)
		return c.Print(map[string]any{"outages": found}, err, func() {
			now := c.Clock(ctx).Now
			for _, o := range found {
				until := `until "mozartosim outage end ` + o.PSP + `"`
				if !o.Until.IsZero() {
					until = "ends " + words.Ago(now, o.Until)
				}
				c.Row(o.PSP, o.Kind, until)
			}
			c.List("no provider has an outage", "")
		})
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
		Args:              cli.TwoArgs("a provider and a kind of outage", "PAYONE down"),
		ValidArgsFunction: cli.CompleteInTurn(cli.CompletePSP, cli.CompleteWords(adminapi.OutageKinds()...)),
	}
	cmd.Flags().Var(&lasts, "for", "how long, by the company's clock, such as 10m (default: until it is ended)")
	cmd.Flags().Var(&delay, "delay", "how late a slow provider answers, such as 2s")
	return cli.Verb(cmd, func(ctx context.Context, c *cli.Call) error {
		psp, _, err := cli.Names(c.Args[0], "")
		if err != nil {
			return err
		}
		in := adminapi.OutageInput{Kind: c.Args[1], For: lasts.Given(), Delay: delay.Given()}
		switch {
		case !slices.Contains(adminapi.OutageKinds(), in.Kind):
			return cli.OneOf("outage", in.Kind, adminapi.OutageKinds())
		case delay > 0 && in.Kind != "slow":
			return cli.Usagef("--delay goes with slow only, as in: mozartosim outage start %s slow --delay 2s", psp)
		case delay == 0 && in.Kind == "slow":
			return cli.Usagef("slow needs --delay, how late the provider answers, as in: mozartosim outage start %s slow --delay 2s", psp)
		}
		started, err := c.Company.Scenarios().StartOutage(ctx, psp, in)
		return c.Print(started, err, func() {
			says := psp + " is " + in.Kind
			if in.For != "" {
				says += " for " + in.For
			}
			c.Say("%s", says)
		})
	})
}

func newOutageEnd() *cobra.Command {
	return cli.Verb(&cobra.Command{
		Use:               "end PSP",
		Short:             "Make a provider available again",
		Example:           "  mozartosim outage end PAYONE",
		Args:              cli.OneArg("a provider", "PAYONE"),
		ValidArgsFunction: cli.CompleteInTurn(cli.CompletePSP),
	}, func(ctx context.Context, c *cli.Call) error {
		psp, _, err := cli.Names(c.Args[0], "")
		if err != nil {
			return err
		}
		ended, err := c.Company.Scenarios().EndOutage(ctx, psp)
		if adminapi.StatusOf(err) == http.StatusNotFound && strings.Contains(err.Error(), "no outage") {
			c.Beside("%s has no outage: nothing was ended", psp)
			return nil
		}
		return c.Print(ended, err, func() { c.Say("%s is available again", psp) })
	})
}
