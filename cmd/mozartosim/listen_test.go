package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/watch"
)

// stopping is what was printed until a text came.
type stopping struct {
	strings.Builder
	at   string
	stop func()
}

func (s *stopping) Write(p []byte) (int, error) {
	if strings.Contains(string(p), s.at) {
		s.stop()
	}
	return s.Builder.Write(p)
}

// Against a simulator: whatever event changes the status, it is printed; a notification that changes nothing is not.
func TestWatchedPaymentsEnd(t *testing.T) {
	t.Parallel()
	s := startSimulator(t, func(config *simulator.Config) {
		config.Clock, config.ClockStart = clock.Manual, time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	})
	for _, args := range []string{
		"trigger PAYONE approve", "trigger WORLDPAY_EU decline", "trigger PAYONE --scenario payone-approved-then-taken-back", "clock advance 1h",
		"trigger CLEO approve", // whose first change says that nothing more comes of the others
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
	if err != nil || len(all.Payments) != 4 {
		t.Fatalf("%v %v", all, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &stopping{at: all.Payments[0].ID, stop: stop}
	l := &watch.Listener{Company: company, Out: out, ErrOut: io.Discard, Clock: clock.New()}
	if err := l.Payments(ctx, adminapi.PaymentQuery{}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for line := range strings.Lines(out.String()) {
		seen[strings.Fields(line)[1]] += " " + strings.Fields(line)[6]
	}
	want := []string{" pending approved charged_back", " pending declined", " pending approved"} // the newest first
	for i, p := range all.Payments[1:] {
		if seen[p.ID] != want[i] {
			t.Errorf("%s %s: printed%s, want%s", p.PSP, p.ID, seen[p.ID], want[i])
		}
	}
}

func TestForwardToNobody(t *testing.T) {
	t.Parallel()
	f, err := newForwarder("127.0.0.1:1/", "") // http, unless it is said
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
	l := &watch.Listener{Company: company, Since: 0, Out: &out, ErrOut: io.Discard, Clock: clock.New(), Forward: forward, Reply: true, Most: 2}
	ended := make(chan error, 1)
	go func() { ended <- l.Attempts(t.Context()) }()
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
