package simulator

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
)

// Large fields that the contract doesn't know are not kept with a payment, and a mark says so. The call itself is judged, answered
// and notified by all of its fields.
func TestLargeUnknownFieldsAreLeftOut(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	d := h.adminOf(t, "large", nil)
	d.call("PUT", d.at("/scenarios/large"), `{"match": {"when": "request[\"basket\"][0] == \"large\""}, "answer": {"reason": "Not today"}}`).want(200)
	var known map[string]any
	if err := json.Unmarshal([]byte(h.fixture(t, "cleo/payin.full")), &known); err != nil {
		t.Fatal(err)
	}
	known["merchantReference"] = "order <1> & more"
	address := known["address"].(map[string]any)
	for name, test := range map[string]struct {
		basket, floor any
		left          string
	}{
		"none":        {nil, nil, ""},
		"few":         {strings.Repeat("b", 2000), strings.Repeat("f", 2000), ""},
		"many in all": {strings.Repeat("b", 2100), strings.Repeat("f", 2100), "2 unknown fields of 4215 bytes left out"},
		"one":         {[]any{"large", strings.Repeat("b", 10_000)}, nil, "1 unknown field of 10018 bytes left out"},
		"below":       {nil, map[string]any{"<": strings.Repeat("f", 5000)}, "1 unknown field of 5018 bytes left out"},
	} {
		sent := maps.Clone(known)
		inside := maps.Clone(address)
		sent["address"] = inside
		if test.basket != nil {
			sent["basket"] = test.basket
		}
		if test.floor != nil {
			inside["floor"] = test.floor
		}
		body, err := json.Marshal(sent)
		if err != nil {
			t.Fatal(err)
		}
		answer := h.pay(d.company, string(body)).Body.String()
		if refused := strings.Contains(answer, "Not today"); refused != (name == "one") {
			t.Errorf("%s: answered %s", name, answer)
		}
		p := d.call("GET", d.at("/payments")+"?limit=1", "").want(200)
		p = d.call("GET", d.of("/v1/payments/"+p.at("payments.0.id")), "").want(200)
		want := sent
		if test.left != "" {
			want = known
			left := strings.Fields(test.left)
			p.is("leftOut.fields", left[0], "leftOut.bytes", left[4])
		} else if strings.Contains(p.text, "leftOut") {
			t.Errorf("%s: a mark", name)
		}
		var got struct {
			Request map[string]any
		}
		if err := json.Unmarshal([]byte(p.text), &got); err != nil {
			t.Fatal(err)
		}
		wanted, _ := json.Marshal(want)
		kept, _ := json.Marshal(got.Request)
		if string(kept) != string(wanted) {
			t.Errorf("%s: kept %s\nwant %s", name, kept, wanted)
		}
	}
}
