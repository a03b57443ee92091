package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// CashierPath is the one endpoint of the Cashier API (documented).
const CashierPath = "/v1/api/mozarto/cashier"

// Contract is one loaded document: the schemas compiled for validation, and the facts that the `x-` marks add.
// It is built once and safe for concurrent use.
type Contract struct {
	doc        *openapi3.T
	bundle     *bundle
	bundled    []byte
	root       *choice               // CashierRequest; nil for the control API
	operations []*Operation          // every leaf request, in the document's order
	shapes     map[string]*shape     // compiled component schemas by name
	examples   map[string]jsonObject // components/examples by name, as written
}

type jsonObject = json.RawMessage

// Cashier loads the Cashier API's contract from the files embedded in the binary.
func Cashier() (*Contract, error) { return load(files, "cashier.yaml") }

// Control loads the contract of the simulator's own admin API.
func Control() (*Contract, error) { return load(files, "control.yaml") }

func load(fsys fs.FS, entry string) (*Contract, error) {
	b, err := readBundle(fsys, entry)
	if err != nil {
		return nil, err
	}
	c := &Contract{bundle: b, shapes: map[string]*shape{}, examples: map[string]jsonObject{}}
	if c.bundled, err = b.json(); err != nil {
		return nil, fmt.Errorf("bundle %s: %w", entry, err)
	}
	if c.doc, err = openapi3.NewLoader().LoadFromData(c.bundled); err != nil {
		return nil, fmt.Errorf("load %s: %w", entry, err)
	}
	for name, ref := range c.doc.Components.Schemas {
		c.shapes[name] = c.compile(ref.Value, b.components["schemas/"+name], Provenance{})
	}
	if root := c.doc.Components.Schemas["CashierRequest"]; root != nil {
		if c.root, err = c.choose("CashierRequest"); err != nil {
			return nil, fmt.Errorf("compile %s: %w", entry, err)
		}
	}
	return c, c.readExamples()
}

func (c *Contract) readExamples() error {
	examples := member(member(c.bundle.root, "components"), "examples")
	if examples == nil {
		return nil
	}
	for i := 0; i < len(examples.Content); i += 2 {
		text, err := nodeJSON(member(examples.Content[i+1], "value"))
		if err != nil {
			return fmt.Errorf("example %s: %w", examples.Content[i].Value, err)
		}
		c.examples[examples.Content[i].Value] = text
	}
	return nil
}

// Bundled returns the whole contract as one JSON document that outside tools and client generators can read.
func (c *Contract) Bundled() []byte { return c.bundled }

// Version returns the contract's own version, `info.version`.
func (c *Contract) Version() string { return c.doc.Info.Version }

// Operations returns every leaf request that the contract knows, in its order: provider by provider, pay-in first.
func (c *Contract) Operations() []*Operation { return c.operations }

// Operation returns the request of a provider's flow; variant is "" but for Gigadat pay-outs (ETO, ACH), where "" stands
// for the first. ok is false when there is none.
func (c *Contract) Operation(psp, flow, variant string) (op *Operation, ok bool) {
	for _, op := range c.operations {
		if op.PSP == psp && op.Type == flow && (variant == "" || op.Variant == variant) {
			return op, true
		}
	}
	return nil, false
}

// Example returns a component example's value, as indented JSON in the order in which it was written.
func (c *Contract) Example(name string) (json.RawMessage, bool) {
	text, ok := c.examples[name]
	if !ok {
		return nil, false
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, false
	}
	return out.Bytes(), true
}

// choice is a oneOf that a discriminator decides: pspType, then type, then (for Gigadat pay-outs) payoutType.
type choice struct {
	property string
	names    []string // allowed values, in the document's order
	branches map[string]*choice
	leaf     *Operation // set where there is nothing more to choose
}

func (c *Contract) choose(name string) (*choice, error) {
	node, schema := c.bundle.components["schemas/"+name], c.doc.Components.Schemas[name].Value
	if schema.Discriminator == nil {
		op, err := c.operation(name, schema, node)
		if err != nil {
			return nil, err
		}
		c.operations = append(c.operations, op)
		return &choice{leaf: op}, nil
	}
	mapping := member(member(node, "discriminator"), "mapping")
	if mapping == nil {
		return nil, fmt.Errorf("%s: its discriminator has no mapping", name)
	}
	ch := &choice{property: schema.Discriminator.PropertyName, branches: map[string]*choice{}}
	for i := 0; i < len(mapping.Content); i += 2 {
		value, target := mapping.Content[i].Value, strings.TrimPrefix(mapping.Content[i+1].Value, "#/components/schemas/")
		if c.doc.Components.Schemas[target] == nil {
			return nil, fmt.Errorf("%s: its mapping names the unknown schema %s", name, target)
		}
		branch, err := c.choose(target)
		if err != nil {
			return nil, err
		}
		ch.names, ch.branches[value] = append(ch.names, value), branch
	}
	return ch, nil
}

// Select finds the request that doc claims to be, by its discriminators. The error is an *Invalid that names the
// discriminator at fault and its allowed values; the operation is not validated yet.
func (c *Contract) Select(doc Document) (*Operation, error) {
	at := c.root
	for at.leaf == nil {
		value := doc.Fields[at.property]
		if value == nil {
			return nil, &Invalid{Missing: at.property}
		}
		text, ok := value.(string)
		if !ok {
			return nil, &Invalid{Problems: []string{at.property + " must be a string"}}
		}
		next := at.branches[text]
		if next == nil {
			return nil, &Invalid{Problems: []string{at.property + " must be one of: " + strings.Join(at.names, ", ")}}
		}
		at = next
	}
	return at.leaf, nil
}

// PSPs returns the provider codes in the contract's order.
func (c *Contract) PSPs() []string { return slices.Clone(c.root.names) }

// ConfigurationOf returns the name of the schema of a provider's PSP configuration, "" for an unknown provider.
func (c *Contract) ConfigurationOf(psp string) string {
	mapping := member(member(c.bundle.components["schemas/CashierRequest"], "discriminator"), "mapping")
	target := member(mapping, psp)
	if target == nil {
		return ""
	}
	return strings.TrimPrefix(target.Value, "#/components/schemas/") + "Configuration"
}
