// Command mozartosim is the one binary: the simulator of the Mozarto Cashier API and everything around it. There is one file
// for each group of verbs; what verbs share is in package cli, and in these:
//
//	main.go    the root command, exit codes
//	tokens.go  whose credentials: a file's, the demo company's or a running simulator's
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features/setup"
	"mozartosim/simulator/mask"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit code: 0 done, 1 failed, 2 wrongly used. An error is one sentence on
// errOut. Whatever a verb prints, what merchants and shoppers wrote does nothing to a terminal.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	root := newRoot() //nolint:contextcheck // a start is not given up half way
	root.SetArgs(args)
	root.SetOut(mask.Terminal(out))
	root.SetErr(mask.Terminal(errOut))
	if err := root.ExecuteContext(ctx); err != nil {
		return failed(root.ErrOrStderr(), err)
	}
	return 0
}

// failed prints an error and returns the exit code. Errors about a verb begin with its path, so the program's name is removed.
func failed(errOut io.Writer, err error) int {
	fmt.Fprintf(errOut, "mozartosim: %s\n", strings.TrimPrefix(cli.ErrorText(err), "mozartosim "))
	var usage *cli.UsageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "mozartosim",
		Short: "The Mozarto Cashier API on your own machine",
		Long: `The Mozarto Cashier API on your own machine: every payment provider behind one endpoint, without an account, a network or
money. It checks requests as the vendor does, answers as the vendor does, sends the webhooks, and says of each of its
rules whether it is documented or assumed.`,
		Example: `  mozartosim serve                                    # runs it and prints a curl line that works
  mozartosim trigger PAYONE approve                   # makes a payment and approves it
  mozartosim payments                                 # lists payments; with an id: everything that happened to it
  mozartosim requests --refused                       # calls that were refused, and why; with an id: one of them
  mozartosim clock advance 30d                        # what happens in 30 days, now (serve --clock manual)
  mozartosim listen --forward-to localhost:9090/hook  # streams webhooks and forwards them to your handler
  mozartosim contract show PAYONE PAYIN               # a provider's request and answer
  mozartosim contract show GIGADAT PAYOUT --curl      # a line to paste into your shell
  mozartosim contract ledger --basis assumed          # every rule that nobody documents
  mozartosim certify --config certify.yaml            # tests your own system, and grades it
  mozartosim token company --expired                  # a JWT that must be refused
  mozartosim generate worldpay payin --n 100 --seed 7 # 100 valid requests, the same every time`,
		Args:          cli.SubcommandsOnly,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	versions := root.Flags().Bool("version", false, "print the versions of the program and of the contract")
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if *versions {
			return showVersion(cli.To(cmd))
		}
		return cli.ShowHelp(cmd, args)
	}
	root.SetFlagErrorFunc(cli.FlagError)
	root.AddCommand(newServe(), newContract(), newGenerate(), newToken(), newHealth(), newData(), newVersion())
	root.AddCommand(newTrigger(), newPayments(), newRequests(), newDeliveries(), newInbox(), newClock(), newScenario(), newOutage(), newListen())
	root.AddCommand(newReset(), newSnapshot(), newRestore(), newCertify(), newConfig(), newRecord(), newDoctor(), newEnv(), newMCP(), cli.NewInit(setup.All()))
	root.SetHelpCommand(cli.HelpCommand(root))
	return root
}
