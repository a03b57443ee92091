package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"
)

// Editor collects changes of a contract: of one that is loaded, or of the files that it is merged from.
type Editor struct {
	root    *yaml.Node            // the document
	files   map[string]string     // where its components are written, "schemas/Address"; nil = in no files
	changed map[string]*yaml.Node // by part
}

// NewEditor begins to make another contract of c.
func NewEditor(c *Contract) *Editor {
	return &Editor{root: c.bundle.tree(), changed: map[string]*yaml.Node{}}
}

// Contract returns the contract with the changes. An error means that they don't fit together.
func (e *Editor) Contract() (*Contract, error) {
	for part, node := range e.changed {
		*partOf(e.root, part) = *node
	}
	text, err := nodeJSON(e.root)
	if err != nil {
		return nil, fmt.Errorf("edit contract: %w", err)
	}
	return Parse(text)
}

// part returns a part of the document, to be changed; nil when there is none.
func (e *Editor) part(name string) *yaml.Node {
	if node := e.changed[name]; node != nil {
		return node
	}
	node := partOf(e.root, name)
	if node != nil {
		node = cloned(node)
		unshare(node)
		e.changed[name] = node
	}
	return node
}

// inlined puts a copy of its target in the place of a $ref, and what stands beside the $ref over it.
func (e *Editor) inlined(node *yaml.Node) *yaml.Node {
	for ref := member(node, "$ref"); ref != nil; ref = member(node, "$ref") {
		target := cloned(partOf(e.root, componentName(ref.Value)))
		expand(target)
		for name, value := range members(node) {
			if name != "$ref" {
				put(target, name, value)
			}
		}
		*node = *target
	}
	return node
}

// object returns the object in a schema that has the field at a dotted path, and the field's name; with add the objects that
// are missing on the way are added, required or not. It is nil when there is none.
func (e *Editor) object(schema, path string, add, required bool) (object *yaml.Node, name string) {
	object = e.part("schemas/" + schema)
	for object != nil {
		head, rest, nested := strings.Cut(path, ".")
		if !nested {
			return object, path
		}
		if next := member(member(object, "properties"), head); next != nil {
			object, path = e.inlined(next), rest
			continue
		}
		if !add {
			return nil, ""
		}
		added := mapping("type", scalar("object"))
		setField(object, head, added, required)
		object, path = added, rest
	}
	return nil, ""
}

// Field returns the keywords of the field at a dotted path of a component schema, to be changed; ok is false when there is none.
func (e *Editor) Field(schema, path string) (f Keywords, ok bool) {
	object, name := e.object(schema, path, false, false)
	node := member(member(object, "properties"), name)
	if node == nil {
		return Keywords{}, false
	}
	return Keywords{e.inlined(node)}, true
}

// Require makes the field at a path of a component schema required, or optional.
func (e *Editor) Require(schema, path string, required bool) {
	if object, name := e.object(schema, path, false, false); object != nil {
		require(object, name, required)
	}
}

// Add adds a field at a path of a component schema, and the objects on the way that are missing; one that is there is replaced.
func (e *Editor) Add(schema, path string, required bool) Keywords {
	object, name := e.object(schema, path, true, required)
	node := &yaml.Node{Kind: yaml.MappingNode}
	setField(object, name, node, required)
	return Keywords{node}
}

// Move moves a field of a component schema to another path, in the schema's examples too. An error says that there is no such field,
// or that there is another one at the path, and where.
func (e *Editor) Move(schema, from, to string) error {
	if there, ok := e.Field(schema, to); ok {
		return fmt.Errorf("%s%s has a field %s already", e.place(schema, there.node), schema, to)
	}
	field, ok := e.Field(schema, from)
	if !ok {
		return fmt.Errorf("%s%s has no field %s", e.place(schema, e.part("schemas/"+schema)), schema, from)
	}
	object, name := e.object(schema, from, false, false)
	before, _ := cutLast(from)
	if above, is := cutLast(to); above == before {
		rekey(object, name, is)
	} else {
		required := requiredFields(object)[name]
		require(object, name, false)
		without(member(object, "properties"), name)
		*e.Add(schema, to, required).node = *field.node
	}
	for _, example := range e.examples(schema) {
		var moved json.RawMessage
		show(example, from, func(old json.RawMessage) json.RawMessage { moved = old; return nil })
		if moved != nil {
			show(example, to, func(json.RawMessage) json.RawMessage { return moved })
		}
	}
	return nil
}

// cutLast cuts a dotted path before its last name.
func cutLast(path string) (above, name string) {
	i := strings.LastIndex(path, ".") + 1
	return path[:i], path[i:]
}

