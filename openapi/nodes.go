package openapi

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"
)

func readNode(dec *jsontext.Decoder) (*yaml.Node, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		return readNodes(dec, yaml.MappingNode, "!!map")
	case '[':
		return readNodes(dec, yaml.SequenceNode, "!!seq")
	case 'n':
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	case 't', 'f':
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: token.String()}, nil
	case '0':
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: token.String()}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: token.String()}, nil
}

func readNodes(dec *jsontext.Decoder, kind yaml.Kind, tag string) (*yaml.Node, error) {
	node := &yaml.Node{Kind: kind, Tag: tag}
	for dec.PeekKind() != '}' && dec.PeekKind() != ']' {
		child, err := readNode(dec)
		if err != nil {
			return nil, err
		}
		node.Content = append(node.Content, child)
	}
	_, err := dec.ReadToken()
	return node, err
}

// members lists the keys and values of a mapping; none for another node or nil. An alias is its target.
func members(node *yaml.Node) iter.Seq2[string, *yaml.Node] {
	if node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return func(yield func(string, *yaml.Node) bool) {
		if node == nil || node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, node.Content[i+1]) {
				return
			}
		}
	}
}

// member returns the value under key, or nil.
func member(node *yaml.Node, key string) *yaml.Node {
	for name, value := range members(node) {
		if name == key {
			return value
		}
	}
	return nil
}

// partOf returns a part of a document, such as "paths" or "schemas/Address"; nil when there is none of that name.
func partOf(root *yaml.Node, name string) *yaml.Node {
	if kind, component, found := strings.Cut(name, "/"); found {
		return member(member(member(root, "components"), kind), component)
	}
	return member(root, name)
}

// content returns a list's entries; none for nil. An alias is its target.
func content(node *yaml.Node) []*yaml.Node {
	if node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node == nil {
		return nil
	}
	return node.Content
}

// text returns a scalar's text, "" for nil.
func text(node *yaml.Node) string {
	if node == nil {
		return ""
	}
	return node.Value
}

func scalar(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// mapping makes a node of names and values.
func mapping(pairs ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(pairs); i += 2 {
		node.Content = append(node.Content, scalar(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return node
}

// without takes a key out of a mapping.
func without(node *yaml.Node, key string) {
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content = append(node.Content[:i], node.Content[i+2:]...)
			return
		}
	}
}

// put sets a key of a mapping.
func put(node *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content[i+1] = value
			return
		}
	}
	node.Content = append(node.Content, scalar(key), value)
}

func cloned(node *yaml.Node) *yaml.Node {
	copied := *node
	copied.Content = make([]*yaml.Node, len(node.Content))
	for i, child := range node.Content {
		copied.Content[i] = cloned(child)
	}
	return &copied
}

// unshare gives a tree what its aliases stand for, but for marks, which are never changed in place.
func unshare(node *yaml.Node) {
	for i, child := range node.Content {
		isMark := node.Kind == yaml.MappingNode && i%2 == 1 && node.Content[i-1].Value == "x-provenance"
		if child.Kind == yaml.AliasNode && !isMark {
			expand(child)
		}
		unshare(child)
	}
}

// expand takes anchors and aliases out of a tree.
func expand(node *yaml.Node) {
	if node.Kind == yaml.AliasNode {
		*node = *cloned(node.Alias)
	}
	node.Anchor = ""
	for _, child := range node.Content {
		expand(child)
	}
}

func sameNodes(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Tag == b.Tag && a.Value == b.Value && slices.EqualFunc(a.Content, b.Content, sameNodes)
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

// references are the components that a part of the document refers to; `x-` keywords don't count.
func references(node *yaml.Node) (refs []string) {
	if node.Kind == yaml.ScalarNode && strings.HasPrefix(node.Value, "#/components/") {
		return []string{node.Value}
	}
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 1 && strings.HasPrefix(node.Content[i-1].Value, "x-") {
			continue
		}
		refs = append(refs, references(child)...)
	}
	return refs
}

// eachSchema calls do for every schema in a part of the document, inner ones first.
func eachSchema(node *yaml.Node, do func(schema *yaml.Node)) {
	for name, child := range members(node) {
		switch {
		case strings.HasPrefix(name, "x-") || name == "example" || name == "examples" || name == "value" || name == "mapping":
		case name == "properties" || name == "schemas":
			for _, schema := range members(child) {
				eachSchema(schema, do)
			}
		default:
			eachSchema(child, do)
		}
	}
	if node.Kind == yaml.SequenceNode {
		for _, child := range node.Content {
			eachSchema(child, do)
		}
	}
	if node.Kind == yaml.MappingNode {
		do(node)
	}
}

func reference(schema string) *yaml.Node {
	return mapping("$ref", scalar("#/components/schemas/"+schema))
}

func boolean(value bool) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(value)}
}
