package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// shape is an object schema prepared for validation: its fields in the contract's order (which decides the first missing field
// and the order of problems), each value validated by kin-openapi.
type shape struct {
	fields []field
	closed bool            // additionalProperties: false
	known  map[string]bool // field names, for closed shapes
}

type field struct {
	Field         // its path is its name
	*value        // the validator of the value itself, without the fields of objects in it
	nested *shape // for objects with properties of their own
	items  *shape // for arrays of such objects
}

// value validates one value. It is not changed once it is made.
type value struct {
	schema  *openapi3.Schema
	options []openapi3.SchemaValidationOption
	plain   plain // what can be decided without kin-openapi
}

// shape returns a component schema prepared for validation; the first call makes it.
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

// compile makes an object schema's shape. A schema without a mark of its own inherits one.
func (c *Contract) compile(node *yaml.Node, inherited Provenance) (*shape, error) {
	node, _ = c.bundle.resolve(node)
	s := &shape{known: map[string]bool{}, closed: text(member(node, "additionalProperties")) == "false"}
	mark, _ := provenance(node, inherited)
	required := requiredFields(node)
	for name, property := range members(member(node, "properties")) {
		f, err := c.field(name, property, mark)
		if err != nil {
			return nil, err
		}
		f.Required = required[name]
		s.fields, s.known[name] = append(s.fields, f), true
	}
	return s, nil
}

// requiredFields returns the names that a schema requires.
func requiredFields(node *yaml.Node) map[string]bool {
	required := map[string]bool{}
	for _, name := range content(member(node, "required")) {
		required[name.Value] = true
	}
	return required
}