// rekey gives a field of an object another name, where it stands.
func rekey(object *yaml.Node, from, to string) {
	for _, keys := range []*yaml.Node{member(object, "properties"), member(object, "required")} {
		for _, key := range content(keys) {
			if key.Kind == yaml.ScalarNode && key.Value == from {
				key.Value = to
			}
		}
	}
}

// place says where a node of a schema is written, "" when that is in no file.
func (e *Editor) place(schema string, node *yaml.Node) string {
	file := e.files["schemas/"+schema]
	if file == "" || node == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", file, node.Line)
}

// Redirect says where the redirect URL stands in the answer to a request schema's calls.
func (e *Editor) Redirect(request, path string) {
	put(member(e.part("schemas/"+request), "x-flow"), "redirect", scalar(path))
}

func setField(object *yaml.Node, name string, field *yaml.Node, required bool) {
	properties := member(object, "properties")
	if properties == nil {
		properties = &yaml.Node{Kind: yaml.MappingNode}
		put(object, "properties", properties)
	}
	put(properties, name, field)
	require(object, name, required)
}

func require(object *yaml.Node, name string, required bool) {
	list := member(object, "required")
	if list == nil {
		list = &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		put(object, "required", list)
	}
	list.Content = slices.DeleteFunc(list.Content, func(n *yaml.Node) bool { return n.Value == name })
	if required {
		list.Content = append(list.Content, scalar(name))
	}
	if len(list.Content) == 0 {
		without(object, "required")
	}
}

// Response adds an answer of a status to the Cashier API's operation, like the answer of another status, unless there is one.
func (e *Editor) Response(status, like int) {
	operation := member(member(e.part("paths"), CashierPath), "post")
	responses, name := member(operation, "responses"), fmt.Sprint(status)
	if copied := member(responses, fmt.Sprint(like)); member(responses, name) == nil && copied != nil {
		put(responses, name, cloned(copied))
	}
}

// Keywords are a schema's, in an Editor.
type Keywords struct{ node *yaml.Node }

// Set sets a keyword to a value of JSON; it panics for what JSON can't write.
func (k Keywords) Set(name string, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("openapi: keyword %s: %v", name, err))
	}
	node, err := readNode(jsontext.NewDecoder(bytes.NewBuffer(raw)))
	if err != nil {
		panic(fmt.Sprintf("openapi: keyword %s: %v", name, err))
	}
	if !slices.ContainsFunc(node.Content, func(n *yaml.Node) bool { return n.Kind != yaml.ScalarNode }) {
		node.Style = yaml.FlowStyle // as short lists and marks are written
	}
	put(k.node, name, node)
}

// Delete takes keywords away.
func (k Keywords) Delete(names ...string) {
	for _, name := range names {
		without(k.node, name)
	}
}

// Texts returns the scalars of a keyword: those of a list, or the one that it is.
func (k Keywords) Texts(name string) (texts []string) {
	node := member(k.node, name)
	switch {
	case node == nil:
		return nil
	case node.Kind == yaml.ScalarNode:
		return []string{node.Value}
	}
	for _, n := range node.Content {
		texts = append(texts, n.Value)
	}
	return texts
}

// Show changes what the examples of a component schema show at a path: value makes of what stands there what shall stand there;
// nil is nothing.
func (e *Editor) Show(schema, path string, value func(old json.RawMessage) json.RawMessage) {
	for _, example := range e.examples(schema) {
		show(example, path, value)
	}
}

// examples are the values of a schema's examples: of the one that is named like it, and of those whose names have more.
func (e *Editor) examples(schema string) (values []*yaml.Node) {
	for name := range members(member(member(e.root, "components"), "examples")) {
		rest, found := strings.CutPrefix(name, schema)
		if found && (rest == "" || partOf(e.root, "schemas/"+name) == nil) {
			values = append(values, member(e.part("examples/"+name), "value"))
		}
	}
	return values
}

func show(object *yaml.Node, path string, value func(old json.RawMessage) json.RawMessage) {
	name, rest, nested := strings.Cut(path, ".")
	there := member(object, name)
	if nested {
		if there == nil {
			there = &yaml.Node{Kind: yaml.MappingNode}
		}
		if show(there, rest, value); len(there.Content) > 0 {
			put(object, name, there)
		}
		return
	}
	var old json.RawMessage
	if there != nil {
		old, _ = nodeJSON(there)
	}
	if is := value(old); is == nil {
		without(object, name)
	} else {
		Keywords{object}.Set(name, is)
	}
}
