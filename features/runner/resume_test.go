package runner

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"mozartosim/features/evidence"
	"mozartosim/features/target"
	"mozartosim/simulator/simtest"
)

// standIn is a target without admin API that counts the calls that reach it; before is told of each.
func standIn(t *testing.T, before func(n int, r *http.Request)) (*target.Target, *atomic.Int64) {
	t.Helper()
	sim := simtest.Start(t)
	at, err := url.Parse(sim.URL)
	if err != nil {
		t.Fatal(err)
	}
	calls := &atomic.Int64{}
	forward := httputil.NewSingleHostReverseProxy(at)
	transport := &http.Transport{}
	forward.Transport = transport
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before(int(calls.Add(1)), r)
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { server.Close(); transport.CloseIdleConnections() })
	target, err := target.Remote(target.Profile{
		BaseURL: server.URL, APIKey: sim.Company.Credentials.APIKey, SecretKey: sim.Company.Credentials.SecretKey, CallsPerSecond: 0, Shopper: "none",
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	closed(t, target)
	return target, calls
}

// four scenarios of one payment each, and one that can't be run there.
func four() Config {
	text := "Feature: X"
	for _, name := range []string{"First", "Second", "Third", "Fourth"} {
		text += "\n  @sandbox\n  Scenario: " + name + "\n    Given a TRUST PAYIN payment\n    Then the answer is a success"
	}
	return Config{Features: folder(text + "\n  Scenario: Fifth\n    Given a TRUST PAYIN payment"), Parallel: 1}
}

// stopAfter closes a run's Stop when so many scenarios have ended.
type stopAfter struct {
	left int
	stop chan struct{}
}

func (s *stopAfter) Scenario(evidence.Feature, evidence.Scenario) {
	if s.left--; s.left == 0 {
		close(s.stop)
	}
}

// kept is a run as it is read from its file.
func kept(t *testing.T, run *evidence.Run) *evidence.Run {
	t.Helper()
	file := filepath.Join(t.TempDir(), "run.json")
	if err := evidence.WriteFile(file, run); err != nil {
		t.Fatal(err)
	}
	read, err := evidence.ReadUnfinished(file)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// A stop starts nothing more. The run that resumes it sends what is left, each payment once, and both are one run.
func TestStopAndResume(t *testing.T) {
	t.Parallel()
	target, calls := standIn(t, func(int, *http.Request) {})
	c := four()
	c.Target = target
	live := &stopAfter{2, make(chan struct{})}
	c.Live, c.Stop = live.Scenario, live.stop
	first := ran(t, c)
	if got := first.Count(); !first.Stopped || got != (evidence.Counts{Passed: 2, NotRun: 3}) || calls.Load() != 2 {
		t.Fatalf("stopped %v, counted %+v, %d calls", first.Stopped, got, calls.Load())
	}
	if s := first.Features[0].Scenarios[2]; s.Reason != evidence.Interrupted || s.Tries != 0 {
		t.Errorf("the third is %+v", s)
	}
	c = four()
	c.Target, c.Begun = target, kept(t, first)
	if found := Resume(c.Begun); len(found.seen) != 2 || len(found.Interrupted) != 0 {
		t.Errorf("%+v", found)
	}
	told := &counter{}
	c.Live = told.Scenario
	second := ran(t, c)
	if got := second.Count(); second.Stopped || got != (evidence.Counts{Passed: 4, NotRun: 1}) || calls.Load() != 4 || len(told.names) != 5 {
		t.Errorf("counted %+v, %d calls, told of %v", got, calls.Load(), told.names)
	}
	if !second.Started.Equal(c.Begun.Started) || second.Took <= c.Begun.Took || len(second.Features[0].Scenarios[0].Exchanges) != 1 {
		t.Errorf("begun at %s, took %v", second.Started, second.Took)
	}
}

// A stop at once leaves what ran without an end. Whoever goes on is told what it had sent, and only that is sent again.
func TestStopAtOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	target, calls := standIn(t, func(n int, r *http.Request) {
		if n == 2 {
			_, _ = io.ReadAll(r.Body) // else the server does not notice
			cancel()
			<-r.Context().Done() // the client has given up
		}
	})
	c := four()
	c.Target = target
	seen, err := Run(ctx, c)
	if err == nil || seen == nil || !seen.Stopped {
		t.Fatalf("%+v, %v", seen, err)
	}
	if s := seen.Features[0].Scenarios[1]; s.Status != evidence.NotRun || !strings.HasPrefix(s.Reason, evidence.Interrupted) || s.Ended() || s.Sent() != 1 {
		t.Errorf("the second is %+v", s)
	}
	c = four()
	c.Target, c.Begun = target, kept(t, seen)
	if found := Resume(c.Begun); len(found.seen) != 2 || len(found.Interrupted) != 1 || !strings.Contains(found.Interrupted[0], "Second") {
		t.Errorf("%+v", found)
	}
	if got := ran(t, c).Count(); got != (evidence.Counts{Passed: 4, NotRun: 1}) || calls.Load() != 5 { // the second one's twice
		t.Errorf("counted %+v, %d calls", got, calls.Load())
	}
}

// What a run had half sent is known to the third, when the second is stopped before it comes to that.
func TestStopTwice(t *testing.T) {
	t.Parallel()
	target, calls := standIn(t, func(int, *http.Request) {})
	c := four()
	c.Target = target
	first := ran(t, c)
	second := &first.Features[0].Scenarios[1]
	second.Status, second.Reason = evidence.NotRun, evidence.Interrupted+" while it ran"
	first.Stopped = true
	c = four()
	c.Target, c.Begun = target, kept(t, first)
	stopped := make(chan struct{})
	close(stopped)
	c.Stop = stopped
	again := Resume(kept(t, ran(t, c)))
	if len(again.Interrupted) != 1 || again.Interrupted[0] != second.ID || again.seen[second.ID].Sent() != 1 || calls.Load() != 4 {
		t.Errorf("%+v, %d calls", again.Interrupted, calls.Load())
	}
}

// A run whose program ends without warning is resumed from its journal.
func TestJournal(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "run.json")
	var lost []byte // the journal as it is when the third scenario calls
	target, calls := standIn(t, func(n int, _ *http.Request) {
		if n == 3 {
			lost, _ = os.ReadFile(file + ".journal")
		}
	})
	head := evidence.Run{Kind: "contract", Target: target.Name, BaseURL: target.URL}
	c := four()
	c.Target = target
	var err error
	if c.Journal, err = evidence.OpenJournal(file, head, false); err != nil {
		t.Fatal(err)
	}
	whole := ran(t, c)
	if err := c.Journal.Close(true); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(file + "*"); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if err := os.WriteFile(file+".journal", append(lost, `{"ended":{"id":"half a li`...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.OpenJournal(file, head, false); err == nil || !strings.Contains(err.Error(), "resume it with --resume "+file) {
		t.Errorf("got %v", err)
	}
	c.Begun, err = evidence.ReadUnfinished(file)
	if err != nil {
		t.Fatal(err)
	}
	c.Begun.Contract = whole.Contract
	if found := Resume(c.Begun); len(found.seen) != 3 || len(found.Interrupted) != 1 || !strings.Contains(found.Interrupted[0], "Third") {
		t.Errorf("%+v", found)
	}
	if c.Journal, err = evidence.OpenJournal(file, head, true); err != nil {
		t.Fatal(err)
	}
	if got := ran(t, c).Count(); got != (evidence.Counts{Passed: 4, NotRun: 1}) || calls.Load() != 6 { // 4, then the third and the fourth
		t.Errorf("counted %+v, %d calls", got, calls.Load())
	}
	again, err := evidence.ReadUnfinished(file) // the journal of the second run has what it took over
	if err != nil || len(Resume(again).seen) != 4 || len(Resume(again).Interrupted) != 0 {
		t.Errorf("%+v, %v", again, err)
	}
	if err := c.Journal.Close(true); err != nil {
		t.Error(err)
	}
}

// Two runs that are not one can't be put together: of another target, another contract, or other scenarios.
func TestResumeRefuses(t *testing.T) {
	t.Parallel()
	target, calls := standIn(t, func(int, *http.Request) {})
	c := four()
	c.Target = target
	seen := ran(t, c)
	for want, change := range map[string]func(*evidence.Run, *Config){
		"can't be resumed against":          func(r *evidence.Run, _ *Config) { r.BaseURL = "https://elsewhere.example" },
		"which has another contract":        func(r *evidence.Run, _ *Config) { r.Contract = "another" },
		"not among those chosen now, such ": func(_ *evidence.Run, c *Config) { c.Name = "First" },
	} {
		c := four()
		c.Target, c.Begun = target, kept(t, seen)
		change(c.Begun, &c)
		if _, err := Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", want, err)
		}
	}
	if calls.Load() != 4 {
		t.Errorf("%d calls", calls.Load())
	}
}
