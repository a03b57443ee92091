package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/mask"
)

// interrupted is an admin API whose stream of events ends: each connection gets the next part.
type interrupted struct {
	parts []string

	mu     sync.Mutex
	resume []string // Last-Event-ID of each connection
}

func (p *interrupted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if delivery, ok := strings.CutPrefix(r.URL.Path, "/v1/deliveries/"); ok {
		to := adminapi.InboxURL
		if delivery == "p-2" {
			to = "http://merchant.example/"
		}
		fmt.Fprintf(w, `{"id": %q, "url": %q, "body": "{\"of\": \"%s\"}", "state": "delivered"}`, delivery, to, delivery)
		return
	}
	if id, ok := strings.CutPrefix(r.URL.Path, "/v1/payments/"); ok {
		fmt.Fprintf(w, `{"id": %q, "psp": %q, "type": "PAYIN", "status": "declined", "amount": 5, "currency": "EUR", "merchantReference": "a\u001b[2J\nb",
			"events": [{"seq": 1, "kind": "payment.moved", "data": {"status": "pending"}}]}`, id, strings.ToUpper(id))
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.resume)
	p.resume = append(p.resume, r.Header.Get("Last-Event-ID"))
	if n >= len(p.parts) {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = io.WriteString(w, p.parts[n])
}

func attemptEvent(seq int, delivery string) string {
	return fmt.Sprintf("id: %d\ndata: {\"seq\": %d, \"at\": \"2026-06-01T12:00:0%dZ\", \"kind\": \"delivery.attempted\", \"payment\": \"p\", "+
		"\"data\": {\"delivery\": %q, \"n\": 1, \"headers\": {\"Authorization\": \"***\", \"X-Try\": \"1\"}, \"status\": 200, \"state\": \"delivered\"}}\n\n",
		seq, seq, seq, delivery)
}

func listenTo(t *testing.T, p *interrupted, change func(*listener)) (out, errOut string, err error) {
	t.Helper()
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	var said, errors strings.Builder
	l := &listener{
		company: adminapi.New(server.URL, "").Company("demo"), since: adminapi.FromNow, out: &said, errOut: &errors,
		clock: clock.NewManual(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)), // waits for nothing
	}
	if change != nil {
		change(l)
	}
	err = l.run(context.Background())
	return said.String(), errors.String(), err
}

func TestListenReconnects(t *testing.T) {
	t.Parallel()
	p := &interrupted{parts: []string{
		": heartbeat\n\n" + attemptEvent(1, "p-1") + "id: 2\ndata: {\"seq\": 2, \"kind\": \"payment.moved\", \"data\": {}}\n\nid: 3\ndata: {\"ki",
		"",
		attemptEvent(4, "p-1") + attemptEvent(5, "p-1"),
	}}
	out, errOut, err := listenTo(t, p, func(l *listener) { l.left = 2 })
	want := "2026-06-01T12:00:01Z  p-1  attempt 1: answered 200, delivered\n2026-06-01T12:00:04Z  p-1  attempt 1: answered 200, delivered\n"
	if err != nil || out != want {
		t.Errorf("%v\n%s", err, out)
	}
	if diff := cmp.Diff([]string{"", "2", "2"}, p.resume); diff != "" {
		t.Errorf("Last-Event-ID (-want +got):\n%s", diff)
	}
	if !strings.Contains(errOut, "the connection was lost") || !strings.Contains(errOut, "again in 500ms") || !strings.Contains(errOut, "again in 1s") {
		t.Errorf("it said: %s", errOut)
	}
}

