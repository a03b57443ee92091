package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Invalid says what a document breaks. Either Missing is set (the first absent required field, dotted), or Problems
// lists every broken rule in the contract's order, each line starting with the field's name.
type Invalid struct {
	Missing  string
	Problems []string
}

func (e *Invalid) Error() string {
	if e.Missing != "" {
		return "Missing required field: " + e.Missing
	}
	return "Validation failed: " + strings.Join(e.Problems, "; ")
}

// Fields are the dotted paths of what is missing or wrong: each problem begins with its own.
func (e *Invalid) Fields() (paths []string) {
	if e.Missing != "" {
		paths = append(paths, e.Missing)
	}
	for _, problem := range e.Problems {
		paths = append(paths, pathOf(problem))
	}
	return paths
}

// pathOf is the path that a problem begins with.
func pathOf(problem string) string {
	path, _, _ := strings.Cut(problem, " must ")
	return path
}

// explain puts kin-openapi's error about one value into the vendor's voice: "email must be a valid email".
func explain(path string, err error) string {
	var broken *openapi3.SchemaError
	if !errors.As(err, &broken) {
		return path + " must match the contract"
	}
	for _, step := range broken.JSONPointer() {
		path += "." + step
	}
	return path + " must " + demand(broken)
}

func demand(broken *openapi3.SchemaError) string {
	schema := broken.Schema
	switch broken.SchemaField {
	case "type":
		if number, ok := broken.Value.(json.Number); ok && len(number) > 0 && schema.Type.Permits("number") {
			return "be a number of ordinary size"
		}
		return "be " + article(schema.Type.Slice())
	case "minLength":
		if broken.Value == "" {
			return "not be empty"
		}
		return "be at least " + count(schema.MinLength, "character")
	case "maxLength":
		return "be at most " + count(*schema.MaxLength, "character")
	case "minItems":
		return "have at least " + count(schema.MinItems, "entry")
	case "maxItems":
		return "have at most " + count(*schema.MaxItems, "entry")
	case "minProperties":
		return "have at least " + count(schema.MinProps, "member")
	case "maxProperties":
		return "have at most " + count(*schema.MaxProps, "member")
	case "enum":
		if words := must(schema); words != "" && schema.Pattern == "" {
			return words
		}
		return "be one of: " + strings.Join(texts(schema.Enum), ", ")
	case "exclusiveMinimum":
		return "be greater than " + digits(*schema.ExclusiveMin.Value)
	case "minimum":
		return "be at least " + digits(*schema.Min)
	case "maximum":
		return "be at most " + digits(*schema.Max)
	case "pattern", "format":
		return must(schema)
	case "required":
		return "not be missing"
	}
	return "match the contract's " + broken.SchemaField
}

// digits writes a bound without an exponent.
func digits(bound float64) string { return strconv.FormatFloat(bound, 'f', -1, 64) }

// count writes a number of things: 1 entry, 2 entries.
func count(n uint64, thing string) string {
	if stem, found := strings.CutSuffix(thing, "y"); found && n != 1 {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// must returns what a value of the schema must do, in the contract's words (`x-must`) where it has some.
func must(schema *openapi3.Schema) string {
	if words, ok := schema.Extensions["x-must"].(string); ok {
		return words
	}
	if schema.Pattern != "" {
		return "match " + schema.Pattern
	}
	return ""
}

func article(types []string) string {
	words := make([]string, len(types))
	for i, t := range types {
		switch {
		case t == openapi3.TypeNull:
			words[i] = t
		case strings.ContainsAny(t[:1], "aeioAEIO"):
			words[i] = "an " + t
		default:
			words[i] = "a " + t
		}
	}
	return strings.Join(words, " or ")
}

// texts writes an enum's values.
func texts(values []any) []string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return words
}
