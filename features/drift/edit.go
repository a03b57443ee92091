package drift

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"mozartosim/openapi"
)

// folder is where the contract's files lie in the repository.
const folder = "openapi/"

// errByHand says that a place is written in a way that a line-wise change can't follow: the finding is then told in words.
var errByHand = errors.New("it is written in a way that a patch can't change safely")

// book is the contract's YAML as text, open for changes. A change keeps everything that it isn't about: comments, order,
// the way things are written.
type book struct {
	files map[string][]string   // by name, as lines
	trees map[string]*yaml.Node // of files as they stand; nobody changes a tree
}

// openBook reads the files that the contract of this program was merged from.
func openBook() (*book, error) {
	b := &book{files: map[string][]string{}, trees: map[string]*yaml.Node{}}
	err := fs.WalkDir(openapi.Sources(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(name, "control") || strings.HasPrefix(name, "scenario") {
			return err
		}
		text, err := fs.ReadFile(openapi.Sources(), name)
		if err != nil {
			return err
		}
		b.files[name] = strings.Split(string(text), "\n")
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the contract's files: %w", err)
	}
	return b, nil
}

func (b *book) clone() *book {
	files := make(map[string][]string, len(b.files))
	for name, lines := range b.files {
		files[name] = slices.Clone(lines)
	}
	return &book{files, maps.Clone(b.trees)}
}

func (b *book) names() []string { return slices.Sorted(maps.Keys(b.files)) }

// spot is a node in a file, with the key that names it.
type spot struct {
	file       string
	key, value *yaml.Node
	owner      *yaml.Node // the mapping that holds key and value
}

// root parses a file as it stands now.
func (b *book) root(file string) (*yaml.Node, error) {
	if tree := b.trees[file]; tree != nil {
		return tree, nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(strings.Join(b.files[file], "\n")), &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	b.trees[file] = doc.Content[0]
	return doc.Content[0], nil
}

// set writes one line, counted from 1.
func (b *book) set(file string, line int, text string) {
	b.files[file][line-1] = text
	delete(b.trees, file)
}

// component finds "schemas/PayonePayInAnswer" or "examples/…" in the file that has it.
func (b *book) component(name string) (spot, bool) {
	kind, name, _ := strings.Cut(name, "/")
	for _, file := range b.names() {
		root, err := b.root(file)
		if err != nil {
			continue
		}
		if s, ok := within(spot{file: file, value: root}, "components", kind, name); ok {
			return s, true
		}
	}
	return spot{}, false
}

// within walks down by keys.
func within(s spot, keys ...string) (spot, bool) {
	for _, key := range keys {
		node := s.value
		if node != nil && node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		found := false
		for i := 0; node != nil && node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				s = spot{file: s.file, key: node.Content[i], value: node.Content[i+1], owner: node}
				found = true
				break
			}
		}
		if !found {
			return spot{}, false
		}
	}
	return s, true
}

// schema finds the object schema that holds the fields of a path: that of the component for "", else the field's own, in
// whichever file a $ref leads to.
func (b *book) schema(name, field string) (spot, bool) {
	s, ok := b.component("schemas/" + name)
	if field == "" || !ok {
		return s, ok
	}
	for _, segment := range strings.Split(withoutIndex(field), ".") {
		s = b.follow(s)
		if s, ok = within(s, "properties", segment); !ok {
			return spot{}, false
		}
	}
	return s, true
}

// follow goes where a $ref leads; a spot without one stays.
func (b *book) follow(s spot) spot {
	for range 8 {
		ref, ok := within(s, "$ref")
		if !ok {
			return s
		}
		next, found := b.component("schemas/" + path.Base(ref.value.Value))
		if !found {
			return s
		}
		s = next
	}
	return s
}

// named finds an entry of a list of named rules: x-behaviours, a schema's x-rules.
func named(list *yaml.Node, name string) *yaml.Node {
	if list != nil && list.Kind == yaml.AliasNode {
		list = list.Alias
	}
	if list == nil {
		return nil
	}
	for _, entry := range list.Content {
		if entry.Kind == yaml.AliasNode {
			entry = entry.Alias
		}
		if s, ok := within(spot{value: entry}, "name"); ok && s.value.Value == name {
			return entry
		}
	}
	return nil
}

// check reads what was changed again: a change that broke the YAML, or took away an anchor that others use, is none.
func (b *book) check() error {
	for _, file := range b.names() {
		if _, err := b.root(file); err != nil {
			return fmt.Errorf("%w: %v", errByHand, err)
		}
	}
	return nil
}

// merges says whether the files still make one contract.
func (b *book) merges() error {
	merged, err := openapi.Merge(b, "cashier.yaml")
	if err != nil {
		return err
	}
	_, err = openapi.Parse(merged)
	return err
}