// payments --watch prints each change of status, of the payments that are asked for, on a line of its own; a lost connection is made
// again and goes on after the last event.
func TestWatchPayments(t *testing.T) {
	t.Parallel()
	moved := func(seq int, id, status string) string {
		return fmt.Sprintf("id: %d\ndata: {\"seq\": %d, \"at\": \"2026-06-01T12:00:0%dZ\", \"kind\": \"payment.moved\", \"payment\": %q, \"data\": {\"status\": %q}}\n\n", seq, seq, seq, id, status)
	}
	p := &interrupted{parts: []string{
		moved(1, "payone", "pending") + attemptEvent(2, "p-1") + moved(3, "trust", "pending"), moved(4, "payone", "approved"),
	}}
	out, errOut, err := listenTo(t, p, func(l *listener) {
		l.out, l.errOut = mask.Terminal(l.out), mask.Terminal(l.errOut)
		l.show = func(ctx context.Context, e adminapi.StreamEvent) error {
			return l.printPayment(ctx, e, adminapi.PaymentQuery{PSP: "PAYONE"})
		}
	})
	lines := strings.Split(out, "\n")
	if cli.StatusOf(err) != http.StatusNotFound || len(lines) != 3 || strings.Contains(out, "\x1b") || strings.Contains(out, "TRUST") ||
		!strings.HasPrefix(lines[0], "2026-06-01T12:00:01Z  payone  PAYONE PAYIN 5.00 EUR  pending  a") ||
		!strings.HasPrefix(lines[1], "2026-06-01T12:00:04Z  payone  PAYONE PAYIN 5.00 EUR  approved  a") {
		t.Errorf("%v\n%s", err, out)
	}
	if diff := cmp.Diff([]string{"", "3", "4"}, p.resume); diff != "" || strings.Count(errOut, "the connection was lost") != 2 {
		t.Errorf("Last-Event-ID (-want +got):\n%s\n%s", diff, errOut)
	}
}

// Against a simulator: whatever event changes the status, it is printed; a notification that changes nothing is not.
func TestWatchedPaymentsEnd(t *testing.T) {
	t.Parallel()
	s := startSimulator(t, func(config *simulator.Config) {
		config.Clock, config.ClockStart = clock.Manual, time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	})
	for _, args := range []string{
		"trigger PAYONE approve", "trigger WORLDPAY_EU decline", "trigger PAYONE --scenario payone-approved-then-taken-back", "clock advance 1h",
	} {
		cmd := newRoot()
		cmd.SetArgs(append(strings.Fields(args), "--admin-url", s.AdminURL()))
		cmd.SetOut(io.Discard)
		if err := cmd.Execute(); err != nil {
			t.Fatalf("%s: %v", args, err)
		}
	}
	company := adminapi.New(s.AdminURL(), "").Company("demo")
	all, err := company.Payments(t.Context(), adminapi.PaymentQuery{})
	if err != nil || len(all.Payments) != 3 {
		t.Fatalf("%v %v", all, err)
	}
	var last uint64
	for _, p := range all.Payments {
		whole, err := company.Payment(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		last = max(last, whole.Events[len(whole.Events)-1].Seq)
	}
	var out strings.Builder
	l := &listener{company: company, out: &out, errOut: io.Discard, clock: clock.New()}
	l.show = func(ctx context.Context, e adminapi.StreamEvent) error {
		if err := l.printPayment(ctx, e, adminapi.PaymentQuery{}); err != nil || e.Seq < last {
			return err
		}
		return errEnough
	}
	if err := l.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for line := range strings.Lines(out.String()) {
		seen[strings.Fields(line)[1]] += " " + strings.Fields(line)[6]
	}
	want := []string{" pending approved charged_back", " pending declined", " pending approved"} // the newest first
	for i, p := range all.Payments {
		if seen[p.ID] != want[i] {
			t.Errorf("%s %s: printed%s, want%s", p.PSP, p.ID, seen[p.ID], want[i])
		}
	}
}

// An attempt that can't be read is left out, and said to be.
func TestListenUnreadable(t *testing.T) {
	t.Parallel()
	broken := "id: 1\ndata: {\"seq\": 1, \"kind\": \"delivery.attempted\", \"data\": {\"n\": \"one\"}}\n\n"
	out, errOut, err := listenTo(t, &interrupted{parts: []string{broken + attemptEvent(2, "p-2")}}, func(l *listener) { l.left = 1 })
	if err != nil || !strings.HasPrefix(out, "2026-06-01T12:00:02Z  p-2") || !strings.Contains(errOut, "event 1 is left out: its attempt can't be read") {
		t.Errorf("%v\n%s\n%s", err, out, errOut)
	}
}

func TestListenEndsWithARefusal(t *testing.T) {
	t.Parallel()
	_, _, err := listenTo(t, &interrupted{parts: []string{attemptEvent(1, "p-1")}}, nil)
	if cli.StatusOf(err) != http.StatusNotFound {
		t.Errorf("got %v", err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	l := &listener{company: adminapi.New(server.URL, "").Company("demo"), clock: clock.New()}
	if err := l.run(context.Background()); err == nil || !strings.Contains(err.Error(), "no simulator answers") {
		t.Errorf("got %v", err)
	}
}

func TestListenForwards(t *testing.T) {
	t.Parallel()
	var seen []string
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, fmt.Sprintf("%s %s %s %s", r.Header.Get("Authorization"), r.Header.Get("X-Try"), r.Header.Get("Content-Type"), body))
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, "short and stout")
	}))
	t.Cleanup(handler.Close)
	for _, test := range []struct{ secret, want string }{
		{"", ` 1 application/json {"of": "p-1"}`},
		{"hush", `Bearer hush 1 application/json {"of": "p-1"}`},
	} {
		seen = nil
		out, _, err := listenTo(t, &interrupted{parts: []string{attemptEvent(1, "p-1") + attemptEvent(2, "p-2")}}, func(l *listener) {
			var err error
			if l.forward, err = newForwarder(strings.TrimPrefix(handler.URL, "http://")+"/hook", test.secret); err != nil {
				t.Fatal(err)
			}
			l.left = 2
		})
		if err != nil || !strings.Contains(out, "  -> 418 I'm a teapot after ") || !strings.Contains(out, "short and stout (the inbox has taken it already, so it is not retried; with --reply") || !strings.HasSuffix(out, "p-2  attempt 1: answered 200, delivered\n") {
			t.Errorf("%v\n%s", err, out)
		}
		if diff := cmp.Diff([]string{test.want}, seen); diff != "" {
			t.Errorf("forwarded (-want +got):\n%s", diff)
		}
	}
}

