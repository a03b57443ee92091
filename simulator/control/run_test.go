package control

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// runRoutes are the routes that ask the journal, each with a body that holds, "" for none; company stands for {company}.
var runRoutes = []struct {
	method, path, body string
	names              bool // a payment or delivery that may be unknown
}{
	{"GET", "/v1/companies/{company}/clock", "", false},
	{"PUT", "/v1/companies/{company}/clock", `{"mode": "manual"}`, false},
	{"POST", "/v1/companies/{company}/clock/advance", `{"by": "1s"}`, false},
	{"GET", "/v1/companies/{company}/jobs", "", false},
	{"POST", "/v1/payments/665f1c2ab7e4d93a5c0f1a01/decide?company={company}", `{"action": "approve"}`, true},
	{"POST", "/v1/payments/665f1c2ab7e4d93a5c0f1a01/approve?company={company}", "", true},
	{"POST", "/v1/payments/665f1c2ab7e4d93a5c0f1a01/reject?company={company}", `{"reason": "no"}`, true},
	{"GET", "/v1/deliveries?payment=665f1c2ab7e4d93a5c0f1a01&company={company}", "", true},
	{"GET", "/v1/deliveries/665f1c2ab7e4d93a5c0f1a01-1?company={company}", "", true},
	{"POST", "/v1/deliveries/665f1c2ab7e4d93a5c0f1a01-1/resend?company={company}", `{"body": "x"}`, true},
	{"POST", "/v1/deliveries/665f1c2ab7e4d93a5c0f1a01-1/cancel?company={company}", "", true},
	{"GET", "/v1/inbox?company={company}", "", false},
	{"POST", "/v1/companies/{company}/wait", `{"condition": "true"}`, false},
	{"POST", "/v1/companies/{company}/verify", `{"received": {}}`, false},
	{"POST", "/v1/companies/{company}/snapshot", "", false},
	{"POST", "/v1/companies/{company}/restore", `{}`, false},
	{"POST", "/v1/companies/{company}/reset", "", false},
}

type stubborn struct{}

func (stubborn) Error() string { return "things stand otherwise" }
func (stubborn) Conflicts()    {}

func TestErrorsOfTheJournal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err    error
		status int
		code   string
		says   string
	}{
		{errors.New("the disk is on fire"), 500, "internal", "something went wrong in the simulator"},
		{stubborn{}, 409, "conflict", "things stand otherwise"},
		{journal.ErrClosed, 503, "not_ready", "the simulator is stopping"},
		{&openapi.Invalid{Problems: openapi.Problems{{Reason: "it must hold"}}}, 400, "invalid", "it must hold"},
		{journal.ErrExists, 409, "conflict", "belongs to another company"},
		{journal.ErrNotFound, 404, "not_found", "company demo has no"},
	} {
		b := newBench(t)
		snapshot := b.call("POST", "/v1/companies/demo/snapshot", "").text
		b.journal.err = test.err
		for _, route := range runRoutes {
			path := strings.ReplaceAll(route.path, "{company}", "demo")
			if strings.HasSuffix(path, "/restore") { // what is restored is checked first
				route.body = snapshot
			}
			plain := route.method == "GET" && strings.HasSuffix(path, "/clock")
			if test.status == 404 && !route.names || plain && test.status != 500 {
				continue
			}
			b.call(route.method, path, route.body).fails(test.status, test.code, test.says)
		}
	}
}

