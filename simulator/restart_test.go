package simulator

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal/pgtest"
)

// Payments and kept calls, refused ones too and those that reached no company, are after a restart what they were, in a file and in
// a database, as the admin API answers.
func TestPaymentsAndCallsSurviveARestart(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "kept.db") },
		"postgres": func(t *testing.T) string { return pgtest.For(t).URL() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := Default()
			config.PublicAddr, config.AdminAddr, config.PublicURL = "127.0.0.1:0", "", "http://127.0.0.1:8080"
			config.Clock, config.ClockStart = clock.Manual, start
			config.Data, config.DataKey = data(t), "a key"
			started := func() *testSimulator {
				s, err := New(config)
				must(t, err)
				public, err := s.Public()
				must(t, err)
				return &testSimulator{t, s, public}
			}
			first := started()
			c := first.company("kept", func(c *backoffice.Company) { c.Credentials.APIKey = "kept" })
			admin, err := first.Admin()
			must(t, err)
			d := &testAdmin{first, t, c, admin}
			d.busy()
			text, _ := first.contract.Example("PayonePayInRequest")
			calls := []string{
				d.of("/v1/payments"), d.of("/v1/deliveries"), d.at("/jobs"), d.of("/v1/requests"), d.of("/v1/requests?outcome=refused"), "/v1/requests?unknown=true",
				d.of("/v1/requests/" + requestID(t, first.pay(c, strings.Replace(string(text), `"email"`, `"mail"`, 1)))),
				"/v1/requests/" + requestID(t, first.testCall(http.MethodGet, "/v1/nothing")) + "?unknown=true",
			}
			for _, p := range d.call("GET", d.of("/v1/payments"), "").want(200).doc.Fields["payments"].([]any) {
				calls = append(calls, d.of("/v1/payments/"+p.(map[string]any)["id"].(string)))
			}
			before := map[string]string{}
			for _, path := range calls {
				before[path] = d.call("GET", path, "").want(200).text
			}
			if n := strings.Count(before[calls[0]], `"status":`); n != 4 || !strings.Contains(before[calls[4]], `"outcome":"refused"`) || !strings.Contains(before[calls[7]], "/v1/nothing") {
				t.Fatalf("there are %d payments, and calls %s %s", n, before[calls[4]], before[calls[7]])
			}
			must(t, first.Close())
			second := started()
			defer func() { must(t, second.Close()) }()
			after := d.in(second)
			for _, path := range calls {
				if got := after.call("GET", path, "").want(200).text; got != before[path] {
					t.Errorf("GET %s answers after the restart\n%.3000s\nbefore\n%.3000s", path, got, before[path])
				}
			}
		})
	}
}

// A company that is kept and was changed is again what was configured after a reset of everything, and after a restart; its clock stands
// where it stood, if that is wanted.
func TestResetOfAChangedCompanyIsKept(t *testing.T) {
	t.Parallel()
	config := Default()
	config.PublicAddr, config.AdminAddr = "127.0.0.1:0", ""
	config.Clock, config.ClockStart = clock.Manual, start
	config.Data = filepath.Join(t.TempDir(), "kept.db")
	in := func(do func(d *testAdmin)) {
		s, err := New(config)
		must(t, err)
		defer func() { must(t, s.Close()) }()
		public, err := s.Public()
		must(t, err)
		admin, err := s.Admin()
		must(t, err)
		c, _ := s.Company(backoffice.DemoName)
		do(&testAdmin{&testSimulator{t, s, public}, t, c, admin})
	}
	in(func(d *testAdmin) {
		before := d.call("GET", d.at("?reveal=true"), "").want(200).text
		d.call("POST", d.at("/clock/advance"), `{"by": "1h"}`).want(200)
		now := d.call("GET", d.at("/clock"), "").want(200).text
		d.call("PATCH", d.at(""), `{"country": "PE"}`).want(200)
		d.call("POST", "/v1/reset?keepClock=true", "").want(200)
		if after := d.call("GET", d.at("?reveal=true"), "").want(200).text; after != before {
			t.Errorf("the company is %s; it was %s", after, before)
		}
		if after := d.call("GET", d.at("/clock"), "").want(200).text; after != now {
			t.Errorf("its clock is %s; it was %s", after, now)
		}
		d.call("PATCH", d.at(""), `{"country": "PE"}`).want(200)
		d.call("POST", "/v1/reset", "").want(200)
		d.call("PUT", d.at("/outages/BRITE"), `{"kind": "flapping"}`).want(200)
	})
	in(func(d *testAdmin) {
		d.call("GET", d.at(""), "").want(200).is("country", "CA")
		d.call("GET", d.at("/outages"), "").want(200).is("outages.0.kind", "flapping")
	})
}

// testCall makes a call without a body.
func (h *testSimulator) testCall(method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.public.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}
