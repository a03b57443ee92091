package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const server = "http://sim.example:1234"

// eachPublished calls do for both contracts in both versions.
func eachPublished(t *testing.T, do func(t *testing.T, c *Contract, version string, text []byte)) {
	for name, load := range map[string]func() (*Contract, error){"cashier": Cashier, "control": Control} {
		for _, version := range []string{Version31, Version30} {
			t.Run(name+" "+version, func(t *testing.T) {
				t.Parallel()
				c, err := load()
				if err != nil {
					t.Fatal(err)
				}
				text, err := c.Published(version, server)
				if err != nil {
					t.Fatal(err)
				}
				do(t, c, version, text)
			})
		}
	}
}

// A published document stands by itself, a strict reader takes it, and it names the one server that serves it.
func TestPublished(t *testing.T) {
	t.Parallel()
	eachPublished(t, func(t *testing.T, c *Contract, version string, text []byte) {
		if strings.Contains(string(text), ".yaml#") {
			t.Error("it names a file")
		}
		loader := openapi3.NewLoader() // external references aren't allowed by default
		doc, err := loader.LoadFromData(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(t.Context()); err != nil {
			t.Error(err)
		}
		if doc.Info.Version != c.Version() || doc.OpenAPI != version {
			t.Errorf("version %s of OpenAPI %s", doc.Info.Version, doc.OpenAPI)
		}
		if len(doc.Servers) != 1 || doc.Servers[0].URL != server {
			t.Errorf("servers are %v", doc.Servers)
		}
		for path, item := range doc.Paths.Map() {
			for method, operation := range item.Operations() {
				if operation.Description == "" || operation.Summary == "" {
					t.Errorf("%s %s is not described", method, path)
				}
			}
		}
	})
}

// Generators make one name space of schemas, parameters and responses, and take an object without members for an empty one.
func TestPublishedSuitsGenerators(t *testing.T) {
	t.Parallel()
	eachPublished(t, func(t *testing.T, _ *Contract, version string, text []byte) {
		var doc map[string]any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		names := map[string]string{}
		used := map[string]bool{}
		for _, ref := range regexp.MustCompile(`"(#/components/[^"]*)"`).FindAllStringSubmatch(string(text), -1) {
			used[ref[1]] = true
		}
		components := doc["components"].(map[string]any)
		for kind, all := range components {
			for name := range all.(map[string]any) {
				if kind != "securitySchemes" && !used["#/components/"+kind+"/"+name] {
					t.Errorf("nothing refers to %s/%s", kind, name)
				}
				if kind == "examples" {
					continue
				}
				if other := names[strings.ToLower(name)]; other != "" {
					t.Errorf("%s and %s/%s have one name", other, kind, name)
				}
				names[strings.ToLower(name)] = kind + "/" + name
			}
		}
		inspect(t, "", doc, version)
	})
}

// A PSP configuration in the admin API's document is what the Cashier API's contract says of the provider.
func TestPublishedConfigurations(t *testing.T) {
	t.Parallel()
	cashier, err := Cashier()
	if err != nil {
		t.Fatal(err)
	}
	eachPublished(t, func(t *testing.T, _ *Contract, _ string, text []byte) {
		doc, err := openapi3.NewLoader().LoadFromData(text)
		if err != nil {
			t.Fatal(err)
		}
		company := doc.Components.Schemas["CompanyInput"]
		if company == nil {
			return // the Cashier API's has no companies
		}
		psps := company.Value.Properties["psps"].Value
		if names := slices.Sorted(maps.Keys(psps.Properties)); !slices.Equal(names, slices.Sorted(slices.Values(cashier.PSPs()))) {
			t.Errorf("providers are %v", names)
		}
		for psp, one := range psps.Properties {
			name := cashier.ConfigurationOf(psp)
			if one.Ref != "#/components/schemas/"+name+orNull {
				t.Errorf("%s is %q", psp, one.Ref)
			}
			var want []string
			for _, field := range cashier.FieldsOf(name) {
				if !strings.Contains(field.Path, ".") {
					want = append(want, field.Path)
				}
			}
			if got := slices.Sorted(maps.Keys(one.Value.Properties)); len(want) == 0 || !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				t.Errorf("%s has %v, not %v", psp, got, want)
			}
		}
	})
}

