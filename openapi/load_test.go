package openapi

import "testing"

func TestLoad(t *testing.T) {
	c, err := Cashier()
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range c.Operations() {
		t.Log(op.Schema, op.PSP, op.Type, op.Variant, len(op.Fields()), op.Redirect)
		text, ok := c.Example(op.Schema)
		if !ok {
			t.Fatal("no example")
		}
		doc, err := Decode(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := op.Validate(doc); err != nil {
			t.Error(err)
		}
	}
	t.Log(Count(c.Ledger()))
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		Cashier()
	}
}
func BenchmarkValidate(b *testing.B) {
	c, _ := Cashier()
	op, _ := c.Operation("PAYONE", "PAYIN", "")
	text, _ := c.Example(op.Schema)
	b.ReportAllocs()
	for b.Loop() {
		doc, _ := Decode(text)
		if err := op.Validate(doc); err != nil {
			b.Fatal(err)
		}
	}
}
