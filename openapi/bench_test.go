package openapi_test

import (
	"testing"

	"mozartosim/openapi"
)

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := openapi.Cashier(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	text, _ := cashier(b).Example("PayonePayInRequest")
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := openapi.Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSelect(b *testing.B) {
	c := cashier(b)
	doc := example(b, c, "PayonePayInRequest")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Select(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	c := cashier(b)
	for _, name := range []string{"PayonePayInRequest", "CleoPayInRequest"} {
		b.Run(name, func(b *testing.B) {
			doc := example(b, c, name)
			op, err := c.Select(doc)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := op.Validate(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