func (c *Contract) field(name string, written *yaml.Node, inherited Provenance) (f field, err error) {
	if f.value, err = c.value(written); err != nil {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	f.Field = described(name, f.schema)
	f.Provenance, _ = c.bundle.fieldMark(written, inherited)
	target, _ := c.bundle.resolve(written)
	items, _ := c.bundle.resolve(member(target, "items"))
	switch {
	case member(target, "properties") != nil:
		f.nested, err = c.compile(target, f.Provenance)
	case member(items, "properties") != nil:
		f.items, err = c.compile(items, f.Provenance)
	}
	if form, own := provenance(target, Provenance{}); own && form != f.Provenance {
		f.Form = &form
	}
	return f, err
}

// value makes the validator of one value, without the fields of objects in it: they have shapes, and paths, of their own. Schemas
// have many fields in common, whose validator is made once.
func (c *Contract) value(node *yaml.Node) (*value, error) {
	raw, err := nodeJSON(c.inline(node))
	if err != nil {
		return nil, err
	}
	if made, ok := c.values.Load(string(raw)); ok {
		return made.(*value), nil
	}
	v := &value{schema: &openapi3.Schema{}}
	if err := v.schema.UnmarshalJSON(raw); err != nil {
		return nil, err
	}
	if v.plain = plainOf(v.schema); hasFormat(v.schema) {
		v.options = []openapi3.SchemaValidationOption{formats()}
	}
	c.values.Store(string(raw), v)
	return v, nil
}

// inline returns node with every $ref replaced by its target (keywords beside the $ref win), and without what only shapes and
// people read.
func (c *Contract) inline(node *yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: node.Kind}
	switch node.Kind {
	case yaml.ScalarNode:
		return node
	case yaml.SequenceNode:
		for _, child := range node.Content {
			out.Content = append(out.Content, c.inline(child))
		}
		return out
	}
	seen := map[string]bool{"properties": true, "required": true, "x-provenance": true, "examples": true, "$ref": true}
	if target, _ := c.bundle.resolve(node); member(target, "properties") != nil {
		seen["additionalProperties"] = true // shapes check unknown names
	}
	for node != nil {
		for name, value := range members(node) {
			if !seen[name] {
				seen[name] = true
				out.Content = append(out.Content, scalar(name), c.inline(value))
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

// CheckPSP validates the fields of a PSP configuration. missing are the required fields that it lacks, with commas: that is no error
// here, because such a configuration may be stored and then counts as not found (assumed).
func (c *Contract) CheckPSP(psp string, doc Document) (missing string, err error) {
	s, err := c.shape(c.ConfigurationOf(psp))
	if err != nil {
		return "", Problems{{Path: psp, Reason: "must be one of: " + strings.Join(c.PSPs(), ", ") + DidYouMean(psp, c.PSPs())}}.Err()
	}
	if problems := s.problems("", doc.Fields, nil); problems != nil {
		return "", meant(doc.Fields, problems).Err()
	}
	var paths []string
	for _, p := range s.lacking("", doc.Fields, nil, len(s.fields)) {
		paths = append(paths, p.Path)
	}
	return strings.Join(paths, ", "), nil
}

// check is the whole validation of one object.
func (s *shape) check(object map[string]any) error {
	if missing := s.missing(object); missing != "" {
		return &Invalid{Missing: missing}
	}
	return s.problems("", object, nil).Err()
}

// missing is the path of the first required field that an object has not; "" for none.
func (s *shape) missing(object map[string]any) string {
	if first := s.lacking("", object, nil, 1); first != nil {
		return first[0].Path
	}
	return ""
}

// lacking adds the required fields that an object has not, up to a number of problems. null counts as absent (assumed) where the schema
// does not permit it.
func (s *shape) lacking(prefix string, object map[string]any, found Problems, most int) Problems {
	for i := range s.fields {
		f := &s.fields[i]
		if len(found) >= most {
			return found
		}
		if !f.Required && f.nested == nil && f.items == nil {
			continue
		}
		value, there := object[f.Path]
		if value == nil && f.Required && !(there && f.schema.Type.Permits("null")) {
			found.Add(prefix+f.Path, "must not be missing")
		}
		for _, child := range f.children(prefix, value) {
			found = child.shape.lacking(child.prefix, child.object, found, most)
		}
	}
	return found
}

// child is an object below a field that has a shape of its own.
type child struct {
	shape  *shape
	prefix string
	object map[string]any
}

// children returns the objects in value that have shapes.
func (f *field) children(prefix string, value any) []child {
	if f.nested != nil {
		if object, ok := value.(map[string]any); ok {
			return []child{{f.nested, prefix + f.Path + ".", object}}
		}
	}
	if f.items == nil {
		return nil
	}
	var found []child
	array, _ := value.([]any)
	for i, item := range array {
		if object, ok := item.(map[string]any); ok {
			found = append(found, child{f.items, fmt.Sprintf("%s%s.%d.", prefix, f.Path, i), object})
		}
	}
	return found
}

// without copies an object without the fields that its shape doesn't know, which left is called with.
func (s *shape) without(object map[string]any, left func(name string, value any)) map[string]any {
	kept := make(map[string]any, len(object))
	for name, value := range object {
		if s.known[name] {
			kept[name] = value
		} else {
			left(name, value)
		}
	}
	for i := range s.fields {
		f := &s.fields[i]
		switch value := kept[f.Path].(type) {
		case map[string]any:
			if f.nested != nil {
				kept[f.Path] = f.nested.without(value, left)
			}
		case []any:
			if f.items != nil {
				kept[f.Path] = f.items.withoutIn(value, left)
			}
		}
	}
	return kept
}

func (s *shape) withoutIn(array []any, left func(name string, value any)) []any {
	kept := make([]any, len(array))
	for i, item := range array {
		if object, ok := item.(map[string]any); ok {
			item = s.without(object, left)
		}
		kept[i] = item
	}
	return kept
}

// maxProblems bounds the problems of one document, so that a large body can't get a huge answer.
const maxProblems = 100

func (s *shape) problems(prefix string, object map[string]any, found Problems) Problems {
	for i := range s.fields {
		if len(found) >= maxProblems {
			return found
		}
		f := &s.fields[i]
		value := object[f.Path]
		if value == nil {
			continue
		}
		if !f.plain.obvious(value) {
			if err := f.schema.VisitJSON(value, f.options...); err != nil {
				found = append(found, explain(prefix+f.Path, err))
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

// unknown lists the names that a closed shape doesn't have, sorted.
func (s *shape) unknown(prefix string, object map[string]any) (problems Problems) {
	if !s.closed {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !s.known[name] && len(problems) < maxProblems {
			name = Shorten(name)
			problems.Add(prefix+name, "must not be set: %s", known(name, s.known))
		}
	}
	return problems
}

func (s *shape) list(prefix string, fields []Field) []Field {
	for _, f := range s.fields {
		listed := f.Field
		listed.Path = prefix + f.Path
		fields = append(fields, listed)
		if f.nested != nil {
			fields = f.nested.list(listed.Path+".", fields)
		}
	}
	return fields
}

// described is a field as far as its schema says it.
func described(name string, schema *openapi3.Schema) Field {
	f := Field{
		Path: name, Pattern: schema.Pattern, MinLength: int(schema.MinLength), Description: schema.Description,
		Type: strings.Join(schema.Type.Slice(), " or "), Must: must(schema),
	}
	_, f.Secret = schema.Extensions["x-secret"]
	if schema.MaxLength != nil {
		f.MaxLength = int(*schema.MaxLength)
	}
	if len(schema.Enum) > 0 {
		f.Enum = texts(schema.Enum)
	}
	if least := schema.ExclusiveMin.Value; f.Must == "" && least != nil {
		f.Must = fmt.Sprintf("be greater than %v", *least)
	}
	return f
}
