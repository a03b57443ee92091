package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features"
	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/features/observe"
	"mozartosim/features/report"
	"mozartosim/features/runner"
	"mozartosim/features/target"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
	"mozartosim/simulator/words"
)

// driftFlags are the flags of `contract drift`.
type driftFlags struct {
	html   string
	ignore string
	bounds drift.Bounds
}

func newDrift() *cobra.Command {
	var f driftFlags
	cmd := &cobra.Command{
		Use:   "drift A B",
		Short: "Compare two runs, or a run with the contract",
		Long: `Compare two runs, or a run with the contract.

A and B are evidence files, as "contract run --keep FILE" writes them, or bundles; B may be the word contract. Each difference
comes with the rule that it concerns, how that rule is known, and what "contract learn" writes of it. Values that
differ in every run (ids, times, tokens) never count. Assumed rules whose scenarios passed against another target than the
simulator are listed as confirmed, which is no difference.

Exit codes: 0 no difference, 1 differences, 2 nothing could be compared.`,
		Example: `  mozartosim contract drift simulator.json sandbox.json
  mozartosim contract drift sandbox.json contract --html drift.html
  mozartosim contract drift simulator.json sandbox.json --ignore ignore.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return cli.Usagef("%s takes two arguments, an evidence file and another or the word contract, but was given %d", cmd.CommandPath(), len(args))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&f.html, "html", "", "write a self-contained page to this `file`")
	ignoreFlag(cmd.Flags(), &f.ignore)
	cmd.Flags().Float64Var(&f.bounds.Factor, "factor", 3, "how many times slower or faster an answer or webhook must be to count")
	cmd.Flags().DurationVar(&f.bounds.Answer, "answer-bound", time.Second, "and by how much at least an answer must be slower or faster")
	cmd.Flags().DurationVar(&f.bounds.Webhook, "webhook-bound", 5*time.Second, "and by how much at least a webhook must arrive later or earlier")
	return cli.Local(cmd, "print JSON: {a, b, findings, confirmed, notes}", func(_ context.Context, out *cli.Output, args []string) error {
		if f.bounds.Factor < 1 || f.bounds.Answer <= 0 || f.bounds.Webhook <= 0 {
			return cli.Usagef("--factor must be at least 1, --answer-bound and --webhook-bound above 0, such as 1ms")
		}
		contract, err := openapi.Cashier()
		if err != nil {
			return err
		}
		found, err := compareRuns(args[0], args[1], contract, f.bounds)
		if err != nil {
			return cli.Usagef("%v", err)
		}
		ignored, err := drift.ReadIgnored(f.ignore, contract)
		if err != nil {
			return cli.Usagef("%v", err)
		}
		found.Ignore(ignored)
		observe.Explain(found, contract)
		return f.write(out, found)
	})
}

// ignoreFlag is the flag of rules whose differences are left out.
func ignoreFlag(flags *pflag.FlagSet, file *string) {
	flags.StringVar(file, "ignore", "", "a `file` of rules whose differences don't matter: ignore: [{rule: …, because: …}]")
}

// compareRuns reads two runs, or a run and the contract, and compares them.
func compareRuns(a, b string, contract *openapi.Contract, bounds drift.Bounds) (*drift.Report, error) {
	if a == "contract" {
		return nil, cli.Usagef("A must be an evidence file; only B may be the word contract")
	}
	first, err := evidence.ReadRun(a)
	if err != nil {
		return nil, err
	}
	if b == "contract" {
		return drift.Against(first, contract), nil
	}
	second, err := evidence.ReadRun(b)
	if err != nil {
		return nil, err
	}
	return drift.CompareWithin(first, second, contract, bounds), nil
}

func (f driftFlags) write(out *cli.Output, found *drift.Report) error {
	if err := writePage(f.html, func(page io.Writer) error { return report.WriteDriftHTML(page, found) }); err != nil {
		return err
	}
	if err := out.Print(found, nil, func() { report.WriteDrift(out, found) }); err != nil {
		return err
	}
	if found.Uncompared && len(found.Findings) == 0 {
		if found.A == "contract" {
			return cli.Usagef("nothing was compared: no scenario of %s that ran is judged by the contract alone, so nothing can be said about drift", found.B)
		}
		return cli.Usagef("nothing was compared: %s and %s have no scenario in common that both ran, so nothing can be said about drift", found.A, found.B)
	}
	if len(found.Findings) > 0 {
		return errors.New(report.DriftVerdict(found))
	}
	return nil
}

// learnFlags are the flags of `contract learn`.
type learnFlags struct{ to, ignore, format string }

func newLearn() *cobra.Command {
	var f learnFlags
	cmd := &cobra.Command{
		Use:   "learn RUN [RUN…]",
		Short: "Learn from runs what a target does differently",
		Long: `Learn from runs what a target does differently, and write it to an observations file.

Each RUN is an evidence file of a run against a target, as "contract run --keep FILE" writes it, or a bundle. One of them may be of
the simulator; without it the features are run on the simulator first. What the file has is kept: a sighting is added to
what is seen again, and contradictions are reported and not written. Learning from the same runs again changes
nothing. With --format overlay the file's OpenAPI Overlay is printed (see "contract overlay"), and what was learned goes
to standard error.

Exit codes: 0 learned, 1 runs or file contradict each other, 2 nothing could be learned from.`,
		Example: `  mozartosim contract learn simulator.json sandbox.json --to observed.yaml
  mozartosim contract learn sandbox.json --to observed.yaml --ignore ignore.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cli.Usagef("%s takes evidence files of runs against a target", cmd.CommandPath())
			}
			return nil
		},
		RunE: f.run,
	}
	cmd.Flags().StringVar(&f.to, "to", "observed.yaml", "the observations `file`; what it has is kept")
	ignoreFlag(cmd.Flags(), &f.ignore)
	cmd.Flags().StringVar(&f.format, "format", learnFormats()[0], "what to print: text (what was learned) or overlay")
	return cmd
}

