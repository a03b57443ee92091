package drift_test

import (
	"strings"
	"testing"
	"time"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
)

// judged is a run of scenarios that bear on rules: id → status.
func judged(target string, all ...evidence.Scenario) *evidence.Run {
	return &evidence.Run{
		Version: evidence.Version, Target: target, Started: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC),
		Features: []evidence.Feature{{URI: "a.feature", Name: "A", Line: 1, Scenarios: all}},
	}
}

func bears(id string, status evidence.Status, rules ...string) evidence.Scenario {
	s := evidence.Scenario{ID: id, Name: id, Status: status, Rules: rules}
	if status == evidence.Failed {
		s.Reason = "HTTP 422 instead of 400\nand more"
	}
	return s
}

func TestAssumptions(t *testing.T) {
	t.Parallel()
	before := judged("simulator", bears("one", evidence.Passed), bears("two", evidence.Passed), bears("three", evidence.Passed), bears("four", evidence.Failed))
	after := judged("sandbox",
		bears("one", evidence.Passed, "rule-status", "PayonePayInAnswer.data.transaction_status"),
		bears("two", evidence.Failed, "rule-status"),
		bears("three", evidence.NotRun, "check-order"),
		bears("four", evidence.Failed, "user-token-wins"),
		bears("five", evidence.Passed, "no-such-rule", "user-context"),
	)
	r := explained(t, before, after)
	if len(r.Findings) != 1 || r.Findings[0].Kind != drift.Refuted || r.Findings[0].Rule != "rule-status" {
		t.Fatalf("got %+v", r.Findings)
	}
	f := r.Findings[0]
	if f.B != "HTTP 422 instead of 400" {
		t.Errorf("got %+v", f)
	}
	if len(r.Confirmed) != 1 || r.Confirmed[0].Rule != "PayonePayInAnswer.data.transaction_status" {
		t.Fatalf("confirmed: %+v", r.Confirmed)
	}
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{"no-such-rule", "user-token-wins: four failed against sandbox", "b did not run it: three"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note on %s:\n%s", want, notes)
		}
	}
}

// Webhooks that a run never waited for are not missing.
func TestWebhooksAfterAFailedStep(t *testing.T) {
	t.Parallel()
	a, b := simulated(t, "NEOSURF"), undeviating(t, "NEOSURF")
	for i := range b.Features[0].Scenarios {
		s := &b.Features[0].Scenarios[i]
		s.Webhooks, s.Status = nil, evidence.Failed
		s.Steps[0].Status, s.Steps[1].Status = evidence.Failed, evidence.Skipped
	}
	r := drift.Compare(a, b, contract(t))
	if len(r.Findings) != 0 {
		t.Errorf("got %+v", r.Findings)
	}
	if len(r.Notes) == 0 {
		t.Error("nothing notes that the scenarios ended otherwise")
	}
}

// What counts as slower is the reader's to say.
func TestBounds(t *testing.T) {
	t.Parallel()
	d := deviation{psp: "BRITE", answer: func(a *answer) { a.delay = 8 * time.Second }}
	a, b := simulated(t, "BRITE"), deviating(t, d)
	if r := drift.CompareWithin(a, b, contract(t), drift.Bounds{Answer: time.Minute}); len(r.Findings) != 0 {
		t.Errorf("got %+v", r.Findings)
	}
	r := drift.Compare(b, a, contract(t))
	if len(r.Findings) != 1 || r.Findings[0].Kind != drift.Faster {
		t.Errorf("got %+v", r.Findings)
	}
}
