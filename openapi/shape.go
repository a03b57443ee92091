package openapi

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// shape is an object schema made ready for checking: its fields in the order in which the contract writes them (which
// decides the first missing field and the order of complaints), each value judged by kin-openapi.
type shape struct {
	fields []field
	closed bool            // additionalProperties: false
	known  map[string]bool // field names, for closed shapes
}

type field struct {
	name       string
	required   bool
	secret     bool
	schema     *openapi3.Schema // of the value itself, apart from what the objects in it hold
	plain      plain            // what is obvious about it
	nested     *shape           // for objects with properties of their own
	items      *shape           // for arrays of such objects
	provenance Provenance       // of the field
	form       Provenance       // of what a value must be, where that is another
}

// Field describes one field of a schema to people and to generators of forms and requests.
type Field struct {
	Path        string     `json:"path"` // dotted
	Required    bool       `json:"required"`
	Secret      bool       `json:"secret,omitempty"`
	Type        string     `json:"type"` // string, number, boolean, object, array; alternatives joined by " or "
	Enum        []string   `json:"enum,omitempty"`
	Pattern     string     `json:"pattern,omitempty"`
	Must        string     `json:"must,omitempty"` // what a value must do, in words
	MinLength   int        `json:"minLength,omitempty"`
	MaxLength   int        `json:"maxLength,omitempty"`
	Description string     `json:"description,omitempty"`
	Provenance  Provenance `json:"provenance"` // of the field: that it is there, and whether it is required
	// Form is the mark of what a value must be, where that has another one: a documented field's form may be assumed.
	Form *Provenance `json:"form,omitempty"`
}

// shape returns a component schema made ready for checking; the first to ask makes it.
func (c *Contract) shape(name string) (*shape, error) {
	if s, ok := c.shapes.Load(name); ok {
		return s.(*shape), nil
	}
	node := c.bundle.node("schemas/" + name)
	if node == nil {
		return nil, fmt.Errorf("the contract has no schema %s", name)
	}
	made, err := c.compile(node, Provenance{})
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	s, _ := c.shapes.LoadOrStore(name, made)
	return s.(*shape), nil
}

// compile makes an object schema's shape. A schema without a mark of its own has the one above it.
func (c *Contract) compile(node *yaml.Node, above Provenance) (*shape, error) {
	node, _ = c.bundle.resolve(node)
	s := &shape{known: map[string]bool{}, closed: text(member(node, "additionalProperties")) == "false"}
	inherited := above
	if own, ok := nodeProvenance(node); ok {
		inherited = own
	}
	required := map[string]bool{}
	for _, name := range content(member(node, "required")) {
		required[name.Value] = true
	}
	properties := content(member(node, "properties"))
	for i := 0; i < len(properties); i += 2 {
		f, err := c.field(properties[i].Value, properties[i+1], inherited)
		if err != nil {
			return nil, err
		}
		f.required = required[f.name]
		s.fields, s.known[f.name] = append(s.fields, f), true
	}
	return s, nil
}

func (c *Contract) field(name string, written *yaml.Node, inherited Provenance) (f field, err error) {
	f = field{name: name, provenance: inherited}
	if own, ok := nodeProvenance(written); ok {
		f.provenance = own
	}
	if f.schema, err = c.schema(written); err != nil {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	_, f.secret = f.schema.Extensions["x-secret"]
	f.plain = plainOf(f.schema)
	target, _ := c.bundle.resolve(written)
	items, _ := c.bundle.resolve(member(target, "items"))
	switch {
	case member(target, "properties") != nil:
		f.nested, err = c.compile(target, f.provenance)
	case member(items, "properties") != nil:
		f.items, err = c.compile(items, f.provenance)
	}
	if f.form, _ = nodeProvenance(target); f.form == f.provenance {
		f.form = Provenance{}
	}
	return f, err
}

// schema makes the validator of one value. What objects hold is left out: their fields have shapes, and paths, of their own.
func (c *Contract) schema(node *yaml.Node) (*openapi3.Schema, error) {
	raw, err := nodeJSON(c.inline(node))
	if err != nil {
		return nil, err
	}
	var schema openapi3.Schema
	return &schema, schema.UnmarshalJSON(raw)
}

// inline returns node with every $ref replaced by what it stands for (keywords beside the $ref win), and without what
// only shapes and people read.
func (c *Contract) inline(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.SequenceNode {
		out := &yaml.Node{Kind: yaml.SequenceNode}
		for _, child := range node.Content {
			out.Content = append(out.Content, c.inline(child))
		}
		return out
	}
	if node.Kind != yaml.MappingNode {
		return node
	}
	out := &yaml.Node{Kind: yaml.MappingNode}
	seen := map[string]bool{"properties": true, "required": true, "x-provenance": true, "examples": true, "$ref": true}
	if target, _ := c.bundle.resolve(node); member(target, "properties") != nil {
		seen["additionalProperties"] = true // unknown names are the shape's business
	}
	for node != nil {
		for i := 0; i < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			if !seen[key.Value] {
				seen[key.Value] = true
				out.Content = append(out.Content, key, c.inline(value))
			}
		}
		ref := member(node, "$ref")
		if ref == nil {
			break
		}
		node = c.bundle.node(componentName(ref.Value))
	}
	return out
}