func TestRunRoutesAreHeld(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	others := []struct {
		method, path, body string
		names              bool
	}{
		{"GET", "/v1/companies/{company}/inbox", "", false},
		{"PUT", "/v1/companies/{company}/inbox", `{"replies": []}`, false},
		{"GET", "/v1/companies/{company}/scenarios", "", false},
		{"POST", "/v1/companies/{company}/overrides", `{"name": "x"}`, false},
		{"DELETE", "/v1/companies/{company}/overrides", "", false},
		{"GET", "/v1/companies/{company}/scenarios/x", "", false},
		{"PUT", "/v1/companies/{company}/scenarios/x", `{}`, false},
		{"DELETE", "/v1/companies/{company}/scenarios/x", "", false},
		{"GET", "/v1/companies/{company}/outages", "", false},
		{"PUT", "/v1/companies/{company}/outages/PAYONE", `{"kind": "down"}`, false},
		{"DELETE", "/v1/companies/{company}/outages/PAYONE", "", false},
		{"GET", "/v1/events?company={company}", "", false},
	}
	for _, route := range slices.Concat(runRoutes, others) {
		path := strings.ReplaceAll(route.path, "{company}", "nobody")
		b.call(route.method, path, route.body).fails(404, "not_found", "there is no company nobody")
		path = strings.ReplaceAll(route.path, "{company}", "demo")
		clean, _, _ := strings.Cut(path, "?")
		b.call(route.method, clean+"?colour=red", route.body).fails(400, "invalid", "colour must not be set")
		b.call("PATCH", path, "").fails(405, "method_not_allowed", "PATCH is not for")
		if route.body == "" {
			continue
		}
		b.call(route.method, path, route.body, "Content-Type", "text/plain").fails(415, "unsupported_media_type")
		if strings.HasSuffix(clean, "/restore") { // the snapshots read it
			continue
		}
		b.call(route.method, path, `{"colour": `).fails(400, "invalid", "it ends too early")
		if !strings.HasSuffix(clean, "/x") {
			b.call(route.method, path, `{"colour": "red"}`).fails(400, "invalid", "colour must not be set")
			b.call(route.method, path, large(MaxBody)).fails(413, "too_large")
		}
	}
}

// Each of the contract's lists of words is the code's.
func TestMoreWordsAreTheCodes(t *testing.T) {
	t.Parallel()
	words := func(schema, path string) string {
		for _, f := range contracts().Control.FieldsOf(schema) {
			if f.Path == path {
				return strings.Join(f.Enum, " ")
			}
		}
		return ""
	}
	deeds := []scenario.ShopperAction{
		scenario.ActionApprove, scenario.ActionDecline, scenario.ActionCancel, "expire", scenario.ActionAbandon, scenario.ActionUnderpay, scenario.ActionOverpay,
		scenario.ActionChallengeFail, scenario.ActionReturnFirst, scenario.ActionReturnTwice, scenario.ActionCloseTab,
	}
	outages := []scenario.OutageKind{scenario.Down, scenario.SlowProvider, scenario.RateLimited, scenario.BadCredentials, scenario.Flapping}
	states := []string{
		payment.DeliveryPending, payment.DeliveryRetrying, payment.DeliveryDelivered, payment.DeliveryExhausted, payment.DeliveryDropped,
	}
	for _, test := range []struct{ got, want string }{
		{words("DecisionInput", "action"), joined(deeds)},
		{words("OutageInput", "kind"), joined(outages)},
		{words("Delivery", "state"), joined(states)},
		{words("ClockInput", "mode"), joined([]clock.Mode{clock.Real, clock.Scaled, clock.Manual})},
	} {
		if test.got != test.want {
			t.Errorf("the contract has %s, the code %s", test.got, test.want)
		}
	}
}

func joined[T ~string](list []T) string {
	var out []string
	for _, word := range list {
		out = append(out, string(word))
	}
	return strings.Join(out, " ")
}

// A client that asks for the head of events isn't kept waiting.
func TestEventsHead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.journal.err = errors.New("nobody should follow")
	r := httptest.NewRequest(http.MethodHead, "/v1/events", nil)
	r.Host = "127.0.0.1"
	w := httptest.NewRecorder()
	New(b.config).ServeHTTP(w, r)
	if got := w.Header().Get("Content-Type"); w.Code != 200 || got != "text/event-stream" {
		t.Errorf("%d %s", w.Code, got)
	}
	b.call("GET", "/v1/events", "", "Last-Event-ID", "abc").fails(400, "invalid", "Last-Event-ID must be the id of an event")
}
