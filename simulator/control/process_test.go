package control

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"mozartosim/simulator/payment"
)

func TestProcess(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.call("GET", "/healthz", "").want(200).is("status", "ok")
	b.call("GET", "/readyz", "").want(200).is("status", "ok")
	b.call("GET", "/version", "").want(200).is("version", "1.2.3", "contracts.cashier", contracts().Cashier.Version())
	b.call("GET", "/openapi/cashier.json", "").want(200).is("openapi", "3.1.0", "info.title", "Mozarto Cashier API, as mozartosim knows it")
	b.call("GET", "/openapi/control.json", "").want(200).is("info.title", "mozartosim admin API")
	b.call("GET", "/openapi/3.0/cashier.json", "").want(200).is("openapi", "3.0.3", "info.title", "Mozarto Cashier API, as mozartosim knows it")
	b.call("GET", "/openapi/3.0/control.json", "").want(200).is("openapi", "3.0.3", "info.title", "mozartosim admin API")
	b.call("GET", "/openapi/3.0/admin.json", "").fails(404, "not_found", "there is no document admin.json: use cashier.json or control.json")
	b.call("GET", "/metrics", "").fails(404, "not_found", "there are no metrics")
}

func TestReady(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Config.Handler = &Probes{Ready: func(context.Context) error { return errors.New("the journal is opening") }, Next: b.Config.Handler}
	b.call("GET", "/readyz", "").fails(503, "not_ready", "the journal is opening")
	b.call("GET", "/readyz?verbose=1&verbose=2", "").fails(503, "not_ready", "the journal is opening")
	b.call("GET", "/healthz?verbose=1&verbose=2", "").want(200)
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) {
		c.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "mozartosim_payments 2\n")
		})
	})
	response := b.send("GET", "/metrics", "")
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || string(text) != "mozartosim_payments 2\n" {
		t.Errorf("answered %d %q, %v", response.StatusCode, text, err)
	}
	if response.Header.Get("Cache-Control") != "no-store" {
		t.Error("metrics may be cached")
	}
	b.call("POST", "/metrics", "{}").fails(405, "method_not_allowed")
}

// No browser guesses what an answer is, whether it is an error, a profile or a probe's.
func TestNothingIsSniffed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, path := range []string{"/healthz", "/readyz", "/version", "/metrics", "/nowhere", "/v1/companies/nobody", "/debug/pprof/", "/debug/pprof/symbol"} {
		if got := b.send("GET", path, "").Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s has %q", path, got)
		}
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	response := newBench(t).send("HEAD", "/v1/companies", "")
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/json" {
		t.Errorf("answered %d, %v", response.StatusCode, response.Header)
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, test := range []struct{ method, path, allow string }{
		{"POST", "/healthz", "GET, HEAD"},
		{"OPTIONS", "/version", "GET, HEAD"},
		{"GET", "/v1/reset", "POST"},
		{"HEAD", "/v1/reset", "POST"},
		{"DELETE", "/v1/companies", "GET, HEAD, POST"},
		{"POST", "/v1/companies/demo", "DELETE, GET, HEAD, PATCH, PUT"},
		{"POST", "/v1/companies/demo/psps/PAYONE", "DELETE, GET, HEAD, PUT"},
		{"PATCH", "/v1/companies/demo/rules", "GET, HEAD, POST"},
		{"DELETE", "/v1/payments", "GET, HEAD"},
	} {
		response := b.send(test.method, test.path, "")
		if got := response.Header.Get("Allow"); response.StatusCode != http.StatusMethodNotAllowed || got != test.allow {
			t.Errorf("%s %s: %d, Allow %q, want 405 and %q", test.method, test.path, response.StatusCode, got, test.allow)
		}
	}
	b.call("POST", "/healthz", "").fails(405, "method_not_allowed", "POST is not for /healthz: GET, HEAD")
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, path := range []string{"/", "/v1", "/v1/companies/", "//v1/companies", "/v1/companies/demo/keys", "/v1/api/mozarto/cashier"} {
		b.call("GET", path, "").fails(404, "not_found", "there is no path "+path)
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, test := range []struct{ path, problem string }{
		{"/v1/companies?limit=0", "limit must be at least 1"},
		{"/v1/companies?limit=501", "limit must be at most 500"},
		{"/v1/companies?limit=many", "limit must be an integer"},
		{"/v1/companies?limit=1e2", "limit must be an integer"},
		{"/v1/companies?limit=1&limit=2", "limit must be set only once"},
		{"/v1/companies?reveal=yes", "reveal must be a boolean"},
		{"/v1/companies?page=2", "page must not be set: known are"},
		{"/v1/companies?cursor=a%20b", "cursor must be what an earlier answer gave as next"},
		{"/version?x=1", "x must not be set"},
		{"/v1/payments?psp=PAYTWO", "psp must be one of: FORUMPAY, GIGADAT"},
		{"/v1/payments?type=payin", "type must be one of: PAYIN, PAYOUT"},
		{"/v1/payments?status=done", "status must be one of: created"},
		{"/v1/payments?userId=" + strings.Repeat("u", 129), "userId must be at most 128 characters"},
		{"/v1/payments?cursor=LS0t", "cursor must be what an earlier answer gave as next"},
		{"/v1/payments?cursor=!", "cursor must be what an earlier answer gave as next"},
		{"/v1/payments?limit=%zz", "invalid URL escape"},
	} {
		b.call("GET", test.path, "").fails(400, "invalid", test.problem)
	}
	b.call("GET", "/v1/companies?limit=&cursor=&reveal=", "").want(200)
}