func learnFormats() []string { return []string{"text", "overlay"} }

func (f *learnFlags) run(cmd *cobra.Command, args []string) error {
	if !slices.Contains(learnFormats(), f.format) {
		return cli.OneOf("format", f.format, learnFormats())
	}
	contract, err := openapi.Cashier()
	if err != nil {
		return err
	}
	ignored, err := drift.ReadIgnored(f.ignore, contract)
	if err != nil {
		return cli.Usagef("%v", err)
	}
	simulated, runs, err := learnFrom(cmd, args)
	if err != nil {
		return err
	}
	learned, err := observe.Update(f.to, simulated, runs, ignored, contract)
	if err != nil {
		return cli.Usagef("%v", err)
	}
	if f.format == "text" {
		return printLearned(cmd.OutOrStdout(), f.to, learned)
	}
	return errors.Join(printLearned(cmd.ErrOrStderr(), f.to, learned), printOverlay(cmd, contract, learned.File))
}

// learnFrom reads the runs, and runs the features on the simulator where none of them is of it.
func learnFrom(cmd *cobra.Command, files []string) (simulated *evidence.Run, runs []*evidence.Run, err error) {
	simulated, runs, err = observe.ReadRuns(files)
	if err != nil {
		return nil, nil, cli.Usagef("%v", err)
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

// printLearned prints what was learned; a contradiction is an error.
func printLearned(out io.Writer, file string, learned observe.Learned) error {
	fmt.Fprintf(out, "%s: %s\n", file, words.Count(len(learned.File.Observations), "observation"))
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

func newApply() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "apply FILE [FILE…]",
		Short: "Write observations into openapi/ of a checkout",
		Long: `Write observations into openapi/ of a checkout, for whoever maintains the contract.

Each FILE is an observations file. The YAML files of the contract then say what --observed FILE makes of it: schemas,
examples, and x-provenance with the target, the date, the run and how often it was seen. What no document can say (order
and times of webhooks, headers, words of refusals) is listed, and only marked. Either all files are written or none; a
second time nothing changes.

Exit codes: 0 written, or nothing to write; 2 wrong files, or observations that do not fit the contract.`,
		Example: `  mozartosim contract apply observed.yaml && make contract
  mozartosim contract apply observed.yaml --dir ../mozartosim`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return applyTo(cmd.OutOrStdout(), dir, args) },
	}
	cmd.Flags().StringVar(&dir, "dir", ".", "the checkout, a `directory` with openapi/ in it")
	return cmd
}

// applyTo writes files of observations into the checkout in dir.
func applyTo(out io.Writer, dir string, names []string) error {
	folder := filepath.Join(dir, "openapi")
	files, err := openapi.ReadFiles(os.DirFS(folder), "cashier.yaml")
	if err != nil {
		return cli.Usagef("--dir must be a checkout of mozartosim: %v", err)
	}
	contract, err := files.Contract()
	if err != nil {
		return cli.Usagef("%s: %v", folder, err)
	}
	seen, err := observed.ReadFiles(contract, names)
	if err != nil {
		return cli.Usagef("%v", err)
	}
	texts, err := observed.ApplyToFiles(files, seen)
	if err != nil {
		return cli.Usagef("%v", err)
	}
	if err := openapi.WriteFiles(folder, texts); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintln(out, filepath.Join(folder, name))
	}
	fmt.Fprintf(out, "%s in %s\n", words.Count(len(seen.Observations), "observation"), words.Count(len(texts), "changed file"))
	printUnsaid(out, seen)
	return nil
}

// printUnsaid lists what of observations no document can say.
func printUnsaid(out io.Writer, seen observed.File) {
	for i := range seen.Observations {
		if unsaid := seen.Observations[i].Unsaid(); unsaid != "" {
			fmt.Fprintf(out, "  only marked: %s%s\n", seen.Observations[i].Where(), unsaid)
		}
	}
}

func newOverlay() *cobra.Command {
	return &cobra.Command{
		Use:   "overlay FILE [FILE…]",
		Short: "Print observations as an OpenAPI Overlay, for other tools",
		Long: `Print observations as an OpenAPI Overlay 1.0, for tools that take the contract's document and no observations.

Each FILE is an observations file. Applied to /openapi/cashier.json of a simulator without observations, the overlay makes what a
simulator with --observed FILE publishes. What no document can say (order and times of webhooks, headers, words of
refusals) is only marked in it; x-mozartosim-unsaid and standard error list it.

Exit codes: 0 printed; 2 wrong files, or no observations in them.`,
		Example: `  mozartosim contract overlay observed.yaml > overlay.yaml`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			contract, err := openapi.Cashier()
			if err != nil {
				return err
			}
			seen, err := observed.ReadFiles(contract, args)
			if err != nil {
				return cli.Usagef("%v", err)
			}
			return printOverlay(cmd, contract, seen)
		},
	}
}

func printOverlay(cmd *cobra.Command, contract *openapi.Contract, seen observed.File) error {
	text, err := observed.Overlay(contract, seen)
	if err != nil {
		return cli.Usagef("%v", err)
	}
	printUnsaid(cmd.ErrOrStderr(), seen)
	_, err = cmd.OutOrStdout().Write(text)
	return err
}
