package simulator

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/requestlog"
)

// A call whose answer hangs is kept with what the caller gets in the end, the gateway's 504.
func TestHangingCallsAreKept(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "hanging", nil)
	d.call("PUT", d.at("/scenarios/hangs"), `{"answer": {"fault": "hang"}}`).want(200)
	body, _ := d.contract.Example("PayonePayInRequest")
	answer := d.pay(d.company, string(body))
	if answer.Code != http.StatusGatewayTimeout {
		t.Errorf("it answers %d", answer.Code)
	}
	d.call("GET", d.of("/v1/requests/"+requestID(t, answer)), "").want(200).is("status", "504", "fault", "hang", "outcome", "accepted")
}

// requestID is the id that an answer has.
func requestID(t *testing.T, answer *httptest.ResponseRecorder) string {
	t.Helper()
	id := answer.Header().Get(requestlog.Header)
	if id == "" {
		t.Fatalf("an answer with status %d has no %s", answer.Code, requestlog.Header)
	}
	return id
}

// A refused call leaves its stage, its reason in words, its rule and how that is known; an accepted one refers to its payment.
func TestRefusedCallsAreKept(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "refused-calls", nil)
	body := func(change func(string) string) string {
		text, _ := d.contract.Example("PayonePayInRequest")
		return change(string(text))
	}
	accepted := d.pay(d.company, body(func(s string) string { return s }))
	for _, test := range []struct {
		name, body          string
		stage, rule, reason string
	}{
		{"no JSON", `{"pspType":`, "read", "one-json-object", "valid JSON"},
		{"missing field", body(func(s string) string { return strings.Replace(s, `"email"`, `"mail"`, 1) }), "validate", "PayonePayInRequest.email", "email"},
		{"wrong amount", body(func(s string) string { return strings.Replace(s, `"baseamount":`, `"baseamount":0.001,"x":`, 1) }), "judge", "amount-decimals", "baseamount"},
		{"no operation", `{"pspType":"NONE","type":"PAYIN"}`, "validate", "one-endpoint", "pspType"},
	} {
		if test.name == "no JSON" { // it reaches no company: the token is checked later
			id := requestID(t, d.testSimulator.call(d.header(d.company), test.body))
			d.call("GET", "/v1/requests/"+id+"?unknown=true", "").want(200).is("stage", test.stage, "rule", test.rule, "provenance.basis", "assumed")
			continue
		}
		id := requestID(t, d.pay(d.company, test.body))
		one := d.call("GET", d.of("/v1/requests/"+id), "").want(200).is("outcome", "refused", "stage", test.stage, "rule", test.rule, "status", "400", "company", d.company.ID,
			"fields.0", test.reason)
		if !strings.Contains(one.text, test.reason) || strings.Contains(one.text, "Bearer eyJ") {
			t.Errorf("%s: %s", test.name, one.text)
		}
		d.call("GET", d.of("/v1/requests?stage="+test.stage+"&rule="+test.rule), "").want(200).is("requests.0.id", id)
	}
	id := requestID(t, accepted)
	one := d.call("GET", d.of("/v1/requests/"+id), "").want(200).is("outcome", "accepted", "status", "200", "body", "")
	payment := one.doc.Text("payment")
	d.call("GET", d.of("/v1/requests?payment="+payment), "").want(200).is("requests", "1", "requests.0.id", id)
	d.call("GET", d.of("/v1/requests?outcome=refused"), "").want(200).is("requests", "3")
	if har := d.call("GET", d.of("/v1/requests.har"), "").want(200).text; strings.Count(har, `"startedDateTime"`) != 4 || !strings.Contains(har, `pspType`) {
		t.Errorf("archive: %s", har)
	}
	d.call("POST", d.at("/reset"), "").want(200)
	d.call("GET", d.of("/v1/requests"), "").want(200).is("requests", "0")
}

