package certify_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"mozartosim/features/certify"
	"mozartosim/features/evidence"
	"mozartosim/features/merchants"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/simtest"
)

// A run that is killed can't put the company back: the next one does, before it begins.
func TestKilledRun(t *testing.T) {
	t.Parallel()
	sim := simtest.Start(t, simtest.RealTime())
	before := show(t, sim.AdminURL)
	admin, err := url.Parse(sim.AdminURL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	var killed atomic.Bool
	way := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if killed.Load() { // nothing of the run reaches the simulator any more
			panic(http.ErrAbortHandler)
		}
		(&httputil.ReverseProxy{Transport: transport, Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(admin) }}).ServeHTTP(w, r)
	}))
	t.Cleanup(way.Close)
	config := shop(t, func(c merchants.Config) http.Handler {
		c.CashierURL, c.CompanyToken = sim.URL, sim.CompanyToken
		return merchants.Correct(c)
	}, flow("PAYONE", "PAYIN", "CAD"))
	config.Simulator = certify.Simulator{URL: sim.URL, Admin: way.URL}
	_, err = certify.Run(t.Context(), config, certify.Options{Scenario: func(evidence.Feature, evidence.Scenario) { killed.Store(true) }})
	if err == nil || show(t, sim.AdminURL) == before {
		t.Fatalf("the run was not killed: %v", err)
	}
	config.Simulator.Admin = sim.AdminURL
	var said strings.Builder
	run := certified(t, config, certify.Options{Capabilities: []string{"starting payments"}, Logf: func(format string, _ ...any) { said.WriteString(format) }})
	if !certify.Passed(run) || !strings.Contains(said.String(), "it is restored") {
		t.Errorf("%s\n%s", said.String(), certificate(t, run))
	}
	if after := show(t, sim.AdminURL); after != before {
		t.Errorf("before %s\nafter %s", before, after)
	}
	companies, err := sim.Client.Companies(t.Context(), adminapi.Page{}, adminapi.Masked)
	if err != nil || len(companies.Companies) != 1 {
		t.Errorf("a copy is left: %+v %v", companies, err)
	}
}

// Where a simulator listens already, the error says how to use it.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	config := shop(t, merchants.Correct, flow("PAYONE", "PAYIN", "CAD"))
	config.Simulator = certify.Simulator{Listen: taken.Addr().String()}
	if _, err := certify.Run(t.Context(), config, certify.Options{}); err == nil || !strings.Contains(err.Error(), "set simulator.url and simulator.admin") {
		t.Errorf("got %v", err)
	}
}

// What was interrupted has full marks for nothing: checks were still to come, of other flows too, and no order was read once more.
func TestInterruptedRun(t *testing.T) {
	t.Parallel()
	for _, last := range []string{"happy-path", "approved-after-declined", "in-time"} {
		config := shop(t, merchants.Correct, flow("TRUST", "PAYIN", "EUR"))
		ctx, interrupt := context.WithCancel(t.Context())
		run, err := certify.Run(ctx, config, certify.Options{Scenario: func(_ evidence.Feature, s evidence.Scenario) {
			if s.Tags[0] == "@"+last {
				interrupt()
			}
		}})
		interrupt()
		if !errors.Is(err, context.Canceled) || run == nil {
			t.Fatalf("%s: %v", last, err)
		}
		if text := certificate(t, run); !run.Stopped || certify.Passed(run) || strings.Contains(text, certify.FullMarks) || run.Count().Failed > 0 ||
			!strings.Contains(text, ": not finished, ") {
			t.Errorf("%s: stopped %v\n%s", last, run.Stopped, text)
		}
	}
}
