package openapi

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"
)

// Merge makes one JSON document of an entry file and every YAML file of fsys that it refers to: their components stand side by
// side, and each $ref has lost its file part. The order is that of the files, and numbers keep their digits.
func Merge(fsys fs.FS, entry string) ([]byte, error) {
	files, err := ReadFiles(fsys, entry)
	if err != nil {
		return nil, err
	}
	return files.merged()
}

// merged is the one JSON document of the files.
func (f *Files) merged() ([]byte, error) {
	root := *f.root(f.names[0])
	if member(&root, "components") == nil {
		return nil, fmt.Errorf("%s: has no components", f.names[0])
	}
	root.Content = slices.Clone(root.Content)
	all := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range f.names {
		for kind, entries := range members(member(f.root(name), "components")) {
			if member(all, kind) == nil {
				put(all, kind, &yaml.Node{Kind: yaml.MappingNode})
			}
			of := member(all, kind)
			of.Content = append(of.Content, entries.Content...)
		}
	}
	put(&root, "components", all)
	return nodeJSON(&root)
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
