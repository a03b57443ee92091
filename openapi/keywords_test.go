package openapi_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mozartosim/openapi"
)

// place is a schema where it is used: under a path of a component schema.
type place struct {
	component, path string
	schema          object
}

// walk visits every schema of a document's components, nested ones under their path; a $ref is followed.
func walk(t *testing.T, doc object, visit func(place)) {
	t.Helper()
	var descend func(component, path string, value any)
	descend = func(component, path string, value any) {
		schema := resolve(t, doc, value)
		visit(place{component, path, schema})
		prefix := path
		if path != "" {
			prefix += "."
		}
		for _, name := range sorted(under(schema, "properties")) {
			descend(component, prefix+name, under(schema, "properties")[name])
		}
		if items := schema["items"]; items != nil {
			descend(component, prefix+"0", items)
		}
		if others, ok := schema["additionalProperties"].(object); ok {
			descend(component, prefix+"any", others)
		}
	}
	schemas := under(doc, "components", "schemas")
	for _, name := range sorted(schemas) {
		descend(name, "", schemas[name])
	}
}

// parameters visits the schemas of query, path and header parameters, wherever they stand.
func parameters(t *testing.T, doc object, value any, visit func(object)) {
	switch value := value.(type) {
	case object:
		if schema := value["schema"]; schema != nil && value["in"] != nil {
			visit(resolve(t, doc, schema))
		}
		for _, name := range sorted(value) {
			parameters(t, doc, value[name], visit)
		}
	case []any:
		for _, v := range value {
			parameters(t, doc, v, visit)
		}
	}
}

// annotations say something to people and to this package, and refuse nothing.
var annotations = []string{"title", "description", "default", "examples", "discriminator", "oneOf", "anyOf"}

// enforced are the keywords that a value can break, each with its test; structure (properties, items) is what is walked.
var enforced = map[string]func(t *testing.T, c *openapi.Contract, p place){
	"type": breakType, "enum": breakEnum, "pattern": breakPattern, "minLength": breakMinLength, "maxLength": breakMaxLength,
	"minimum": breakMinimum, "maximum": breakMaximum, "exclusiveMinimum": breakExclusiveMinimum, "minItems": breakMinItems,
	"maxItems": breakMaxItems, "format": breakFormat, "required": breakRequired, "additionalProperties": breakClosed,
	"minProperties": breakMinProperties, "maxProperties": breakMaxProperties,
	"properties": nil, "items": nil,
}

// The documents keep to keywords that are enforced. A new one must be proved here before it may be used: kin-openapi
// passes over many in silence.
func TestKeywordsInUseAreKnown(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	known := func(schema object) {
		for keyword := range schema {
			_, ok := enforced[keyword]
			if !ok && !slices.Contains(annotations, keyword) && !strings.HasPrefix(keyword, "x-") && !seen[keyword] {
				seen[keyword] = true
				t.Errorf("the keyword %s is in use, and nobody shows that it is enforced", keyword)
			}
		}
	}
	for name, c := range contracts(t) {
		doc := bundledOnce(t, name, c)
		walk(t, doc, func(p place) { known(p.schema) })
		parameters(t, doc, doc, known)
	}
}

// Every keyword, wherever it is written, refuses a value that breaks it, with the right path and words.
func TestKeywordsAreEnforced(t *testing.T) {
	t.Parallel()
	for name, c := range contracts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := bundledOnce(t, name, c)
			walk(t, doc, func(p place) {
				if under(doc, "components", "schemas", p.component, "properties") == nil {
					return // not an object by itself: it is checked where it is used
				}
				for keyword, check := range enforced {
					if p.schema[keyword] != nil && check != nil {
						check(t, c, p)
					}
				}
			})
		})
	}
}

// expect puts a value, as JSON, at the place and wants one complaint about it.
func expect(t *testing.T, c *openapi.Contract, p place, value, want string) {
	t.Helper()
	if p.path != "" { // a document is an object by itself
		complain(t, c, p, p.path, value, p.path+" "+want)
	}
}

