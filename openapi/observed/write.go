package observed

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// header begins every file that is written.
const header = `# yaml-language-server: $schema=http://127.0.0.1:8081/schemas/observed.json
# What a real target was seen to do where it differs from the contract.
`

// Write writes a file in its one form: rules in the ledger's order, sightings by date and run. Reading it and writing it again
// gives the same bytes.
func (c *Codec) Write(f File) ([]byte, error) {
	f.sort(c.place)
	text, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("write observations: %w", err)
	}
	node, err := nodeOf(text)
	if err != nil {
		return nil, err
	}
	return encoded(header, node)
}

// encoded is a value as YAML after a text.
func encoded(before string, value any) ([]byte, error) {
	out := bytes.NewBufferString(before)
	enc := yaml.NewEncoder(out)
	enc.SetIndent(2)
	if err := enc.Encode(value); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return out.Bytes(), nil
}

// nodeOf is JSON as YAML in block style, whose objects keep their order.
func nodeOf(text []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("read JSON as YAML: %w", err)
	}
	restyle(doc.Content[0], 0)
	return doc.Content[0], nil
}

// restyle takes JSON's style from a tree of nodes: short lists, and objects deep in an observation, stay on one line.
func restyle(node *yaml.Node, depth int) {
	const observation = 3
	node.Style = 0
	nested := slices.ContainsFunc(node.Content, func(n *yaml.Node) bool { return n.Kind != yaml.ScalarNode })
	if node.Kind == yaml.SequenceNode && !nested || node.Kind == yaml.MappingNode && depth > observation && !nested || len(node.Content) == 0 {
		node.Style = yaml.FlowStyle
	}
	for _, child := range node.Content {
		restyle(child, depth+1)
	}
}

// sort puts the observations in the ledger's order, without changing the caller's.
func (f *File) sort(place map[string]int) {
	f.Observations = slices.Clone(f.Observations)
	if f.Observations == nil {
		f.Observations = []Observation{}
	}
	for i := range f.Observations {
		o := &f.Observations[i]
		o.Seen = slices.Clone(o.Seen)
		slices.SortFunc(o.Seen, func(a, b Sighting) int {
			return cmp.Or(strings.Compare(a.Date, b.Date), strings.Compare(a.Run, b.Run), strings.Compare(a.Target, b.Target))
		})
	}
	slices.SortFunc(f.Observations, func(a, b Observation) int {
		return cmp.Or(cmp.Compare(place[a.Rule], place[b.Rule]), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Key(), b.Key()))
	})
}
