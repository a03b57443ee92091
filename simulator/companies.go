package simulator

import (
	"context"
	"fmt"
	"os"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scheduler"
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

// loadCompanies fills the directory: with what is kept, and over it with the configuration file, or with the demo company when
// there is neither.
func (s *Simulator) loadCompanies() error {
	configured, err := s.config.companies(s.reader)
	if err != nil {
		return err
	}
	done, err := s.journal.Lock(context.Background(), "") // processes that share a journal may start together
	if err != nil {
		return err
	}
	defer done()
	if s.settings.Kept() {
		if err := s.settings.Load(context.Background()); err != nil {
			return fmt.Errorf("data: %w", err)
		}
	}
	if s.config.ConfigFile == "" && len(s.directory.List()) > 0 {
		s.warnOfIgnored()
		return nil
	}
	for _, c := range configured {
		if err := s.configure(c); err != nil {
			return fmt.Errorf("%s: company %q: %w", s.config.ConfigFile, c.Name, err)
		}
	}
	return nil
}

// warnOfIgnored names the flags that count for new companies only, where the kept ones differ from them.
func (s *Simulator) warnOfIgnored() {
	because := "the companies that are kept in --data come first: it counts for new ones only"
	usual := Default()
	if s.config.WebhookURL != usual.WebhookURL {
		s.log.Warn("--webhook-url has no effect", "because", because)
	}
	if s.config.Clock != usual.Clock {
		for _, c := range s.directory.List() {
			if mode, _ := s.clockOf(c.ID).Mode(); mode != s.config.Clock {
				s.log.Warn("--clock has no effect", "company", c.Name, "clock", mode, "because", because)
			}
		}
	}
}

// configure puts a configured company, in the place of the kept one of its name.
func (s *Simulator) configure(c backoffice.Company) error {
	name := c.ID
	if name == "" {
		name = c.Name
	}
	if kept, ok := s.directory.Get(name); ok && c.ID == "" {
		c.ID, c.Created = kept.ID, kept.Created
	}
	put, err := s.directory.Put(c, clock.Wall())
	if err != nil {
		return err
	}
	for _, w := range put.Warnings() {
		s.log.Warn("probably not meant", "company", put.Name, "warning", w)
	}
	return nil
}

// Configured returns the companies that a simulator with nothing kept begins with: those of the configuration file, or the demo
// company.
func Configured(c Config) ([]backoffice.Company, error) {
	s := &Simulator{config: c}
	if err := s.readContracts(); err != nil {
		return nil, err
	}
	return c.companies(s.reader)
}

func (c *Config) companies(reader backoffice.Reader) ([]backoffice.Company, error) {
	if c.ConfigFile == "" {
		demo, err := backoffice.Demo(reader, c.WebhookURL)
		return []backoffice.Company{demo}, err
	}
	text, err := os.ReadFile(c.ConfigFile)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return reader.File(c.ConfigFile, text)
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

// Decide makes a payment of a company, by id, end; see lifecycle.Outcomes.Decide.
func (s *Simulator) Decide(ctx context.Context, company, id string, d payment.Decision) (*payment.Payment, error) {
	return s.outcomes.Decide(ctx, company, id, d)
}

// Advance moves a company's manual clock; see scheduler.Scheduler.Advance.
func (s *Simulator) Advance(ctx context.Context, company string, a scheduler.Advance) ([]adminapi.CompletedJob, error) {
	return s.scheduler.Advance(ctx, company, a)
}

// Payments returns a company's payments, newest first.
func (s *Simulator) Payments(ctx context.Context, company string) ([]payment.Payment, error) {
	return s.queries.Payments(ctx, company, s.config.MaxPayments)
}