func complain(t *testing.T, c *openapi.Contract, p place, path, value, want string) {
	t.Helper()
	got := c.Problems(p.component, decode(t, build(path, value))).Texts()
	if !slices.Contains(got, want) {
		t.Errorf("%s: %s = %.60s: want %q among %q", p.component, path, value, want, got)
	}
}

// build makes an object with one value at a path, in which 0 is an array's first entry; it gets a twin, since some lists
// must have two.
func build(path, value string) string {
	if path == "" {
		return value
	}
	for _, name := range slices.Backward(strings.Split(path, ".")) {
		if name == "0" {
			value = "[" + value + "," + value + "]"
		} else {
			value = `{"` + name + `":` + value + `}`
		}
	}
	return value
}

func number(t *testing.T, p place, keyword string) float64 {
	t.Helper()
	n, err := p.schema[keyword].(json.Number).Float64()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func things(n float64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return plain(n) + " " + many
}

func types(p place) []string {
	if one, ok := p.schema["type"].(string); ok {
		return []string{one}
	}
	var all []string
	for _, t := range p.schema["type"].([]any) {
		all = append(all, t.(string))
	}
	return all
}

// breakType puts values of all other types there. An enum speaks before the type does.
func breakType(t *testing.T, c *openapi.Contract, p place) {
	allowed := types(p)
	if p.schema["enum"] != nil {
		return
	}
	var words []string
	for _, name := range allowed {
		words = append(words, map[string]string{
			"string": "a string", "number": "a number", "integer": "an integer", "boolean": "a boolean", "object": "an object",
			"array": "an array", "null": "null",
		}[name])
	}
	for name, value := range map[string]string{"string": `"x"`, "number": `1.5`, "boolean": `true`, "object": `{}`, "array": `[]`} {
		if !slices.Contains(allowed, name) {
			expect(t, c, p, value, "must be "+strings.Join(words, " or "))
		}
	}
}

func breakEnum(t *testing.T, c *openapi.Contract, p place) {
	var words []string
	for _, value := range p.schema["enum"].([]any) {
		words = append(words, fmt.Sprint(value))
	}
	want := "must be one of: " + strings.Join(words, ", ")
	if said, ok := p.schema["x-must"].(string); ok {
		want = "must " + said
	}
	for _, value := range []string{`"no such word"`, `""`, `7`, `[]`} {
		expect(t, c, p, value, want)
	}
	if words[0] == "true" {
		expect(t, c, p, `false`, "must be one of: true")
	}
}

func breakPattern(t *testing.T, c *openapi.Contract, p place) {
	want := "must match " + p.schema["pattern"].(string)
	if words, ok := p.schema["x-must"].(string); ok {
		want = "must " + words
	}
	form := regexp.MustCompile(p.schema["pattern"].(string))
	for _, letter := range []string{"!", "\n", "\x00"} {
		text := strings.Repeat(letter, 2)
		if !form.MatchString(text) {
			expect(t, c, p, quote(t, text), want)
			return
		}
	}
	t.Errorf("%s %s: no sample breaks the pattern %s", p.component, p.path, form)
}

// notOfFormat are texts that the patterns beside the formats permit, and the formats don't; uuid's pattern says all of it, and some
// times are the simulator's own to write.
var notOfFormat = map[string]string{
	"date": "2566-02-31", "date-time": "2026-02-30T12:00:00Z", "email": "a..b@mail.example", "uri": "https://shop.example:port", "ip": "", "uuid": "",
}

func breakFormat(t *testing.T, c *openapi.Contract, p place) {
	wrong, known := notOfFormat[p.schema["format"].(string)]
	words, _ := p.schema["x-must"].(string)
	switch {
	case !known:
		t.Errorf("%s %s: nobody shows that the format %s is enforced", p.component, p.path, p.schema["format"])
	case wrong == "":
		breakPattern(t, c, p)
	case words == "":
		expect(t, c, p, quote(t, wrong), "must match "+p.schema["pattern"].(string))
	default:
		expect(t, c, p, quote(t, wrong), "must "+words)
	}
}

func quote(t *testing.T, text string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(quoted)
}

func breakMinLength(t *testing.T, c *openapi.Contract, p place) {
	n := number(t, p, "minLength")
	if n > 1 {
		expect(t, c, p, `"`+strings.Repeat("é", int(n)-1)+`"`, "must be at least "+things(n, "character", "characters"))
	}
	expect(t, c, p, `""`, "must not be empty")
}

func breakMaxLength(t *testing.T, c *openapi.Contract, p place) {
	n := number(t, p, "maxLength")
	expect(t, c, p, `"`+strings.Repeat("a", int(n)+1)+`"`, "must be at most "+things(n, "character", "characters"))
}

func breakMinimum(t *testing.T, c *openapi.Contract, p place) {
	n := number(t, p, "minimum")
	expect(t, c, p, plain(n-1), "must be at least "+plain(n))
}

func breakMaximum(t *testing.T, c *openapi.Contract, p place) {
	n := number(t, p, "maximum")
	expect(t, c, p, plain(n+1), "must be at most "+plain(n))
}

func breakExclusiveMinimum(t *testing.T, c *openapi.Contract, p place) {
	n := number(t, p, "exclusiveMinimum")
	for _, value := range []float64{n, n - 1} {
		expect(t, c, p, plain(value), "must be greater than "+plain(n))
	}
}

// list makes a list of n entries. How many they are is judged before what they are.
func list(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]" }

func breakMinItems(t *testing.T, c *openapi.Contract, p place) {
	n := number(t, p, "minItems")
	expect(t, c, p, list(int(n)-1), "must have at least "+things(n, "entry", "entries"))
}

func breakMaxItems(t *testing.T, c *openapi.Contract, p place) {
	n := number(t, p, "maxItems")
	expect(t, c, p, list(int(n)+1), "must have at most "+things(n, "entry", "entries"))
}

func breakMinProperties(t *testing.T, c *openapi.Contract, p place) {
	n := number(t, p, "minProperties")
	expect(t, c, p, members(int(n)-1), "must have at least "+things(n, "member", "members"))
}

func breakMaxProperties(t *testing.T, c *openapi.Contract, p place) {
	n := number(t, p, "maxProperties")
	expect(t, c, p, members(int(n)+1), "must have at most "+things(n, "member", "members"))
}

// members makes an object with n members.
func members(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"m%d":1`, i))
	}
	return "{" + strings.Join(all, ",") + "}"
}

func breakRequired(t *testing.T, c *openapi.Contract, p place) {
	prefix := p.path
	if prefix != "" {
		prefix += "."
	}
	for _, name := range p.schema["required"].([]any) {
		complain(t, c, p, p.path, `{}`, prefix+name.(string)+" must not be missing")
		if under(p.schema, "properties", name.(string)) == nil {
			t.Errorf("%s %s requires %s and doesn't describe it", p.component, p.path, name)
		}
	}
}

func breakClosed(t *testing.T, c *openapi.Contract, p place) {
	if _, others := p.schema["additionalProperties"].(object); others {
		return // what it says about other members is broken where they are walked
	}
	if p.schema["additionalProperties"] != false {
		t.Errorf("%s %s: additionalProperties is %v, only false is enforced", p.component, p.path, p.schema["additionalProperties"])
	}
	prefix := p.path
	if prefix != "" {
		prefix += "."
	}
	for _, got := range c.Problems(p.component, decode(t, build(p.path, `{"no such name":null}`))).Texts() {
		if strings.HasPrefix(got, prefix+"no such name must not be set: known are ") {
			return
		}
	}
	t.Errorf("%s %s takes names that it doesn't know", p.component, p.path)
}