// inspect looks for what a version of OpenAPI doesn't know, and for objects that generators would take for empty ones.
func inspect(t *testing.T, at string, value any, version string) {
	switch value := value.(type) {
	case []any:
		for i, v := range value {
			inspect(t, fmt.Sprintf("%s/%d", at, i), v, version)
		}
	case map[string]any:
		kinds, isList := value["type"].([]any)
		isObject := value["type"] == "object" || slices.Contains(kinds, any("object"))
		if isObject && value["properties"] == nil && value["additionalProperties"] == nil {
			t.Errorf("%s is an object of nothing", at)
		}
		if value["type"] == "number" && value["format"] != "double" {
			t.Errorf("%s is a number of 32 bits for generators", at)
		}
		_, isNumber := value["exclusiveMinimum"].(float64)
		_, shows := value["examples"].([]any)
		if version == Version30 && (isList || isNumber || shows || value["type"] == "null" || value["$ref"] != nil && len(value) > 1 || at == "" && value["webhooks"] != nil) {
			t.Errorf("%s is no OpenAPI 3.0", at)
		}
		for name, v := range value {
			if name != "examples" && name != "example" && !strings.HasPrefix(name, "x-") {
				inspect(t, at+"/"+name, v, version)
			}
		}
	}
}

// mutations are what is put in the place of a field's value.
var mutations = []string{
	`""`, `" "`, `"x"`, `"` + strings.Repeat("a", 600) + `"`, `"` + strings.Repeat("é", 128) + `"`, `0`, `-1`, `1.5`, `100`, `false`, `{}`,
	`[]`, `[1]`, `["x"]`, `{"x":null}`, `"CAD"`, `"cad"`, `"CAD\n"`, `"DEM"`, `"EUR"`, `"CA"`, `"CAN"`, `"ca"`, `"xfa"`, `"XFA"`, `"2566-02-31"`,
	`"1985-02-29"`, `"1984-02-29"`, `"85-02-01"`, `"203.0.113.7"`, `"549.458.438.535"`, `"2001:db8::7"`, `"1::2::3"`, `"ann@mail.example"`, `"a..b@c.d"`,
	`"ann@-b.c"`, `"ann@localhost"`, `"https://shop.example/paid"`, `"https://shop.example:port"`, `"https://shop.example/%zz"`, `"ftp://shop.example"`,
	`"4165550123"`, `"12345"`, `"01"`, `"2030"`, `"123"`, `"2026-06-01T12:00:00Z"`, `"2026-02-30T12:00:00Z"`,
}

// elsewhere are mutations that the schema permits and the admin API refuses in code, as the document says: a provider that there isn't,
// and an answer with neither status nor error.
var elsewhere = []string{`CompanyInput psps {"x":null}`, "InboxNextInput answer.status "}