// Calls without a company stand under none: a wrong token, a wrong path, a page of no payment.
func TestCallsWithoutCompanyAreKept(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *Config) { c.Shopper = ManualShopper })
	d := h.adminOf(t, "no-company", nil)
	header := d.header(d.company)
	header.Set("Authorization", "Bearer wrong")
	id := requestID(t, d.testSimulator.call(header, `{}`))
	d.call("GET", "/v1/requests/"+id+"?unknown=true", "").want(200).is("stage", "identify", "rule", "company-token", "status", "401")
	d.call("GET", d.of("/v1/requests/"+id), "").want(200).is("stage", "identify", "status", "401") // whoever has the id finds it
	d.call("GET", d.of("/v1/requests/none-1"), "").fails(404, "has no request none-1")
	d.call("GET", d.of("/v1/requests"), "").want(200).is("requests", "0")
	public, err := h.Public()
	must(t, err)
	for path, stage := range map[string]string{"/v1/nothing": "read", "/pay/trust/none": "page"} {
		w := httptest.NewRecorder()
		public.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		d.call("GET", "/v1/requests/"+requestID(t, w)+"?unknown=true", "").want(200).is("stage", stage, "status", "404", "path", path)
	}
	before := len(d.call("GET", "/v1/requests?unknown=true", "").want(200).doc.Fields["requests"].([]any))
	w := httptest.NewRecorder()
	public.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/pay/trust/none/nothing", nil))
	d.call("GET", "/v1/requests?unknown=true", "").want(200).is("requests", strconv.Itoa(before+1), "requests.0.id", requestID(t, w), "requests.0.stage", "read")
	d.call("GET", "/v1/requests?unknown=true&company=demo", "").fails(400, "unknown must not be set beside company")
}

// A page's call stands under its payment, whose session is looked up once; a wrong method says so.
func TestPageCallsAreKept(t *testing.T) {
	t.Parallel()
	var looks atomic.Int64
	h := open(t, func(c *Config) {
		c.Shopper = ManualShopper
		c.Journal = &countedFinds{Journal: journal.NewMemory(0), finds: &looks}
	})
	d := h.adminOf(t, "page-calls", nil)
	text, _ := d.contract.Example("TrustPayInRequest")
	paid := d.pay(d.company, string(text))
	document, err := openapi.Decode(paid.Body.Bytes())
	must(t, err)
	page, err := url.Parse(document.Text("data.paymentUrl"))
	must(t, err)
	public, err := h.Public()
	must(t, err)
	looks.Store(0)
	w := httptest.NewRecorder()
	public.ServeHTTP(w, httptest.NewRequest(http.MethodGet, page.Path, nil))
	if n := looks.Load(); n != 1 || w.Code != http.StatusOK {
		t.Errorf("the session was looked up %d times, status %d", n, w.Code)
	}
	payment := d.call("GET", d.of("/v1/requests/"+requestID(t, paid)), "").want(200).doc.Text("payment")
	d.call("GET", d.of("/v1/requests/"+requestID(t, w)), "").want(200).is("payment", payment, "outcome", "accepted", "method", "GET")
	d.call("GET", d.of("/v1/requests?payment="+payment), "").want(200).is("requests", "2")
	w = httptest.NewRecorder()
	public.ServeHTTP(w, httptest.NewRequest(http.MethodDelete, page.Path, nil))
	d.call("GET", "/v1/requests/"+requestID(t, w)+"?unknown=true", "").want(200).is("outcome", "refused", "status", "405")
}

// countedFinds counts the look-ups by key.
type countedFinds struct {
	journal.Journal
	finds *atomic.Int64
}

func (c *countedFinds) Find(ctx context.Context, key string) (journal.Stream, error) {
	c.finds.Add(1)
	return c.Journal.Find(ctx, key)
}

