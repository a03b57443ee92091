package openapi

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// files are documents of each kind, and whether their schema permits them.
var files = map[string]map[string]bool{
	"scenario": {
		`{"name": "a"}`: true, `{"name": "a", "shopper": {"action": "approve", "after": "2s"}}`: true,
		`{"nmae": "a"}`: false, `{"name": "a", "shopper": {"action": "aprove"}}`: false,
	},
	"configuration": {
		`{"companies": [{"name": "a", "psps": {"TRUST": {"sitereference": "a1"}}, "rules": [{"psp": "TRUST"}]}]}`: true, // no webhookUrl: the inbox
		`{"companies": [{"name": "a", "psps": {"TRUST": {"siteReference": "a1"}}}]}`:                              false,
		`{"companies": [{"name": "a", "psps": {"STRIPE": {}}}]}`:                                                  false,
		`{"companies": [{"nmae": "a"}]}`:                                                                          false, `{"company": []}`: false, `{}`: false,
	},
	"observed": {
		`{"observations": []}`: true,
		`{"observations": [{"rule": "PayonePayInAnswer.data.amount", "form": "text", "seen": [{"target": "a", "date": "2026-11-28", "run": "1", "times": 2}]}]}`: true,
		`{"observations": [{"rule": "PayonePayInAnswer.data.amount", "form": "text"}]}`:                                                                          false, // not seen
		`{"observations": [{"rule": "a", "was": "x", "seen": [{"target": "a", "date": "yesterday", "run": "1", "times": 2}]}]}`:                                  false, `{}`: false,
	},
	"ignore": {
		`{"ignore": [{"rule": "company-token", "because": "the Sandbox has its own"}]}`: true, `{"ignore": []}`: true,
		`{"ignore": [{"rule": "company-token"}]}`: false, `{"ignored": []}`: false,
	},
	"contract": {
		`{"baseUrl": "http://localhost:8080", "psps": ["TRUST"], "shopper": "person"}`: true,
		`{"baseURL": "http://localhost:8080"}`:                                         false, `{"shopper": "robot"}`: false, `{"users": []}`: false,
	},
	"certify": {
		`{"merchant": {"start": {"wait": "2m"}, "probe": {"command": ["./x"]}, "statuses": {"credited": ["paid"], "pending": [], "failed": "no"}}, "flows": [{"psp": "TRUST", "amount": 25.00, "currency": "GBP"}]}`:  false, // pending is empty
		`{"merchant": {"start": {"wait": "2m"}, "probe": {"command": ["./x"]}, "statuses": {"credited": ["paid"], "pending": "p", "failed": "no"}}, "flows": [{"psp": "TRUST", "amount": 25.00, "currency": "GBP"}]}`: true,  // a number is read as text
		`{"merchant": {}, "flows": []}`: false,
	},
}

// Every kind of file has a schema with an $id, that an independent validator understands, and that is plain JSON Schema.
func TestFileSchemas(t *testing.T) {
	t.Parallel()
	for _, kind := range FileKinds() {
		id := "http://127.0.0.1:8081/schemas/" + kind + ".json"
		text, err := FileSchema(kind, id)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"x-`) || strings.Contains(string(text), "#/components") {
			t.Errorf("%s is not plain JSON Schema", kind)
		}
		var head struct {
			ID string `json:"$id"`
		}
		if err := json.Unmarshal(text, &head); err != nil || head.ID != id {
			t.Errorf("%s: $id is %q, %v", kind, head.ID, err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		compiler := jsonschema.NewCompiler()
		if err := compiler.AddResource(id, doc); err != nil {
			t.Fatal(err)
		}
		schema, err := compiler.Compile(id)
		if err != nil {
			t.Fatal(err)
		}
		if len(files[kind]) == 0 {
			t.Errorf("no file of kind %s is tried", kind)
		}
		for file, want := range files[kind] {
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); (err == nil) != want {
				t.Errorf("%s: %s: %v", kind, file, err)
			}
		}
	}
	if _, err := FileSchema("observation", ""); err == nil || !strings.Contains(err.Error(), "certify, configuration, contract, ignore, observed, scenario") {
		t.Errorf("an unknown kind: %v", err)
	}
}
