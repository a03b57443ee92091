package openapi

import (
	"encoding/json"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// FileKinds lists the kinds of files that people write for the simulator and its harness: each has a JSON Schema.
func FileKinds() []string {
	return []string{"certify", "configuration", "contract", "ignore", "observed", "scenario"}
}

// FileForm is the contract with the schemas of certify.yaml (Config), contract.yaml (Profile), an ignore file (Ignored) or an
// observations file (Observations); kind is "certify", "contract", "ignore" or "observed".
func FileForm(kind string) (*Contract, error) {
	merged, err := Merge(forms, "files/"+kind+".yaml")
	if err != nil {
		return nil, err
	}
	return Parse(merged)
}

// FileSchema writes the JSON Schema (2020-12) of a kind of file, for editors: completion, hover and problems as you type; id is its
// $id, the URL that it is served at. It permits what the file's own check permits, but for rules about several fields, which only the
// check knows.
func FileSchema(kind, id string) (json.RawMessage, error) {
	component := map[string]string{
		"certify": "Config", "configuration": "ConfigurationFile", "contract": "Profile", "ignore": "Ignored", "observed": "Observations", "scenario": "Scenario",
	}[kind]
	if component == "" {
		return nil, fmt.Errorf("there is no schema %q: use one of %s", kind, strings.Join(FileKinds(), ", "))
	}
	load := Control
	if kind != "configuration" && kind != "scenario" {
		load = func() (*Contract, error) { return FileForm(kind) }
	}
	contract, err := load()
	if err != nil {
		return nil, err
	}
	p, err := newPublication(contract)
	if err != nil {
		return nil, err
	}
	e := &schemaExport{schemas: p.schemas, seen: map[string]bool{}, numbersAsText: kind == "certify"}
	return e.write(component, id)
}

// schemaExport makes a JSON Schema of a component.
type schemaExport struct {
	schemas       *yaml.Node
	seen          map[string]bool // components that are exported or queued
	queue         []string
	numbersAsText bool // the file's reader takes a number for the text that it is written as
}

// write writes a component's schema as a document of its own, with the components that it refers to under $defs.
func (e *schemaExport) write(component, id string) (json.RawMessage, error) {
	root, defs := e.export(member(e.schemas, component)), mapping()
	for len(e.queue) > 0 {
		next := e.queue[0]
		e.queue = e.queue[1:]
		defs.Content = append(defs.Content, scalar(next), e.export(member(e.schemas, next)))
	}
	document := mapping("$schema", scalar("https://json-schema.org/draft/2020-12/schema"), "$id", scalar(id))
	document.Content = append(document.Content, root.Content...)
	if len(defs.Content) > 0 {
		put(document, "$defs", defs)
	}
	text, err := indentedJSON(document)
	return append(text, '\n'), err
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
