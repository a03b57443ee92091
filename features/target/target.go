package target

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/features/receiver"
	"mozartosim/features/steps"
	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/clock"
)

// Target is what features are run against.
type Target struct {
	Name        string // "simulator", "sandbox" or the base URL, for the report
	URL         string // "" for a simulator that Simulator has started
	Environment *steps.Environment
	Parallel    int    // feature scenarios at once, unless a run asks for another number
	Nonce       string // keeps what is made for this run apart from other runs' on the same target
	NoWebhooks  string // why webhooks can't be received; "" = they can
	Foreign     bool   // another team's, on another machine: what is sent there is agreed on first
	NoShopper   string // why no one pays on the provider's page; "" = a shopper does

	psps        []string // those that are configured; nil = all
	sandboxOnly bool     // run @sandbox scenarios only
	close       func() error
}

// callTimeout bounds one call, longer than any hang that the contract knows.
const callTimeout = 90 * time.Second

// newTarget makes a target of a base URL. Its calls follow no redirect, which could lead anywhere. trust, if any, says which certificates
// are accepted; wrap, if any, is put around the transport.
func newTarget(baseURL string, trust *tls.Config, wrap func(http.RoundTripper) http.RoundTripper, secrets ...string) (*Target, error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return nil, err
	}
	base := &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute, Proxy: http.ProxyFromEnvironment, TLSClientConfig: trust}
	var transport http.RoundTripper = base
	if wrap != nil {
		transport = wrap(base)
	}
	masker := &evidence.Masker{}
	masker.Hide(secrets...)
	return &Target{
		URL: baseURL,
		Environment: &steps.Environment{
			Contract: contract, BaseURL: baseURL, Fixtures: sync.OnceValues(fixtures.Requests), Masker: masker, Now: clock.Wall,
			Client: &http.Client{
				Transport: transport, Timeout: callTimeout,
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			},
		},
		close: func() error { base.CloseIdleConnections(); return nil },
	}, nil
}

// receiveBy makes a receiver the target's, which stops with it.
func (t *Target) receiveBy(hooks *receiver.Receiver) {
	idle := t.close
	t.Environment.Receiver = hooks
	t.close = func() error { return errors.Join(idle(), hooks.Stop()) }
}

// Close stops what the target has started.
func (t *Target) Close() error {
	if t.close == nil {
		return nil
	}
	return t.close()
}

// WatchWith makes say report what the run waits for.
func (t *Target) WatchWith(say func(text string)) { t.Environment.Say = say }

// Mask hides the target's secrets in any text.
func (t *Target) Mask(text string) string { return t.Environment.Masker.Text(text) }

// Lacks says why a feature scenario can't be run against the target, by its needs, its tags and its provider; "" when it can.
func (t *Target) Lacks(needs steps.Needs, tags []string, psp string) string {
	switch {
	case t.Environment.Admin == nil && needs&steps.NeedsControl != 0:
		return "needs the simulator's admin API (@control)"
	case t.sandboxOnly && !slices.Contains(tags, "@sandbox"):
		return "is not tagged @sandbox: not safe, or not meaningful, against the vendor's Sandbox"
	case t.psps != nil && psp != "" && !slices.Contains(t.psps, psp):
		return fmt.Sprintf("%s is not among the psps of the profile", psp)
	case needs&steps.NeedsWebhooks != 0 && t.NoWebhooks != "":
		return t.NoWebhooks
	case needs&steps.NeedsShopper != 0 && t.NoShopper != "":
		return t.NoShopper
	}
	return ""
}
