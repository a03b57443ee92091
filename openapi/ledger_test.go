package openapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every rule has a mark, every mark says where it comes from, and none changes or goes in silence: whoever means to
// change one runs this with -update and shows the difference.
func TestLedger(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	for _, name := range []string{"cashier", "control"} {
		entries := contracts(t)[name].Ledger()
		count := openapi.Count(entries)
		fmt.Fprintf(&got, "# %s: %d documented, %d provider, %d assumed\n", name, count[openapi.Documented], count[openapi.Provider], count[openapi.Assumed])
		for _, e := range entries {
			proper(t, name, e)
			fmt.Fprintf(&got, "%-10s %s\n", e.Provenance.Basis, e.Rule)
		}
	}
	file := filepath.Join("testdata", "ledger.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("the ledger is not that of %s (- golden, + now); -update writes it anew:\n%s", file, diff)
	}
}

func proper(t *testing.T, contract string, e openapi.Entry) {
	t.Helper()
	switch mark := e.Provenance; {
	case mark.Basis != openapi.Documented && mark.Basis != openapi.Provider && mark.Basis != openapi.Assumed && mark.Basis != openapi.Own:
		t.Errorf("%s: %s bears the mark %q", contract, e.Rule, mark.Basis)
	case mark.Basis != openapi.Assumed && mark.Basis != openapi.Own && mark.Source == "":
		t.Errorf("%s: %s is %s, and its source is not named", contract, e.Rule, mark.Basis)
	case mark.Source == "" && mark.Note == "":
		t.Errorf("%s: %s is assumed, or our own, and nothing says what", contract, e.Rule)
	}
	if e.Rule == "" {
		t.Errorf("%s: an entry has no name: %+v", contract, e)
	}
}

// Rules are named once, so that an assumption's feature can name its rule.
func TestRulesAreNamedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range contracts(t) {
		seen := map[string]openapi.Entry{}
		for _, e := range c.Ledger() {
			other, twice := seen[e.Rule]
			if other.ID = e.ID; twice && other != e { // two schemas may have the same rule
				t.Errorf("%s: %s is there twice and differs: %+v, %+v", name, e.Rule, other, e)
			}
			seen[e.Rule] = e
		}
	}
}

// Every entry has an id of its own, since features and reports refer to it.
func TestLedgerIDs(t *testing.T) {
	t.Parallel()
	for name, c := range contracts(t) {
		seen := map[string]bool{}
		for _, e := range c.Ledger() {
			if e.ID == "" || seen[e.ID] {
				t.Errorf("%s: the id %q of %s is empty or taken", name, e.ID, e.Rule)
			}
			seen[e.ID] = true
		}
	}
	seen := map[string]bool{}
	for _, e := range cashier(t).Ledger() {
		seen[e.ID] = true
	}
	for _, id := range []string{
		"check-order", "amount-decimals", "POST /v1/api/mozarto/cashier", "POST payone", "Payone", "PayonePayInRequest.phone",
		"PayonePayInRequest/payone-currency", "PayonePayOutRequest/payone-currency", "PayonePayInAnswer.data.redirect_url",
	} {
		if !seen[id] {
			t.Errorf("no entry has the id %q", id)
		}
	}
}

// What a named rule says is written down, and the ledger has every one of them.
func TestNamedRulesAreInTheLedger(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	says := map[string]string{}
	for _, e := range c.Ledger() {
		says[e.Rule] = e.Description
	}
	for _, op := range c.Operations() {
		for _, rule := range op.Rules {
			if rule.Description == "" || says[rule.Name] != rule.Description || rule.Provenance.Basis == "" {
				t.Errorf("%s: %+v, in the ledger %q", op.Schema, rule, says[rule.Name])
			}
		}
		for _, f := range op.Fields() {
			if f.Provenance.Basis == "" {
				t.Errorf("%s.%s bears no mark", op.Schema, f.Path)
			}
		}
	}
}

// A rule without a mark can't be printed as if it were known.
func TestUnmarkedEntryCannotBeWritten(t *testing.T) {
	t.Parallel()
	if text, err := json.Marshal(openapi.Entry{Rule: "x"}); err == nil {
		t.Errorf("it became %s", text)
	}
	text, err := json.Marshal(openapi.Entry{Rule: "x", Description: "y", Provenance: openapi.Provenance{Basis: openapi.Assumed, Note: "z"}})
	if want := `{"rule":"x","description":"y","provenance":{"basis":"assumed","note":"z"}}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
}
