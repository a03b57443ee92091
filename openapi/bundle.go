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
	b.texts[name] = value
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
	if node := b.nodes[name]; node != nil || b.texts[name] == nil {
		return node
	}
	node, err := readNode(jsontext.NewDecoder(bytes.NewBuffer(b.texts[name])))
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

func (b *bundle) parts() []string { return b.order }

func (b *bundle) fileOf(string) string { return "" }
