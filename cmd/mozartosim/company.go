package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
)

// companyFlags say whose credentials a verb uses.
type companyFlags struct {
	flags    *pflag.FlagSet
	name     string
	config   string
	seed     uint64
	adminURL string
	local    bool // the command line says how to make it: no simulator is asked
}

func newCompanyFlags(flags *pflag.FlagSet) *companyFlags {
	c := &companyFlags{flags: flags}
	flags.StringVar(&c.name, "company", "", "the company, by name or id (default MOZARTOSIM_COMPANY, or the first)")
	flags.StringVar(&c.config, "config", "", "take it from this file of companies, the one that serve was given")
	flags.Uint64Var(&c.seed, "seed", backoffice.DefaultSeed, "the seed that serve was given")
	flags.StringVar(&c.adminURL, "admin-url", "", "take it from the simulator that runs there (default MOZARTOSIM_ADMIN_URL)")
	return c
}

// company finds it: by --config and --seed if one of them was given, else in the running simulator if its admin URL is
// known, else as MOZARTOSIM_CONFIG and MOZARTOSIM_SEED say, else it is the demo company.
func (c *companyFlags) company(ctx context.Context) (*backoffice.Company, error) {
	c.local = c.flags.Changed("config") || c.flags.Changed("seed") // before the environment sets them, too
	if c.local && c.flags.Changed("admin-url") {
		return nil, wrong("--admin-url goes with neither --config nor --seed: the running simulator knows its companies")
	}
	if err := fromEnvironment(c.flags, "company", "config", "seed", "admin-url"); err != nil {
		return nil, err
	}
	if c.running() {
		return runningCompany(ctx, c.adminURL, c.name)
	}
	return localCompany(c.config, c.seed, c.name)
}

// running says whether the company is a running simulator's; company must have been called.
func (c *companyFlags) running() bool { return c.adminURL != "" && !c.local }

// now is the time from which tokens count: the running simulator's, whose clock checks them, or everybody's.
func (c *companyFlags) now(ctx context.Context, company *backoffice.Company) (time.Time, error) {
	if !c.running() {
		return clock.Wall(), nil
	}
	api := &admin{url: c.adminURL, company: company.Name}
	shown, err := api.clock(ctx)
	return shown.Now, err
}

// localCompany makes the company that a simulator with the same file and seed has.
func localCompany(file string, seed uint64, name string) (*backoffice.Company, error) {
	configured, err := configuredCompanies(file)
	if err != nil {
		return nil, err
	}
	directory := backoffice.NewDirectory(seed)
	for _, c := range configured {
		if _, err := directory.Put(c, clock.Wall()); err != nil {
			return nil, fmt.Errorf("%s: company %q: %w", file, c.Name, err)
		}
	}
	all := directory.List()
	if name == "" && len(all) > 0 {
		return all[0], nil
	}
	if c, ok := directory.Get(name); ok {
		return c, nil
	}
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Name
	}
	return nil, fmt.Errorf("there is no company %q: use one of %s", name, strings.Join(names, ", "))
}

func configuredCompanies(file string) ([]backoffice.Company, error) {
	cashier, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	control, err := openapi.Control()
	if err != nil {
		return nil, err
	}
	reader := backoffice.Reader{Cashier: cashier, Control: control}
	if file == "" {
		demo, err := backoffice.Demo(reader, simulator.InboxURL)
		return []backoffice.Company{demo}, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return reader.File(file, text)
}

// runningCompany asks a running simulator for a company with its credentials.
func runningCompany(ctx context.Context, adminURL, name string) (*backoffice.Company, error) {
	if name == "" {
		var err error
		if name, err = (&admin{url: adminURL}).first(ctx); err != nil {
			return nil, err
		}
	}
	answer, err := askAdmin(ctx, adminURL, "/v1/companies/"+url.PathEscape(name)+"?reveal=true")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return nil, fmt.Errorf("the simulator at %s has no company %q: name one with --company", adminURL, name)
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20)) // what is left of it says why
		return nil, (&admin{url: adminURL}).refused(answer, text)
	default:
		return nil, fmt.Errorf("the simulator at %s should have shown the company %q, but answered %s", adminURL, name, answer.Status)
	}
	var shown struct {
		Name        string                 `json:"name"`
		Credentials backoffice.Credentials `json:"credentials"`
		Users       []map[string]any       `json:"users"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 4<<20)).Decode(&shown); err != nil {
		return nil, fmt.Errorf("the answer of %s must be a company in JSON: %w", adminURL, err)
	}
	if shown.Credentials.APIKey == "" || shown.Credentials.SecretKey == "" {
		return nil, fmt.Errorf("the simulator at %s should have shown the credentials of %q, but did not", adminURL, name)
	}
	return &backoffice.Company{Name: shown.Name, Credentials: shown.Credentials, Users: shown.Users}, nil
}

// askAdmin gets a path of the admin API, with MOZARTOSIM_ADMIN_TOKEN if it is set.
func askAdmin(ctx context.Context, adminURL, path string) (*http.Response, error) {
	base, err := url.Parse(adminURL)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, wrong("the admin URL %q must be an http or https URL, such as %s", adminURL, defaultAdminURL)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, trimURL(adminURL)+path, nil)
	if err != nil {
		return nil, err
	}
	if token := os.Getenv("MOZARTOSIM_ADMIN_TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	client := *adminClient()
	client.Timeout = adminTimeout
	answer, err := client.Do(request)
	if err != nil {
		return nil, &unreachable{adminURL, cause(err)}
	}
	return answer, nil
}

// cause takes method and URL off an HTTP client's error.
func cause(err error) error {
	if failed, ok := err.(*url.Error); ok {
		return failed.Err
	}
	return err
}
