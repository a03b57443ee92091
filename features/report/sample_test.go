package report_test

import (
	"time"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

func ms(n float64) evidence.Span { return evidence.Span(n * float64(time.Millisecond)) }

// sample is a run in which everything happens that a report has to show: passed, failed in a step, failed outside of one,
// undefined, passed at a second try, not run with and without steps, an outline whose examples bear one name, and text that is
// poison for XML, HTML, Markdown and workflow commands.
func sample() *evidence.Run {
	return &evidence.Run{
		Version: evidence.Version, Tool: "v0.1", Kind: "contract", Target: "sandbox", BaseURL: "https://sandbox.example",
		Contract: "sha256:0a1b2c", Started: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), Took: ms(12345.678),
		Features: []evidence.Feature{payin(), webhooks()},
	}
}

func payin() evidence.Feature {
	return evidence.Feature{
		URI: "features/payin/payone.feature", Name: "Payone pay-in", Description: "A shopper pays by Interac.", Line: 2,
		Tags: []string{"@sandbox"}, Capability: "payin",
		Scenarios: []evidence.Scenario{
			{
				ID: "payone#accepted", Name: "The pay-in is accepted", Line: 6, Tags: []string{"@psp:PAYONE"}, PSP: "PAYONE", Flow: "payin",
				Status: evidence.Passed, Tries: 1, Took: ms(31.25), Steps: passing(),
			},
			broken(),
			{
				ID: "payone#unknown", Name: "A step that nobody knows", Line: 30, PSP: "PAYONE", Status: evidence.Failed, Tries: 1,
				Steps: []evidence.Step{{Keyword: "Given ", Text: "a unicorn", Line: 31, Status: evidence.Undefined}},
			},
			{
				ID: "payone#flaky", Name: "Held at the second try", Line: 34, PSP: "PAYONE", Status: evidence.Passed, Tries: 2,
				Earlier: []string{"answer 502 instead of 200"}, Before: [][]evidence.Step{failing()}, Took: ms(90), Steps: passing(),
			},
		},
	}
}

// failing is the same as passing, as it went at an earlier try.
func failing() []evidence.Step {
	steps := passing()
	for i := range steps[1:] {
		steps[i+1].Status, steps[i+1].Took = evidence.Skipped, 0
	}
	steps[1].Status, steps[1].Error = evidence.Failed, "answer 502 instead of 200"
	return steps
}

func passing() []evidence.Step {
	return []evidence.Step{
		{Keyword: "Given ", Text: "a company", Line: 7, Status: evidence.Passed, Took: ms(1.5)},
		{Keyword: "When ", Text: "the merchant sends", Line: 8, Argument: "| field | value |\n| phone | 1\\|2 |", Status: evidence.Passed, Took: ms(20)},
		{Keyword: "Then ", Text: "the answer is", Line: 11, Argument: "{\"isSuccess\": true}", Status: evidence.Passed, Took: ms(2)},
	}
}

func broken() evidence.Scenario {
	return evidence.Scenario{
		ID: "payone#redirect", Name: `The redirect is in "data.redirect_url" & <b>nowhere</b> else, 100%: yes`, Line: 14,
		Tags: []string{"@psp:PAYONE", "@assumes:x"}, PSP: "PAYONE", Status: evidence.Failed, Tries: 1, Took: ms(412),
		Steps: []evidence.Step{
			{Keyword: "When ", Text: "the merchant sends the full pay-in", Line: 15, Status: evidence.Passed, Took: ms(400)},
			{Keyword: "Then ", Text: "the redirect is there", Line: 16, Status: evidence.Failed, Took: ms(1),
				Error: "data.redirect_url is missing\nthere is data.url: </script><script>alert(1)</script> ]]> ::error:: \x01 | *bold*"},
			{Keyword: "And ", Text: "nothing else is", Line: 17, Status: evidence.Skipped},
		},
		Exchanges: []evidence.Exchange{
			{Label: "control", Step: 0, Control: true, Request: evidence.Message{Method: "POST", Path: "/api/companies"}},
			{
				Label: "payment 1", Step: 0, PSP: "PAYONE", Type: "PAYIN", At: ms(3), Took: ms(398),
				Request: evidence.Message{
					Method: "POST", Path: "/v1/api/mozarto/cashier", Headers: map[string]string{"Authorization": "Bearer ***"},
					Body: `{"pspType":"PAYONE","type":"PAYIN","baseamount":100.00}`,
				},
				Answer: evidence.Message{
					Status: 200, Headers: map[string]string{"Content-Type": "application/json"},
					Body: `{"status":"success","data":{"url":"https://x.example/?a=1&b=</pre>"}}`,
				},
			},
		},
		Webhooks: []evidence.Webhook{{Label: "payment 1", N: 1, Step: 0, After: ms(2000), Body: `{"status":"success"}`, Answered: 200}},
		Timeline: "12:00:00 opened\n12:00:02 approved",
		Contract: []evidence.ContractRule{{ID: "PayonePayInAnswer.data.redirect_url", Says: "required, a RedirectUrl", Basis: "documented", Source: "Mozarto docs, Payone, 2026-06"}},
	}
}

