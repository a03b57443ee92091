package main

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/doctor"
	"mozartosim/simulator/merchant"
	"mozartosim/simulator/snippet"
	"mozartosim/simulator/webhook"
	"mozartosim/simulator/words"
)

// doctorFlags are those that serve does not have.
type doctorFlags struct {
	adminURL, companyToken, userToken string
}

// newDoctor is `mozartosim doctor`: it takes the flags of serve, to check what they would lead to.
func newDoctor() *cobra.Command {
	config := simulator.Default()
	var how doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check for what usually goes wrong, and say how to fix it",
		Long: `Check for what usually goes wrong, and say how to fix it: ports in use, webhook URLs that can't be reached from here
or that refuse the secret,
pages that a browser can't open, manual clocks for which jobs wait, tokens of another company, settings without an effect,
a data file that can't be opened. Give it the flags, or the environment, of serve; a running simulator is checked too.

Exit codes: 0 no problem, or warnings only; 1 something won't work; 2 wrongly used.`,
		Args: cli.NoArgs,
	}
	flags := cmd.Flags()
	serveFlags(flags, &config)
	flags.StringVar(&how.adminURL, "admin-url", "", "the admin API of the running simulator (default MOZARTOSIM_ADMIN_URL, or the address of --admin-addr)")
	flags.StringVar(&how.companyToken, "company-token", "", "a company JWT to check")
	flags.StringVar(&how.userToken, "user-token", "", "a user JWT to check")
	return cli.Local(cmd, "print the findings as JSON", func(ctx context.Context, out *cli.Output, _ []string) error {
		if err := cli.FromEnvironment(flags); err != nil {
			return err
		}
		setup, err := how.setup(ctx, config, flags)
		if err != nil {
			return err
		}
		found := doctor.Check(ctx, setup)
		err = out.Print(map[string]any{"findings": found}, nil, func() { _ = words.Findings(out, found) })
		if err == nil && words.Problems(found) > 0 {
			return errors.New("something won't work: see above")
		}
		return err
	})
}

// setup collects what is to be checked.
func (how *doctorFlags) setup(ctx context.Context, config simulator.Config, flags *pflag.FlagSet) (s doctor.Setup, err error) {
	config.Version = version()
	s = doctor.Setup{
		Config: config, Environment: os.Environ(), CompanyToken: how.companyToken, UserToken: how.userToken, Contained: webhook.InContainer(),
		Client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Wall:   clock.Wall,
	}
	flags.VisitAll(func(flag *pflag.Flag) { s.Flags = append(s.Flags, flag.Name) })
	adminURL := cli.AdminURL(how.adminURL, config.OwnAdminURL())
	client, err := cli.NewClient(adminURL)
	if err != nil {
		return s, err
	}
	ctx, cancel := context.WithTimeout(ctx, cli.CallTimeout)
	defer cancel()
	return s, s.Ask(ctx, client, adminURL)
}

func newConfig() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check a configuration of companies, as serve --config reads it",
		Args:  cli.SubcommandsOnly,
		RunE:  cli.ShowHelp,
	}
	cmd.AddCommand(cli.FileCheck("configuration", "mozartosim config check mozartosim.yaml", func(file string) (warnings []string, err error) {
		reader, err := backoffice.NewReader()
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		companies, err := reader.File(file, text)
		for _, c := range companies {
			for _, w := range c.Warnings() {
				warnings = append(warnings, "company "+c.Name+": "+w)
			}
		}
		return warnings, err
	}))
	return cmd
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
	cli.Verb(cmd, func(ctx context.Context, c *cli.Call) error {
		all, err := merchant.Environment(ctx, c.Admin.URL, c.Company)
		return c.Print(all, err, func() {
			for _, name := range slices.Sorted(maps.Keys(all)) {
				if dotenv {
					c.Say("%s=%s", name, all[name])
				} else {
					c.Say("export %s=%s", name, snippet.Quote(all[name]))
				}
			}
		})
	})
	cmd.Flags().Lookup("json").Usage = "print JSON"
	cmd.MarkFlagsMutuallyExclusive("shell", "dotenv", "json")
	return cmd
}
