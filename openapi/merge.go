package openapi

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"
)

// Merge makes one JSON document of an entry file and every YAML file of fsys that it refers to: the components of all of
// them stand side by side, and each $ref has lost its file part. Component names are unique across files, so nothing is
// renamed. The order is that of the files, numbers are kept digit for digit.
func Merge(fsys fs.FS, entry string) ([]byte, error) {
	m := merger{components: map[string]bool{}}
	root, err := m.files(fsys, entry)
	if err != nil {
		return nil, err
	}
	return nodeJSON(root)
}

type merger struct {
	root       *yaml.Node
	components map[string]bool // the names seen so far, "schemas/Address"
}

func (m *merger) files(fsys fs.FS, entry string) (*yaml.Node, error) {
	queue, seen := []string{entry}, map[string]bool{entry: true}
	var merged *yaml.Node // the entry's `components`
	for len(queue) > 0 {
		file := queue[0]
		queue = queue[1:]
		node, err := readYAML(fsys, file)
		if err != nil {
			return nil, err
		}
		for _, ref := range localise(node, path.Dir(file)) {
			if !seen[ref] {
				seen[ref] = true
				queue = append(queue, ref)
			}
		}
		if m.root == nil {
			m.root, merged = node, member(node, "components")
			if merged == nil {
				return nil, fmt.Errorf("%s: has no components", file)
			}
			if err := m.index(merged, file); err != nil {
				return nil, err
			}
			continue
		}
		if err := m.merge(merged, member(node, "components"), file); err != nil {
			return nil, err
		}
	}
	return m.root, nil
}

func readYAML(fsys fs.FS, file string) (*yaml.Node, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read contract: %w", err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if doc.Kind != yaml.DocumentNode || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: must be a YAML mapping", file)
	}
	return doc.Content[0], nil
}

// localise rewrites "../common.yaml#/x" to "#/x" everywhere below node and returns the files that were named.
func localise(node *yaml.Node, dir string) []string {
	var named []string
	if node.Kind == yaml.ScalarNode && node.Tag == "!!str" {
		if file, pointer, found := strings.Cut(node.Value, ".yaml#/"); found && !strings.ContainsAny(file, " \n") {
			named = append(named, path.Join(dir, file+".yaml"))
			node.Value = "#/" + pointer
		}
	}
	for _, child := range node.Content {
		named = append(named, localise(child, dir)...)
	}
	return named
}

// merge moves the components of another file into those of the entry.
func (m *merger) merge(into, from *yaml.Node, file string) error {
	if from == nil {
		return nil
	}
	if err := m.index(from, file); err != nil {
		return err
	}
	for i := 0; i < len(from.Content); i += 2 {
		kind, entries := from.Content[i], from.Content[i+1]
		if existing := member(into, kind.Value); existing != nil {
			existing.Content = append(existing.Content, entries.Content...)
			continue
		}
		into.Content = append(into.Content, kind, entries)
	}
	return nil
}

func (m *merger) index(components *yaml.Node, file string) error {
	for i := 0; i < len(components.Content); i += 2 {
		kind, entries := components.Content[i].Value, components.Content[i+1]
		for j := 0; j < len(entries.Content); j += 2 {
			name := kind + "/" + entries.Content[j].Value
			if m.components[name] {
				return fmt.Errorf("%s:%d: component %s is written twice", file, entries.Content[j].Line, name)
			}
			m.components[name] = true
		}
	}
	return nil
}

func nodeJSON(node *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	enc := jsontext.NewEncoder(&out, jsontext.AllowDuplicateNames(false))
	if err := writeNode(enc, node); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

func writeNode(enc *jsontext.Encoder, node *yaml.Node) error {
	switch node.Kind {
	case yaml.AliasNode:
		return writeNode(enc, node.Alias)
	case yaml.MappingNode:
		return writeAll(enc, jsontext.BeginObject, node.Content, jsontext.EndObject)
	case yaml.SequenceNode:
		return writeAll(enc, jsontext.BeginArray, node.Content, jsontext.EndArray)
	}
	if isKeyPosition(enc) {
		return enc.WriteToken(jsontext.String(node.Value))
	}
	switch node.Tag {
	case "!!null":
		return enc.WriteToken(jsontext.Null)
	case "!!bool":
		return enc.WriteToken(jsontext.Bool(strings.EqualFold(node.Value, "true")))
	case "!!int", "!!float":
		return enc.WriteValue(jsontext.Value(node.Value))
	}
	return enc.WriteToken(jsontext.String(node.Value))
}

// isKeyPosition says whether the next token is an object's key: YAML's `200:` is a number and `true:` a boolean, JSON's must
// be a string.
func isKeyPosition(enc *jsontext.Encoder) bool {
	kind, length := enc.StackIndex(enc.StackDepth())
	return enc.StackDepth() > 0 && kind == '{' && length%2 == 0
}

func writeAll(enc *jsontext.Encoder, begin jsontext.Token, nodes []*yaml.Node, end jsontext.Token) error {
	if err := enc.WriteToken(begin); err != nil {
		return err
	}
	for _, n := range nodes {
		if err := writeNode(enc, n); err != nil {
			return err
		}
	}
	return enc.WriteToken(end)
}
