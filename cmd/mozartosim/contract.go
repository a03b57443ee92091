package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features/report"
	"mozartosim/features/setup"
	"mozartosim/features/steps"
	"mozartosim/features/target"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
	"mozartosim/simulator/adminapi"
)

func newContract() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contract",
		Short: "Read the contract, and run it against a target",
		Args:  cli.SubcommandsOnly,
		RunE:  cli.ShowHelp,
	}
	cmd.AddCommand(newShow(), newLedger(), newFidelity(), newDrift(), newLearn(), newApply(), newOverlay(), newContractRun(), newContractSteps())
	cmd.AddCommand(cli.NewInit(setup.Contract()))
	cmd.AddCommand(cli.FileCheck("contract.yaml and observations", "mozartosim contract check contract.yaml", func(file string) ([]string, error) {
		if observed.IsFile(file) {
			_, err := observed.Contract([]string{file})
			return nil, err
		}
		_, err := target.ReadProfile(file, target.Unset, nil)
		return nil, err
	}))
	return cmd
}

// observedFlag is the flag of files of observations.
func observedFlag(flags *pflag.FlagSet, files *[]string) {
	flags.StringArrayVar(files, "observed", nil, "a `file` of what a real target was seen to do, which then goes before the contract; may be repeated")
}

func newLedger() *cobra.Command {
	var basis string
	var files []string
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "List every rule of the contract and how it is known, and count them",
		Long: `List every rule of the contract and how it is known:

  documented  a page of the vendor shows it
  provider    public material of the payment provider shows it
  assumed     nobody shows it: the simulator's own choice
  own         a setting of the simulator's own, which says nothing about the vendor and is counted nowhere
  observed    a real target was seen to do it: with --observed FILE`,
		Example: `  mozartosim contract ledger --basis assumed
  mozartosim contract ledger --basis observed --observed observed.yaml
  mozartosim contract ledger --json | jq .counts`,
		Args: cli.NoArgs,
	}
	cmd.Flags().StringVar(&basis, "basis", "", "only documented, provider, assumed, own or observed rules")
	observedFlag(cmd.Flags(), &files)
	return cli.Local(cmd, "print JSON: {counts, entries}", func(_ context.Context, out *cli.Output, _ []string) error {
		if basis != "" && !slices.Contains(adminapi.Bases(), basis) {
			return cli.OneOf("basis", basis, adminapi.Bases())
		}
		contract, err := observed.Contract(files)
		if err != nil {
			return cli.Usagef("%v", err)
		}
		all := contract.Ledger()
		chosen := slices.DeleteFunc(slices.Clone(all), func(e openapi.Entry) bool {
			return basis != "" && e.Provenance.Basis != openapi.Basis(basis)
		})
		counted := map[string]any{"counts": openapi.Count(all), "entries": chosen} // counts are of the whole contract
		return out.Print(counted, nil, func() { _ = report.WriteLedger(out, all, openapi.Basis(basis)) })
	})
}

func newContractSteps() *cobra.Command {
	return cli.Local(&cobra.Command{
		Use:   "steps [WORD…]",
		Short: "List the steps of features, each with an example",
		Long: `List the steps of features, each with what it does and an example; with words, only those that have all of them. In
patterns {kind} takes a value, (text) may be left out, and one/another are alternatives. After a step come the tags that
its scenario needs: @control (the simulator's admin API), @webhook (a receiver), @shopper (a person who pays).`,
		Example: `  mozartosim contract steps webhook
  mozartosim contract steps --json | jq -r .[].pattern`,
	}, "print JSON: [{pattern, action, example, needs}]", func(_ context.Context, out *cli.Output, words []string) error {
		found := steps.List(words)
		if len(found) == 0 && !out.AsJSON() {
			return fmt.Errorf("no step has the words %q", strings.Join(words, " "))
		}
		return out.Print(found, nil, func() { steps.WriteList(out, found) })
	})
}