// CheckPSP holds the fields of a PSP configuration against the contract. missing is the first required field that it
// lacks: that is no error here, because such a configuration may be kept and then counts as not found (assumed).
func (c *Contract) CheckPSP(psp string, doc Document) (missing string, err error) {
	s, err := c.shape(c.ConfigurationOf(psp))
	if err != nil {
		return "", &Invalid{Problems: []string{psp + " must be one of: " + strings.Join(c.PSPs(), ", ")}}
	}
	if problems := s.problems("", doc.Fields, nil); len(problems) > 0 {
		return "", &Invalid{Problems: problems}
	}
	return s.missing("", doc.Fields), nil
}

// check is the whole validation of one object. null counts as absent (assumed).
func (s *shape) check(object map[string]any) error {
	if missing := s.missing("", object); missing != "" {
		return &Invalid{Missing: missing}
	}
	if problems := s.problems("", object, nil); len(problems) > 0 {
		return &Invalid{Problems: problems}
	}
	return nil
}

func (s *shape) missing(prefix string, object map[string]any) string {
	for i := range s.fields {
		f := &s.fields[i]
		value, there := object[f.name]
		if value == nil {
			if f.required && !(there && f.schema.Type.Permits("null")) {
				return prefix + f.name
			}
			continue
		}
		for _, child := range f.children(prefix, value) {
			if missing := child.shape.missing(child.prefix, child.object); missing != "" {
				return missing
			}
		}
	}
	return ""
}

// child is an object below a field that has a shape of its own.
type child struct {
	shape  *shape
	prefix string
	object map[string]any
}

// children returns the objects that value holds, where the contract has shapes for them.
func (f *field) children(prefix string, value any) []child {
	if f.nested != nil {
		if object, ok := value.(map[string]any); ok {
			return []child{{f.nested, prefix + f.name + ".", object}}
		}
	}
	if f.items == nil {
		return nil
	}
	var found []child
	array, _ := value.([]any)
	for i, item := range array {
		if object, ok := item.(map[string]any); ok {
			found = append(found, child{f.items, fmt.Sprintf("%s%s.%d.", prefix, f.name, i), object})
		}
	}
	return found
}

// maxProblems bounds how many complaints one document gets, so that a large body can't ask for a huge answer.
const maxProblems = 100

// obvious says that a value holds so plainly that kin-openapi need not be asked: a boolean that may be any; a text within its
// length that is one of the enum or matches the pattern; a short decimal above zero. Whatever is not obvious is judged, and
// worded, by kin-openapi. Counting bytes is on the safe side, since no text has fewer bytes than characters.
func (f *field) obvious(value any) bool {
	switch value := value.(type) {
	case bool:
		return f.plain.boolean
	case string:
		return f.plain.text && f.plain.holds(value)
	case json.Number:
		return f.plain.number && aboveZero(string(value))
	}
	return false
}

// aboveZero says whether a number is written with at most 15 digits, perhaps with a point, no sign, no exponent, and isn't 0.
func aboveZero(number string) bool {
	zero := true
	for i := range len(number) {
		c := number[i]
		if c != '.' && (c < '0' || c > '9') {
			return false
		}
		zero = zero && (c == '0' || c == '.')
	}
	return !zero && len(number) <= 16
}

