package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/snippet"
)

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
