package scenarios

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"mozartosim/openapi"
	"mozartosim/simulator/scenario"
)

func reader(t *testing.T) scenario.Reader {
	t.Helper()
	cashier, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	control, err := openapi.Control()
	if err != nil {
		t.Fatal(err)
	}
	return scenario.Reader{Cashier: cashier, Control: control}
}

func editorSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// The editors' schema says what the contract says.
func TestSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := openapi.FileSchema("scenario", "http://127.0.0.1:8081/schemas/scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("schema.json is older than openapi/scenario.yaml: run go generate ./openapi ./scenarios")
	}
}

// shapes are scenarios that the contract takes, and others that it doesn't.
var shapes = map[string]bool{
	`{"name": "a"}`: true,
	`{"name": "a", "shopper": {"action": "approve", "after": "1h30m"}, "then": []}`:          true,
	`{"name": "a", "answer": {"delay": {"uniform": ["1s", "2s"]}}}`:                          true,
	`{"name": "a", "answer": {"delay": {"lognormal": {"median": "1s", "p99": "2s"}}}}`:       true,
	`{"name": "a", "answer": {"http": {"status": 502, "headers": {"A": "b"}}}, "chance": 1}`: true,
	`{}`:                                                                           false,
	`{"name": "A"}`:                                                                false,
	`{"name": "a", "nmae": "b"}`:                                                   false,
	`{"name": "a", "times": 0}`:                                                    false,
	`{"name": "a", "times": 1.5}`:                                                  false,
	`{"name": "a", "chance": 0}`:                                                   false,
	`{"name": "a", "chance": 1.01}`:                                                false,
	`{"name": "a", "match": {"psp": "PAYON"}}`:                                     false,
	`{"name": "a", "match": {"when": ""}}`:                                         false,
	`{"name": "a", "match": {"named": "yes"}}`:                                     false,
	`{"name": "a", "answer": {"delay": 5}}`:                                        false,
	`{"name": "a", "answer": {"delay": "5"}}`:                                      false,
	`{"name": "a", "answer": {"delay": {"uniform": ["1s"]}}}`:                      false,
	`{"name": "a", "answer": {"delay": {"uniform": ["1s", 2]}}}`:                   false,
	`{"name": "a", "answer": {"delay": {"lognormal": {"median": "1s"}}}}`:          false,
	`{"name": "a", "answer": {"delay": {"fixed": "1s"}}}`:                          false,
	`{"name": "a", "answer": {"http": {}}}`:                                        false,
	`{"name": "a", "answer": {"http": {"status": 99}}}`:                            false,
	`{"name": "a", "answer": {"http": {"status": 200, "headers": {"A": "b\nc"}}}}`: false,
	`{"name": "a", "answer": {"reason": "a\tb"}}`:                                  false,
	`{"name": "a", "answer": {"fault": "slow", "rate": 0}}`:                        false,
	`{"name": "a", "shopper": {}}`:                                                 false,
	`{"name": "a", "then": [{}]}`:                                                  false,
	`{"name": "a", "then": [{"status": "x", "at": 1}]}`:                            false,
	`{"name": "a", "webhooks": {"copies": 21}}`:                                    false,
	`{"name": "a", "webhooks": {"drop": []}}`:                                      false,
	`{"name": "a", "webhooks": {"drop": [101]}}`:                                   false,
	`{"name": "a", "outage": {"kind": "odd"}}`:                                     false,
	`{"name": "a", "outage": {"kind": "down", "for": {"uniform": ["1s", "2s"]}}}`:  false,
}

// An independent validator of JSON Schema agrees with the contract about what is right and what is wrong.
func TestSchemaAgrees(t *testing.T) {
	t.Parallel()
	schema, control := editorSchema(t), reader(t).Control
	for text, want := range shapes {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := openapi.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		editor, complaints := schema.Validate(value), control.Problems("Scenario", doc)
		if (editor == nil) != want || (complaints == nil) != want {
			t.Errorf("%s: the editor says %v, the contract %v", text, editor, complaints)
		}
	}
}

var example = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// Every example of the README holds, for the simulator and for editors.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	schema, r := editorSchema(t), reader(t)
	examples := example.FindAllSubmatchIndex(text, -1)
	if len(examples) < 5 {
		t.Errorf("README.md has only %d examples", len(examples))
	}
	names := map[string]bool{}
	for _, at := range examples {
		above := bytes.Repeat([]byte("\n"), bytes.Count(text[:at[2]], []byte("\n"))) // so that lines are those of the README
		list, err := r.File("README.md", append(above, text[at[2]:at[3]]...))
		if err != nil {
			t.Error(err)
		}
		for _, s := range list {
			if names[s.Name] {
				t.Errorf("README.md:%d: %s is shown twice", s.Line, s.Name)
			}
			names[s.Name] = true
			if err := schema.Validate(plain(t, s.Source())); err != nil {
				t.Errorf("README.md:%d: %v", s.Line, err)
			}
		}
	}
}

func plain(t *testing.T, source json.RawMessage) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// Nothing that only the contract's own reader knows is left in the schema.
func TestSchemaIsPlain(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), `"x-`) || strings.Contains(string(text), "#/components") {
		t.Error("schema.json is not plain JSON Schema")
	}
}
