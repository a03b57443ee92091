package clients

import (
	"bytes"
	"os"
	"testing"

	"github.com/speakeasy-api/openapi/linter"
	"github.com/speakeasy-api/openapi/openapi"
	openapilinter "github.com/speakeasy-api/openapi/openapi/linter"
)

// What is published is as OpenAPI's own schemas want it, and breaks no rule of lint.yml.
func TestDocumentsAreLinted(t *testing.T) {
	rules, err := linter.LoadConfigFromFile("lint.yml")
	if err != nil {
		t.Fatal(err)
	}
	lint, err := openapilinter.NewLinter(rules)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cashier.json", "control.json", "cashier-3.1.json", "control-3.1.json"} {
		text, err := os.ReadFile("generated/" + name)
		if err != nil {
			t.Fatal(err)
		}
		doc, wrong, err := openapi.Unmarshal(t.Context(), bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		found, err := lint.Lint(t.Context(), linter.NewDocumentInfo(doc, name), wrong, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range found.Results {
			t.Errorf("%s: %v", name, finding)
		}
	}
}
