package drift_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/features/observe"
	"mozartosim/openapi"
)

// oneCall is a run of one call of Payone and one webhook.
func oneCall(target, answer, webhook string, status int) *evidence.Run {
	message := evidence.Message{Status: status, Body: answer, Headers: map[string]string{"Content-Type": "application/json"}}
	request := evidence.Message{Path: openapi.CashierPath, Body: `{"pspType":"PAYONE","type":"PAYIN","baseamount":100.00}`}
	s := evidence.Scenario{
		ID: "1", Name: "1", Status: evidence.Passed, Steps: []evidence.Step{{Status: evidence.Passed}},
		Exchanges: []evidence.Exchange{{Label: "1", Request: request, Answer: message}},
	}
	if webhook != "" {
		s.Webhooks = []evidence.Webhook{{Label: "1", N: 1, Body: webhook}}
	}
	return &evidence.Run{Target: target, Features: []evidence.Feature{{Scenarios: []evidence.Scenario{s}}}}
}

// compared compares two answers that are alike but for one value.
func compared(t *testing.T, a, b string) []drift.Finding {
	t.Helper()
	body := func(value string) string { return `{"data":{"value":` + value + `}}` }
	return drift.Compare(oneCall("simulator", body(a), "", 200), oneCall("simulator", body(b), "", 200), contract(t)).Findings
}

// A text that is different in every run is recognized by its format, anything else is compared word for word.
func TestFormats(t *testing.T) {
	t.Parallel()
	c := contract(t)
	without := oneCall("simulator", `{"data":{}}`, "", 200)
	for text, want := range map[string]string{
		"":                                     "empty",
		"Pending":                              `"Pending"`,
		"Transaction is on hold":               `"Transaction is on hold"`,
		"20 minutes":                           `"20 minutes"`,
		"BTC/kB":                               `"BTC/kB"`,
		"7d8f3c52-6f0e-4a6e-9d0e-0c7f0a4b1c2d": "a UUID",
		"665f1c2ab7e4d93a5c0f1a2b":             "24 hexadecimal digits",
		"2026-11-23T15:00:00Z":                 "a date and time",
		"2026-11-23":                           "a date",
		"https://x.example/a?b=c":              "a URL",
		"100.00":                               "a number with 2 decimals",
		"100.5":                                "a number with one decimal",
		"100":                                  "a whole number",
		"po-9f2c4e7a1b3d":                      "an id such as po-#12",
		"12-102-12345":                         "an id such as #-#-#",
		"411111******1111":                     "masked",
		"***":                                  "masked",
		strings.Repeat("aB3_", 16):             "an id such as a token",
	} {
		with := oneCall("simulator", fmt.Sprintf(`{"data":{"value":%q}}`, text), "", 200)
		if found := drift.Compare(without, with, c).Findings; len(found) != 1 || found[0].Kind != drift.Added || found[0].B != want {
			t.Errorf("%q is reported as %+v, want %q", text, found, want)
		}
	}
}

// A sentence is the same when only ids, times and numbers in it differ.
func TestSentences(t *testing.T) {
	t.Parallel()
	const sentence = `"Payment 665f1c2ab7e4d93a5c0f1a2b of 2026-01-01T00:00:00Z, see https://a.example/1"`
	if found := compared(t, sentence, `"Payment 777f1c2ab7e4d93a5c0f1aff of 2026-11-23T15:00:00Z, see https://b.example/2"`); len(found) != 0 {
		t.Errorf("got %+v", found)
	}
	if found := compared(t, sentence, `"Payout 665f1c2ab7e4d93a5c0f1a2b of 2026-01-01T00:00:00Z, see https://a.example/1"`); len(found) != 1 || found[0].Kind != drift.ChangedText {
		t.Errorf("got %+v", found)
	}
}

// Amounts are compared by value, here with the request's, and nothing that only looks like one costs memory.
func TestAmounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		kind drift.Kind // "" = no difference
	}{
		{`100`, `100.00`, drift.ChangedFormat},
		{`100`, `"100.00"`, drift.ChangedType},
		{`"100"`, `"100.00"`, drift.ChangedFormat},
		{`100`, `1e2`, drift.ChangedText},
		{`100`, `1e999999999`, drift.ChangedText},
		{`7`, `8`, ""},
		{`true`, `true`, ""},
		{`true`, `false`, drift.ChangedText},
	} {
		found := compared(t, c.a, c.b)
		if c.kind == "" && len(found) > 0 || c.kind != "" && (len(found) != 1 || found[0].Kind != c.kind) {
			t.Errorf("%s and %s: %+v", c.a, c.b, found)
		}
	}
}

// Whatever two targets answer, a run does not differ from itself, and every finding says where, by which rule, and what is learned of it.
func TestBodies(t *testing.T) {
	t.Parallel()
	c := contract(t)
	for _, pair := range [][2]string{
		{`{"status":"success","data":{"amount":100}}`, `{"status":"success","data":{"amount":"100.00"}}`},
		{`{"data":{"transactionId":"665f1c2ab7e4d93a5c0f1a2b"}}`, `{"transactionId":"665f1c2ab7e4d93a5c0f1a2b"}`},
		{`{"errors":["a","b"],"message":"Missing required field: email"}`, `{"errors":[{"a":1}],"message":null}`},
		{"", "<html>"}, {"{", "[]"}, {`{"a":1e400}`, `{"a":{"a":{"a":[[]]}}}`}, {`{"":{"":1}}`, `{"a.b":1,"a":{"b":2}}`}, {`{"a]":{"[":0}}`, `{"[0]":[[0]]}`},
	} {
		a, b := pair[0], pair[1]
		x, y := oneCall("simulator", a, a, 200), oneCall("sandbox", b, b, 200)
		if r := drift.Compare(x, x, c); len(r.Findings) > 0 {
			t.Errorf("it differs from itself: %+v", r.Findings)
		}
		for _, r := range []*drift.Report{drift.Compare(x, y, c), drift.Compare(y, x, c), drift.Against(y, c)} {
			observe.Explain(r, c)
			if _, err := json.Marshal(r); err != nil {
				t.Error(err)
			}
			for _, found := range r.Findings {
				if found.Rule == "" || found.Where == "" || !r.Reversed && len(found.Observations)+len(found.Undecided) == 0 {
					t.Errorf("an incomplete finding: %+v", found)
				}
			}
		}
	}
}