func TestForwardToNobody(t *testing.T) {
	t.Parallel()
	f, err := newForwarder("http://127.0.0.1:1/", "")
	if err != nil {
		t.Fatal(err)
	}
	if says := f.Says(context.Background(), nil, "{}"); !strings.Contains(says, "http://127.0.0.1:1/ does not answer: ") {
		t.Error(says)
	}
	for _, to := range []string{"ftp://x", "http://", "::"} {
		if _, err := newForwarder(to, ""); err == nil {
			t.Errorf("%s was taken", to)
		}
	}
	if _, err := newForwarder("", "hush"); err == nil {
		t.Error("a secret for nobody was taken")
	}
}

// With --reply the handler's answer is the inbox's: a 500 fails the attempt, and the next one comes by the retry schedule. The
// simulator knows of the listener before the webhook is due.
func TestListenReplies(t *testing.T) {
	t.Parallel()
	answers := []int{http.StatusInternalServerError, http.StatusOK}
	var bodies []string
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(answers[len(bodies)])
		bodies = append(bodies, string(body))
		fmt.Fprint(w, "from the handler")
	}))
	t.Cleanup(handler.Close)
	forward, err := newForwarder(handler.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	s := startSimulator(t, func(c *simulator.Config) {
		c.Clock, c.ClockStart = clock.Manual, time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	})
	company := adminapi.New(s.AdminURL(), "").Company("demo")
	if _, err := company.Scenarios().NextWebhook(t.Context(), adminapi.InboxNextInput{Timeout: "1ms"}); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	l := &listener{company: company, since: 0, out: &out, errOut: io.Discard, clock: clock.New(), forward: forward, reply: true, left: 2}
	ended := make(chan error, 1)
	go func() { ended <- l.runReplying(t.Context()) }()
	var said strings.Builder
	if code := run(t.Context(), []string{"trigger", "PAYONE", "approve", "--admin-url", s.AdminURL()}, &said, &said); code != 0 {
		t.Fatal(said.String())
	}
	if _, err := company.Advance(t.Context(), adminapi.AdvanceInput{By: "1h"}); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "attempt 1: answered 500") || !strings.Contains(got, "attempt 2: answered 200, delivered") {
		t.Error(got)
	}
	if len(bodies) != 2 || bodies[0] != bodies[1] || !strings.Contains(bodies[0], "Approved") {
		t.Errorf("the handler got %q", bodies)
	}
}
