package openapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"mozartosim/openapi"
)

// shown is an example where it stands beside the schema that it must match.
type shown struct {
	where  string
	name   string
	schema object
	value  any
}

// gather finds every `examples` that stands beside a `schema`: in requests, answers, errors and webhooks.
func gather(t *testing.T, doc object, where string, value any, visit func(shown)) {
	t.Helper()
	switch value := value.(type) {
	case object:
		examples, schema := under(value, "examples"), under(value, "schema")
		for _, name := range sorted(examples) {
			if schema != nil {
				visit(shown{where, name, schema, resolve(t, doc, examples[name])["value"]})
			}
		}
		for _, name := range sorted(value) {
			gather(t, doc, where+"/"+name, value[name], visit)
		}
	case []any:
		for _, v := range value {
			gather(t, doc, where, v, visit)
		}
	}
}

// check holds an example against a schema: a component by name, or one of several.
func check(t *testing.T, c *openapi.Contract, doc object, schema object, body openapi.Document) error {
	t.Helper()
	name := strings.TrimPrefix(ref(schema), "#/components/schemas/")
	if name == "CashierRequest" {
		op, err := c.Select(body)
		if err != nil {
			return err
		}
		return op.Validate(body)
	}
	target := resolve(t, doc, schema)
	if choices, _ := target["anyOf"].([]any); choices != nil {
		var err error
		for _, choice := range choices {
			if err = check(t, c, doc, choice.(object), body); err == nil {
				return nil
			}
		}
		return err
	}
	return c.ValidateAs(name, body)
}

func ref(schema object) string {
	name, _ := schema["$ref"].(string)
	return name
}

// Whatever the documents show matches what they say, and nothing is shown that isn't a part of them.
func TestExamplesHold(t *testing.T) {
	t.Parallel()
	for name, c := range contracts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, used := bundledOnce(t, name, c), map[string]bool{}
			gather(t, doc, "", doc, func(s shown) {
				used[s.name] = true
				if _, ok := s.value.(string); ok && s.schema["type"] == "string" {
					return // a page or Prometheus' text
				}
				raw, err := json.Marshal(s.value)
				if err != nil {
					t.Fatal(err)
				}
				if err := check(t, c, doc, s.schema, decode(t, string(raw))); err != nil {
					t.Errorf("%s: %s: %v", s.where, s.name, err)
				}
			})
			for _, name := range sorted(under(doc, "components", "examples")) {
				if !used[name] {
					t.Errorf("the example %s is shown nowhere", name)
				}
			}
		})
	}
}

// An example named like a schema is one of it: this is how operations, answers and webhooks find theirs.
func TestExamplesHoldAgainstTheirNames(t *testing.T) {
	t.Parallel()
	for name, c := range contracts(t) {
		found := 0
		for _, example := range sorted(under(bundledOnce(t, name, c), "components", "examples")) {
			if !c.HasSchema(example) {
				continue
			}
			found++
			text, _ := c.Example(example)
			if err := c.ValidateAs(example, decode(t, string(text))); err != nil {
				t.Errorf("%s: %v", example, err)
			}
		}
		if found == 0 {
			t.Errorf("%s: no example is named like a schema", name)
		}
	}
}

// Examples are kept digit for digit and in their order: people copy them.
func TestExampleIsAsWritten(t *testing.T) {
	t.Parallel()
	text, _ := cashier(t).Example("PayonePayInRequest")
	want := "{\n  \"pspType\": \"PAYONE\",\n  \"type\": \"PAYIN\",\n  \"baseamount\": 100.00,\n"
	if !strings.HasPrefix(string(text), want) {
		t.Errorf("it begins %s", text[:len(want)])
	}
}
