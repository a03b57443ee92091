package observed

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"mozartosim/openapi"
)

// published is where a simulator without observations publishes the document that an overlay is of.
const published, server = "http://127.0.0.1:8081/openapi/cashier.json", "http://127.0.0.1:8080"

// Overlay writes what observations change in the document that a contract publishes: an OpenAPI Overlay 1.0, for tools that have only
// the document. x-mozartosim-unsaid lists what no document can say. It has an object removed and set again where merging can't make the
// new one of it: when something that is no object or array goes, or a list changes.
func Overlay(base *openapi.Contract, f File) ([]byte, error) {
	with, err := Apply(base, f)
	if err != nil {
		return nil, err
	}
	var documents [2]*yaml.Node
	for i, c := range []*openapi.Contract{base, with} {
		text, err := c.Published(openapi.Version31, server)
		if err == nil {
			documents[i], err = nodeOf(text)
		}
		if err != nil {
			return nil, err
		}
	}
	before, after := documents[0], documents[1]
	version := member(member(before, "info"), "version")
	o := overlay{Overlay: "1.0.0", Extends: published, Unsaid: f.unsaid()}
	o.Info.Title, o.Info.Version = "What real targets were seen to do where they differ from the contract", version.Value
	if o.differ("$", before, after); o.Actions == nil {
		return nil, errors.New("an overlay needs an observation: the files have none")
	}
	return encoded("", o)
}

func (f File) unsaid() (all []string) {
	for i := range f.Observations {
		if unsaid := f.Observations[i].Unsaid(); unsaid != "" {
			all = append(all, unsaid)
		}
	}
	return all
}

// overlay is the document.
type overlay struct {
	Overlay string `yaml:"overlay"`
	Info    struct {
		Title   string `yaml:"title"`
		Version string `yaml:"version"`
	} `yaml:"info"`
	Extends string   `yaml:"extends"`
	Unsaid  []string `yaml:"x-mozartosim-unsaid,omitempty"`
	Actions []action `yaml:"actions"`
}

// action removes or updates what a JSONPath leads to.
type action struct {
	Target string     `yaml:"target"`
	Remove bool       `yaml:"remove,omitempty"`
	Update *yaml.Node `yaml:"update,omitempty"`
}

// differ adds the actions that make one object or list of another that merges into it.
func (o *overlay) differ(path string, before, after *yaml.Node) {
	if after.Kind == yaml.SequenceNode {
		for i, is := range after.Content {
			o.differ(fmt.Sprintf("%s[%d]", path, i), before.Content[i], is)
		}
		return
	}
	update := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(after.Content); i += 2 {
		name, is := after.Content[i], after.Content[i+1]
		was, at := member(before, name.Value), within(path, name.Value)
		switch {
		case was != nil && same(was, is):
			continue
		case was != nil && merges(was, is):
			o.differ(at, was, is)
			continue
		case was != nil && was.Kind != yaml.ScalarNode:
			o.Actions = append(o.Actions, action{Target: at, Remove: true})
		}
		update.Content = append(update.Content, name, is)
	}
	for i := 0; i < len(before.Content); i += 2 {
		if name := before.Content[i].Value; member(after, name) == nil {
			o.Actions = append(o.Actions, action{Target: within(path, name), Remove: true})
		}
	}
	if update.Content != nil {
		o.Actions = append(o.Actions, action{Target: path, Update: update})
	}
}

// merges says whether an object or list becomes another when only objects and lists are removed from it and merged into it: by that
// nothing else goes or gets another type, and no list gets shorter.
func merges(was, is *yaml.Node) bool {
	if was.Kind != is.Kind || was.Kind == yaml.ScalarNode {
		return false
	}
	if was.Kind == yaml.SequenceNode {
		return slices.EqualFunc(was.Content, is.Content, func(was, is *yaml.Node) bool { return was.Kind == yaml.MappingNode && merges(was, is) })
	}
	for i := 0; i < len(was.Content); i += 2 {
		old, now := was.Content[i+1], member(is, was.Content[i].Value)
		if old.Kind == yaml.ScalarNode && (now == nil || now.Tag != old.Tag) {
			return false
		}
	}
	return true
}

func same(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Tag == b.Tag && a.Value == b.Value && slices.EqualFunc(a.Content, b.Content, same)
}

// within is the path of an object's member.
func within(path, name string) string {
	return path + "['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name) + "']"
}

func member(object *yaml.Node, name string) *yaml.Node {
	for i := 0; i < len(object.Content); i += 2 {
		if object.Content[i].Value == name {
			return object.Content[i+1]
		}
	}
	return nil
}
