package certify

import (
	"os"
	"testing"
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
	r, err := newReader()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := r.read("fuzz.yaml", text)
		if err == nil && (len(c.Flows) == 0 || len(c.Merchant.Statuses.Credited) == 0) {
			t.Errorf("read %q as %+v", text, c)
		}
	})
}
