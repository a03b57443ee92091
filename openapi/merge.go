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

// Merge makes one JSON document of an entry file and every YAML file of fsys that it refers to: their components stand side by
// side, and each $ref has lost its file part. Component names are unique across files, so nothing is renamed. The order is that
// of the files, and numbers keep their digits.
func Merge(fsys fs.FS, entry string) ([]byte, error) {
	queue, seen := []string{entry}, map[string]bool{entry: true}
	var root *yaml.Node
	components, names := &yaml.Node{Kind: yaml.MappingNode}, map[string]bool{}
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
		if err := addComponents(components, member(node, "components"), file, names); err != nil {
			return nil, err
		}
		if root == nil {
			root = node
		}
	}
	own := member(root, "components")
	if own == nil {
		return nil, fmt.Errorf("%s: has no components", entry)
	}
	own.Content = components.Content
	return nodeJSON(root)
}

// addComponents adds the components of a file; names are those of all files so far, "schemas/Address".
func addComponents(to, from *yaml.Node, file string, names map[string]bool) error {
	for kind, entries := range members(from) {
		all := member(to, kind)
		if all == nil {
			all = &yaml.Node{Kind: yaml.MappingNode}
			to.Content = append(to.Content, scalar(kind), all)
		}
		for i := 0; i < len(entries.Content); i += 2 {
			name := kind + "/" + entries.Content[i].Value
			if names[name] {
				return fmt.Errorf("%s:%d: component %s is written twice", file, entries.Content[i].Line, name)
			}
			names[name] = true
		}
		all.Content = append(all.Content, entries.Content...)
	}
	return nil
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

// localise rewrites "../common.yaml#/x" to "#/x" everywhere below node, and returns the files that were named.
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
