package drift_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"
	"time"

	"mozartosim/features"
	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/features/target"
	"mozartosim/simulator"
	"mozartosim/simulator/simtest"
)

// run runs the features on payments.
func run(t *testing.T, target *target.Target) *evidence.Run {
	t.Helper()
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	seen, err := runner.Run(context.Background(), runner.Config{Features: features.All(), Target: target, Name: "^payments/"})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// deviating is a target that looks like any running simulator, but is a stand-in: calls and webhooks go through it.
func deviating(t *testing.T, changes ...deviation) *target.Target {
	t.Helper()
	s := newStandin("", &wall{}, changes...)
	front := httptest.NewServer(s)
	t.Cleanup(front.Close)
	sim := simtest.Start(t, simtest.Config(func(c *simulator.Config) {
		c.Seed, c.ClockStart = 77, time.Date(2027, 3, 4, 5, 6, 7, 0, time.UTC)
	}))
	s.upstream = sim.URL
	admin := httptest.NewServer(redirecting(sim.AdminURL, front.URL))
	t.Cleanup(admin.Close)
	target, err := target.Running(context.Background(), target.RunningConfig{URL: front.URL, AdminURL: admin.URL})
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// redirecting hands calls of the admin API on, the runner's address for webhooks replaced by the stand-in's.
func redirecting(upstream, front string) http.Handler {
	hooks := regexp.MustCompile(`http://(127\.0\.0\.1:\d+/[a-z0-9]+/webhooks)`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		body = hooks.ReplaceAll(body, []byte(front+"/hook/$1"))
		request, err := http.NewRequestWithContext(r.Context(), r.Method, upstream+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		request.Header = r.Header.Clone()
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
		w.WriteHeader(response.StatusCode)
		_, _ = io.Copy(w, response.Body)
	})
}

// With the real runner and the real features: nothing against a faithful stand-in; against one that deviates in several ways
// at once, these ways and nothing else, even though scenarios now fail half way.
func TestRunnersRuns(t *testing.T) {
	t.Parallel()
	simulator, err := target.Simulator("test")
	if err != nil {
		t.Fatal(err)
	}
	before := run(t, simulator)
	c := contract(t)
	t.Run("faithful", func(t *testing.T) {
		t.Parallel()
		r := drift.Compare(before, run(t, deviating(t)), c)
		for _, f := range r.Findings {
			t.Errorf("%s at %s (%s): %s → %s, seen in %v", f.Kind, f.Where, f.Rule, f.A, f.B, f.Scenarios)
		}
		for _, n := range r.Notes {
			t.Errorf("note: %s", n)
		}
	})
	t.Run("deviating", func(t *testing.T) {
		t.Parallel()
		var changes []deviation
		for _, d := range deviations() {
			if slices.Contains([]string{
				"another redirect field", "an extra field", "an amount as number", "webhooks swapped", "a field missing", "another fixed text", "a number as text",
			}, d.name) {
				changes = append(changes, d)
			}
		}
		after := run(t, deviating(t, changes...))
		r := drift.Compare(before, after, c)
		left := r.Findings
		for _, d := range changes {
			for _, w := range d.wants {
				left = w.check(t, d, left)
			}
		}
		for _, f := range left {
			t.Errorf("reported beside them: %s at %s (%s): %s → %s, seen in %v", f.Kind, f.Where, f.Rule, f.A, f.B, f.Scenarios)
		}
		for _, n := range r.Notes {
			t.Errorf("note: %s", n)
		}
		apply(t, r.Patch)
		t.Logf("%+v", after.Count())
	})
}
