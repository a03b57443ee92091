package control

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/scheduler"
	"mozartosim/simulator/snapshot"
)

// blocked is a house in which everything fails with the same error.
type blocked struct{ err error }

func (b blocked) SetClock(context.Context, string, clock.Mode, float64) error { return b.err }

func (b blocked) ChangeScenarios(context.Context, string, func(*scenario.Set) error) error {
	return b.err
}

func (b blocked) StartOutage(context.Context, string, scenario.Outage) error { return b.err }

func (b blocked) EndOutage(context.Context, string, string) (bool, error) { return false, b.err }

func (b blocked) Advance(context.Context, string, scheduler.Advance) ([]adminapi.CompletedJob, error) {
	return nil, b.err
}

func (b blocked) Payments(context.Context, string, adminapi.PaymentQuery) (adminapi.PaymentList, error) {
	return adminapi.PaymentList{}, b.err
}

func (b blocked) Payment(context.Context, string, string) (adminapi.Payment, error) {
	return adminapi.Payment{}, b.err
}

func (b blocked) Clock(context.Context, string) (adminapi.Clock, error) {
	return adminapi.Clock{}, b.err
}

func (b blocked) Jobs(context.Context, string, string, int) ([]adminapi.Job, error) {
	return nil, b.err
}

func (b blocked) Decide(context.Context, string, string, adminapi.Decision) (*payment.Payment, error) {
	return nil, b.err
}

func (b blocked) Possible(context.Context, string, string) (adminapi.PaymentNext, error) {
	return adminapi.PaymentNext{}, b.err
}

func (b blocked) Approve(context.Context, string, string, bool, string) (*payment.Payment, error) {
	return nil, b.err
}

func (b blocked) Deliveries(context.Context, string, adminapi.DeliveryQuery) (adminapi.DeliveryList, error) {
	return adminapi.DeliveryList{}, b.err
}

func (b blocked) Delivery(context.Context, string, string) (adminapi.Delivery, error) {
	return adminapi.Delivery{}, b.err
}

func (b blocked) Resend(context.Context, string, string, *string) (*payment.Payment, string, error) {
	return nil, "", b.err
}

func (b blocked) Cancel(context.Context, string, string) (*payment.Payment, error) {
	return nil, b.err
}

func (b blocked) Received(context.Context, string, adminapi.Page) (adminapi.ReceivedList, error) {
	return adminapi.ReceivedList{}, b.err
}

func (b blocked) Wait(context.Context, string, string, time.Duration) (adminapi.WaitResult, error) {
	return adminapi.WaitResult{}, b.err
}

func (b blocked) Verify(context.Context, string, adminapi.Expectation) (adminapi.VerifyResult, error) {
	return adminapi.VerifyResult{}, b.err
}

func (b blocked) Follow(context.Context, string, int64, time.Duration, func([]journal.Event) error) error {
	return b.err
}

func (b blocked) Snapshot(context.Context, string) (*snapshot.Spool, error) { return nil, b.err }

func (b blocked) Restore(context.Context, string, io.Reader) (adminapi.RestoreResult, error) {
	return adminapi.RestoreResult{}, b.err
}

func (b blocked) Reset(context.Context, string, bool) (int, error) { return 0, b.err }

func (b blocked) Exclusive(context.Context, string) (func(), error) { return func() {}, b.err }

func (b blocked) SetReplies(context.Context, string, []company.Reply) error { return nil }

func in(house blocked) func(*Config) {
	return func(c *Config) {
		c.Decisions, c.Deliveries, c.Scheduler, c.Settings, c.Queries, c.Snapshots = house, house, house, house, house, house
	}
}

// runRoutes are the routes that ask the house, each with a body that holds, "" for none; company stands for {company}.
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

func TestErrorsOfTheHouse(t *testing.T) {
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
		b := newBench(t, in(blocked{test.err}))
		for _, route := range runRoutes {
			path := strings.ReplaceAll(route.path, "{company}", "demo")
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
	b := newBench(t, in(blocked{}))
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
		if strings.HasSuffix(clean, "/restore") { // the house reads it
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
	b := newBench(t, in(blocked{errors.New("nobody should follow")}))
	r := httptest.NewRequest(http.MethodHead, "/v1/events", nil)
	r.Host = "127.0.0.1"
	w := httptest.NewRecorder()
	New(b.config).ServeHTTP(w, r)
	if got := w.Header().Get("Content-Type"); w.Code != 200 || got != "text/event-stream" {
		t.Errorf("%d %s", w.Code, got)
	}
	b.call("GET", "/v1/events", "", "Last-Event-ID", "abc").fails(400, "invalid", "Last-Event-ID must be the id of an event")
}
