package cashier

import (
	"os"
	"regexp"
	"testing"

	"mozartosim/openapi"
)

// Every rule that a refused call is said to have broken stands in the ledger.
func TestBrokenRulesAreKnown(t *testing.T) {
	t.Parallel()
	contract, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, e := range contract.Ledger() {
		known[e.ID] = true
	}
	source, err := os.ReadFile("handled.go")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`return "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(named) < 12 {
		t.Fatalf("found only %v", named)
	}
	for _, n := range named {
		if !known[n[1]] {
			t.Errorf("%s is no rule of the ledger", n[1])
		}
	}
}
