package openapi

import (
	"encoding/json"
	"strings"

	"gopkg.in/yaml.v3"
)

// Show changes what the examples of a component schema show at a path: value makes of what stands there what shall stand there;
// nil is nothing.
func (e *Editor) Show(schema, path string, value func(old json.RawMessage) json.RawMessage) {
	for _, example := range e.examples(schema) {
		show(example, path, value)
	}
}

// examples are the values of a schema's examples: of the one that is named like it, and of those whose names have more.
func (e *Editor) examples(schema string) (values []*yaml.Node) {
	for _, part := range e.parts() {
		rest, found := strings.CutPrefix(part, "examples/"+schema)
		if found && (rest == "" || e.node("schemas/"+schema+rest) == nil) {
			values = append(values, member(e.part(part), "value"))
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
