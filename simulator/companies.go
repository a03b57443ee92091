package simulator

import (
	"context"
	"fmt"
	"os"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/observed"
	"mozartosim/simulator/provider"
)

// accounts is what identity needs to know of companies.
type accounts struct {
	directory *backoffice.Directory
	runtimes  *company.Runtimes
}

// Company implements identity.Companies.
func (a accounts) Company(apiKey string) (identity.Company, bool) {
	c, ok := a.directory.ByAPIKey(apiKey)
	if !ok {
		return identity.Company{}, false
	}
	return identity.Company{
		ID: c.ID, Secret: c.Credentials.SecretKey, PasswordExpired: c.PasswordExpired, UserAuthURL: c.UserAuthURL,
		Now: a.runtimes.Get(c.ID).Clock.Now(),
	}, true
}

// loadCompanies fills the directory: with what is kept, and over it the configuration file's companies, or the demo company when there
// is neither.
func loadCompanies(s *Simulator) error {
	configured, err := s.config.companies(s.reader)
	if err != nil {
		return err
	}
	leftOut, err := s.settings.Begin(context.Background(), configured, s.config.ConfigFile)
	if leftOut {
		warnOfIgnored(s)
	}
	return err
}

// warnOfIgnored names the flags that count for new companies only, where the kept ones differ from them.
func warnOfIgnored(s *Simulator) {
	because := "the companies that are kept in --data come first: it counts for new ones only"
	usual := Default()
	if s.config.WebhookURL != usual.WebhookURL {
		s.log.Warn("--webhook-url has no effect", "because", because)
	}
	if s.config.WebhookSecret != "" {
		s.log.Warn("--webhook-secret has no effect", "because", because)
	}
	if s.config.Clock != usual.Clock {
		for _, c := range s.directory.List() {
			if mode, _ := s.runtimes.Clock(c.ID).Mode(); mode != s.config.Clock {
				s.log.Warn("--clock has no effect", "company", c.Name, "clock", mode, "because", because)
			}
		}
	}
}

// Configured returns the companies that a simulator with nothing kept begins with, with their ids and credentials: those of the
// configuration file, or the demo company.
func Configured(c Config) ([]*backoffice.Company, error) {
	s := &Simulator{config: c}
	if err := s.readContracts(); err != nil {
		return nil, err
	}
	configured, err := c.companies(s.reader)
	if err != nil {
		return nil, err
	}
	directory := backoffice.NewDirectory(c.Seed)
	for _, one := range configured {
		if _, err := directory.Put(one, clock.Wall()); err != nil {
			return nil, fmt.Errorf("%s: company %q: %w", c.ConfigFile, one.Name, err)
		}
	}
	return directory.List(), nil
}

func (c *Config) companies(reader backoffice.Reader) ([]backoffice.Company, error) {
	if c.ConfigFile == "" {
		demo, err := backoffice.Demo(reader, c.WebhookURL, c.WebhookSecret)
		return []backoffice.Company{demo}, err
	}
	text, err := os.ReadFile(c.ConfigFile)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return reader.File(c.ConfigFile, text)
}

// observations compiles the files of observations: those that the configuration file names, beside it, and then those of Observed.
func (c *Config) observations(providers map[string]*provider.Provider) (*observed.Observations, error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	compiled, err := observed.Compile(contract, providers, append(backoffice.Observed(c.ConfigFile), c.Observed...))
	if err != nil {
		return nil, fmt.Errorf("observed: %w", err)
	}
	return compiled, nil
}

// newClock makes a company's clock. Mode and factor have been checked by Validate.
func (c *Config) newClock() *clock.Clock {
	if c.Clock == clock.Manual {
		start := c.ClockStart
		if start.IsZero() {
			start = clock.Wall()
		}
		return clock.NewManual(start)
	}
	made := clock.New()
	if err := made.Set(c.Clock, c.ClockFactor); err != nil {
		c.Log.Error("clock", "error", err)
	}
	return made
}

// CompanyCount counts the companies.
func (s *Simulator) CompanyCount() int { return len(s.directory.List()) }

// Company finds a company by id or name; "" is the first.
func (s *Simulator) Company(idOrName string) (*backoffice.Company, bool) {
	if idOrName == "" {
		all := s.directory.List()
		if len(all) == 0 {
			return nil, false
		}
		return all[0], true
	}
	return s.directory.Get(idOrName)
}
