package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/features/setup"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/snippet"
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
		Long: `The Mozarto Cashier API on your own machine: ten payment providers behind one endpoint, without an account, a network or
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
			return showVersion(cmd.OutOrStdout(), false)
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

func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the program and of the contract",
		Args:  cli.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return showVersion(cmd.OutOrStdout(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showVersion(out io.Writer, asJSON bool) error {
	contract, err := openapi.Version()
	if err != nil {
		return err
	}
	b := buildOf(contract)
	if asJSON {
		return cli.JSON(out, b)
	}
	_, err = fmt.Fprintln(out, b)
	return err
}

// newEnv is `mozartosim env`.
func newEnv() *cobra.Command {
	var shell, dotenv bool
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print a company's URLs and tokens for a shell, a .env file or CI",
		Long: `Print what a merchant's system needs to call the running simulator as a company: MOZARTO_BASE_URL, MOZARTO_CASHIER_URL,
MOZARTO_COMPANY_TOKEN and MOZARTO_USER_TOKEN, which do not expire and are the same each time, and for its tests MOZARTOSIM_ADMIN_URL
and MOZARTOSIM_COMPANY.`,
		Example: `  eval "$(mozartosim env)"
  mozartosim env --dotenv > .env.test
  mozartosim env --dotenv >> "$GITHUB_ENV"`,
		Args: cli.NoArgs,
	}
	cmd.Flags().BoolVar(&shell, "shell", false, "print export commands of a shell (default)")
	cmd.Flags().BoolVar(&dotenv, "dotenv", false, "print NAME=value lines")
	api := cli.AdminFlags(cmd)
	cmd.Flags().Lookup("json").Usage = "print JSON"
	cmd.MarkFlagsMutuallyExclusive("shell", "dotenv", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return cli.Print(cmd, api, func(ctx context.Context, company *adminapi.CompanyClient) (map[string]string, error) {
			return environment(ctx, api.URL, company)
		}, func(out io.Writer, all map[string]string) error {
			for _, name := range slices.Sorted(maps.Keys(all)) {
				line := "export " + name + "=" + snippet.Quote(all[name])
				if dotenv {
					line = name + "=" + all[name]
				}
				if _, err := fmt.Fprintln(out, line); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return cmd
}

func environment(ctx context.Context, adminURL string, company *adminapi.CompanyClient) (map[string]string, error) {
	of, err := company.BackOffice().Company(ctx, adminapi.Masked)
	if err != nil {
		return nil, err
	}
	tokens, err := company.Tokens(ctx, adminapi.TokensInput{})
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"MOZARTO_BASE_URL": strings.TrimSuffix(tokens.URL, "/v1/api/mozarto/cashier"), "MOZARTO_CASHIER_URL": tokens.URL,
		"MOZARTO_COMPANY_TOKEN": tokens.Company, "MOZARTO_USER_TOKEN": tokens.User,
		"MOZARTOSIM_ADMIN_URL": adminURL, "MOZARTOSIM_COMPANY": of.Name,
	}, nil
}
