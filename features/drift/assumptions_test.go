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
	r := drift.Compare(before, after, contract(t))
	if len(r.Findings) != 1 || r.Findings[0].Kind != drift.Refuted || r.Findings[0].Rule != "rule-status" {
		t.Fatalf("got %+v", r.Findings)
	}
	f := r.Findings[0]
	if f.B != "HTTP 422 instead of 400" || !strings.Contains(f.Patch, `note: "refuted by a Sandbox run, 2026-11-23: HTTP 422 instead of 400"`) {
		t.Errorf("got %+v", f)
	}
	apply(t, f.Patch)
	if len(r.Confirmed) != 1 || r.Confirmed[0].Rule != "PayonePayInAnswer.data.transaction_status" {
		t.Fatalf("confirmed: %+v", r.Confirmed)
	}
	if patch := r.Confirmed[0].Patch; !strings.Contains(patch, `{basis: documented, source: "Sandbox run, 2026-11-23"}`) {
		t.Errorf("no flip of the mark:\n%s", patch)
	}
	apply(t, r.Confirmed[0].Patch)
	apply(t, r.Patch)
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{"no-such-rule", "user-token-wins: four failed against sandbox", "b did not run it: three"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note on %s:\n%s", want, notes)
		}
	}
}

// The mark of every assumed rule of the contract can be changed by a patch, or the report says that it must be done by hand;
// those that can't are few.
func TestEveryAssumptionCanBeConfirmed(t *testing.T) {
	t.Parallel()
	c := contract(t)
	s := evidence.Scenario{ID: "all", Name: "all", Status: evidence.Passed}
	for _, e := range c.Ledger() {
		if e.Provenance.Basis == "assumed" {
			s.Rules = append(s.Rules, e.ID)
		}
	}
	r := drift.Against(judged("sandbox", s), c)
	if len(r.Confirmed) != len(s.Rules) {
		t.Errorf("%d of %d confirmed", len(r.Confirmed), len(s.Rules))
	}
	byHand := 0
	for _, f := range r.Confirmed {
		if f.Patch == "" {
			byHand++
			t.Logf("%s: %s", f.Rule, f.Fix)
		}
	}
	if byHand > 15 {
		t.Errorf("%d of %d marks can't be changed by a patch", byHand, len(r.Confirmed))
	}
	apply(t, r.Patch)
}

// Seen from the other side, the same things differ, and the patch is the same: it follows the run that is not the simulator's.
func TestReversed(t *testing.T) {
	t.Parallel()
	d := deviation{psp: "TRUST", answer: accepted(func(_ *answer, data map[string]any) {
		data["expiresIn"] = "300"
		rename(data, "paymentUrl", "url")
		delete(data, "amount")
	})}
	a, b := simulated(t, "TRUST"), deviating(t, d)
	there, back := drift.Compare(a, b, contract(t)), drift.Compare(b, a, contract(t))
	if there.Patch == "" || there.Patch != back.Patch {
		t.Errorf("patches differ:\n%s\n%s", there.Patch, back.Patch)
	}
	for _, kinds := range []struct {
		r    *drift.Report
		want []drift.Kind
	}{{there, []drift.Kind{drift.Renamed, drift.Missing, drift.Added}}, {back, []drift.Kind{drift.Renamed, drift.Missing, drift.Added}}} {
		if len(kinds.r.Findings) != 3 {
			t.Errorf("got %+v", kinds.r.Findings)
		}
		for i, f := range kinds.r.Findings {
			if f.Kind != kinds.want[i] {
				t.Errorf("finding %d is %s: %+v", i, f.Kind, f)
			}
		}
	}
	agrees(t, back.Patch, b)
}

// A run against the simulator alone is no reason to change the contract.
func TestNoPatchForTheSimulator(t *testing.T) {
	t.Parallel()
	d := deviation{psp: "TRUST", answer: accepted(func(_ *answer, data map[string]any) { delete(data, "amount") })}
	b := deviating(t, d)
	b.Target = "simulator"
	r := drift.Compare(simulated(t, "TRUST"), b, contract(t))
	if len(r.Findings) != 1 || r.Findings[0].Patch != "" || r.Patch != "" || !strings.Contains(r.Findings[0].Fix, "simulator") {
		t.Errorf("got %+v", r.Findings)
	}
}

// Webhooks that a run never waited for are not missing.
func TestWebhooksBehindAFailedStep(t *testing.T) {
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

// A text is written into a patch so that it means itself, whatever YAML would make of it.
func TestTextsInPatches(t *testing.T) {
	t.Parallel()
	c := contract(t)
	for text, want := range map[string]string{
		"Pending": "Pending", "Awaiting approval": "Awaiting approval", "yes: no": "'yes: no'", "true": "'true'", "null": "'null'", "12": "'12'", "": "''",
		"it's": "'it''s'", "a\nb": `"a\nb"`, "- a": "'- a'", " a": "' a'",
	} {
		d := deviation{psp: "GIGADAT", flow: "PAYOUT", answer: accepted(func(a *answer, _ map[string]any) { a.body["message"] = text })}
		r := drift.Compare(simulated(t, "GIGADAT"), deviating(t, d), c)
		if !strings.Contains(r.Patch, "message: {type: string, enum: ["+want+"]}") {
			t.Errorf("%q is not written as %s:\n%s", text, want, r.Patch)
		}
	}
}
