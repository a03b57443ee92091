package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features"
	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/features/observe"
	"mozartosim/features/runner"
	"mozartosim/features/target"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

// learnFlags are the flags of `contract learn`.
type learnFlags struct{ to, ignore string }

func newLearn() *cobra.Command {
	var f learnFlags
	cmd := &cobra.Command{
		Use:   "learn RUN [RUN…]",
		Short: "Learn from runs what a target does differently",
		Long: `Learn from runs what a target does differently, and write it to an observations file.

Each RUN is an evidence file of a run against a target, as "contract run --keep FILE" writes it. One of them may be of
the simulator; without it the features are run on the simulator first. What the file has is kept: a sighting is added to
what is seen again, and what a run says differently is told and not written. Learning from the same runs again changes
nothing.

Exit codes: 0 learned, 1 runs or file contradict each other, 2 nothing could be learned from.`,
		Example: `  mozartosim contract learn simulator.json sandbox.json --to observed.yaml
  mozartosim contract learn sandbox.json --to observed.yaml --ignore ignore.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cli.Usagef("%s takes evidence files of runs against a target", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	cmd.Flags().StringVar(&f.to, "to", "observed.yaml", "the observations `file`; what it has is kept")
	cmd.Flags().StringVar(&f.ignore, "ignore", "", "a `file` of rules whose differences don't matter: ignore: [{rule: …, because: …}]")
	return cmd
}

func (f learnFlags) run(cmd *cobra.Command, args []string) error {
	contract, err := openapi.Cashier()
	if err != nil {
		return err
	}
	codec, err := observed.NewCodec(contract)
	if err != nil {
		return err
	}
	known, err := codec.ReadFile(f.to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cli.Usagef("%v", err)
	}
	ignored, err := readIgnored(f.ignore, contract)
	if err != nil {
		return err
	}
	simulated, runs, err := learnFrom(cmd, args)
	if err != nil {
		return err
	}
	learned := observe.Learn(simulated, runs, known, ignored, contract)
	text, err := codec.Write(learned.File)
	if err != nil {
		return err
	}
	if _, err := codec.Read(f.to, text); err != nil {
		return fmt.Errorf("what was learned can't be read again: %w", err)
	}
	if err := os.WriteFile(f.to, text, 0o600); err != nil {
		return cli.Usagef("--to: %v", err)
	}
	return told(cmd.OutOrStdout(), f.to, learned)
}

func readIgnored(file string, contract *openapi.Contract) (drift.Ignored, error) {
	if file == "" {
		return drift.Ignored{}, nil
	}
	ignored, err := drift.ReadIgnored(file, contract)
	if err != nil {
		return nil, cli.Usagef("%v", err)
	}
	return ignored, nil
}

// learnFrom reads the runs, and runs the features on the simulator where none of them is of it.
func learnFrom(cmd *cobra.Command, files []string) (simulated *evidence.Run, runs []*evidence.Run, err error) {
	for _, file := range files {
		run, err := readRun(file)
		switch {
		case err != nil:
			return nil, nil, cli.Usagef("%v", err)
		case run.Target != "simulator":
			runs = append(runs, run)
		case simulated != nil:
			return nil, nil, cli.Usagef("%s is a second run of the simulator: give one", file)
		default:
			simulated = run
		}
	}
	if runs == nil {
		return nil, nil, cli.Usagef("no run is against another target than the simulator: there is nothing to learn from")
	}
	if simulated != nil {
		return simulated, runs, nil
	}
	local, err := target.Simulator(version()) //nolint:contextcheck // it outlives the call, until it is closed
	if err != nil {
		return nil, nil, err
	}
	simulated, err = runner.Run(cmd.Context(), runner.Config{Features: features.All(), Target: local, Tool: version()})
	return simulated, runs, errors.Join(err, local.Close())
}

// told prints what was learned; a contradiction is an error.
func told(out io.Writer, file string, learned observe.Learned) error {
	fmt.Fprintf(out, "%s: %d observations\n", file, len(learned.File.Observations))
	for _, text := range learned.Undecided {
		fmt.Fprintf(out, "  not learned: %s\n", text)
	}
	for _, text := range learned.Contradictions {
		fmt.Fprintf(out, "  contradiction: %s\n", text)
	}
	if n := len(learned.Contradictions); n > 0 {
		return fmt.Errorf("what was seen contradicts the file %d times: decide by hand which is right, and remove the other from %s", n, file)
	}
	return nil
}
