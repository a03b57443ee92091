package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// clockShown is a company's clock as the admin API shows it.
type clockShown struct {
	Mode    string    `json:"mode"`
	Factor  float64   `json:"factor"`
	Now     time.Time `json:"now"`
	Next    string    `json:"next"` // a time, "" when nothing is due
	Waiting int       `json:"waiting"`
}

// advanced is what came of moving a clock.
type advanced struct {
	Now      time.Time `json:"now"`
	Happened []struct {
		At      time.Time `json:"at"`
		Payment string    `json:"payment"`
		Says    string    `json:"description"`
	} `json:"jobs"`
}

func newClock() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "clock",
		Short: "Show a company's clock, set it, or move it on",
		Long: `Show a company's clock, set it, or move it on. A clock is real, scaled (so many times as fast) or manual: then time
stands still, and "clock advance" carries out everything that comes due on the way, webhooks included, before it returns.`,
		Example: `  mozartosim clock
  mozartosim clock set manual
  mozartosim clock advance 30d
  mozartosim clock advance --until-idle`,
		Args: noSuchCommand,
	}
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		path, err := api.path(cmd.Context(), "clock")
		if err != nil {
			return err
		}
		var shown clockShown
		text, err := api.ask(cmd.Context(), http.MethodGet, path, nil, nil, &shown)
		if err != nil {
			return err
		}
		if done, err := api.print(cmd.OutOrStdout(), text); done {
			return err
		}
		return writeClock(cmd.OutOrStdout(), shown)
	}
	cmd.AddCommand(newClockSet(), newClockAdvance())
	return cmd
}

func writeClock(out io.Writer, c clockShown) error {
	mode := c.Mode
	if mode == "scaled" {
		mode = fmt.Sprintf("scaled, %g times as fast", c.Factor)
	}
	next := "nothing"
	if at, err := time.Parse(time.RFC3339, c.Next); err == nil {
		next = from(c.Now, at) + ", at " + stamp(at)
	}
	return writeColumns(out, [][]string{
		{"mode", mode}, {"now", stamp(c.Now)}, {"next due", next}, {"waiting", fmt.Sprint(c.Waiting)},
	})
}

func newClockSet() *cobra.Command {
	var factor float64
	modes := []string{"real", "scaled", "manual"}
	cmd := &cobra.Command{
		Use:   "set real|scaled|manual",
		Short: "Say how the clock moves; its time goes on from where it is",
		Example: `  mozartosim clock set manual
  mozartosim clock set scaled --factor 60      # a minute in a second`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 && args[0] == "scaled" {
				return wrong("how many times as fast it goes is said with --factor, as in: mozartosim clock set scaled --factor %s", args[1])
			}
			return oneArg("real, scaled or manual", "mozartosim clock set manual")(cmd, args)
		},
		ValidArgs: modes,
	}
	cmd.Flags().Float64Var(&factor, "factor", 0, "how many times as fast a scaled clock goes")
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case !slices.Contains(modes, args[0]):
			return oneOf("clock mode", args[0], modes)
		case cmd.Flags().Changed("factor") != (args[0] == "scaled"):
			return wrong("--factor goes with scaled, and scaled needs it, as in: mozartosim clock set scaled --factor 60")
		}
		path, err := api.path(cmd.Context(), "clock")
		if err != nil {
			return err
		}
		in := map[string]any{"mode": args[0]}
		if args[0] == "scaled" {
			in["factor"] = factor
		}
		var shown clockShown
		text, err := api.ask(cmd.Context(), http.MethodPut, path, nil, in, &shown)
		if err != nil {
			return err
		}
		if done, err := api.print(cmd.OutOrStdout(), text); done {
			return err
		}
		return writeClock(cmd.OutOrStdout(), shown)
	}
	return cmd
}

// advanceFlags say how far; one of them counts.
type advanceFlags struct {
	to         instant
	untilIdle  bool
	deliveries count
}

func newClockAdvance() *cobra.Command {
	var how advanceFlags
	cmd := &cobra.Command{
		Use:   "advance [DURATION]",
		Short: "Move a manual clock on, and carry out what comes due on the way",
		Long: `Move a manual clock on, and carry out what comes due on the way, in order, webhooks included. One line for each thing
that happened.`,
		Example: `  mozartosim clock advance 30d
  mozartosim clock advance 1h30m
  mozartosim clock advance --to 2026-06-01T12:00:00Z
  mozartosim clock advance --until-idle
  mozartosim clock advance --deliveries 2       # until two webhooks have been tried`,
		Args: cobra.ArbitraryArgs,
	}
	flags := cmd.Flags()
	flags.Var(&how.to, "to", "to this instant, such as 2026-06-01T12:00:00Z")
	flags.BoolVar(&how.untilIdle, "until-idle", false, "until nothing is due any more")
	flags.Var(&how.deliveries, "deliveries", "until so many webhooks have been tried, such as 2")
	api := newAdmin(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, err := how.body(cmd, args)
		if err != nil {
			return err
		}
		ctx, stop := untilInterrupted(cmd.Context())
		defer stop()
		path, err := api.path(ctx, "clock", "advance")
		if err != nil {
			return err
		}
		var came advanced
		text, err := api.ask(ctx, http.MethodPost, path, nil, in, &came)
		if err != nil {
			return err
		}
		if done, err := api.print(cmd.OutOrStdout(), text); done {
			return err
		}
		return writeAdvanced(cmd.OutOrStdout(), came)
	}
	return cmd
}

// body is what the admin API is asked for.
func (how advanceFlags) body(cmd *cobra.Command, args []string) (map[string]any, error) {
	var bodies []map[string]any
	for _, arg := range args {
		var by span
		if err := by.Set(arg); err != nil {
			return nil, wrong("%v", err)
		}
		bodies = append(bodies, map[string]any{"by": by})
	}
	if cmd.Flags().Changed("to") {
		bodies = append(bodies, map[string]any{"to": how.to.String()})
	}
	if how.untilIdle {
		bodies = append(bodies, map[string]any{"until": "idle"})
	}
	if cmd.Flags().Changed("deliveries") {
		bodies = append(bodies, map[string]any{"deliveries": how.deliveries})
	}
	if len(bodies) != 1 {
		return nil, wrong("mozartosim clock advance needs one of: a duration such as 30d, --to, --until-idle, --deliveries and a number")
	}
	return bodies[0], nil
}

func writeAdvanced(out io.Writer, came advanced) error {
	var rows [][]string
	for _, h := range came.Happened {
		rows = append(rows, []string{stamp(h.At), h.Payment, h.Says})
	}
	if len(rows) == 0 {
		if _, err := fmt.Fprintln(out, "nothing was due"); err != nil {
			return err
		}
	}
	if err := writeLines(out, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "now %s\n", stamp(came.Now))
	return err
}

// oneArg is the Args of commands that take just one.
func oneArg(what, as string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return wrong("%s needs %s, as in: %s", cmd.CommandPath(), what, as)
		}
		return nil
	}
}
