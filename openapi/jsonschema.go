package openapi

import (
	"encoding/json"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// JSONSchema writes a component schema as a JSON Schema of its own (2020-12), with the components that it refers to under
// $defs, for editors: completion, hover and problems as you type. id is its $id.
func (c *Contract) JSONSchema(name, id string) (json.RawMessage, error) {
	node := c.bundle.node("schemas/" + name)
	if node == nil {
		return nil, fmt.Errorf("the contract has no schema %s", name)
	}
	e := &schemaExport{bundle: c.bundle, seen: map[string]bool{}}
	return e.write(e.export(node), id)
}

type schemaExport struct {
	bundle        *bundle
	seen          map[string]bool // components that are exported or queued
	queue         []string
	numbersAsText bool       // the file's reader takes a number for the text that it is written as
	defs          *yaml.Node // of components that were exported already; nil = none were
}

// write adds what makes a schema a document.
func (e *schemaExport) write(root *yaml.Node, id string) (json.RawMessage, error) {
	root.Content = append([]*yaml.Node{
		scalar("$schema"), scalar("https://json-schema.org/draft/2020-12/schema"), scalar("$id"), scalar(id),
	}, root.Content...)
	if defs := e.definitions(); len(defs.Content) > 0 {
		root.Content = append(root.Content, scalar("$defs"), defs)
	}
	text, err := indentedJSON(root)
	return append(text, '\n'), err
}

// definitions exports the components that were referred to, and those that they refer to.
func (e *schemaExport) definitions() *yaml.Node {
	if e.defs == nil {
		e.defs = &yaml.Node{Kind: yaml.MappingNode}
	}
	for len(e.queue) > 0 {
		next := e.queue[0]
		e.queue = e.queue[1:]
		e.defs.Content = append(e.defs.Content, scalar(next), e.export(e.bundle.node("schemas/"+next)))
	}
	return e.defs
}

// refer has a component exported.
func (e *schemaExport) refer(name string) {
	if !e.seen[name] {
		e.seen[name] = true
		e.queue = append(e.queue, name)
	}
}

// export copies a schema: references point to $defs, keywords of this project alone are left out.
func (e *schemaExport) export(node *yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: node.Kind, Tag: node.Tag, Value: node.Value}
	if node.Kind != yaml.MappingNode {
		for _, child := range node.Content {
			out.Content = append(out.Content, e.export(child))
		}
		return out
	}
	for key, value := range members(node) {
		switch {
		case key == "$ref":
			target := schemaName(value.Value)
			e.refer(target)
			out.Content = append(out.Content, scalar(key), scalar("#/$defs/"+target))
		case key == "type" && value.Value == "string" && e.numbersAsText:
			out.Content = append(out.Content, scalar(key), &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{scalar("string"), scalar("number")}})
		case key == "x-must": // VS Code's YAML and JSON editors show this where a pattern doesn't match
			out.Content = append(out.Content, scalar("patternErrorMessage"), scalar("must "+value.Value))
		case !strings.HasPrefix(key, "x-"):
			out.Content = append(out.Content, scalar(key), e.export(value))
		}
	}
	return out
}
