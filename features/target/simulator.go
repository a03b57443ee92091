package target

import (
	"cmp"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/features/receiver"
	"mozartosim/features/steps"
	"mozartosim/fixtures"
	"mozartosim/openapi"
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
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	hooks, err := receiver.Listen(cmp.Or(c.Listen, anyPort), c.WebhookURL)
	if err != nil {
		return nil, err
	}
	masker := &evidence.Masker{}
	masker.Hide(c.AdminToken)
	client, idle := newClient(c.TLS, nil)
	return &Target{
		Name: c.URL, URL: c.URL, Parallel: 4,
		Environment: &steps.Environment{
			Contract: contract, BaseURL: c.URL, Fixtures: sync.OnceValues(fixtures.Requests), Client: client, Masker: masker, Receiver: hooks, Now: clock.Wall,
			Admin: func(transport http.RoundTripper) *adminapi.Client {
				calls := *client
				calls.Transport = transport
				return adminapi.New(c.AdminURL, c.AdminToken, adminapi.WithHTTPClient(&calls))
			},
			Patience: time.Minute, Quiet: time.Second,
		},
		close: func() error { idle(); return hooks.Stop() },
	}, nil
}

// anyPort is where a receiver listens that nothing outside of this machine reaches.
const anyPort = "127.0.0.1:0"

// callTimeout bounds one call, longer than any hang that the contract knows.
const callTimeout = 90 * time.Second

// newClient makes the client of all calls: it follows no redirect, which could lead anywhere. trust, if any, says which
// certificates it accepts. wrap, if any, is put around its transport; idle closes the connections that it keeps.
func newClient(trust *tls.Config, wrap func(http.RoundTripper) http.RoundTripper) (client *http.Client, idle func()) {
	base := &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute, Proxy: http.ProxyFromEnvironment, TLSClientConfig: trust}
	var transport http.RoundTripper = base
	if wrap != nil {
		transport = wrap(base)
	}
	return &http.Client{
		Transport:     transport,
		Timeout:       callTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, base.CloseIdleConnections
}
