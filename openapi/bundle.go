package openapi

import (
	"bytes"
	"fmt"
	"iter"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"
)

// bundle is a merged document (see Merge), cut into its parts; a part becomes a tree of nodes only when it is needed, which
// keeps the start short. It is safe for concurrent use.
type bundle struct {
	raw   []byte
	parts map[string]jsontext.Value // "info", "paths", "schemas/Address", "examples/PayoneWebhook"
	order []string                  // the parts' names in the document's order

	mu    sync.Mutex
	nodes map[string]*yaml.Node
}

func readBundle(raw []byte) (*bundle, error) {
	b := &bundle{raw: raw, parts: map[string]jsontext.Value{}, nodes: map[string]*yaml.Node{}}
	err := eachMember(raw, func(name string, value jsontext.Value) error {
		if name != "components" {
			b.add(name, value)
			return nil
		}
		return eachMember(value, func(kind string, components jsontext.Value) error {
			return eachMember(components, func(name string, component jsontext.Value) error {
				b.add(kind+"/"+name, component)
				return nil
			})
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read bundled contract: %w", err)
	}
	return b, nil
}

func (b *bundle) add(name string, value jsontext.Value) {
	b.parts[name] = value
	b.order = append(b.order, name)
}

// eachMember calls do for every member of a JSON object; values are parts of raw.
func eachMember(raw []byte, do func(name string, value jsontext.Value) error) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw))
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := do(key, value); err != nil {
			return err
		}
	}
	return nil
}

// node returns a part as a tree, nil when there is none of that name.
func (b *bundle) node(name string) *yaml.Node {
	b.mu.Lock()
	defer b.mu.Unlock()
	if node := b.nodes[name]; node != nil || b.parts[name] == nil {
		return node
	}
	node, err := readNode(jsontext.NewDecoder(bytes.NewBuffer(b.parts[name])))
	if err != nil {
		return nil // impossible: the whole document has been read before
	}
	b.nodes[name] = node
	return node
}

// resolve follows a node that is a $ref to its target; name is then "schemas/Address".
func (b *bundle) resolve(node *yaml.Node) (target *yaml.Node, name string) {
	for node != nil {
		ref := member(node, "$ref")
		if ref == nil {
			return node, name
		}
		name = componentName(ref.Value)
		node = b.node(name)
	}
	return nil, name
}

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
