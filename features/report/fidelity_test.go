package report_test

import (
	"bytes"
	"testing"

	"mozartosim/features/drift"
	"mozartosim/features/fidelity"
	"mozartosim/features/report"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

func TestFidelityGoldens(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*fidelity.Report{"fidelity": faithful(), "fidelity.unseen": unseen()} {
		var text, page bytes.Buffer
		if err := report.WriteFidelity(&text, r); err != nil {
			t.Fatal(err)
		}
		if err := report.WriteFidelityHTML(&page, r); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".text", text.String())
		golden(t, name+".html", page.String())
	}
}

// What two runs differ in is one page, in whatever words a target used.
func TestDriftGolden(t *testing.T) {
	t.Parallel()
	rule := openapi.Provenance{Basis: openapi.Documented}
	var page bytes.Buffer
	if err := report.WriteDriftHTML(&page, &drift.Report{
		A: "contract", B: "https://sandbox.example/?a&b",
		Findings: []drift.Finding{
			{
				Kind: drift.Renamed, Rule: "PayonePayInAnswer.data.redirect_url", Provenance: rule, Description: "Where the shopper pays",
				Where: "PAYONE PAYIN answer, data.redirect_url", A: "redirect_url: a URL", B: "redirectUrl: a URL",
				Scenarios: []string{"A pay-in is answered", "A second one, too", "A third", "A fourth"}, Refutes: []string{"rule-status"},
				Observations: []observed.Observation{{Rule: "PayonePayInAnswer.data.redirect_url", Renamed: "data.redirectUrl"}},
			},
			{
				Kind: drift.ChangedStatus, Rule: "http-statuses", Provenance: openapi.Provenance{Basis: openapi.Assumed}, Description: "What a refused call is answered",
				Where: "BRITE PAYIN", A: "400", B: "422 <script>alert(1)</script>", Request: `{"email":"nobody"}`, Undecided: []string{"two answers contradict each other"},
			},
		},
		Confirmed: []drift.Finding{{Kind: drift.Confirmed, Rule: "rule-status", Provenance: openapi.Provenance{Basis: openapi.Assumed}, Description: "The status is a word"}},
		Notes:     []string{"3 scenarios ran in one of the two only"},
	}); err != nil {
		t.Fatal(err)
	}
	golden(t, "drift.html", page.String())
}

func faithful() *fidelity.Report {
	r := unseen()
	r.Verdicts = []fidelity.Verdict{
		{Rule: "PayonePayInAnswer.data.redirect_url", Basis: openapi.Documented, Verdict: fidelity.Refuted, Observed: "renamed <b>\x1b[31m", Target: "https://sandbox.example/?a&b", Date: "2026-11-28", Run: "4f1c"},
		{Rule: "rule-status", Basis: openapi.Assumed, Verdict: fidelity.Confirmed, Target: "https://sandbox.example", Date: "2026-11-29"},
	}
	return r
}

func unseen() *fidelity.Report {
	return &fidelity.Report{
		Total: fidelity.Row{Rules: 12, Documented: 8, Provider: 1, Assumed: 2, Observed: 1, Executed: 10},
		Rows: []fidelity.Row{
			{Capability: "authentication", Rules: 4, Documented: 4, Executed: 2},
			{PSP: "PAYONE", Capability: "pay-in answer", Rules: 8, Documented: 4, Provider: 1, Assumed: 2, Observed: 1, Executed: 8},
		},
		NotExecuted: []string{"user-context", "verify-user"},
	}
}
