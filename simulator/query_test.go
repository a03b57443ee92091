package simulator

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
)

func (d *testAdmin) ask(verb string, fields map[string]any) adminAnswer {
	d.t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.call("POST", d.at("/"+verb), string(text))
}

// No time brings a webhook of a payment that has failed at once.
func TestWaitForNoWebhook(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "none", nil)
	d.call("PUT", d.at("/outages/BRITE"), `{"kind": "down"}`).want(200)
	d.status("BritePayInRequest")
	d.ask("wait", map[string]any{"condition": `delivery.state == "delivered"`}).want(200).is("met", "false",
		"candidates.0.description", "the payment is failed and has no delivery")
}

// On a manual clock a wait looks once.
func TestWaitOnManualClock(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "wait", nil)
	first, second := d.made("PayonePayInRequest"), d.made("NeosurfPayInRequest")
	delivered := `delivery.state == "delivered" && payment.id == "` + first + `"`
	d.ask("wait", map[string]any{"condition": delivered, "timeout": "5m"}).want(200).is("met", "false", "candidates", "2",
		"candidates.0.payment", second, "candidates.0.description", "the payment is pending and has no delivery; the clock is manual: advance it")
	d.call("PUT", d.at("/inbox"), `{"replies": [{"status": 500}]}`).want(200)
	d.call("POST", d.at("/clock/advance"), `{"deliveries": 1}`).want(200)
	d.ask("wait", map[string]any{"condition": delivered}).want(200).is("met", "false", "candidates.1.delivery", first+"-1",
		"candidates.1.description", `delivery.state is "retrying", payment.id is "`+first+
			`"; attempt 1: answered 500, retrying, next at 2026-06-01T12:00:12Z; the clock is manual: advance it`)
	d.call("POST", d.at("/clock/advance"), `{"until": "idle"}`).want(200)
	d.ask("wait", map[string]any{"condition": delivered}).want(200).is("met", "true", "payment.id", first, "payment.status", "approved",
		"delivery.id", first+"-1", "delivery.attempts.1.status", "200")
	d.ask("wait", map[string]any{"condition": `payment.amount == 100 && payment.transactionStatus == "Approved" && payment.psp == "PAYONE"`}).
		want(200).is("met", "true", "payment.id", first, "delivery", "")
	d.ask("wait", map[string]any{"condition": `payment.notifications[0].raw == "ok"`}).want(200).is("met", "true", "payment.id", second)
	d.ask("wait", map[string]any{"condition": `payment.status == "reversed"`}).want(200).is("candidates", "2", "candidates.0.description", `payment.status is "approved"`)
}

func TestWaitRefuses(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "refused", nil)
	for condition, says := range map[string]string{
		`payment.staus == "approved"`:  "condition must be a condition: there is no field payment.staus; did you mean status? (column",
		`delivery.state == "deliverd"`: `condition must be a condition: delivery.state is never "deliverd": it is one of pending, retrying, delivered`,
		`"aproved" != payment.status`:  "; did you mean approved? (column",
		`payment.psp == "payone"`:      "; did you mean PAYONE? (column",
		`deliver.state == "x"`:         "there is no deliver: known are payment, delivery and call",
		`request.payment != nil`:       "there is no request: known are payment, delivery and call",
		`payment.status =`:             "condition must be a condition:",
		`payment.amount + 1 == 2`:      "there is no arithmetic",
		`payment.amount > "1"`:         "cannot compare a number with text (column 16)",
		`delivery.state`:               "text is not true or false",
		``:                             "condition must not be empty",
		strings.Repeat("a", 2001):      "condition must be at most 2000 characters",
	} {
		d.ask("wait", map[string]any{"condition": condition}).fails(400, says)
	}
	d.ask("wait", map[string]any{"condition": "true", "timeout": "5m1s"}).fails(400, "timeout must be at most 5m")
	d.ask("wait", map[string]any{}).fails(400, "condition must not be missing")
	d.made("PayonePayInRequest")
	d.ask("wait", map[string]any{"condition": `payment > 1`}).fails(400, "does not work with payment", "cannot compare an object with a number")
	d.call("POST", "/v1/companies/nobody/wait", `{"condition": "true"}`).fails(404, "there is no company nobody")
}