// Refused calls can be verified and waited for, and near misses say what they miss.
func TestVerifyAndWaitForRequests(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "verify-calls", nil)
	first := requestID(t, d.pay(d.company, `{"pspType":"NONE","type":"PAYIN"}`))
	second := requestID(t, d.pay(d.company, `{"pspType":"PAYONE","type":"PAYIN"}`))
	refused := func(fields map[string]any) map[string]any { return map[string]any{"received": fields} }
	d.ask("verify", refused(map[string]any{"when": `call.outcome == "refused"`, "count": 2,
		"order": []string{`call.rule == "one-endpoint"`, `call.psp == "PAYONE"`}})).want(200).is("passed", "true", "found", "2", "description", "2 calls match")
	d.ask("verify", refused(map[string]any{"when": `call.outcome == "refused"`,
		"order": []string{`call.psp == "PAYONE"`, `call.rule == "one-endpoint"`}})).want(200).is("passed", "false",
		"description", "order.1: nothing after call "+second+` meets call.rule == "one-endpoint"`)
	d.ask("verify", refused(map[string]any{"when": `call.stage == "route"`})).want(200).is("passed", "false",
		"description", "0 calls match, expected were at least 1", "nearMisses.0.request", second, "nearMisses.0.misses.0", `when is not met: call.stage is "validate"`)
	d.ask("wait", map[string]any{"condition": `call.rule == "one-endpoint"`}).want(200).is("met", "true", "request.id", first)
	d.ask("wait", map[string]any{"condition": `call.status == 200`}).want(200).is("met", "false", "candidates.0.request", second,
		"candidates.0.description", "call.status is 400")
	d.ask("wait", map[string]any{"condition": `call.status == 200 && payment.status == "approved"`}).fails(400, "must read call alone")
	d.ask("verify", refused(map[string]any{"when": "call.status == 200", "status": "approved"})).fails(400, "about payments or about calls, not both")
}

// A reset puts the clock back to how it started, unless it is told to leave it.
func TestResetPutsTheClockBack(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "reset-clock", func(*backoffice.Company) {})
	before := d.call("GET", d.at("/clock"), "").want(200).doc.Text("now")
	advance := func() { d.call("POST", d.at("/clock/advance"), `{"by": "30d"}`).want(200) }
	advance()
	d.call("POST", d.at("/reset")+"?keepClock=true", "").want(200)
	if now := d.call("GET", d.at("/clock"), "").want(200).doc.Text("now"); now == before {
		t.Error("keepClock put the clock back")
	}
	d.call("PUT", d.at("/clock"), `{"mode": "scaled", "factor": 60}`).want(200)
	d.call("POST", d.at("/reset"), "").want(200)
	d.call("GET", d.at("/clock"), "").want(200).is("now", before, "mode", "manual")
	advance()
	d.call("POST", d.of("/v1/reset"), "").want(200)
	d.call("GET", d.at("/clock"), "").want(200).is("now", before)
}

// Clients that follow calls are let go when the company is deleted, and when the simulator stops: a stop does not wait for them.
func TestFollowersOfCallsEnd(t *testing.T) {
	t.Parallel()
	s, err := New(func() Config {
		c := Default()
		c.PublicAddr, c.AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
		return c
	}())
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	h := &testSimulator{t: t, Simulator: s}
	gone := h.company("gone", nil)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	follow := func(query string) io.ReadCloser {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.AdminURL()+"/v1/events/requests?"+query, nil)
		must(t, err)
		answer, err := transport.RoundTrip(r)
		must(t, err)
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%s is answered %d", query, answer.StatusCode)
		}
		return answer.Body
	}
	ended := func(body io.ReadCloser) {
		t.Helper()
		if _, err := io.Copy(io.Discard, body); err != nil {
			t.Errorf("it was cut off: %v", err)
		}
		must(t, body.Close())
	}
	deleted, known, unknown := follow("company="+gone.ID), follow("company=demo"), follow("unknown=true")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.AdminURL()+"/v1/companies/"+gone.ID, nil)
	must(t, err)
	answer, err := transport.RoundTrip(r)
	must(t, err)
	must(t, answer.Body.Close())
	ended(deleted)
	stop()
	ended(known)
	ended(unknown)
	must(t, <-done)
}
