package runner

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"mozartosim/features"
	"mozartosim/features/evidence"
	"mozartosim/features/target"
	"mozartosim/simulator/simtest"
)

var port = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// deviating puts a proxy that changes answers before a simulator, and makes it a target.
func deviating(t *testing.T, change func(body string) string) *target.Target {
	t.Helper()
	sim := simtest.Start(t)
	upstream, err := url.Parse(sim.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(upstream)
	transport := &http.Transport{}
	proxy.Transport = transport
	proxy.ModifyResponse = func(r *http.Response) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		body = []byte(change(string(body)))
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Length", strconv.Itoa(len(body)))
		return nil
	}
	server := httptest.NewServer(proxy)
	target, err := target.Running(context.Background(), target.RunningConfig{URL: server.URL, AdminURL: sim.AdminURL})
	if err != nil {
		t.Fatal(err)
	}
	target.Nonce = "" // so that ids are the same in every run
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
		transport.CloseIdleConnections()
	})
	return target
}

// told writes a failed scenario for people, as far as the golden files keep it.
func told(s evidence.Scenario) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n  %s\n", s.ID, s.Reason)
	for _, c := range s.Contract {
		fmt.Fprintf(&text, "  contract: %s: %s [%s: %s]\n", c.ID, c.Says, c.Basis, c.Source)
	}
	for _, e := range s.Exchanges {
		if !e.Control {
			fmt.Fprintf(&text, "  %s\n    sent     %s %s %s\n    answered %d %s\n", e.Label, e.Request.Method, e.Request.Path, e.Request.Body, e.Answer.Status, e.Answer.Body)
		}
	}
	fmt.Fprintf(&text, "  timeline:\n    %s\n\n", strings.ReplaceAll(s.Timeline, "\n", "\n    "))
	return port.ReplaceAllString(text.String(), "HOST")
}

// A target that deviates fails, and says in what: what was sent and answered, what the contract says, and what is known of
// the payment.
func TestDeviationsAreFound(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) func(string) string {
		return func(body string) string { return strings.ReplaceAll(body, old, with) }
	}
	for name, c := range map[string]struct {
		change func(string) string
		config Config
	}{
		"field-renamed":     {replace(`"redirect_url"`, `"redirectUrl"`), Config{Name: "A pay-in sends the shopper to Payone's page"}},
		"type-changed":      {replace(`"amount":100`, `"amount":"100"`), Config{Name: "A pay-in sends the shopper to Payone's page"}},
		"message-changed":   {replace(`"Unauthorized"`, `"Not authorised"`), Config{Name: "Without a token nothing happens"}},
		"complaint-changed": {replace("must have at least 6 digits", "is too short"), Config{PSP: "PAYONE", Name: "phone must have"}},
		"field-missing":     {replace(`"isSuccess":true,`, ``), Config{Name: "Billing fields only prefill"}},
		"no-json":           {func(string) string { return "<html>" }, Config{Name: "Billing fields only prefill"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.config.Features, c.config.Target = features.All(), deviating(t, c.change)
			s := only(t, ran(t, c.config))
			if s.Status != evidence.Failed {
				t.Fatalf("it is %s", s.Status)
			}
			golden(t, name+".golden", told(s))
		})
	}
}

// deliveringOddly makes a simulator a target whose webhooks pass somebody on their way: change returns what arrives, nothing
// for a webhook that never does.
func deliveringOddly(t *testing.T, change func(body string) string) *target.Target {
	t.Helper()
	sim := simtest.Start(t)
	var receiver http.Handler
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // the simulator writes it whole
		if body = []byte(change(string(body))); len(body) > 0 {
			r.Body = io.NopCloser(bytes.NewReader(body))
			receiver.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(between.Close)
	target, err := target.Running(context.Background(), target.RunningConfig{URL: sim.URL, AdminURL: sim.AdminURL, WebhookURL: between.URL})
	if err != nil {
		t.Fatal(err)
	}
	target.Nonce = ""
	receiver = target.Environment.Receiver
	closed(t, target)
	return target
}

// The same for webhooks.
func TestDeviatingWebhooksAreFound(t *testing.T) {
	t.Parallel()
	replace := func(pattern, with string) func(string) string {
		return func(body string) string { return regexp.MustCompile(pattern).ReplaceAllString(body, with) }
	}
	for name, change := range map[string]func(string) string{
		"webhook-missing":        func(string) string { return "" },
		"webhook-number-amount":  replace(`"amount":"([0-9.]+)"`, `"amount":$1`),
		"webhook-field-renamed":  replace(`"transaction_status"`, `"transactionStatus"`),
		"webhook-another-status": replace(`"Approved"`, `"Completed"`),
		"webhook-currency":       replace(`"amount"`, `"currency":"CAD","amount"`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := deliveringOddly(t, change)
			s := only(t, ran(t, Config{Features: features.All(), Target: target, PSP: "PAYONE", Name: "The shopper pays, and the merchant is told"}))
			if s.Status != evidence.Failed {
				t.Fatalf("it is %s", s.Status)
			}
			golden(t, name+".golden", told(s))
		})
	}
}
