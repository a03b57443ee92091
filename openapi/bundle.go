package openapi

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"
)

// The merged documents are what the binary carries; the YAML files beside them are what people edit.
//
//go:generate go run ./internal/merge
//go:embed merged/cashier.json merged/control.json
var documents embed.FS

//go:embed *.yaml providers/*.yaml
var sources embed.FS

// forms describe the files that people write for the harness.
//
//go:embed files/*.yaml
var forms embed.FS

// Sources returns the YAML files that the contract was merged from, by their names below openapi/, for tools that propose a
// change to the contract.
func Sources() fs.FS { return sources }

// bundle is a merged document (see Merge), cut into its parts; a part becomes a tree of nodes only when it is needed, which
// keeps the start short. It is safe for concurrent use.
type bundle struct {
	raw   []byte
	texts map[string]jsontext.Value // "info", "paths", "schemas/Address", "examples/PayoneWebhook"
	order []string                  // the parts' names in the document's order

	mu    sync.Mutex
	nodes map[string]*yaml.Node
}

func readBundle(raw []byte) (*bundle, error) {
	b := &bundle{raw: raw, texts: map[string]jsontext.Value{}, nodes: map[string]*yaml.Node{}}
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw), once)
	part := func(name string) (err error) {
		b.order = append(b.order, name)
		b.texts[name], err = dec.ReadValue() // a part of raw
		return err
	}
	err := eachMember(dec, func(name string) error {
		if name != "components" {
			return part(name)
		}
		return eachMember(dec, func(kind string) error {
			return eachMember(dec, func(name string) error { return part(kind + "/" + name) })
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read bundled contract: %w", err)
	}
	return b, nil
}

// once is for merged documents: they name nothing twice, so that it isn't looked for.
var once = jsontext.AllowDuplicateNames(true)

// eachMember calls read for the name of every member of the JSON object that follows; read reads its value.
func eachMember(dec *jsontext.Decoder, read func(name string) error) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if err := read(name.String()); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// node returns a part as a tree, nil when there is none of that name.
func (b *bundle) node(name string) *yaml.Node {
	b.mu.Lock()
	defer b.mu.Unlock()
	if node := b.nodes[name]; node != nil || b.texts[name] == nil {
		return node
	}
	node, err := readNode(jsontext.NewDecoder(bytes.NewBuffer(b.texts[name]), once))
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

// tree is the whole document as a new tree.
func (b *bundle) tree() *yaml.Node {
	root, _ := readNode(jsontext.NewDecoder(bytes.NewBuffer(b.raw), once)) // it has been read before
	return root
}
