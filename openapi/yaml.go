package openapi

import (
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// YAML is a YAML document read as a Document, which still knows where each of its keys stands.
type YAML struct {
	Document
	file string
	root *yaml.Node
}

// LineError is something wrong at a place in a YAML file, in words for its author.
type LineError struct {
	File   string
	Line   int
	Column int
	Reason string
}

func (e *LineError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
}

// DecodeYAML reads text, which must be one YAML mapping without anchors and aliases, no key written twice. Errors are
// *LineError.
func DecodeYAML(file string, text []byte) (*YAML, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, yamlSyntax(file, err)
	}
	if doc.Kind != yaml.DocumentNode || doc.Content[0].Kind != yaml.MappingNode {
		return nil, &LineError{file, 1, 1, "must be a YAML mapping"}
	}
	y := &YAML{file: file, root: doc.Content[0]}
	if err := y.plain(y.root, 0); err != nil {
		return nil, err
	}
	raw, err := nodeJSON(y.root)
	if err != nil {
		return nil, &LineError{file, 1, 1, err.Error()}
	}
	if y.Document, err = Decode(raw); err != nil {
		return nil, &LineError{file, 1, 1, err.Error()}
	}
	return y, nil
}

// yamlSyntax takes the line out of "yaml: line 3: did not find …".
func yamlSyntax(file string, err error) error {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, found := strings.CutPrefix(reason, "line "); found {
		number, words, _ := strings.Cut(rest, ": ")
		if line, convErr := strconv.Atoi(number); convErr == nil {
			return &LineError{file, line, 1, "is not valid YAML: " + words}
		}
	}
	return &LineError{file, 1, 1, "is not valid YAML: " + reason}
}

// plain refuses what could blow a small file up or hide a value: aliases, duplicate keys, odd keys, deep nesting.
func (y *YAML) plain(node *yaml.Node, depth int) error {
	at := func(n *yaml.Node, reason string) error { return &LineError{y.file, n.Line, n.Column, reason} }
	if depth > MaxDepth {
		return at(node, fmt.Sprintf("must not nest deeper than %d levels", MaxDepth))
	}
	if node.Kind == yaml.AliasNode {
		return at(node, "must not use aliases")
	}
	if node.Kind == yaml.MappingNode {
		seen := map[string]bool{}
		for i := 0; i < len(node.Content); i += 2 {
			key := node.Content[i]
			if key.Kind != yaml.ScalarNode {
				return at(key, "must have plain keys")
			}
			if seen[key.Value] {
				return at(key, key.Value+" must not be written twice")
			}
			seen[key.Value] = true
		}
	}
	if node.Kind == yaml.ScalarNode && (node.Tag == "!!float" || node.Tag == "!!int") && !jsonNumber(node.Value) {
		return at(node, fmt.Sprintf("%s must be a decimal number", node.Value))
	}
	for _, child := range node.Content {
		if err := y.plain(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// jsonNumber says whether YAML's number is one of JSON's too: no hexadecimal, no underscores, no .inf, no +1.
func jsonNumber(text string) bool {
	doc, err := Decode([]byte(`{"n":` + text + `}`))
	return err == nil && doc.Has("n")
}

// At makes an error at the place of the dotted path ("companies.0.psps.PAYONE"), or of the nearest key above it.
func (y *YAML) At(path, reason string) *LineError {
	node, key := y.root, y.root
	for _, name := range strings.Split(path, ".") {
		next, nextKey := step(node, name)
		if next == nil {
			break
		}
		node, key = next, nextKey
	}
	return &LineError{y.file, key.Line, key.Column, reason}
}

func step(node *yaml.Node, name string) (value, key *yaml.Node) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				return node.Content[i+1], node.Content[i]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(node.Content) {
			return node.Content[i], node.Content[i]
		}
	}
	return nil, nil
}