func webhooks() evidence.Feature {
	return evidence.Feature{
		URI: "features/webhooks/retries.feature", Name: "Retries", Line: 1, Capability: "webhooks",
		Scenarios: []evidence.Scenario{
			{
				ID: "retries#1", Name: "A failed webhook is sent again", Line: 4, PSP: "TRUST", Status: evidence.NotRun, Tries: 0,
				Reason: "it needs webhooks, and the runner has no public address (--webhook-url)",
				Steps:  []evidence.Step{{Keyword: "Given ", Text: "a receiver", Line: 5, Status: evidence.NotRun}},
			},
			{ID: "retries#2", Name: "A failed webhook is sent again", Line: 12, Status: evidence.NotRun, Reason: "it needs the simulator's control API (@control)"},
			{ID: "retries#3", Name: "A failed webhook is sent again", Line: 13, Status: evidence.Failed, Tries: 1, Reason: "the company could not be made: connection refused"},
		},
	}
}

// certified is a run of the certifier: no provider, one capability full, one in part, one failed.
func certified() *evidence.Run {
	scenario := func(name string, status evidence.Status) evidence.Scenario {
		s := evidence.Scenario{ID: name, Name: name, Line: 1, Status: status, Tries: 1, Took: ms(5)}
		s.Steps = []evidence.Step{{Keyword: "When ", Text: name, Line: 1, Status: status}}
		if status == evidence.Failed {
			s.Steps[0].Error, s.Advice = "credited twice; expected once", "Credit an order by its transactionId, once."
			s.Reason = name + ": " + s.Steps[0].Error
		}
		return s
	}
	return &evidence.Run{
		Version: evidence.Version, Tool: "v0.1", Kind: "certify", Target: "http://merchant.example", Started: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), Took: ms(800),
		Grades: []evidence.Grade{
			{Word: "failed", Points: 5, Of: 11}, {Capability: "crediting", Word: "partial", Points: 2, Of: 5},
			{Capability: "authenticity", Word: "failed", Points: 0, Of: 3}, {Capability: "acknowledgement", Word: "full marks", Points: 3, Of: 3},
		},
		Features: []evidence.Feature{
			{Name: "Money is credited once", Capability: "crediting", Scenarios: []evidence.Scenario{
				scenario("a duplicate webhook", evidence.Failed), scenario("a plain webhook", evidence.Passed),
			}},
			{Name: "Secrets are checked", Capability: "authenticity", Scenarios: []evidence.Scenario{scenario("a wrong secret", evidence.Failed)}},
			{Name: "Acknowledgements", Capability: "acknowledgement", Scenarios: []evidence.Scenario{scenario("in time", evidence.Passed)}},
		},
	}
}

func drifted() *drift.Report {
	return &drift.Report{
		A: "simulator", B: "sandbox (https://sandbox.example)",
		Findings: []drift.Finding{{
			Kind: drift.Renamed, Rule: "PayonePayInAnswer.data.redirect_url", Description: "required, a RedirectUrl",
			Provenance: openapi.Provenance{Basis: openapi.Documented, Source: "Mozarto docs, Payone, 2026-06"},
			Where:      "PAYONE PAYIN answer, data.redirect_url", A: "data.redirect_url", B: "data.url", Scenarios: []string{"The pay-in is accepted"},
			Observations: []observed.Observation{{Rule: "PayonePayInAnswer.data.redirect_url", Renamed: "data.url"}},
			Undecided:    []string{"<b>its values</b> have no form in common"},
		}},
		Confirmed: []drift.Finding{{Kind: drift.Confirmed, Rule: "rule-status", Description: "HTTP 400", Provenance: openapi.Provenance{Basis: openapi.Assumed}}},
		Notes:     []string{"2 scenarios were not run against sandbox"},
	}
}
