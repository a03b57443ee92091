package report_test

import (
	"bytes"
	"testing"

	"mozartosim/features/fidelity"
	"mozartosim/features/report"
	"mozartosim/openapi"
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