// plain is what obvious knows of a schema; the zero value knows nothing.
type plain struct {
	boolean, text, number bool
	low, high             int
	enum                  []string
	pattern               *regexp.Regexp
}

func (p *plain) holds(value string) bool {
	return len(value) >= p.low && len(value) <= p.high &&
		(p.enum == nil || slices.Contains(p.enum, value)) && (p.pattern == nil || p.pattern.MatchString(value))
}

// plainOf returns what is obvious about a schema: nothing when it asks for more than types, a length from 0 or 1 on, an enum
// of texts, a pattern, and numbers above 0.
func plainOf(schema *openapi3.Schema) plain {
	above := schema.ExclusiveMin.Value
	if schema.Type == nil || schema.Format != "" || schema.MinLength > 1 || above != nil && *above != 0 ||
		schema.Min != nil || schema.Max != nil || schema.ExclusiveMax.Value != nil || schema.MultipleOf != nil {
		return plain{}
	}
	p := plain{
		boolean: schema.Type.Includes(openapi3.TypeBoolean) && len(schema.Enum) == 0,
		text:    schema.Type.Includes(openapi3.TypeString),
		number:  schema.Type.Includes(openapi3.TypeNumber) && len(schema.Enum) == 0,
		low:     int(schema.MinLength), high: math.MaxInt,
	}
	if schema.MaxLength != nil {
		p.high = int(*schema.MaxLength)
	}
	for _, value := range schema.Enum {
		text, ok := value.(string)
		if !ok {
			return plain{}
		}
		p.enum = append(p.enum, text)
	}
	if schema.Pattern == "" {
		return p
	}
	pattern, err := regexp.Compile(schema.Pattern)
	if err != nil {
		return plain{}
	}
	p.pattern = pattern
	return p
}

func (s *shape) problems(prefix string, object map[string]any, found []string) []string {
	for i := range s.fields {
		if len(found) >= maxProblems {
			return found
		}
		f := &s.fields[i]
		value := object[f.name]
		if value == nil {
			continue
		}
		if !f.obvious(value) {
			if err := f.schema.VisitJSON(value); err != nil {
				found = append(found, explain(prefix+f.name, err))
			}
		}
		for _, child := range f.children(prefix, value) {
			found = child.shape.problems(child.prefix, child.object, found)
		}
	}
	if len(found) >= maxProblems {
		return found
	}
	return append(found, s.unknown(prefix, object)...)
}

// unknown complains about the names that a closed shape doesn't have, sorted.
func (s *shape) unknown(prefix string, object map[string]any) []string {
	if !s.closed {
		return nil
	}
	var names []string
	for name := range object {
		if !s.known[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = names[:min(len(names), maxProblems)]
	for i, name := range names {
		name = Shorten(name)
		names[i] = prefix + name + " must not be set: " + suggest(name, s.known)
	}
	return names
}

// Shorten cuts a name that can't be meant seriously.
func Shorten(name string) string {
	const most = 64
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}

func (s *shape) list(prefix string, fields []Field) []Field {
	for _, f := range s.fields {
		fields = append(fields, describe(prefix, f))
		if f.nested != nil {
			fields = f.nested.list(prefix+f.name+".", fields)
		}
	}
	return fields
}

func describe(prefix string, f field) Field {
	out := Field{
		Path: prefix + f.name, Required: f.required, Secret: f.secret, Pattern: f.schema.Pattern,
		MinLength: int(f.schema.MinLength), Description: f.schema.Description, Provenance: f.provenance,
		Type: strings.Join(f.schema.Type.Slice(), " or "),
	}
	if f.schema.MaxLength != nil {
		out.MaxLength = int(*f.schema.MaxLength)
	}
	if f.form.Basis != "" {
		out.Form = &f.form
	}
	for _, value := range f.schema.Enum {
		out.Enum = append(out.Enum, fmt.Sprint(value))
	}
	out.Must = must(f.schema)
	if least := f.schema.ExclusiveMin.Value; out.Must == "" && least != nil {
		out.Must = fmt.Sprintf("be greater than %v", *least)
	}
	return out
}
