package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Problem is something that is wrong with a document.
type Problem struct {
	Path         string // of the value, dotted; "" = the reason says where
	Reason       string // "must be a string"
	Line, Column int    // within the text that is the value, from 1; 0 = the value as a whole
}

func (p Problem) String() string {
	text := p.Reason
	if p.Path != "" {
		text = p.Path + " " + text
	}
	switch {
	case p.Line > 1:
		text += fmt.Sprintf(" (line %d, column %d)", p.Line, p.Column)
	case p.Line > 0:
		text += fmt.Sprintf(" (column %d)", p.Column)
	}
	return text
}

// Problems are what is wrong with a document.
type Problems []Problem

// Add adds what is wrong with the value at a path.
func (p *Problems) Add(path, reason string, args ...any) {
	*p = append(*p, Problem{Path: path, Reason: fmt.Sprintf(reason, args...)})
}

// Below are the problems of a document where it stands at a path of another.
func (p Problems) Below(path string) Problems {
	below := slices.Clone(p)
	for i := range below {
		if below[i].Path != "" {
			below[i].Path = "." + below[i].Path
		}
		below[i].Path = path + below[i].Path
	}
	return below
}

// Texts are the problems in words.
func (p Problems) Texts() (texts []string) {
	for _, problem := range p {
		texts = append(texts, problem.String())
	}
	return texts
}

// Err is an *Invalid with the problems; nil when there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return &Invalid{Problems: p}
}

// InvalidAt is an *Invalid with one problem, for what a contract can't express about the value at a path.
func InvalidAt(path, reason string, args ...any) error {
	var problems Problems
	problems.Add(path, reason, args...)
	return problems.Err()
}

// Invalid says what a document breaks. Either Missing is set (the first absent required field, dotted), or Problems
// lists every broken rule in the contract's order.
type Invalid struct {
	Missing  string
	Problems Problems
}

func (e *Invalid) Error() string {
	if e.Missing != "" {
		return "Missing required field: " + e.Missing
	}
	return "Validation failed: " + strings.Join(e.Problems.Texts(), "; ")
}

// Fields are the dotted paths of what is missing or wrong.
func (e *Invalid) Fields() (paths []string) {
	if e.Missing != "" {
		paths = append(paths, e.Missing)
	}
	for _, problem := range e.Problems {
		paths = append(paths, problem.Path)
	}
	return paths
}

// explain puts kin-openapi's error about one value into the vendor's voice: "email must be a valid email".
func explain(path string, err error) Problem {
	var broken *openapi3.SchemaError
	if !errors.As(err, &broken) {
		return Problem{Path: path, Reason: "must match the contract"}
	}
	for _, step := range broken.JSONPointer() {
		path += "." + step
	}
	return Problem{Path: path, Reason: "must " + demand(broken)}
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
