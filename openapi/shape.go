package openapi

import (
	"fmt"
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
	schema     *openapi3.Schema
	nested     *shape           // for objects with properties of their own
	items      *shape           // for arrays of such objects
	shell      *openapi3.Schema // such an array apart from what its objects say
	provenance Provenance
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

// compile makes an object schema's shape; node is the same schema as written, which alone knows the order. A schema
// without a mark of its own has the one above it.
func (c *Contract) compile(schema *openapi3.Schema, node *yaml.Node, above Provenance) *shape {
	node, _ = c.bundle.resolve(node)
	s := &shape{known: map[string]bool{}}
	if has := schema.AdditionalProperties.Has; has != nil && !*has {
		s.closed = true
	}
	inherited, _ := provenanceOf(schema.Extensions)
	if inherited.Basis == "" {
		inherited = above
	}
	properties := member(node, "properties")
	if properties == nil {
		return s
	}
	for i := 0; i < len(properties.Content); i += 2 {
		name, written := properties.Content[i].Value, properties.Content[i+1]
		f := field{name: name, schema: schema.Properties[name].Value, provenance: inherited}
		if own, ok := nodeProvenance(written); ok {
			f.provenance = own
		}
		_, f.secret = f.schema.Extensions["x-secret"]
		for _, required := range schema.Required {
			f.required = f.required || required == name
		}
		if target, _ := c.bundle.resolve(written); len(f.schema.Properties) > 0 {
			f.nested = c.compile(f.schema, target, f.provenance)
		} else if items := f.schema.Items; items != nil && len(items.Value.Properties) > 0 {
			f.items, f.shell = c.compile(items.Value, member(target, "items"), f.provenance), shellOf(f.schema)
		}
		s.fields, s.known[name] = append(s.fields, f), true
	}
	return s
}

// CheckPSP holds the fields of a PSP configuration against the contract. missing is the first required field that it
// lacks: that is no error here, because such a configuration may be kept and then counts as not found (assumed).
func (c *Contract) CheckPSP(psp string, doc Document) (missing string, err error) {
	s := c.shapes[c.ConfigurationOf(psp)]
	if s == nil {
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

func (s *shape) problems(prefix string, object map[string]any, found []string) []string {
	for i := range s.fields {
		f := &s.fields[i]
		value := object[f.name]
		if value == nil {
			continue
		}
		children, schema := f.children(prefix, value), f.schema
		if f.items != nil {
			schema = f.shell
		}
		if children == nil || f.items != nil {
			if err := schema.VisitJSON(value); err != nil {
				found = append(found, explain(prefix+f.name, err))
			}
		}
		for _, child := range children {
			found = child.shape.problems(child.prefix, child.object, found)
		}
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
	for i, name := range names {
		names[i] = prefix + name + " must not be set: " + suggest(name, s.known)
	}
	return names
}

// shellOf is the schema of an array whose entries must be objects, whatever they say: an array's length, and entries that
// are no objects, are judged apart from the objects, which have paths of their own.
func shellOf(array *openapi3.Schema) *openapi3.Schema {
	shell := *array
	shell.Items = &openapi3.SchemaRef{Value: openapi3.NewSchema()}
	shell.Items.Value.Type = &openapi3.Types{openapi3.TypeObject}
	return &shell
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
	if form, _ := provenanceOf(f.schema.Extensions); form.Basis != "" && form != f.provenance {
		out.Form = &form
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
