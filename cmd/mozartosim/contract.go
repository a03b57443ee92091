package main

import "github.com/spf13/cobra"

func newContract() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contract",
		Short: "Read the contract, and hold a target against it",
		Args:  noSuchCommand,
		RunE:  showHelp,
	}
	cmd.AddCommand(newShow(), newLedger(), newDrift(), newContractRun(), newContractSteps())
	return cmd
}
