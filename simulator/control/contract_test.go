package control

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// Every operation of the contract has a handler, and the other way round.
func TestRoutesAreTheContracts(t *testing.T) {
	t.Parallel()
	var routed, written []string
	for path, methods := range routes() {
		for method := range methods {
			routed = append(routed, method+" "+path)
		}
	}
	routed = append(routed, "GET /metrics", "GET /healthz", "GET /readyz") // the first isn't JSON, the others are those of Probes
	for _, e := range contracts().Control.Ledger() {
		if method, path, ok := strings.Cut(e.Rule, " "); ok && method == strings.ToUpper(method) && path[0] == '/' {
			written = append(written, e.Rule)
		}
	}
	slices.Sort(routed)
	slices.Sort(written)
	if !slices.Equal(routed, written) {
		t.Errorf("routes\n%s\ncontract\n%s", strings.Join(routed, "\n"), strings.Join(written, "\n"))
	}
}

// Words that the contract lists are those of the code.
func TestWordsAreTheCodes(t *testing.T) {
	t.Parallel()
	words := func(schema, path string) []string {
		for _, f := range contracts().Control.FieldsOf(schema) {
			if f.Path == path {
				return f.Enum
			}
		}
		return nil
	}
	if got, want := words("RuleInput", "psp"), contracts().Cashier.PSPs(); !slices.Equal(got, want) {
		t.Errorf("providers %v, want %v", got, want)
	}
	if got, want := words("Payment", "status"), adminapi.PaymentStatuses(); !slices.Equal(got, want) {
		t.Errorf("statuses %v, want %v", got, want)
	}
}

// Every rule bears its mark, and every body has an example that holds.
func TestContractIsWhole(t *testing.T) {
	t.Parallel()
	for _, e := range contracts().Control.Ledger() {
		if e.Provenance.Basis != openapi.Own && e.Rule != "Country" && e.Rule != "Currency" { // lists that the Cashier API has too
			t.Errorf("%s bears the mark %q", e.Rule, e.Provenance.Basis)
		}
	}
	held := 0
	eachMedia(contractJSON(), "", func(at string, media map[string]any) {
		examples, _ := media["examples"].(map[string]any)
		if len(examples) == 0 {
			t.Errorf("%s has no example", at)
		}
		ref, ok := media["schema"].(map[string]any)["$ref"].(string)
		if !ok { // text/plain
			return
		}
		for name := range examples {
			text, _ := contracts().Control.Example(name)
			doc, err := openapi.Decode(text)
			if err == nil {
				err = contracts().Control.ValidateAs(ref[strings.LastIndex(ref, "/")+1:], doc)
			}
			if err != nil {
				t.Errorf("%s, example %s: %v", at, name, err)
			}
			held++
		}
	})
	if held < 30 {
		t.Errorf("only %d examples were compared with their schemas", held)
	}
}

// eachMedia visits every content of a body below value.
func eachMedia(value any, at string, visit func(at string, media map[string]any)) {
	switch value := value.(type) {
	case map[string]any:
		for name, below := range value {
			if content, ok := below.(map[string]any); ok && name == "content" {
				for kind, media := range content {
					visit(at+" "+kind, media.(map[string]any))
				}
			}
			eachMedia(below, at+"/"+name, visit)
		}
	case []any:
		for i, below := range value {
			eachMedia(below, fmt.Sprintf("%s/%d", at, i), visit)
		}
	}
}
