package company

import (
	"bytes"
	"encoding/json"
	"testing"

	"mozartosim/simulator/mask"
	"mozartosim/simulator/payment"
)

func TestOriginals(t *testing.T) {
	t.Parallel()
	o, err := NewOriginals("a passphrase")
	if err != nil {
		t.Fatal(err)
	}
	if sealed, err := o.Seal("p1", "order-1", ""); sealed != nil || err != nil {
		t.Errorf("nothing was masked, yet %q is sealed, %v", sealed, err)
	}
	const text = `say "4000 0000 0000 0002"`
	sealed, err := o.Seal("p1", "order-1", text)
	if err != nil || sealed == nil || bytes.Contains(sealed, []byte("4000")) {
		t.Fatalf("%q %v", sealed, err)
	}
	if again, _ := o.Seal("p1", "order-1", text); !bytes.Equal(sealed, again) {
		t.Error("the same is sealed in another way")
	}
	kept, err := json.Marshal(map[string]string{"a": mask.Cards(text), "b": "400000"})
	if err != nil {
		t.Fatal(err)
	}
	terms := payment.Terms{ID: "p1", Sealed: sealed}
	var got map[string]string
	if err := json.Unmarshal(o.Reveal(terms, kept), &got); err != nil || got["a"] != text || got["b"] != "400000" {
		t.Errorf("revealed as %v, %v", got, err)
	}
	other, err := NewOriginals("")
	if err != nil {
		t.Fatal(err)
	}
	for name, shown := range map[string][]byte{
		"another key":     other.Reveal(terms, kept),
		"another payment": o.Reveal(payment.Terms{ID: "p2", Sealed: sealed}, kept),
		"nothing sealed":  o.Reveal(payment.Terms{ID: "p1"}, kept),
	} {
		if !bytes.Equal(shown, kept) {
			t.Errorf("%s: %s", name, shown)
		}
	}
}
