package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit code: 0 done, 1 failed, 2 wrongly used. An error is one sentence on
// errOut.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(errOut, "mozartosim: %v\n", err)
	var usage *usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "mozartosim",
		Short: "The Mozarto Cashier API on your own machine",
		Long: `The Mozarto Cashier API on your own machine: ten payment providers behind one endpoint, no account, no network,
no money. It checks requests as the vendor does, answers as the vendor does, sends the webhooks, and says of each of
its rules whether it is documented or assumed.`,
		Example: `  mozartosim serve                                    # runs it and prints a curl line that works
  mozartosim trigger PAYONE approve                   # makes a payment and drives it to its end
  mozartosim payments                                 # what there is; with an id: everything that happened to it
  mozartosim clock advance 30d                        # what happens in 30 days, now (serve --clock manual)
  mozartosim listen --forward-to localhost:9090/hook  # tails the webhooks, and hands them on
  mozartosim contract show PAYONE PAYIN               # what a provider wants and what it answers
  mozartosim contract show GIGADAT PAYOUT --curl      # a line to paste into your shell
  mozartosim contract ledger --basis assumed          # everything that nobody documents
  mozartosim certify --config certify.yaml            # your own system run through the paces, and graded
  mozartosim token company --expired                  # a JWT that must be refused
  mozartosim generate worldpay payin --n 100 --seed 7 # valid requests by the hundred, the same every time`,
		Args:          noSuchCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	versions := root.Flags().Bool("version", false, "print the versions of the program and of the contract")
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if *versions {
			return showVersion(cmd.OutOrStdout(), false)
		}
		return showHelp(cmd, args)
	}
	root.SetFlagErrorFunc(wrongFlag)
	root.AddCommand(newServe(), newContract(), newGenerate(), newToken(), newHealth(), newData(), newVersion())
	root.AddCommand(newTrigger(), newPayments(), newDeliveries(), newInbox(), newClock(), newScenario(), newOutage(), newListen())
	root.AddCommand(newCertify(), newRecord(), newDoctor())
	strictHelp(root)
	return root
}
