package main

import (
	"bytes"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/features/report"
	"mozartosim/openapi"
)

// driftFlags are the flags of `contract drift`.
type driftFlags struct {
	asJSON      bool
	html, patch string
	bounds      drift.Bounds
}

// driftFound is a comparison that found something: exit code 1.
type driftFound struct{ says string }

func (e *driftFound) Error() string { return e.says }

func newDrift() *cobra.Command {
	var f driftFlags
	cmd := &cobra.Command{
		Use:   "drift A B",
		Short: "Say where two runs saw different things, or a run something else than the contract",
		Long: `Say where two runs saw different things, or a run something else than the contract.

A and B are evidence files, as "contract run --keep FILE" writes them; B may be the word contract. Each difference
comes with the rule that it concerns, how that rule is known, and the change to openapi/ that would settle it. Values that
are other ones in every run (ids, times, tokens) never count. Assumed rules that held against something else than the
simulator are listed as confirmed, which is no difference.

Exit code: 0 no difference, 1 differences, 2 the comparison was not possible, or there
was nothing to compare.`,
		Example: `  mozartosim contract drift simulator.json sandbox.json
  mozartosim contract drift sandbox.json contract --html drift.html
  mozartosim contract drift simulator.json sandbox.json --patch drift.patch && git apply drift.patch && make contract`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return cli.Usagef("%s takes two arguments, an evidence file and another or the word contract, but was given %d", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := compareRuns(args[0], args[1], f.bounds)
			if err != nil {
				return cli.Usagef("%v", err)
			}
			return f.write(cmd.OutOrStdout(), found)
		},
	}
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON: {a, b, findings, confirmed, notes, patch}")
	cmd.Flags().StringVar(&f.html, "html", "", "write a self-contained page into this `file`")
	cmd.Flags().StringVar(&f.patch, "patch", "", "write all the changes that would settle the differences into this `file`, for git apply")
	cmd.Flags().Float64Var(&f.bounds.Factor, "factor", 3, "how many times slower or faster something must be to count")
	cmd.Flags().DurationVar(&f.bounds.Answer, "answer-bound", time.Second, "by how much at least an answer must be slower or faster")
	cmd.Flags().DurationVar(&f.bounds.Webhook, "webhook-bound", 5*time.Second, "by how much at least a webhook must come later or earlier")
	return cmd
}

// compareRuns reads what is named and compares it. Two things can't be compared: the contract with itself, and the contract
// first, because what is to be judged by it comes first.
func compareRuns(a, b string, bounds drift.Bounds) (*drift.Report, error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	if a == "contract" {
		return nil, cli.Usagef("A must be an evidence file; the word contract may stand for B")
	}
	first, err := readRun(a)
	if err != nil {
		return nil, err
	}
	if b == "contract" {
		return drift.Against(first, contract), nil
	}
	second, err := readRun(b)
	if err != nil {
		return nil, err
	}
	return drift.CompareWithin(first, second, contract, bounds), nil
}

// readRun reads the evidence of a run of features; the certifier's is of a merchant, whom no contract binds.
func readRun(file string) (*evidence.Run, error) {
	run, err := evidence.ReadFile(file)
	if err == nil && run.Kind == "certify" {
		err = cli.Usagef("%s is of a run of certify; drift compares runs of features", file)
	}
	return run, err
}

func (f driftFlags) write(out io.Writer, found *drift.Report) error {
	if f.html != "" {
		var page bytes.Buffer
		if err := report.WriteDriftHTML(&page, found); err != nil {
			return cli.Usagef("%v", err)
		}
		if err := os.WriteFile(f.html, page.Bytes(), 0o600); err != nil {
			return cli.Usagef("--html: %v", err)
		}
	}
	if f.patch != "" {
		if err := os.WriteFile(f.patch, []byte(found.Patch), 0o600); err != nil {
			return cli.Usagef("--patch: %v", err)
		}
	}
	if f.asJSON {
		if err := cli.JSON(out, found); err != nil {
			return err
		}
	} else {
		report.WriteDrift(out, found, report.Options{})
	}
	if found.Uncompared && len(found.Findings) == 0 {
		if found.A == "contract" {
			return cli.Usagef("nothing was compared: no scenario of %s that ran is judged by the contract alone, so nothing can be said about drift", found.B)
		}
		return cli.Usagef("nothing was compared: %s and %s have no scenario in common that both ran, so nothing can be said about drift", found.A, found.B)
	}
	if len(found.Findings) > 0 {
		return &driftFound{report.DriftVerdict(found)}
	}
	return nil
}
