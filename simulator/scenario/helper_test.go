package scenario

import (
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// reader is loaded once; contracts are safe for concurrent use.
var reader = sync.OnceValue(func() Reader {
	cashier, err := openapi.Cashier()
	if err != nil {
		panic(err)
	}
	control, err := openapi.Control()
	if err != nil {
		panic(err)
	}
	return Reader{Cashier: cashier, Control: control}
})

// golden holds text against a file of testdata, or writes it with -update.
func golden(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(file), diff)
	}
}

// load reads scenarios that must hold.
func load(t testing.TB, text string) []*Scenario {
	t.Helper()
	list, err := reader().File("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func document(t testing.TB, text string) openapi.Document {
	t.Helper()
	doc, err := openapi.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
