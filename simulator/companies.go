package simulator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/observed"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
)

// companies is what payments need to know of companies.
type companies struct {
	directory *backoffice.Directory
	runtimes  *company.Runtimes
}

// Get implements payments.Companies.
func (c companies) Get(id string) (*backoffice.Company, bool) { return c.directory.Get(id) }

// Now implements payments.Companies.
func (c companies) Now(id string) time.Time { return c.runtimes.Get(id).Clock.Now() }

// Scheduled implements payments.Companies: it wakes the company's worker.
func (c companies) Scheduled(id string, first time.Time) { c.runtimes.Get(id).Alarm.RingFor(first) }

// Kept implements payments.Companies: it counts.
func (c companies) Kept(p *payment.Payment, before payment.Status) {
	c.runtimes.Get(p.Company).Counts.Payment(p, before)
}

// accounts is what identity needs to know of companies.
type accounts struct{ companies companies }

// Company implements identity.Companies.
func (a accounts) Company(apiKey string) (identity.Company, bool) {
	c, ok := a.companies.directory.ByAPIKey(apiKey)
	if !ok {
		return identity.Company{}, false
	}
	return identity.Company{
		ID: c.ID, Secret: c.Credentials.SecretKey, PasswordExpired: c.PasswordExpired, UserAuthURL: c.UserAuthURL,
		Now: a.companies.Now(c.ID),
	}, true
}

// companyLoader fills the directory at the start.
type companyLoader struct {
	config    Config
	reader    backoffice.Reader
	journal   journal.Journal
	directory *backoffice.Directory
	runtimes  *company.Runtimes
	settings  *company.Settings
}

func newLoader(s *Simulator) *companyLoader {
	return &companyLoader{s.config, s.reader, s.journal, s.directory, s.runtimes, s.settings}
}

// load puts what is kept into the directory, and over it the configuration file's companies, or the demo company when there is
// neither.
func (l *companyLoader) load() error {
	configured, err := l.config.companies(l.reader)
	if err != nil {
		return err
	}
	done, err := l.journal.Lock(context.Background(), "") // processes that share a journal may start together
	if err != nil {
		return err
	}
	defer done()
	if l.settings.Keep {
		if err := l.settings.Load(context.Background()); err != nil {
			return fmt.Errorf("data: %w", err)
		}
	}
	if l.config.ConfigFile == "" && len(l.directory.List()) > 0 {
		l.warnOfIgnored()
		return nil
	}
	for _, c := range configured {
		if err := l.configure(c); err != nil {
			return fmt.Errorf("%s: company %q: %w", l.config.ConfigFile, c.Name, err)
		}
	}
	return nil
}

// warnOfIgnored names the flags that count for new companies only, where the kept ones differ from them.
func (l *companyLoader) warnOfIgnored() {
	because := "the companies that are kept in --data come first: it counts for new ones only"
	usual := Default()
	if l.config.WebhookURL != usual.WebhookURL {
		l.config.Log.Warn("--webhook-url has no effect", "because", because)
	}
	if l.config.WebhookSecret != "" {
		l.config.Log.Warn("--webhook-secret has no effect", "because", because)
	}
	if l.config.Clock != usual.Clock {
		for _, c := range l.directory.List() {
			if mode, _ := l.runtimes.Get(c.ID).Clock.Mode(); mode != l.config.Clock {
				l.config.Log.Warn("--clock has no effect", "company", c.Name, "clock", mode, "because", because)
			}
		}
	}
}

// configure puts a configured company, in the place of the kept one of its name.
func (l *companyLoader) configure(c backoffice.Company) error {
	name := c.ID
	if name == "" {
		name = c.Name
	}
	if kept, ok := l.directory.Get(name); ok && c.ID == "" {
		c.ID, c.Created = kept.ID, kept.Created
	}
	put, err := l.directory.Put(c, clock.Wall())
	if err != nil {
		return err
	}
	for _, w := range put.Warnings() {
		l.config.Log.Warn("probably not meant", "company", put.Name, "warning", w)
	}
	return nil
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
	var names []string
	if text, err := os.ReadFile(c.ConfigFile); err == nil { // what is wrong with it is said when its companies are read
		if y, err := openapi.DecodeYAML(c.ConfigFile, text); err == nil {
			list, _ := y.Fields["observed"].([]any)
			for _, item := range list {
				if name, ok := item.(string); ok && !filepath.IsAbs(name) {
					item = filepath.Join(filepath.Dir(c.ConfigFile), name)
				}
				names = append(names, fmt.Sprint(item))
			}
		}
	}
	compiled, err := observed.Compile(contract, providers, append(names, c.Observed...))
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
