package openapi

import (
	"encoding/json"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// JSONSchema writes a component schema as a JSON Schema of its own (2020-12), with the components that it refers to under
// $defs, for editors: completion, hover and problems as you type.
func (c *Contract) JSONSchema(name string) (json.RawMessage, error) {
	node := c.bundle.node("schemas/" + name)
	if node == nil {
		return nil, fmt.Errorf("the contract has no schema %s", name)
	}
	e := &schemaExport{bundle: c.bundle, seen: map[string]bool{}}
	root := e.export(node)
	defs := &yaml.Node{Kind: yaml.MappingNode}
	for len(e.queue) > 0 {
		next := e.queue[0]
		e.queue = e.queue[1:]
		defs.Content = append(defs.Content, scalar(next), e.export(c.bundle.node("schemas/"+next)))
	}
	root.Content = append([]*yaml.Node{scalar("$schema"), scalar("https://json-schema.org/draft/2020-12/schema")}, root.Content...)
	if len(defs.Content) > 0 {
		root.Content = append(root.Content, scalar("$defs"), defs)
	}
	text, err := indentedJSON(root)
	return append(text, '\n'), err
}

type schemaExport struct {
	bundle *bundle
	seen   map[string]bool // components that are exported or queued
	queue  []string
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
			if !e.seen[target] {
				e.seen[target] = true
				e.queue = append(e.queue, target)
			}
			out.Content = append(out.Content, scalar(key), scalar("#/$defs/"+target))
		case key == "x-must": // VS Code's YAML and JSON editors show this where a pattern doesn't match
			out.Content = append(out.Content, scalar("patternErrorMessage"), scalar("must "+value.Value))
		case !strings.HasPrefix(key, "x-"):
			out.Content = append(out.Content, scalar(key), e.export(value))
		}
	}
	return out
}
