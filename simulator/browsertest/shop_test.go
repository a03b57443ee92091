package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/simtest"
)

// shop is a merchant with a simulator of its own: the site that shoppers come back to, and the calls that it makes.
type shop struct {
	t    *testing.T
	sim  *simtest.Sim
	site *site
}

// site is the merchant's, as far as a browser comes: it notes who returns.
type site struct {
	*httptest.Server
	mu      sync.Mutex
	returns []string // path and query
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.returns = append(s.returns, r.URL.RequestURI())
		n := len(s.returns)
		s.mu.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><h1 data-testid="shop">Back in the shop</h1><p data-testid="visits">%d</p>`, n)
	}))
	t.Cleanup(s.Close)
	return s
}

// visits are the returns so far.
func (s *site) visits() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.returns...)
}

// newShop starts a simulator on a manual clock where nobody but the test decides; options change that. Its return URLs are
// those of the demo company, whose host is reserved for examples: pages stay when the payment is decided.
func newShop(t *testing.T, options ...simtest.Option) *shop {
	t.Helper()
	s := &shop{t: t, site: newSite(t)}
	s.sim = simtest.Start(t, append([]simtest.Option{simtest.ManualShopper()}, options...)...)
	return s
}

// newOpenShop is newShop with a site to come back to: pages leave for it when the payment is decided.
func newOpenShop(t *testing.T, options ...simtest.Option) *shop {
	t.Helper()
	s := &shop{t: t, site: newSite(t)}
	file := filepath.Join(t.TempDir(), "mozartosim.yaml")
	if err := os.WriteFile(file, []byte(configured(t, s.site.URL)), 0o600); err != nil {
		t.Fatal(err)
	}
	mine := []simtest.Option{simtest.ManualShopper(), simtest.Config(func(c *simulator.Config) { c.ConfigFile = file })}
	s.sim = simtest.Start(t, append(mine, options...)...)
	return s
}

// configured is the demo company's file with another site.
func configured(t *testing.T, siteURL string) string {
	t.Helper()
	demo, err := os.ReadFile("../backoffice/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("$WEBHOOK_URL", backoffice.InboxURL, "https://shop.example", siteURL).Replace(string(demo))
	return "companies:\n  - " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\n"
}

// tab opens a browser tab that may talk to the simulator and to the shop.
func (s *shop) tab() *Tab {
	s.t.Helper()
	return tab(s.t, s.sim.URL, s.sim.AdminURL, s.site.URL)
}

// order is a payment as the merchant sees it after the call.
type order struct{ ID, URL string }

// pay makes a call of the fixture's body, changed field by field (nil takes one away), and follows it to the redirect URL.
func (s *shop) pay(fixture string, change map[string]any) order {
	s.t.Helper()
	return s.payUnder("", fixture, change)
}

// payUnder is pay under a named scenario.
func (s *shop) payUnder(scenario, fixture string, change map[string]any) order {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.sim.URL+openapi.CashierPath, bytes.NewReader(request(s.t, fixture, change)))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+s.sim.CompanyToken)
	r.Header.Set("X-User-Token", "Bearer "+s.sim.UserToken(s.t, "user-1001"))
	if scenario != "" {
		r.Header.Set("Mozartosim-Scenario", scenario)
	}
	status, answer := s.call(r)
	if status != http.StatusOK {
		s.t.Fatalf("%s: %d %s", fixture, status, answer)
	}
	var body struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal(answer, &body); err != nil {
		s.t.Fatal(err)
	}
	made := order{ID: s.sim.Payments(s.t)[0].ID}
	for _, field := range []string{"url", "webflowURL", "paymentUrl", "redirect_url", "finalizationURL"} {
		if text, ok := body.Data[field].(string); ok {
			made.URL = text
		}
	}
	if made.URL == "" {
		s.t.Fatalf("%s: no redirect URL in %s", fixture, answer)
	}
	return made
}

// request is a fixture's body with changes; numbers keep their text.
func request(t *testing.T, fixture string, change map[string]any) []byte {
	t.Helper()
	all, err := fixtures.Requests()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Name != fixture {
			continue
		}
		fields := map[string]json.RawMessage{}
		if err := json.Unmarshal(r.Body, &fields); err != nil {
			t.Fatal(err)
		}
		for name, value := range change {
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			if fields[name] = text; value == nil {
				delete(fields, name)
			}
		}
		body, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	t.Fatalf("there is no fixture %s", fixture)
	return nil
}

func (s *shop) call(r *http.Request) (int, []byte) {
	s.t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, text
}

// payment reads a payment from the journal.
func (s *shop) payment(o order) payment.Payment {
	s.t.Helper()
	for _, p := range s.sim.Payments(s.t) {
		if p.ID == o.ID {
			return p
		}
	}
	s.t.Fatalf("payment %s is gone", o.ID)
	return payment.Payment{}
}

// decided holds a payment against the decisions that must have been made, exactly these and in this order: "approve",
// "decline 51" …
func (s *shop) decided(o order, want ...string) {
	s.t.Helper()
	var got []string
	for _, d := range s.payment(o).Decisions {
		got = append(got, strings.TrimSpace(d.Action+" "+d.Reason))
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		s.t.Errorf("decisions %q instead of %q", got, want)
	}
}

// ends moves the clock until nothing is due, and holds the payment against the word that the merchant acts upon.
func (s *shop) ends(o order, want string) {
	s.t.Helper()
	s.sim.AdvanceUntilIdle(s.t)
	if got := s.payment(o).Status.Normalised(); got != want {
		s.t.Errorf("payment is %s instead of %s", got, want)
	}
}

// decide has the control API decide, as a test of the merchant's would.
func (s *shop) decide(o order, does, reason string) {
	s.t.Helper()
	d := payment.Decision{Action: does, Reason: reason, By: "control"}
	if _, err := s.sim.Simulator.Decide(context.Background(), s.sim.Company.ID, o.ID, d); err != nil {
		s.t.Fatal(err)
	}
}