// droppedAtLook is a journal in which one stream is dropped before it is read for the n-th time.
type droppedAtLook struct {
	journal.Journal
	stream atomic.Value
	left   atomic.Int32 // how often it can be read
}

func (j *droppedAtLook) Entries(ctx context.Context, company, stream string) ([]journal.Entry, error) {
	if stream == j.stream.Load() && j.left.Add(-1) < 0 {
		return nil, journal.ErrNotFound
	}
	return j.Journal.Entries(ctx, company, stream)
}

// A payment that is dropped while a wait looks at it meets nothing, at whatever moment: the wait goes on with the others.
func TestWaitPassesOverWhatIsDropped(t *testing.T) {
	t.Parallel()
	j := &droppedAtLook{Journal: journal.NewMemory(0)}
	j.stream.Store("")
	d := open(t, func(c *Config) { c.Journal = j }).adminOf(t, "dropped", nil)
	first, second := d.made("PayonePayInRequest"), d.made("PayonePayInRequest")
	pending := map[string]any{"condition": `payment.status == "pending" && payment.amount == 100`}
	d.ask("wait", pending).want(200).is("met", "true", "payment.id", second) // the newest
	j.stream.Store(second)
	for looks := range int32(2) {
		j.left.Store(looks)
		d.ask("wait", pending).want(200).is("met", "true", "payment.id", first, "payment.status", "pending")
	}
	j.left.Store(2)
	d.ask("wait", pending).want(200).is("met", "true", "payment.id", second)
}

// A payment that is dropped while a verification looks at it misses everything, and is passed over.
func TestVerifyPassesOverWhatIsDropped(t *testing.T) {
	t.Parallel()
	j := &droppedAtLook{Journal: journal.NewMemory(0)}
	j.stream.Store("")
	d := open(t, func(c *Config) { c.Journal = j }).adminOf(t, "dropped", nil)
	gone, kept := d.made("NeosurfPayInRequest"), d.made("PayonePayInRequest")
	j.stream.Store(gone)
	for looks := range int32(2) {
		j.left.Store(looks)
		d.ask("verify", map[string]any{"received": map[string]any{"psp": "PAYONE", "when": `payment.status == "refunded"`}}).want(200).
			is("passed", "false", "nearMisses.0.payment", kept)
		j.left.Store(looks)
		d.ask("verify", map[string]any{"received": map[string]any{"order": []string{`payment.psp == "PAYONE"`}}}).want(200).is("passed", "true")
	}
}

// A job whose payment is gone has not failed: nothing tries it again.
func TestJobsOfWhatIsGone(t *testing.T) {
	t.Parallel()
	j := &droppedAtLook{Journal: journal.NewMemory(0)}
	j.stream.Store("")
	d := open(t, on(j)).adminOf(t, "gone", nil)
	j.stream.Store(d.made("PayonePayInRequest"))
	d.call("POST", d.at("/clock/advance"), `{"by": "1m"}`).want(200).is("jobs.0.description", "the payment is gone")
	w := httptest.NewRecorder()
	d.metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	expect(t, "metrics", w.Body.String(), `mozartosim_jobs_total{`, `!failed="true"`)
}