func TestReset(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.create(`{"name": "shard-1"}`)
	shard, _ := b.config.Companies.Get("shard-1")
	b.pay(b.demo, payment.Terms{ID: "665f1c2ab7e4d93a5c0f1a01", Ordinal: 1, PSP: "PAYONE", Type: "PAYIN"})
	b.pay(shard, payment.Terms{ID: "665f1c2ab7e4d93a5c0f1a02", Ordinal: 1, PSP: "PAYONE", Type: "PAYIN"})
	b.pay(shard, payment.Terms{ID: "665f1c2ab7e4d93a5c0f1a03", Ordinal: 2, PSP: "PAYONE", Type: "PAYIN"})

	one := b.call("POST", "/v1/reset?company=demo", "").want(200).is("payments", "1")
	if one.texts("deleted")+one.texts("restored") != "" {
		t.Errorf("a company's reset touched the back office: %s", one.text)
	}
	b.call("GET", "/v1/companies/shard-1", "").want(200)
	b.call("POST", "/v1/reset?company=nobody", "").fails(404, "not_found", "there is no company nobody")

	all := b.call("POST", "/v1/reset", "").want(200).is("payments", "2")
	if all.texts("deleted") != "shard-1" || all.texts("restored") != "" {
		t.Errorf("reset says %s", all.text)
	}
	b.call("GET", "/v1/companies/shard-1", "").fails(404, "not_found")
	if again := b.call("POST", "/v1/reset", "").is("payments", "0"); again.texts("deleted") != "" {
		t.Errorf("a second reset says %s", again.text)
	}
}

func TestResetRestores(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	before := b.call("GET", "/v1/companies/demo?reveal=true", "").text
	for _, change := range []func(){
		func() { b.call("PATCH", "/v1/companies/demo", `{"name": "other", "brands": [{"id": "b"}]}`).want(200) },
		func() { b.call("DELETE", "/v1/companies/demo/psps/PAYONE", "").want(200) },
		func() {
			b.call("DELETE", "/v1/companies/demo", "").want(200)
			b.create(`{"id": "665f1c2ab7e4d93a5c0f1aff", "name": "demo", "credentials": {"apiKey": "other"}}`)
		},
	} {
		change()
		if said := b.call("POST", "/v1/reset", "").want(200); said.texts("restored") != "demo" {
			t.Errorf("reset says %s", said.text)
		}
		if after := b.call("GET", "/v1/companies/demo?reveal=true", "").text; after != before {
			t.Errorf("demo is %s\nwant %s", after, before)
		}
	}
}

func TestResetFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := b.journal.Close(); err != nil {
		t.Fatal(err)
	}
	b.call("POST", "/v1/reset", "").fails(503, "not_ready", "the simulator is stopping")
	b.call("DELETE", "/v1/companies/demo", "").fails(503, "not_ready")
}

func TestInternal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.journal.err = errors.New("the disk is on fire")
	b.call("GET", "/v1/payments", "").fails(500, "internal", "something went wrong in the simulator")
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.call("GET", "/v1/public-url", "").want(200).reads(`{"url":"http://localhost:8080","fixed":false}`)
	b.call("PUT", "/v1/public-url", `{"url": "https://pay.test/sim/"}`).want(200).reads(`{"url":"https://pay.test/sim","fixed":true}`)
	b.call("POST", "/v1/companies/demo/tokens", "").is("url", "https://pay.test/sim/v1/api/mozarto/cashier")
	for _, bad := range []string{"pay.test", "ftp://pay.test", "https://user@pay.test", "https://pay.test?x=1", "https://"} {
		b.call("PUT", "/v1/public-url", `{"url": "`+bad+`"}`).fails(400, "invalid", "url must be an http or https URL")
	}
	b.call("PUT", "/v1/public-url", `{}`).fails(400, "invalid", "url must not be missing")
	b.call("PUT", "/v1/public-url", `{"url": ""}`).want(200).reads(`{"url":"http://localhost:8080","fixed":false}`)
}

// reads compares the whole answer.
func (a answered) reads(want string) {
	a.t.Helper()
	if got := strings.TrimSpace(a.text); got != want {
		a.t.Errorf("got %s, want %s", got, want)
	}
}
