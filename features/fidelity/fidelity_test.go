package fidelity_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/features"
	"mozartosim/features/evidence"
	"mozartosim/features/fidelity"
	"mozartosim/features/runner"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

func contract(t *testing.T) *openapi.Contract {
	t.Helper()
	c, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func counted(t *testing.T, scenarios []runner.Listed, verdicts ...fidelity.Verdict) *fidelity.Report {
	t.Helper()
	r, err := fidelity.New(contract(t), scenarios, verdicts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every rule that the ledger counts is counted once, and every assumed one is executed: each has its feature.
func TestTotalsAreTheLedgers(t *testing.T) {
	t.Parallel()
	scenarios, err := runner.List(features.All())
	if err != nil {
		t.Fatal(err)
	}
	r := counted(t, scenarios)
	count, sum := openapi.Count(contract(t).Ledger()), fidelity.Row{}
	for _, row := range r.Rows {
		sum.Rules, sum.Executed, sum.Documented = sum.Rules+row.Rules, sum.Executed+row.Executed, sum.Documented+row.Documented
		sum.Provider, sum.Assumed = sum.Provider+row.Provider, sum.Assumed+row.Assumed
	}
	if sum != r.Total {
		t.Errorf("the rows make %+v, the total is %+v", sum, r.Total)
	}
	if r.Total.Documented != count[openapi.Documented] || r.Total.Provider != count[openapi.Provider] || r.Total.Assumed != count[openapi.Assumed] {
		t.Errorf("%+v; the ledger has %v", r.Total, count)
	}
	if r.Total.Executed+len(r.NotExecuted) != r.Total.Rules {
		t.Errorf("%d executed and %d not make no %d", r.Total.Executed, len(r.NotExecuted), r.Total.Rules)
	}
	for _, e := range contract(t).Ledger() {
		if e.Provenance.Basis == openapi.Assumed && slices.Contains(r.NotExecuted, e.ID) {
			t.Errorf("%s is assumed, and nothing executes it", e.ID)
		}
	}
}

// A rule belongs to the provider that its id names, and to the capability that it is about.
func TestPlaces(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{}
	for _, row := range counted(t, nil).Rows {
		rows[row.PSP+": "+row.Capability] = true
	}
	for _, want := range []string{": authentication", ": errors", "WORLDPAY_EU: webhooks", "GIGADAT: pay-out request", "TRUST: pages and returns", "BRITE: configuration"} {
		if !rows[want] {
			t.Errorf("there is no row %s", want)
		}
	}
	for _, never := range []string{": pay-in request", ": pay-in answer", ": pay-out request", ": pay-out answer", "FLEXEPIN: webhooks"} {
		if rows[never] {
			t.Errorf("there is a row %s", never)
		}
	}
}

// What a scenario executes: what it is tagged with, the whole answer that it compares and the forms in it, the request's fields
// that it names, and nothing else.
func TestExecuted(t *testing.T) {
	t.Parallel()
	scenario := runner.Listed{Patterns: []string{"the answer matches the contract"}, Flows: []string{"PAYONE PAYIN"}}
	scenario.Rules = []string{"check-order"}
	scenario.Steps = []evidence.Step{
		{Text: `a valid PAYONE PAYIN request without "phone"`}, {Text: "the answer matches the contract"}, {Text: `the answer matches the schema "TransportError"`},
	}
	r := counted(t, []runner.Listed{scenario})
	for id, want := range map[string]bool{
		"check-order": true, "PayonePayInAnswer.data.redirect_url": true, "RedirectUrl": true, "PayonePayInRequest.phone": true, "Phone": true,
		"TransportError": true, "PayonePayInRequest/payone-currency": true, // a broken request that every run has
		"PayonePayInRequest.email": false, "PayonePayOutRequest.phone": false, "PayoneWebhook": false, "null-is-absent": false,
	} {
		if got := !slices.Contains(r.NotExecuted, id); got != want {
			t.Errorf("%s: executed %t, want %t", id, got, want)
		}
	}
}

// Only a real target confirms or refutes; without one it is said that none was run.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	if text := counted(t, nil).Summary(); !strings.HasSuffix(text, "; no real target has been run yet") {
		t.Error(text)
	}
	file := observed.File{Observations: []observed.Observation{{
		Rule: "PayonePayInAnswer.data.redirect_url", Renamed: "data.redirectUrl", Seen: []observed.Sighting{
			{Target: "https://sandbox.example", Date: "2026-11-28", Run: "4f1c", Times: 31}, {Target: "https://other.example", Date: "2026-11-30", Run: "9", Times: 1},
		},
	}}}
	verdicts := fidelity.Refutations(contract(t), file)
	run := &evidence.Run{Target: "sandbox", BaseURL: "https://sandbox.example", Started: time.Date(2026, 11, 29, 1, 0, 0, 0, time.UTC), Features: []evidence.Feature{{
		Scenarios: []evidence.Scenario{
			{ID: "1", Name: "one", Rules: []string{"rule-status"}, Status: evidence.Passed}, {ID: "2", Name: "two", Rules: []string{"check-order"}, Status: evidence.Failed},
		},
	}}}
	verdicts = append(verdicts, fidelity.Confirmations(contract(t), run)...)
	r := counted(t, nil, verdicts...)
	want := []fidelity.Verdict{
		{"PayonePayInAnswer.data.redirect_url", "documented", "refuted", "renamed from data.redirect_url", "https://sandbox.example", "2026-11-28", "4f1c"},
		{"PayonePayInAnswer.data.redirect_url", "documented", "refuted", "renamed from data.redirect_url", "https://other.example", "2026-11-30", "9"},
		{"rule-status", "assumed", "confirmed", "", "https://sandbox.example", "2026-11-29", ""},
	}
	if !slices.Equal(r.Verdicts, want) {
		t.Errorf("got %+v", r.Verdicts)
	}
	if text := r.Summary(); !strings.HasSuffix(text, "; real targets confirmed 1 and refuted 2") {
		t.Error(text)
	}
}
