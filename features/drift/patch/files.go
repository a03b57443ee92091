package patch

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"mozartosim/openapi"
)

// folder is where the contract's files lie in the repository.
const folder = "openapi/"

// errManual says that no patch can make a change, because of how its place in the file is written.
var errManual = errors.New("it is written in a way that a patch cannot change safely")

// contractFiles is the text of the contract's YAML files, by name. A change leaves everything else as it is: comments, order,
// notation.
type contractFiles map[string]*contractFile

// contractFile is one version of a file. It is never changed; a change makes another one.
type contractFile struct {
	lines  []string
	tree   *yaml.Node // once it was parsed
	edited bool
}

// readContractFiles reads the files that the contract of this program was merged from.
func readContractFiles() (contractFiles, error) {
	f := contractFiles{}
	err := fs.WalkDir(openapi.Sources(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(name, "control") || strings.HasPrefix(name, "scenario") {
			return err
		}
		text, err := fs.ReadFile(openapi.Sources(), name)
		if err != nil {
			return err
		}
		f[name] = &contractFile{lines: strings.Split(string(text), "\n")}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the contract's files: %w", err)
	}
	return f, nil
}

func (f contractFiles) names() []string { return slices.Sorted(maps.Keys(f)) }

// location is a node in a file, with its key.
type location struct {
	file       string
	key, value *yaml.Node
	owner      *yaml.Node // the mapping that has key and value
}

// root parses a file's current text.
func (f contractFiles) root(file string) (*yaml.Node, error) {
	if f[file].tree == nil {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(strings.Join(f[file].lines, "\n")), &doc); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		f[file].tree = doc.Content[0]
	}
	return f[file].tree, nil
}

// set writes one line, counted from 1.
func (f contractFiles) set(file string, line int, text string) { f.splice(file, line, line, text) }

// component finds "schemas/PayonePayInAnswer" or "examples/…" in whichever file has it.
func (f contractFiles) component(name string) (location, bool) {
	kind, name, _ := strings.Cut(name, "/")
	for _, file := range f.names() {
		if !f.mentions(file, name+":") {
			continue
		}
		root, err := f.root(file)
		if err != nil {
			continue
		}
		if s, ok := within(location{file: file, value: root}, "components", kind, name); ok {
			return s, true
		}
	}
	return location{}, false
}

// mentions reports whether a file has a text: most need not be parsed.
func (f contractFiles) mentions(file, text string) bool {
	return slices.ContainsFunc(f[file].lines, func(line string) bool { return strings.Contains(line, text) })
}

// members are the keys and values of a mapping, in the file's order.
func (l location) members() iter.Seq2[string, location] {
	return func(yield func(string, location) bool) {
		node := l.value
		if node != nil && node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		for i := 0; node != nil && node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, location{file: l.file, key: node.Content[i], value: node.Content[i+1], owner: node}) {
				return
			}
		}
	}
}

// within walks down by keys.
func within(l location, keys ...string) (location, bool) {
	for _, key := range keys {
		found := false
		for name, member := range l.members() {
			if name == key {
				l, found = member, true
				break
			}
		}
		if !found {
			return location{}, false
		}
	}
	return l, true
}

// schema finds the schema of a field, in whichever file a $ref leads to; for "" the component's own.
func (f contractFiles) schema(name, field string) (location, bool) {
	s, ok := f.component("schemas/" + name)
	if field == "" || !ok {
		return s, ok
	}
	for _, segment := range strings.Split(withoutIndex(field), ".") {
		s = f.follow(s)
		if s, ok = within(s, "properties", segment); !ok {
			return location{}, false
		}
	}
	return s, true
}

// follow returns where a $ref leads; the same location when there is none.
func (f contractFiles) follow(s location) location {
	for range 8 {
		ref, ok := within(s, "$ref")
		if !ok {
			return s
		}
		next, found := f.component("schemas/" + path.Base(ref.value.Value))
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
		if s, ok := within(location{value: entry}, "name"); ok && s.value.Value == name {
			return entry
		}
	}
	return nil
}

// check parses the changed files: a change must not break the YAML, or remove an anchor that is still used.
func (f contractFiles) check() error {
	for _, file := range f.names() {
		if !f[file].edited {
			continue
		}
		if _, err := f.root(file); err != nil {
			return fmt.Errorf("%w: %w", errManual, err)
		}
	}
	return nil
}

// merges checks that the files still make one contract.
func (f contractFiles) merges() error {
	merged, err := openapi.Merge(f, "cashier.yaml")
	if err != nil {
		return err
	}
	_, err = openapi.Parse(merged)
	return err
}

// parent is the path of the object or array that has a value.
func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

// base is the last name of a path.
func base(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func withoutIndex(path string) string {
	path, _, _ = strings.Cut(path, "[")
	return path
}