// What a published document permits is what is accepted: each field of each request is left out and gets each mutation. What OpenAPI can't
// say (named rules) is judged after this.
func TestDocumentsAgreeWithBehaviour(t *testing.T) {
	t.Parallel()
	cashier, err := Cashier()
	if err != nil {
		t.Fatal(err)
	}
	control, err := Control()
	if err != nil {
		t.Fatal(err)
	}
	of, seen := judges(t, cashier), map[string]bool{}
	tried, different := 0, map[string][]string{}
	try := func(of []judge, schema, at, text string, accepted func(Document) bool) {
		if slices.Contains(elsewhere, schema+" "+at) {
			return
		}
		doc, err := Decode([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		tried++
		want := accepted(doc)
		for _, j := range of {
			if got, united := j.permits(schema, doc); got != want && !(united && got) {
				different[j.name] = append(different[j.name], fmt.Sprintf("%s %s: permitted %v, accepted %v", schema, at, got, want))
			}
		}
	}
	for _, op := range cashier.Operations() {
		accepted := func(doc Document) bool { return op.Validate(doc) == nil }
		mutate(t, cashier, op.Schema, seen, func(at, text string) { try(of, op.Schema, at, text, accepted) })
	}
	of = judges(t, control)
	for _, schema := range requestSchemas(t, control) {
		accepted := func(doc Document) bool { return control.ValidateAs(schema, doc) == nil }
		mutate(t, control, schema, seen, func(at, text string) { try(of, schema, at, text, accepted) })
	}
	for _, name := range slices.Sorted(maps.Keys(different)) {
		t.Errorf("%s disagrees in %d of %d cases:\n%s", name, len(different[name]), tried, strings.Join(different[name][:min(12, len(different[name]))], "\n"))
	}
	if t.Logf("%d mutations", tried); tried < 5000 {
		t.Errorf("only %d mutations", tried)
	}
}

// requestSchemas are the components that request bodies of the admin API are, but for those without listed members.
func requestSchemas(t *testing.T, c *Contract) (names []string) {
	doc, err := c.document()
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			if operation.RequestBody == nil {
				continue
			}
			if media := operation.RequestBody.Value.Content["application/json"]; media != nil && len(c.FieldsOf(schemaName(media.Schema.Ref))) > 0 {
				names = append(names, schemaName(media.Schema.Ref))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// mutate calls do with each mutation of a schema's example. A field like one that was seen before only goes and becomes null or true.
func mutate(t *testing.T, c *Contract, schema string, seen map[string]bool, do func(at, text string)) {
	example, ok := c.Example(schema)
	if !ok {
		return
	}
	for _, f := range c.FieldsOf(schema) {
		form := fmt.Sprint(f.Type, f.Enum, f.Pattern, f.Must, f.MinLength, f.MaxLength, f.Required, strings.Contains(f.Path, "."))
		withs := []string{"", "null", "true"}
		if !seen[form] {
			withs = append(withs, mutations...)
		}
		seen[form] = true
		for _, with := range withs {
			var object map[string]any
			if err := json.Unmarshal(example, &object); err != nil {
				t.Fatal(err)
			}
			if text, err := json.Marshal(changed(object, f.Path, with)); err == nil {
				do(f.Path+" "+with, string(text))
			}
		}
	}
}

// changed puts a value at a path of an object, or takes away what is there for "".
func changed(object map[string]any, path, with string) map[string]any {
	name, rest, nested := strings.Cut(path, ".")
	switch inner, ok := object[name].(map[string]any); {
	case nested && ok:
		object[name] = changed(inner, rest, with)
	case nested:
		object[name] = changed(map[string]any{}, rest, with)
	case with == "":
		delete(object, name)
	default:
		object[name] = json.RawMessage(with)
	}
	return object
}

// judge is a validator of published documents.
type judge struct {
	name    string
	permits func(schema string, doc Document) (ok, united bool) // united: the document has the schema only as one of several, and may permit more
}

// judges are an independent validator of JSON Schema, for the document as it is, and kin-openapi's for that of generators.
func judges(t *testing.T, c *Contract) []judge {
	modern, err := c.Published(Version31, server)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(modern)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("contract.json", value); err != nil {
		t.Fatal(err)
	}
	compiled := map[string]*jsonschema.Schema{}
	old, err := c.Published(Version30, server)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := openapi3.NewLoader().LoadFromData(old)
	if err != nil {
		t.Fatal(err)
	}
	enforced := formats()
	return []judge{
		{"jsonschema on 3.1", func(schema string, doc Document) (ok, united bool) {
			if compiled[schema] == nil {
				compiled[schema] = compiler.MustCompile("contract.json#/components/schemas/" + schema)
			}
			return compiled[schema].Validate(any(doc.Fields)) == nil, false
		}},
		{"kin-openapi on 3.0", func(schema string, doc Document) (ok, united bool) {
			one := loaded.Components.Schemas[schema]
			if one == nil {
				provider, _, _ := strings.Cut(schema, "Pay")
				if strings.HasPrefix(schema, "Payone") {
					provider = "Payone"
				}
				one, united = loaded.Components.Schemas[provider], true
			}
			return one.Value.VisitJSON(doc.Fields, enforced) == nil, united
		}},
	}
}
