package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mozartosim/cmd/mozartosim/doctor"
	"mozartosim/simulator"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
)

// newDoctor is `mozartosim doctor`: it takes the flags of serve, to look at what they would mean.
func newDoctor() *cobra.Command {
	config := simulator.Default()
	var asked doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what usually goes wrong, and say how to mend it",
		Long: `Look for what usually goes wrong, and say how to mend it: taken ports, webhook URLs that can't be reached from here,
pages that a browser can't open, clocks left standing, tokens of another company, settings without an effect, a data
file that does not hold. Give it the flags, or the environment, that serve gets; a simulator that runs is asked too.

Exit codes: 0 nothing is wrong, or only odd; 1 something won't work; 2 wrongly used.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd.Flags()); err != nil {
				return err
			}
			patient, err := asked.patient(cmd.Context(), config, cmd.Flags())
			if err != nil {
				return err
			}
			return asked.report(cmd.OutOrStdout(), doctor.Examine(cmd.Context(), patient))
		},
	}
	serveFlags(cmd.Flags(), &config)
	flags := cmd.Flags()
	flags.StringVar(&asked.adminURL, "admin-url", "", "the running simulator's admin API (default MOZARTOSIM_ADMIN_URL, or where --admin-addr says)")
	flags.StringVar(&asked.companyToken, "company-token", "", "a company JWT to look at")
	flags.StringVar(&asked.userToken, "user-token", "", "a user JWT to look at")
	flags.BoolVar(&asked.json, "json", false, "print the findings as JSON")
	return cmd
}

type doctorFlags struct {
	adminURL, companyToken, userToken string
	json                              bool
}

// patient gathers what is to be looked at.
func (f *doctorFlags) patient(ctx context.Context, config simulator.Config, flags *pflag.FlagSet) (doctor.Patient, error) {
	p := doctor.Patient{
		Config: config, Environment: os.Environ(), CompanyToken: f.companyToken, UserToken: f.userToken, Contained: contained(),
		Client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Wall:   clock.Wall,
	}
	flags.VisitAll(func(flag *pflag.Flag) { p.Flags = append(p.Flags, flag.Name) })
	var err error
	if p.Running, p.Companies, err = f.running(ctx, config); err != nil {
		return p, err
	}
	if p.Running == nil {
		if p.Companies, err = wouldBe(config); err != nil {
			return p, err
		}
	}
	if config.Data != "" {
		p.Data = func(ctx context.Context) (string, error) { return lookAtData(ctx, config.Data, p.Running != nil) }
	}
	return p, nil
}

// contained says whether this process runs in a container.
func contained() bool {
	_, err := os.Stat("/.dockerenv")
	return err == nil || os.Getenv("KUBERNETES_SERVICE_HOST") != "" || os.Getenv("container") != ""
}

// wouldBe are the companies that a simulator would begin with.
func wouldBe(config simulator.Config) ([]*backoffice.Company, error) {
	configured, err := simulator.Configured(config)
	if err != nil {
		return nil, err
	}
	directory := backoffice.NewDirectory(config.Seed)
	for _, c := range configured {
		if _, err := directory.Put(c, clock.Wall()); err != nil {
			return nil, fmt.Errorf("%s: company %q: %w", config.ConfigFile, c.Name, err)
		}
	}
	return directory.List(), nil
}

// running asks the simulator that runs; there may be none.
func (f *doctorFlags) running(ctx context.Context, config simulator.Config) (*doctor.Running, []*backoffice.Company, error) {
	api := &admin{url: cmp.Or(f.adminURL, environment("MOZARTOSIM_ADMIN_URL", config.OwnAdminURL()))}
	var list struct {
		Companies []struct {
			Name string `json:"name"`
		} `json:"companies"`
	}
	_, err := api.ask(ctx, http.MethodGet, "/v1/companies", query("limit", "50"), nil, &list)
	var nobody *unreachable
	if errors.As(err, &nobody) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	found := &doctor.Running{URL: api.url}
	var companies []*backoffice.Company
	for _, one := range list.Companies {
		c, err := runningCompany(ctx, api.url, one.Name)
		if err != nil {
			return nil, nil, err
		}
		shown, err := (&admin{url: api.url, company: one.Name}).clock(ctx)
		if err != nil {
			return nil, nil, err
		}
		next, err := time.Parse(time.RFC3339Nano, shown.Next)
		if err != nil {
			next = time.Time{} // nothing is due
		}
		companies = append(companies, c)
		found.Clocks = append(found.Clocks, doctor.Clock{Company: c.Name, Mode: string(shown.Mode), Now: shown.Now, Next: next, Waiting: shown.Waiting})
	}
	return found, companies, nil
}

// lookAtData opens what --data names, unless a running simulator has it.
func lookAtData(ctx context.Context, data string, running bool) (says string, err error) {
	j, err := simulator.OpenJournal(ctx, data, 0, version(), nil)
	if err != nil {
		if running {
			return "it is in use by the simulator that runs", nil
		}
		return "", err
	}
	stats, err := j.Stats(ctx, "")
	if err := errors.Join(err, j.Close()); err != nil {
		return "", err
	}
	return fmt.Sprintf("it opens, with %d payments and %d pieces of work that wait", stats.Streams, stats.Jobs), nil
}

// report prints the findings; a problem among them is the error.
func (f *doctorFlags) report(out io.Writer, found []doctor.Finding) error {
	if f.json {
		text, err := json.MarshalIndent(map[string]any{"findings": found}, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n", text)
	} else {
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, finding := range found {
			fmt.Fprintf(table, "%s\t%s\t%s\n", strings.ToUpper(string(finding.Level)), finding.Check, finding.Says)
			if finding.Mend != "" {
				fmt.Fprintf(table, "\t\t→ %s\n", finding.Mend)
			}
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	if doctor.Worst(found) == doctor.Problem {
		return errors.New("something won't work: see above")
	}
	return nil
}
