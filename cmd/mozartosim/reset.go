package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
)

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
		}, func(out io.Writer, r adminapi.ResetResult) error {
			_, err := fmt.Fprintf(out, "dropped %s\n", cli.Counted(r.Payments, "payment", "payments"))
			if err == nil && len(r.Deleted) > 0 {
				_, err = fmt.Fprintln(out, "deleted companies:", r.Deleted)
			}
			if err == nil && len(r.Restored) > 0 {
				_, err = fmt.Fprintln(out, "restored companies:", r.Restored)
			}
			return err
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
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (json.RawMessage, error) {
			return company.Snapshot(ctx)
		}, func(out io.Writer, text json.RawMessage) error {
			if args[0] == "-" {
				_, err := out.Write(append(text, '\n'))
				return err
			}
			if err := os.WriteFile(args[0], append(text, '\n'), 0o600); err != nil {
				return fmt.Errorf("write the snapshot: %w", err)
			}
			_, err := fmt.Fprintf(out, "wrote %s (%d bytes)\n", args[0], len(text)+1)
			return err
		})
	}
	return cmd
}

func newRestore() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "restore FILE",
		Short:   "Put a company back to a snapshot, all or nothing",
		Example: `  mozartosim restore before.json`,
		Args:    cli.OneArg("the file of a snapshot, or - for the input", "before.json"),
	}
	api := cli.AdminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		text, err := readFile(cmd, args[0])
		if err != nil {
			return err
		}
		if !json.Valid(text) {
			return fmt.Errorf("%s must be a snapshot, as \"mozartosim snapshot\" writes it: it is no JSON", args[0])
		}
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (adminapi.RestoreResult, error) {
			return company.Restore(ctx, text)
		}, func(out io.Writer, r adminapi.RestoreResult) error {
			_, err := fmt.Fprintf(out, "restored %s and %s; the clock stands at %s\n",
				cli.Counted(r.Payments, "payment", "payments"), cli.Counted(r.Jobs, "job", "jobs"), cli.Stamp(r.Now))
			return err
		})
	}
	return cmd
}

// readFile reads a file, or the input for "-".
func readFile(cmd *cobra.Command, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(cmd.InOrStdin())
	}
	return os.ReadFile(name)
}
