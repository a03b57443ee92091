package target

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mozartosim/features/production"
	"mozartosim/features/receiver"
	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/egress"
)

// RunningConfig says where a simulator is that runs already.
type RunningConfig struct {
	URL, AdminURL, AdminToken string
	Listen                    string      // where the receiver listens; "" = a free port of loopback
	WebhookURL                string      // the receiver as the simulator reaches it; "" = the address it listens at
	TLS                       *tls.Config // which certificates are trusted at both URLs; nil = those that the system trusts
}

// Running takes a simulator that runs elsewhere, by its public and its admin URL: every scenario makes a company of its own
// there and deletes it.
func Running(ctx context.Context, c RunningConfig) (*Target, error) {
	for name, value := range map[string]string{"target": c.URL, "admin-url": c.AdminURL} {
		u, err := webURL(name, value)
		if err != nil {
			return nil, err
		}
		if err := production.Check(u, false); err != nil { // a simulator never lives there
			return nil, err
		}
	}
	c.URL, c.AdminURL = strings.TrimRight(c.URL, "/"), strings.TrimRight(c.AdminURL, "/")
	t, err := controlled(c)
	if err != nil {
		return nil, err
	}
	t.Nonce = strconv.FormatInt(clock.Wall().UnixNano(), 36)
	if _, err := t.Environment.Admin(t.Environment.Client.Transport).Version(ctx); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func webURL(name, value string) (*url.URL, error) {
	u, err := openapi.WebURL(name, value, "https://"+production.Sandbox)
	if err == nil && u.User != nil {
		err = fmt.Errorf("%s must be a URL without a user and a password", name)
	}
	return u, err
}

// Remote makes a target of the vendor's Sandbox, or of another that the profile names. known says that it may be production.
func Remote(p Profile, known bool) (*Target, error) {
	host, err := p.check(known)
	if err != nil {
		return nil, err
	}
	t, err := newTarget(p.BaseURL, nil, func(next http.RoundTripper) http.RoundTripper {
		return production.Transport(next, known, host, p.CallsPerSecond)
	}, p.CompanyToken, p.APIKey, p.SecretKey, p.WebhookSecret)
	if err != nil {
		return nil, err
	}
	t.Name, t.psps, t.sandboxOnly, t.Parallel, t.Foreign = "sandbox", p.PSPs, true, 1, !egress.Loopback(host)
	t.Nonce = strconv.FormatInt(clock.Wall().UnixNano(), 36)
	if host != production.Sandbox {
		t.Name = p.BaseURL
	}
	e := t.Environment
	e.Patience, e.Quiet, e.Fixed, e.Simulated = p.Patience, p.Quiet, p.company(), p.Shopper == "simulated"
	if e.Check, err = production.CardCheck(); err != nil {
		return nil, err
	}
	if p.Shopper == "none" {
		t.NoShopper = "needs somebody who pays on the provider's page: set shopper: person in the profile (--shopper person), and pay where the run says, or simulated where the target pays by itself"
	}
	return t, t.receive(p, host)
}

// receive opens the receiver where the profile says how the target reaches it.
func (t *Target) receive(p Profile, host string) error {
	if p.WebhookURL == "" && (p.Listen == "" || !egress.Loopback(host)) {
		t.NoWebhooks = "needs a receiver that the target's webhooks reach: none is set (--webhook-url, or webhookUrl in the profile)"
		return nil
	}
	hooks, err := receiver.Listen(cmp.Or(p.Listen, anyPort), p.WebhookURL)
	if err != nil {
		return err
	}
	if err := hooks.Reached(!p.WebhookCheck); err != nil {
		t.NoWebhooks = fmt.Sprintf("needs a receiver that the target's webhooks reach: %v (webhookCheck: false in the profile trusts that the target gets there)", err)
		return hooks.Stop()
	}
	t.receiveBy(hooks)
	t.Environment.Fixed.Mailbox = hooks.OpenAll()
	return nil
}

// The defaults of a profile.
const (
	defaultCallsPerSecond = 2.0
	defaultPatience       = 10 * time.Minute
	defaultQuiet          = 30 * time.Second
	localPatience         = time.Minute // where the target is on this machine
	localQuiet            = 5 * time.Second
)
