package target

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"mozartosim/features/receiver"
	"mozartosim/openapi/observed"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/simtest"
)

// Simulator starts a simulator in this process, on free ports of loopback, with clocks that stand; files of observations, if any,
// say what it does otherwise.
func Simulator(version string, observations ...string) (*Target, error) {
	config := simtest.Default()
	config.Version, config.Observed = version, observations
	sim, err := simtest.Open(config)
	if err != nil {
		return nil, err
	}
	t, err := controlled(RunningConfig{URL: sim.URL, AdminURL: sim.AdminURL, AdminToken: sim.Simulator.AdminToken()})
	if err != nil {
		return nil, errors.Join(err, sim.Close())
	}
	if t.Environment.Contract, err = observed.Contract(observations); err != nil {
		return nil, errors.Join(err, sim.Close())
	}
	t.Name, t.URL, t.Parallel = "simulator", "", 8
	stop := t.close
	t.close = func() error {
		t.Environment.Client.CloseIdleConnections() // the simulator waits for connections that were opened and never used
		return errors.Join(sim.Close(), stop())
	}
	return t, nil
}

// Hosted says how a simulator in this process is started that a merchant's system calls.
type Hosted struct {
	Listen               string   // where the Cashier API listens
	Companies            string   // companies in YAML; "" = the demo company
	Observed             []string // files of observations
	WebhookTimeout       time.Duration
	WebhookAuthorization string       // the header that has the secret, with {secret} in it
	Log                  *slog.Logger // nil = none
	Version              string
}

// Host starts a simulator in this process that a merchant's system calls; its clocks stand. The caller closes it.
func Host(h Hosted) (*simtest.Sim, error) {
	config := simulator.Default()
	config.PublicAddr, config.AdminAddr, config.ConfigFile = h.Listen, "127.0.0.1:0", h.Companies
	config.Observed = h.Observed
	config.Clock, config.Version, config.Log = clock.Manual, h.Version, h.Log
	config.WebhookTimeout, config.WebhookAuthorization = h.WebhookTimeout, h.WebhookAuthorization
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	return simtest.Open(config)
}

// controlled makes a target of a simulator: each scenario makes a company of its own there.
func controlled(c RunningConfig) (*Target, error) {
	t, err := newTarget(c.URL, c.TLS, nil, c.AdminToken)
	if err != nil {
		return nil, err
	}
	hooks, err := receiver.Listen(cmp.Or(c.Listen, anyPort), c.WebhookURL)
	if err != nil {
		return nil, err
	}
	t.receiveBy(hooks)
	t.Name, t.Parallel = c.URL, 4
	e := t.Environment
	e.Patience, e.Quiet = time.Minute, time.Second
	e.Admin = func(transport http.RoundTripper) *adminapi.Client {
		calls := *e.Client
		calls.Transport = transport
		return adminapi.New(c.AdminURL, c.AdminToken, adminapi.WithHTTPClient(&calls))
	}
	return t, nil
}

// anyPort is where a receiver listens that nothing outside of this machine reaches.
const anyPort = "127.0.0.1:0"
