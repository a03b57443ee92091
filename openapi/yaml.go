package openapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// YAML is a YAML document read as a Document, together with the position of each key.
type YAML struct {
	Document
	file string
	rows [][]byte // of the whole file
	root *yaml.Node
}

// LineError is something wrong at a position in a YAML file, in words for its author.
type LineError struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Reason string `json:"description"`
}

func (e *LineError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
}

// JoinLines makes one error of line errors, in the order of files and lines; nil when there are none.
func JoinLines(lines []*LineError) error {
	SortLines(lines)
	all := make([]error, len(lines))
	for i, line := range lines {
		all[i] = line
	}
	return errors.Join(all...)
}

// SortLines sorts line errors in the order of files and lines.
func SortLines(lines []*LineError) {
	slices.SortStableFunc(lines, func(a, b *LineError) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// Lines takes joined line errors apart; ok is false when there is another error among them.
func Lines(err error) (lines []*LineError, ok bool) {
	if err == nil {
		return nil, true
	}
	all := []error{err}
	if joined, many := err.(interface{ Unwrap() []error }); many {
		all = joined.Unwrap()
	}
	for _, one := range all {
		var line *LineError
		if !errors.As(one, &line) {
			return nil, false
		}
		lines = append(lines, line)
	}
	return lines, true
}

// DecodeYAML reads text, which must be one YAML mapping without anchors and aliases and without duplicate keys. Errors are
// *LineError.
func DecodeYAML(file string, text []byte) (*YAML, error) {
	nodes, err := yamlNodes(file, text, 2)
	if err != nil {
		return nil, err
	}
	if len(nodes) == 0 {
		return nil, &LineError{file, 1, 1, "must be a YAML mapping"}
	}
	if len(nodes) > 1 {
		return nil, &LineError{file, nodes[1].Line, nodes[1].Column, "must not begin a second document"}
	}
	y, problem := newYAML(file, bytes.Split(text, newline), nodes[0])
	if problem != nil {
		return nil, problem
	}
	return y, nil
}

// DecodeYAMLStream reads a file of at most `most` documents with `---` between them, each a mapping as DecodeYAML reads it;
// empty ones are left out. Errors are *LineError, joined; the valid documents are returned even then.
func DecodeYAMLStream(file string, text []byte, most int) ([]*YAML, error) {
	nodes, syntax := yamlNodes(file, text, most+1)
	if len(nodes) > most {
		return nil, &LineError{file, nodes[most].Line, nodes[most].Column, fmt.Sprintf("must not be more than document %d", most)}
	}
	var found []*YAML
	var problems []error
	rows := bytes.Split(text, newline)
	for _, node := range nodes {
		if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
			continue
		}
		y, problem := newYAML(file, rows, node)
		if problem != nil {
			problems = append(problems, problem)
			continue
		}
		found = append(found, y)
	}
	if syntax != nil {
		problems = append(problems, syntax)
	}
	return found, errors.Join(problems...)
}

// yamlNodes returns the roots of a file's documents, up to a number of them or to the first that is not valid YAML.
func yamlNodes(file string, text []byte, most int) (nodes []*yaml.Node, err error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	for len(nodes) < most {
		var doc yaml.Node
		switch err := dec.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return nodes, nil
		case err != nil:
			return nodes, yamlSyntax(file, text, err)
		}
		nodes = append(nodes, doc.Content[0])
	}
	return nodes, nil
}

var newline = []byte("\n")

func newYAML(file string, rows [][]byte, root *yaml.Node) (*YAML, error) {
	at := &LineError{File: file, Line: root.Line, Column: root.Column}
	if root.Kind != yaml.MappingNode {
		at.Reason = "must be a YAML mapping"
		return nil, at
	}
	y := &YAML{file: file, rows: rows, root: root}
	if err := y.plain(root, 0); err != nil {
		return nil, err
	}
	raw, err := nodeJSON(root)
	if err == nil {
		y.Document, err = Decode(raw)
	}
	if err != nil {
		at.Reason = err.Error()
		return nil, at
	}
	return y, nil
}

// yamlSyntax takes the line out of "yaml: line 3: did not find …".
func yamlSyntax(file string, text []byte, err error) error {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, found := strings.CutPrefix(reason, "line "); found {
		number, words, _ := strings.Cut(rest, ": ")
		if line, convErr := strconv.Atoi(number); convErr == nil {
			if strings.HasPrefix(words, "did not find expected") { // the parser counts from 0, the scanner from 1
				line++
			}
			last := 1 + bytes.Count(bytes.TrimRight(text, "\r\n"), []byte("\n"))
			return &LineError{file, min(line, last), 1, "is not valid YAML: " + words}
		}
	}
	return &LineError{file, 1, 1, "is not valid YAML: " + reason}
}

// plain refuses what could make a small file large or hide a value: aliases, duplicate keys, odd keys, deep nesting.
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
	if node.Kind == yaml.ScalarNode && node.Tag == "!!bool" && !jsonBool(node.Value) {
		return at(node, fmt.Sprintf("%s must be true or false", node.Value))
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
	_, number := doc.Fields["n"].(json.Number) // a tag can call anything a number
	return err == nil && number && len(doc.Fields) == 1
}

// jsonBool says whether YAML's boolean is true or false: a tag can call anything a boolean.
func jsonBool(text string) bool {
	return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
}

// At is a problem at its position in the file: that of its path ("companies.0.psps.PAYONE"), or of the nearest key above it.
func (y *YAML) At(p Problem) *LineError {
	value, key, found := y.find(p.Path)
	line, column := p.Line, p.Column
	p.Line, p.Column = 0, 0
	at := &LineError{y.file, key.Line, key.Column, p.String()}
	if line > 0 && found {
		at.Line, at.Column = y.within(value, line, column)
	}
	return at
}

// Located joins problems, each at its position, in the order of the file; nil when there are none.
func (y *YAML) Located(problems Problems) error {
	lines := make([]*LineError, len(problems))
	for i, problem := range problems {
		lines[i] = y.At(problem)
	}
	return JoinLines(lines)
}

// Start returns where the document begins: the line and column of its first key.
func (y *YAML) Start() (line, column int) { return y.root.Line, y.root.Column }

// within is the position in the file of a line and column of a text. Where the file doesn't have the line as it is (escapes, folded
// lines), it is the start of the text.
func (y *YAML) within(text *yaml.Node, line, column int) (inFile, inRow int) {
	lines := strings.Split(text.Value, "\n")
	row := text.Line + line - 1
	if text.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		row++ // the text begins below its | or >
	}
	if line > len(lines) || row > len(y.rows) {
		return text.Line, text.Column
	}
	shown := []rune(string(y.rows[row-1]))
	from := 0
	if row == text.Line {
		from = min(text.Column-1, len(shown))
	}
	before, _, shows := strings.Cut(string(shown[from:]), lines[line-1])
	if !shows {
		return text.Line, text.Column
	}
	return row, from + utf8.RuneCountInString(before) + column
}

// find returns the value at a dotted path and its key, or those of the nearest path above it.
func (y *YAML) find(path string) (value, key *yaml.Node, found bool) {
	value, key = y.root, y.root
	for _, name := range strings.Split(path, ".") {
		next, nextKey := step(value, name)
		if next == nil {
			return value, key, false
		}
		value, key = next, nextKey
	}
	return value, key, true
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