// On a clock that moves it waits for what happens, and is told of it.
func TestWaitIsTold(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *Config) { c.Shopper = ManualShopper }).adminOf(t, "told", nil)
	id := d.made("PayonePayInRequest")
	d.call("PUT", d.at("/clock"), `{"mode": "real"}`).want(200)
	d.ask("wait", map[string]any{"condition": `payment.status == "approved"`, "timeout": "1ms"}).want(200).is("met", "false")
	asked := d.journal.Changed(d.company.ID)
	answers := make(chan adminAnswer)
	go func() {
		answers <- d.ask("wait", map[string]any{"condition": `payment.status == "approved"`, "timeout": "1m"})
	}()
	other := d.made("NeosurfPayInRequest")
	<-asked
	d.call("POST", d.of("/v1/payments/"+other+"/decide"), `{"action": "decline"}`).want(200)
	d.call("POST", d.of("/v1/payments/"+id+"/decide"), `{"action": "approve"}`).want(200)
	(<-answers).want(200).is("met", "true", "payment.id", id)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *Config) { c.Shopper = ManualShopper }).adminOf(t, "verify", nil)
	first, second, third := d.made("PayonePayInRequest"), d.made("NeosurfPayInRequest"), d.made("PayonePayInRequest")
	d.call("POST", d.of("/v1/payments/"+first+"/decide"), `{"action": "approve"}`).want(200)
	verify := func(received string) adminAnswer {
		return d.call("POST", d.at("/verify"), `{"received": `+received+`}`)
	}
	for _, test := range []struct{ received, held, found, says string }{
		{`{}`, "true", "3", "3 payments match"},
		{`{"psp": "PAYONE"}`, "true", "2", "2 payments match"},
		{`{"psp": "PAYONE", "count": 2}`, "true", "2", "2 payments match"},
		{`{"psp": "PAYONE", "count": 1}`, "false", "2", "2 payments match, expected were 1"},
		{`{"psp": "PAYONE", "count": 3}`, "false", "2", "2 payments match, expected were 3"},
		{`{"status": "approved", "count": {"atLeast": 1}}`, "true", "1", "1 payment matches"},
		{`{"count": {"atMost": 2}}`, "false", "3", "3 payments match, expected were at most 2"},
		{`{"count": {"atLeast": 4}}`, "false", "3", "3 payments match, expected were at least 4"},
		{`{"type": "PAYOUT", "count": 0}`, "true", "0", "0 payments match"},
		{`{"when": "payment.amount == 100 && payment.status == \"approved\""}`, "true", "1", "1 payment matches"},
		{`{"when": "delivery.state == \"pending\""}`, "true", "1", "1 payment matches"},
		{`{"order": ["payment.psp == \"NEOSURF\"", "payment.psp == \"PAYONE\""]}`, "true", "3", "3 payments match"},
		{`{"order": ["payment.psp == \"NEOSURF\"", "payment.status == \"approved\""]}`, "false", "3",
			`order.1: nothing after payment ` + second + ` meets payment.status == "approved"`},
	} {
		verify(test.received).want(200).is("passed", test.held, "found", test.found, "description", test.says)
	}
	verify(`{"psp": "PAYONE", "status": "approved", "count": 2}`).want(200).is("passed", "false",
		"nearMisses", "2", "nearMisses.0.payment", third, "nearMisses.0.misses.0", "status is pending, not approved", "nearMisses.1.payment", second, "nearMisses.1.misses", "2")
	verify(`{"psp": "NEOSURF", "when": "payment.amount == 7"}`).want(200).is("nearMisses.0.payment", second,
		"nearMisses.0.misses.0", "when is not met: payment.amount is 50", "nearMisses.1.misses", "2")
	verify(`{"psp": "NEOSURF", "when": "delivery.state == \"delivered\""}`).want(200).is("nearMisses.0.misses.0", "when is not met: the payment has no delivery")
	for received, says := range map[string]string{
		`{"psp": "PAYTWO"}`:                        "received.psp must be one of",
		`{"count": -1}`:                            "received.count must be at least 0",
		`{"count": "two"}`:                         "received.count must be an integer or an object",
		`{"count": {"atLeast": 3, "atMost": 2}}`:   "received.count.atMost must be at least atLeast",
		`{"when": "pay.id == 1"}`:                  "received.when must be a condition: there is no pay",
		`{"order": ["payment.id == "]}`:            "received.order must be a condition",
		`{"order": []}`:                            "received.order must have at least 1 entry",
		`{"when": "payment > 1", "psp": "PAYONE"}`: "does not work with payment",
	} {
		verify(received).fails(400, says)
	}
	d.call("POST", d.at("/verify"), `{}`).fails(400, "received must not be missing")
}

// follower reads /v1/events over the network.
type follower struct {
	t     *testing.T
	lines *bufio.Scanner
}

