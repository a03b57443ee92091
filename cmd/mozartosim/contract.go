package main

import "github.com/spf13/cobra"

func newContract() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contract",
		Short: "Read the contract: what each provider wants, and how each rule is known",
		Args:  noSuchCommand,
		RunE:  showHelp,
	}
	cmd.AddCommand(newShow(), newLedger())
	return cmd
}
