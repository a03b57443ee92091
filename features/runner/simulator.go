package runner

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"time"

	"mozartosim/features/steps"
	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/clock"
)

// epoch is where the clocks of the simulator stand that the runner starts, so that ids and times are the same in every run.
func epoch() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// Simulator starts a simulator in this process, on free ports of loopback, all clocks standing.
func Simulator(version string) (*Target, error) {
	config := simulator.Default()
	config.PublicAddr, config.AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
	config.Clock, config.ClockStart, config.Version = clock.Manual, epoch(), version
	s, err := simulator.New(config)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t, err := controlled(s.PublicURL(), s.AdminURL(), s.AdminToken(), "127.0.0.1:0", "", nil)
	if err != nil {
		stop()
		return nil, errors.Join(err, <-done)
	}
	t.Name, t.URL, t.nonce, t.parallel = "simulator", "", "", 8
	receiver := t.close
	t.close = func() error {
		t.env.Client.CloseIdleConnections() // a server waits for connections that were opened and never used
		stop()
		return errors.Join(<-done, receiver())
	}
	return t, nil
}

// controlled makes a target that has a control API: each scenario makes a company of its own there.
func controlled(url, adminURL, adminToken, listen, webhookURL string, trust *tls.Config) (*Target, error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	receiver, err := Listen(listen, webhookURL)
	if err != nil {
		return nil, err
	}
	masker := &steps.Masker{}
	masker.Hide(adminToken)
	client, idle := newClient(trust, nil)
	return &Target{
		Name: url, URL: url, parallel: 4,
		env: &steps.Environment{
			Contract: contract, BaseURL: url, Client: client, Masker: masker, Mail: receiver, Now: clock.Wall,
			Control:  &steps.Control{URL: adminURL, Token: adminToken, Client: client},
			Patience: time.Minute, Quiet: time.Second,
		},
		close: func() error { idle(); return receiver.Stop() },
	}, nil
}

// callTimeout bounds one call, longer than any hang that the contract knows.
const callTimeout = 90 * time.Second

// newClient makes the client of all calls: it follows no redirect, which could lead anywhere. trust, if any, says which
// certificates it takes. wrap, if any, is put around its transport; idle closes what it keeps open.
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
