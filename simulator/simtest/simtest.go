package simtest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/identity"
)

// Sim is a running simulator of one test, with the demo company.
type Sim struct {
	URL          string // of the Cashier API
	AdminURL     string // of the admin API
	CompanyToken string // the demo company's JWT
	Company      *backoffice.Company
	Client       *adminapi.Client        // of the admin API
	Demo         *adminapi.CompanyClient // of the demo company
	Simulator    *simulator.Simulator

	transport *http.Transport
	stop      context.CancelFunc
	done      chan error
}

// Option changes the configuration before the simulator starts.
type Option func(*simulator.Config)

// WebhookURL sends the demo company's webhooks to the test's own server instead of the built-in inbox.
func WebhookURL(url string) Option { return func(c *simulator.Config) { c.WebhookURL = url } }

// RealTime lets the clock run; webhooks then arrive by themselves.
func RealTime() Option { return func(c *simulator.Config) { c.Clock = clock.Real } }

// ManualShopper leaves every decision to the test (Decide).
func ManualShopper() Option { return func(c *simulator.Config) { c.Shopper = simulator.ManualShopper } }

// Scenarios loads a folder of scenarios.
func Scenarios(dir string) Option { return func(c *simulator.Config) { c.ScenariosDir = dir } }

// Config changes anything else.
func Config(change func(*simulator.Config)) Option { return change }

// Start starts a simulator on free ports and stops it when the test ends: every delivery in flight has then ended, and no
// goroutine is left. The clock is manual and stands at 2026-01-01 unless an option says otherwise.
func Start(t testing.TB, options ...Option) *Sim {
	t.Helper()
	config := Default()
	config.ValidateAnswers = true
	for _, option := range options {
		option(&config)
	}
	sim, err := Open(config)
	if err != nil {
		t.Fatalf("simtest: %v", err)
	}
	started := sim
	t.Cleanup(func() {
		if err := started.Close(); err != nil {
			t.Errorf("simtest: %v", err)
		}
		started = nil // what a cleanup holds, package testing holds until all parallel tests have ended
	})
	return sim
}

// Default is the configuration that Start changes: free ports of loopback, and a manual clock that stands at 2026-01-01, so
// that ids and times are the same on every run.
func Default() simulator.Config {
	config := simulator.Default()
	config.PublicAddr, config.AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
	config.Clock, config.ClockStart = clock.Manual, identity.Epoch()
	return config
}

// Open starts a simulator for programs that are no test; the caller closes it.
func Open(config simulator.Config) (*Sim, error) {
	s, err := simulator.New(config)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	sim := &Sim{URL: s.PublicURL(), AdminURL: s.AdminURL(), Simulator: s, stop: stop, done: done}
	sim.transport = &http.Transport{}
	sim.Client = adminapi.New(sim.AdminURL, s.AdminToken(), adminapi.WithHTTPClient(&http.Client{Transport: sim.transport}))
	sim.Demo = sim.Client.Company("")
	if err := sim.readDemo(); err != nil {
		return nil, errors.Join(err, sim.Close())
	}
	return sim, nil
}

func (s *Sim) readDemo() (err error) {
	company, ok := s.Simulator.Company("")
	if !ok {
		return errors.New("the configuration has no company")
	}
	s.Company = company
	s.CompanyToken, err = identity.CompanyToken(company.Credentials.APIKey, company.Credentials.SecretKey, identity.Epoch(), time.Time{}, time.Time{})
	return err
}

// Close stops the simulator and waits until it has ended.
func (s *Sim) Close() error {
	s.transport.CloseIdleConnections() // the listener waits for connections that were opened and never used
	s.stop()
	return <-s.done
}

// UserToken mints an x-user-token for a shopper of that id.
func (s *Sim) UserToken(t testing.TB, id string) string {
	t.Helper()
	token, err := identity.UserToken(map[string]any{
		"userId": id, "email": id + "@example.com", "firstName": "Jane", "lastName": "Doe",
		"phone": "4165550123", "countryCode": "CA",
	}, "unchecked")
	if err != nil {
		t.Fatalf("simtest: %v", err)
	}
	return token
}

// Advance moves the demo company's clock and returns the jobs that were run: decisions, notifications, attempts.
func (s *Sim) Advance(t testing.TB, by time.Duration) []adminapi.CompletedJob {
	t.Helper()
	return s.advance(t, adminapi.AdvanceInput{By: by.String()})
}

// AdvanceUntilIdle moves the clock until no job waits.
func (s *Sim) AdvanceUntilIdle(t testing.TB) []adminapi.CompletedJob {
	t.Helper()
	return s.advance(t, adminapi.AdvanceInput{Until: "idle"})
}

func (s *Sim) advance(t testing.TB, in adminapi.AdvanceInput) []adminapi.CompletedJob {
	t.Helper()
	result, err := s.Demo.Advance(t.Context(), in)
	if err != nil {
		t.Fatalf("simtest: %v", err)
	}
	return result.Jobs
}

// Decide chooses a payment's outcome: approve, decline, cancel, expire, underpay, overpay or challenge-fail.
func (s *Sim) Decide(t testing.TB, payment, action string) {
	t.Helper()
	if _, err := s.Demo.Decide(t.Context(), payment, adminapi.DecisionInput{Action: action}); err != nil {
		t.Fatalf("simtest: %v", err)
	}
}

// Payments returns the demo company's payments with their history, newest first.
func (s *Sim) Payments(t testing.TB) (all []adminapi.Payment) {
	t.Helper()
	for q := (adminapi.PaymentQuery{}); ; {
		list, err := s.Demo.Payments(t.Context(), q)
		if err != nil {
			t.Fatalf("simtest: %v", err)
		}
		for _, summary := range list.Payments {
			p, err := s.Demo.Payment(t.Context(), summary.ID)
			if err != nil {
				t.Fatalf("simtest: %v", err)
			}
			all = append(all, p)
		}
		if q.Cursor = list.Next; q.Cursor == "" {
			return all
		}
	}
}

// Deliveries returns the webhooks of all payments, the newest payment's first, each with its attempts.
func (s *Sim) Deliveries(t testing.TB) (all []adminapi.Delivery) {
	t.Helper()
	for _, p := range s.Payments(t) {
		all = append(all, p.Deliveries...)
	}
	return all
}
