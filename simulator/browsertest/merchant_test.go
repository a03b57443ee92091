package browsertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mozartosim/fixtures"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/simtest"
)

// merchant is a company of a simulator, and the merchant's site to which shoppers return.
type merchant struct {
	t       *testing.T
	sim     *simtest.Sim
	company adminapi.Company
	api     *adminapi.CompanyClient
	tokens  adminapi.Tokens
	site    *site
}

// site is the merchant's site: it counts the shoppers who return.
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

// visits lists the returns so far.
func (s *site) visits() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.returns)
}

// manualSimulator is the simulator of most tests: on a manual clock, where only the test decides.
var manualSimulator = sync.OnceValues(func() (*simtest.Sim, error) {
	config := simtest.Default()
	config.ValidateAnswers, config.Shopper = true, simulator.ManualShopper
	sim, err := simtest.Open(config)
	if err == nil {
		atEnd.add(sim.Close)
	}
	return sim, err
})

// newMerchant makes a company of its own in the simulator of most tests, set up like the demo company; change changes that.
// The return URLs lead to a host that is reserved for examples, so pages stay when the payment is decided.
func newMerchant(t *testing.T, change ...func(m *merchant, in *adminapi.CompanyInput)) *merchant {
	t.Helper()
	sim, err := manualSimulator()
	if err != nil {
		t.Fatal(err)
	}
	demo, err := sim.Demo.BackOffice().Company(t.Context(), adminapi.Revealed)
	if err != nil {
		t.Fatal(err)
	}
	m := &merchant{t: t, sim: sim, site: newSite(t)}
	in := adminapi.CompanyInput{Name: fmt.Sprintf("test-%d", companies.Add(1)), PSPs: demo.PSPs, Brands: demo.Brands, Users: demo.Users}
	for _, rule := range demo.Rules {
		in.Rules = append(in.Rules, adminapi.RuleInput{PSP: rule.PSP, Brand: rule.Brand})
	}
	returnTo("https://shop.example", in.PSPs)
	for _, change := range change {
		change(m, &in)
	}
	if m.company, err = sim.Client.CreateCompany(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return m.open()
}

var companies atomic.Int64

// withSite has pages return to the merchant's site when the payment is decided.
func withSite(m *merchant, in *adminapi.CompanyInput) { returnTo(m.site.URL, in.PSPs) }

// returnTo sets the siteUrl of the configurations that have one.
func returnTo(site string, psps map[string]map[string]any) {
	for _, configuration := range psps {
		if configuration["siteUrl"] != nil {
			configuration["siteUrl"] = site
		}
	}
}

// newDemo starts a simulator for the test alone, whose demo company is the merchant.
func newDemo(t *testing.T, options ...simtest.Option) *merchant {
	t.Helper()
	m := &merchant{t: t, sim: simtest.Start(t, append([]simtest.Option{simtest.ManualShopper()}, options...)...), site: newSite(t)}
	var err error
	if m.company, err = m.sim.Demo.BackOffice().Company(t.Context(), adminapi.Revealed); err != nil {
		t.Fatal(err)
	}
	return m.open()
}

func autoShopper(c *simulator.Config) { c.Shopper = simulator.AutoShopper }

// open readies the company's API and tokens.
func (m *merchant) open() *merchant {
	m.t.Helper()
	m.api = m.sim.Client.Company(m.company.ID)
	var err error
	if m.tokens, err = m.api.Tokens(m.t.Context(), ""); err != nil {
		m.t.Fatal(err)
	}
	return m
}

// newTab opens a browser tab that may talk to the simulator and to the merchant's site.
func (m *merchant) newTab() *Tab {
	m.t.Helper()
	return newTab(m.t, m.sim.URL, m.sim.AdminURL, m.site.URL)
}

// must fails the test on an error of the admin API.
func must[T any](m *merchant, value T, err error) T {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
	return value
}

// order is a payment as the merchant knows it after the call.
type order struct{ ID, URL string }

// pay makes a call with the body of a fixture, changed field by field (nil removes one), and returns the redirect URL.
func (m *merchant) pay(fixture string, change map[string]any) order {
	m.t.Helper()
	return m.payUnder("", fixture, change)
}

// payUnder is pay under a named scenario.
func (m *merchant) payUnder(scenario, fixture string, change map[string]any) order {
	m.t.Helper()
	r, err := http.NewRequest(http.MethodPost, m.tokens.URL, bytes.NewReader(request(m.t, fixture, change)))
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+m.tokens.Company)
	r.Header.Set("X-User-Token", "Bearer "+m.tokens.User)
	if scenario != "" {
		r.Header.Set("Mozartosim-Scenario", scenario)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		m.t.Fatalf("%s: %d %s %v", fixture, answer.StatusCode, text, err)
	}
	var body struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal(text, &body); err != nil {
		m.t.Fatal(err)
	}
	made := m.newest()
	for _, field := range []string{"url", "webflowURL", "paymentUrl", "redirect_url", "finalizationURL"} {
		if url, ok := body.Data[field].(string); ok {
			made.URL = url
		}
	}
	if made.URL == "" {
		m.t.Fatalf("%s: no redirect URL in %s", fixture, text)
	}
	return made
}

