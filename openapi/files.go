package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Files are the YAML files that a contract is merged from, to be read and edited. They are kept as the encoder writes them, so
// that a program that changes one thing changes no other line.
type Files struct {
	names []string              // the entry, then the others in the order in which they are referred to
	texts map[string][]byte     // as they were read
	docs  map[string]*yaml.Node // each $ref has lost its file part
	owner map[string]string     // the file of each component, "schemas/Address"
}

// ReadFiles reads an entry file and every YAML file of fsys that it refers to. Component names must be unique across the files.
func ReadFiles(fsys fs.FS, entry string) (*Files, error) {
	f := &Files{texts: map[string][]byte{}, docs: map[string]*yaml.Node{}, owner: map[string]string{}}
	for queue := []string{entry}; len(queue) > 0; queue = queue[1:] {
		name := queue[0]
		if f.docs[name] != nil {
			continue
		}
		if err := f.read(fsys, name); err != nil {
			return nil, err
		}
		queue = append(queue, localise(f.docs[name], path.Dir(name))...)
	}
	if member(f.root(entry), "components") == nil {
		return nil, fmt.Errorf("%s: has no components", entry)
	}
	return f, nil
}

func (f *Files) read(fsys fs.FS, name string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read contract: %w", err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(marked(text), &doc); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if doc.Kind != yaml.DocumentNode || doc.Content[0].Kind != yaml.MappingNode {
		return fmt.Errorf("%s: must be a YAML mapping", name)
	}
	f.names, f.texts[name], f.docs[name] = append(f.names, name), text, &doc
	for kind, entries := range members(member(f.root(name), "components")) {
		for i := 0; i < len(entries.Content); i += 2 {
			part := kind + "/" + entries.Content[i].Value
			if f.owner[part] != "" {
				return fmt.Errorf("%s:%d: component %s is written twice", name, entries.Content[i].Line, part)
			}
			f.owner[part] = name
		}
	}
	return nil
}

func (f *Files) root(name string) *yaml.Node { return f.docs[name].Content[0] }

// Contract returns the contract that the files are merged to.
func (f *Files) Contract() (*Contract, error) { return f.Editor().Contract() }

// Editor begins to edit the files.
func (f *Files) Editor() *Editor {
	return &Editor{root: f.merged(), files: f.owner, changed: map[string]*yaml.Node{}}
}

// Edited makes an editor's changes and returns the new text of each file that is not as it was read. An error means that the
// changes don't fit together.
func (f *Files) Edited(e *Editor) (texts map[string][]byte, err error) {
	if _, err := e.Contract(); err != nil {
		return nil, err
	}
	texts = map[string][]byte{}
	for _, name := range f.names {
		doc := cloned(f.docs[name])
		reanchor(doc, map[string]*yaml.Node{})
		f.globalise(doc, name)
		var out bytes.Buffer
		enc := yaml.NewEncoder(&out)
		enc.SetIndent(2)
		if err := enc.Encode(doc); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if text := blankLine.ReplaceAll(out.Bytes(), nil); !bytes.Equal(text, f.texts[name]) {
			texts[name] = text
		}
	}
	return texts, nil
}

// Merge makes one JSON document of an entry file and every YAML file of fsys that it refers to: their components stand side by
// side, and each $ref has lost its file part. The order is that of the files, and numbers keep their digits.
func Merge(fsys fs.FS, entry string) ([]byte, error) {
	files, err := ReadFiles(fsys, entry)
	if err != nil {
		return nil, err
	}
	return nodeJSON(files.merged())
}

// merged is the one document of the files; its parts are theirs.
func (f *Files) merged() *yaml.Node {
	root := *f.root(f.names[0])
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
	return &root
}

// localise rewrites "../common.yaml#/x" to "#/x" everywhere below node, and returns the files that were named.
func localise(node *yaml.Node, dir string) []string {
	var named []string
	if node.Kind == yaml.ScalarNode && node.Tag == "!!str" {
		if file, pointer, found := strings.Cut(node.Value, ".yaml#/"); found && !strings.ContainsAny(file, " \n") {
			named = append(named, path.Join(dir, file+".yaml"))
			node.Value = "#/" + pointer
		}
	}
	for _, child := range node.Content {
		named = append(named, localise(child, dir)...)
	}
	return named
}

// globalise undoes localise in a file's document. Numbers lose the tag that JSON's have, which would be written.
func (f *Files) globalise(node *yaml.Node, file string) {
	if owner := f.owner[componentName(node.Value)]; strings.HasPrefix(node.Value, "#/components/") && owner != "" && owner != file {
		node.Value = "./" + owner + node.Value
		if path.Dir(file) != "." {
			node.Value = "." + node.Value
		}
	}
	if node.Tag == "!!float" {
		node.Tag = ""
	}
	for _, child := range node.Content {
		f.globalise(child, file)
	}
}

// reanchor gives an alias the value itself where its anchor is gone, stands after it, or has another value now.
func reanchor(node *yaml.Node, anchors map[string]*yaml.Node) {
	if node.Kind == yaml.AliasNode {
		switch there := anchors[node.Value]; {
		case there == nil:
			*node = *cloned(node.Alias)
		case !sameNodes(there, node.Alias):
			expand(node)
		}
	}
	if node.Anchor != "" {
		anchors[node.Anchor] = node
	}
	for _, child := range node.Content {
		reanchor(child, anchors)
	}
}

// blank stands in the place of an empty line while a file is a tree: the parser keeps comments, and no empty lines.
const blank = "#~"

var (
	blankLine  = regexp.MustCompile(`(?m)^ *` + blank + `$`)
	beginsText = regexp.MustCompile(`[ :][|>][-+]?$`)
)

// marked puts blank into the empty lines of a file, but for those of block texts.
func marked(text []byte) []byte {
	lines := bytes.Split(bytes.TrimRight(text, "\n"), newline)
	var empty []int // lines since the last one with a text
	block := -1     // how far the key of a block text is indented, while the lines are its text
	for i, line := range lines {
		if len(line) == 0 {
			empty = append(empty, i)
			continue
		}
		indent := len(line) - len(bytes.TrimLeft(line, " "))
		if indent <= block {
			block = -1
		}
		if block < 0 {
			for _, at := range empty {
				lines[at] = append(bytes.Repeat([]byte(" "), indent), blank...)
			}
			if beginsText.Match(line) {
				block = len(line) - len(bytes.TrimLeft(line, " -"))
			}
		}
		empty = nil
	}
	return append(bytes.Join(lines, newline), '\n')
}

// WriteFiles gives files in a folder new texts: all of them, or none when one can't be written.
func WriteFiles(folder string, texts map[string][]byte) error {
	const beside = ".new"
	var failed error
	for name, text := range texts {
		failed = errors.Join(failed, os.WriteFile(filepath.Join(folder, name)+beside, text, 0o644)) //nolint:gosec // as the sources are
	}
	for name := range texts {
		file := filepath.Join(folder, name)
		if failed != nil {
			_ = os.Remove(file + beside) // what can't be removed isn't one of ours
			continue
		}
		failed = os.Rename(file+beside, file)
	}
	return failed
}
