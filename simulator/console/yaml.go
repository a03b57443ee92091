package console

import (
	"bytes"
	"encoding/json"
	"fmt"

	"gopkg.in/yaml.v3"
)

// asYAML writes a JSON document as YAML for people, its members in their order. JSON is YAML already: only the style changes.
func asYAML(source json.RawMessage) (string, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(source, &doc); err != nil {
		return "", fmt.Errorf("console: write YAML: %w", err)
	}
	unfold(&doc, 0)
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return "", fmt.Errorf("console: write YAML: %w", err)
	}
	return out.String(), nil
}

// inline is how deep objects are still written in lines of their own.
const inline = 4

// unfold takes braces and quotes away where YAML can do without. A text that YAML would read as something else keeps its
// quotes: the encoder sees to that, once it knows that it is a text.
func unfold(node *yaml.Node, depth int) {
	switch node.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		node.Style = 0
		if depth >= inline {
			node.Style = yaml.FlowStyle
		}
	case yaml.ScalarNode:
		if node.Tag == "!!str" || node.Style&yaml.DoubleQuotedStyle != 0 {
			node.Tag = "!!str"
			node.Style = 0
		}
	}
	for _, child := range node.Content {
		unfold(child, depth+1)
	}
}
