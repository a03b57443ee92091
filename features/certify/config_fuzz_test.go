package certify

import (
	"errors"
	"os"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/egress"
)

// A configuration is read or refused, and what is read can be certified by.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"testdata/full.yaml", "testdata/wrong.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	form, err := openapi.FileForm("certify")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := readBy(form, "fuzz.yaml", text)
		if err == nil && (len(c.Flows) == 0 || len(c.Merchant.Statuses.Credited) == 0) {
			t.Errorf("read %q as %+v", text, c)
		}
	})
}

// A merchant's systems are called where webhooks may go, and never at a cloud's metadata address.
func TestGuarded(t *testing.T) {
	t.Parallel()
	for _, guard := range []*egress.Guard{nil, {}} {
		transport := (&Options{Guard: guard}).guarded()
		for _, target := range []string{"http://169.254.169.254/latest", "http://metadata.google.internal/"} {
			_, err := newClient(transport).Get(target)
			if denied := egress.NotAllowed(""); !errors.As(err, &denied) {
				t.Errorf("%s: %v", target, err)
			}
		}
	}
}