// request is the body of a fixture with changes; numbers keep their text.
func request(t *testing.T, fixture string, change map[string]any) []byte {
	t.Helper()
	all, err := fixtures.Requests()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(r fixtures.Request) bool { return r.Name == fixture })
	if i < 0 {
		t.Fatalf("there is no fixture %s", fixture)
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(all[i].Body, &fields); err != nil {
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

// newest is the company's last payment.
func (m *merchant) newest() order {
	m.t.Helper()
	found, err := m.api.Payments(m.t.Context(), adminapi.PaymentQuery{Page: adminapi.Page{Limit: 1}})
	if err != nil || len(found.Payments) == 0 {
		m.t.Fatalf("%d payments: %v", len(found.Payments), err)
	}
	return order{ID: found.Payments[0].ID}
}

// payment reads a payment.
func (m *merchant) payment(o order) adminapi.Payment {
	m.t.Helper()
	p, err := m.api.Payment(m.t.Context(), o.ID)
	return must(m, p, err)
}

// deliveries lists the company's webhooks.
func (m *merchant) deliveries() []adminapi.Delivery {
	m.t.Helper()
	list, err := m.api.Deliveries(m.t.Context(), adminapi.DeliveryQuery{})
	return must(m, list, err).Deliveries
}

// advance moves the company's clock.
func (m *merchant) advance(by time.Duration) {
	m.t.Helper()
	done, err := m.api.Advance(m.t.Context(), adminapi.AdvanceInput{By: by.String()})
	must(m, done, err)
}

// advanceUntilIdle moves the company's clock until no job is scheduled.
func (m *merchant) advanceUntilIdle() {
	m.t.Helper()
	done, err := m.api.Advance(m.t.Context(), adminapi.AdvanceInput{Until: "idle"})
	must(m, done, err)
}

// decide decides by the admin API, as a test of the merchant would.
func (m *merchant) decide(o order, action, reason string) {
	m.t.Helper()
	p, err := m.api.Decide(m.t.Context(), o.ID, adminapi.DecisionInput{Action: action, Reason: reason})
	must(m, p, err)
}

// wantDecisions checks that exactly these decisions were made, in this order: "approve", "decline 51" …
func (m *merchant) wantDecisions(o order, want ...string) {
	m.t.Helper()
	var got []string
	for _, d := range m.payment(o).Decisions {
		got = append(got, strings.TrimSpace(d.Action+" "+d.Reason))
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		m.t.Errorf("decisions %q, want %q", got, want)
	}
}

// wantFinal moves the clock until no job is scheduled, and checks what the merchant is told in the end.
func (m *merchant) wantFinal(o order, want string) {
	m.t.Helper()
	m.advanceUntilIdle()
	if got := m.payment(o).TransactionStatus; got != want {
		m.t.Errorf("the payment is %s, want %s", got, want)
	}
}
