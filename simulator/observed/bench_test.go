package observed

import (
	"encoding/json"
	"testing"

	"mozartosim/openapi"
	seen "mozartosim/openapi/observed"
	"mozartosim/simulator/provider"
)

// Without a file, asking for observations allocates nothing.
func TestNothingObservedAllocatesNothing(t *testing.T) {
	var none Observations
	fields := provider.Fields{{Name: "status", Value: "error"}}
	if n := testing.AllocsPerRun(100, func() {
		_, sequence := none.Webhook("PAYONE").Sequence("PAYIN", "", "approve")
		status, _, headers := none.Refuse(Refused{Rule: "company-token"}, 401, fields)
		if none.Unenforced["amount-decimals"] || none.Answers["PayonePayInAnswer"] != nil || none.Webhook("PAYONE") != nil || sequence || status != 401 || headers != nil {
			t.Error("something is observed")
		}
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

// BenchmarkApply is what five observations of an answer cost.
func BenchmarkApply(b *testing.B) {
	body := five(b)
	b.ReportAllocs()
	for b.Loop() {
		body.Apply(answer(), Payment{ID: "665f1c2ab7e4d93a5c0f1a2b"})
	}
}

// Five observations allocate little more than what they change: the list of fields, an object that gets shorter, and what is written anew.
func TestApplyAllocatesLittle(t *testing.T) {
	allocated := func(body Body) float64 {
		return testing.AllocsPerRun(100, func() { body.Apply(answer(), Payment{ID: "665f1c2ab7e4d93a5c0f1a2b"}) })
	}
	if n := allocated(five(t)) - allocated(Body{}); n > 6 {
		t.Errorf("%g allocations", n)
	}
}

// answer is a new answer to a Payone pay-in.
func answer() provider.Fields {
	return provider.Fields{{Name: "status", Value: "success"}, {Name: "data", Value: provider.Fields{
		{Name: "success", Value: true}, {Name: "redirect_url", Value: "http://127.0.0.1:8080/pay/payone/x"}, {Name: "transaction_status", Value: "Pending"},
		{Name: "amount", Value: json.RawMessage("100")}, {Name: "merchantReference", Value: ""},
	}}}
}

// five are five observations of it.
func five(b testing.TB) (body Body) {
	b.Helper()
	base, err := openapi.Cashier()
	if err != nil {
		b.Fatal(err)
	}
	text := "observations:\n"
	for _, entry := range []string{
		"rule: PayonePayInAnswer.data.redirect_url\n    renamed: data.url", "rule: PayonePayInAnswer.data.success\n    absent: true",
		"rule: PayonePayInAnswer.data.transaction_status\n    constant: PENDING", "rule: PayonePayInAnswer.data.amount\n    form: text with two decimals",
		"rule: PayonePayInAnswer.data.merchantReference\n    nullWhenEmpty: true",
	} {
		text += "  - " + entry + "\n    seen: [{target: a, date: 2026-11-28, run: r, times: 1}]\n"
	}
	codec, err := seen.NewCodec(base)
	if err != nil {
		b.Fatal(err)
	}
	file, err := codec.Read("f.yaml", []byte(text))
	if err != nil {
		b.Fatal(err)
	}
	for _, o := range file.InOrder() {
		body.add(o.Kind(), o.Rule[len("PayonePayInAnswer."):], o)
	}
	return body
}
