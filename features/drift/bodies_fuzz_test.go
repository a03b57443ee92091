package drift

import (
	"testing"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// Whatever two targets answer, a run does not differ from itself, and every difference says where. Reports are left out: writing one
// reads the contract's files, which takes a hundred times as long as a comparison (TestBodies).
func FuzzBodies(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"status":"success","data":{"amount":100}}`, `{"status":"success","data":{"amount":"100.00"}}`},
		{`{"data":{"transactionId":"665f1c2ab7e4d93a5c0f1a2b"}}`, `{"transactionId":"665f1c2ab7e4d93a5c0f1a2b"}`},
		{`{"errors":["a","b"],"message":"Missing required field: email"}`, `{"errors":[{"a":1}],"message":null}`},
		{"", "<html>"}, {"{", "[]"}, {`{"a":1e400}`, `{"a":{"a":{"a":[[]]}}}`}, {`{"":{"":1}}`, `{"a.b":1,"a":{"b":2}}`}, {`{"a]":{"[":0}}`, `{"[0]":[[0]]}`},
	} {
		f.Add(seed[0], seed[1], uint8(0))
	}
	cashier, err := openapi.Cashier()
	if err != nil {
		f.Fatal(err)
	}
	known := newContract(cashier)
	compare := func(a, b *evidence.Run) []*Change {
		c := newComparison(a, b, newDifferences(known, &Report{}))
		c.scenarios(a, b)
		return c.found
	}
	f.Fuzz(func(t *testing.T, a, b string, status uint8) {
		x, y := answered("simulator", a, 200), answered("sandbox", b, 200+int(status))
		if found := compare(x, x); len(found) > 0 {
			t.Errorf("it differs from itself: %+v", *found[0])
		}
		for _, d := range compare(x, y) {
			if d.Where() == "" {
				t.Errorf("a difference without a place: %+v", *d)
			}
		}
	})
}

// answered is a run of one call, with this answer.
func answered(target, body string, status int) *evidence.Run {
	return &evidence.Run{Target: target, Features: []evidence.Feature{{Scenarios: []evidence.Scenario{{
		ID: "1", Name: "1", Status: evidence.Passed, Steps: []evidence.Step{{Status: evidence.Passed}},
		Exchanges: []evidence.Exchange{{
			Label:   "1",
			Request: evidence.Message{Path: openapi.CashierPath, Body: `{"pspType":"PAYONE","type":"PAYIN","baseamount":100.00}`},
			Answer:  evidence.Message{Status: status, Body: body, Headers: map[string]string{"Content-Type": "application/json"}},
		}},
	}}}}}
}
