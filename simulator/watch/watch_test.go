package watch_test

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
	"go.uber.org/goleak"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/egress"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/watch"
	"mozartosim/simulator/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

func listener(t *testing.T, p *interrupted) (l *watch.Listener, out, errOut *strings.Builder) {
	t.Helper()
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	out, errOut = &strings.Builder{}, &strings.Builder{}
	return &watch.Listener{
		Company: adminapi.New(server.URL, "").Company("demo"), Since: adminapi.FromNow, Out: out, ErrOut: errOut,
		Clock: clock.NewManual(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)), // waits for nothing
	}, out, errOut
}

func listenTo(t *testing.T, p *interrupted, most int, forward *webhook.Forwarder) (out, errOut string, err error) {
	t.Helper()
	l, said, errors := listener(t, p)
	l.Most, l.Forward = most, forward
	err = l.Attempts(context.Background())
	return said.String(), errors.String(), err
}

func TestListenReconnects(t *testing.T) {
	t.Parallel()
	p := &interrupted{parts: []string{
		": heartbeat\n\n" + attemptEvent(1, "p-1") + "id: 2\ndata: {\"seq\": 2, \"kind\": \"payment.moved\", \"data\": {}}\n\nid: 3\ndata: {\"ki",
		"",
		attemptEvent(4, "p-1") + attemptEvent(5, "p-1"),
	}}
	out, errOut, err := listenTo(t, p, 2, nil)
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
	l, said, errors := listener(t, p)
	l.Out, l.ErrOut = mask.Terminal(l.Out), mask.Terminal(l.ErrOut)
	err := l.Payments(context.Background(), adminapi.PaymentQuery{PSP: "PAYONE"})
	out, errOut := said.String(), errors.String()
	lines := strings.Split(out, "\n")
	if adminapi.StatusOf(err) != http.StatusNotFound || len(lines) != 3 || strings.Contains(out, "\x1b") || strings.Contains(out, "TRUST") ||
		!strings.HasPrefix(lines[0], "2026-06-01T12:00:01Z  payone  PAYONE PAYIN 5.00 EUR  pending  a") ||
		!strings.HasPrefix(lines[1], "2026-06-01T12:00:04Z  payone  PAYONE PAYIN 5.00 EUR  approved  a") {
		t.Errorf("%v\n%s", err, out)
	}
	if diff := cmp.Diff([]string{"", "3", "4"}, p.resume); diff != "" || strings.Count(errOut, "the connection was lost") != 2 {
		t.Errorf("Last-Event-ID (-want +got):\n%s\n%s", diff, errOut)
	}
}

// An attempt that can't be read is left out, and said to be.
func TestListenUnreadable(t *testing.T) {
	t.Parallel()
	broken := "id: 1\ndata: {\"seq\": 1, \"kind\": \"delivery.attempted\", \"data\": {\"n\": \"one\"}}\n\n"
	out, errOut, err := listenTo(t, &interrupted{parts: []string{broken + attemptEvent(2, "p-2")}}, 1, nil)
	if err != nil || !strings.HasPrefix(out, "2026-06-01T12:00:02Z  p-2") || !strings.Contains(errOut, "event 1 is left out: its attempt can't be read") {
		t.Errorf("%v\n%s\n%s", err, out, errOut)
	}
}

func TestListenEndsWithARefusal(t *testing.T) {
	t.Parallel()
	_, _, err := listenTo(t, &interrupted{parts: []string{attemptEvent(1, "p-1")}}, 0, nil)
	if adminapi.StatusOf(err) != http.StatusNotFound {
		t.Errorf("got %v", err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	l := &watch.Listener{Company: adminapi.New(server.URL, "").Company("demo"), Clock: clock.New()}
	if err := l.Attempts(context.Background()); err == nil || !strings.Contains(err.Error(), "no simulator answers") {
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
	guard, err := egress.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ secret, want string }{
		{"", ` 1 application/json {"of": "p-1"}`},
		{"hush", `Bearer hush 1 application/json {"of": "p-1"}`},
	} {
		seen = nil
		forward := webhook.NewForwarder(handler.URL+"/hook", test.secret, guard)
		out, _, err := listenTo(t, &interrupted{parts: []string{attemptEvent(1, "p-1") + attemptEvent(2, "p-2")}}, 2, forward)
		if err != nil || !strings.Contains(out, "  -> 418 I'm a teapot after ") || !strings.Contains(out, "short and stout (the inbox has taken it already, so it is not retried; with --reply") || !strings.HasSuffix(out, "p-2  attempt 1: answered 200, delivered\n") {
			t.Errorf("%v\n%s", err, out)
		}
		if diff := cmp.Diff([]string{test.want}, seen); diff != "" {
			t.Errorf("forwarded (-want +got):\n%s", diff)
		}
	}
}