func (d *testAdmin) follow(url, lastEventID string) *follower {
	d.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+d.of("/v1/events"), nil)
	if err != nil {
		d.t.Fatal(err)
	}
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	client := &http.Client{Transport: &http.Transport{}}
	response, err := client.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		cancel()
		_ = response.Body.Close()
		client.CloseIdleConnections()
	})
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "text/event-stream" {
		d.t.Fatalf("%d %s", response.StatusCode, got)
	}
	f := &follower{d.t, bufio.NewScanner(response.Body)}
	f.line(": alive") // from now on nothing is missed
	return f
}

// line reads up to a line that begins so; "" when the stream ends before.
func (f *follower) line(beginning string) string {
	f.t.Helper()
	for f.lines.Scan() {
		if strings.HasPrefix(f.lines.Text(), beginning) {
			return f.lines.Text()
		}
	}
	return ""
}

// events reads n events: their ids and kinds.
func (f *follower) events(d *testAdmin, n int) string {
	f.t.Helper()
	var out []string
	for range n {
		id := strings.TrimPrefix(f.line("id: "), "id: ")
		data := strings.TrimPrefix(f.line("data: "), "data: ")
		var e struct{ Kind string }
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			f.t.Fatalf("%v: %q", err, data)
		}
		if err := d.control.ValidateAs("StreamEvent", decoded(f.t, data)); err != nil {
			f.t.Errorf("%v: %s", err, data)
		}
		out = append(out, id+" "+e.Kind)
	}
	return strings.Join(out, ", ")
}

func TestEvents(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *Config) { c.Shopper = ManualShopper }).adminOf(t, "events", nil)
	server := httptest.NewServer(d.admin)
	t.Cleanup(server.Close)
	d.made("PayonePayInRequest")
	live := d.follow(server.URL, "")
	d.made("PayonePayInRequest")
	const second = "4 payment.opened, 5 payment.moved, 6 payment.answered"
	if got := live.events(d, 3); got != second {
		t.Errorf("live: %s", got)
	}
	if got := d.follow(server.URL, "0").events(d, 6); got != "1 payment.opened, 2 payment.moved, 3 payment.answered, "+second {
		t.Errorf("from the beginning: %s", got)
	}
	if got := d.follow(server.URL, "3").events(d, 3); got != second {
		t.Errorf("resumed: %s", got)
	}
	d.call("POST", d.at("/reset"), "").want(200)
	d.made("PayonePayInRequest")
	const anew = "1 payment.opened, 2 payment.moved, 3 payment.answered"
	if got := live.events(d, 3); got != anew {
		t.Errorf("after a reset: %s", got)
	}
	if got := d.follow(server.URL, "99").events(d, 3); got != anew {
		t.Errorf("with an id of before the reset: %s", got)
	}
	d.call("GET", "/v1/events?company=nobody", "").fails(404, "there is no company nobody")
	d.call("GET", "/v1/events?after=-1", "").fails(400, "after must be at least 0")
}

// The clients that follow events are bounded.
func TestEventsAreBounded(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *Config) { c.EventClients = 100 }).adminOf(t, "many", nil)
	server := httptest.NewServer(d.admin)
	t.Cleanup(server.Close)
	for range 100 {
		d.follow(server.URL, "")
	}
	d.call("GET", d.of("/v1/events"), "").fails(503, "100 clients follow events already, the most allowed")
}

// Whoever waits or follows is let go when the simulator stops.
func TestStopEndsWaiting(t *testing.T) {
	t.Parallel()
	config := Default()
	config.PublicAddr, config.AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	d := &testAdmin{testSimulator: &testSimulator{t: t, Simulator: s}, t: t, company: &backoffice.Company{Profile: adminapi.Profile{Name: "demo"}}}
	f := d.follow(s.AdminURL(), "")
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	waited := make(chan string, 1)
	go func() {
		response, err := client.Post(s.AdminURL()+"/v1/companies/demo/wait", "application/json", strings.NewReader(`{"condition": "false", "timeout": "5m"}`))
		if err != nil { // it may come too late
			waited <- ""
			return
		}
		defer response.Body.Close()
		waited <- fmt.Sprint(response.StatusCode)
	}()
	began := time.Now()
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if line := f.line("data"); line != "" {
		t.Errorf("the stream goes on with %s", line)
	}
	<-waited
}
