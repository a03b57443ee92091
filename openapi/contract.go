package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// CashierPath is the one endpoint of the Cashier API (documented).
const CashierPath = "/v1/api/mozarto/cashier"

// Contract is one loaded document: its schemas, prepared for validation when they are first used, and what the `x-` keywords
// add. It is safe for concurrent use.
type Contract struct {
	bundle     *bundle
	root       *choice                     // CashierRequest; nil for the admin API
	operations []*Operation                // every leaf request, in the document's order
	shapes     sync.Map                    // schema name → *shape
	values     sync.Map                    // a value's schema as JSON → *value
	document   func() (*openapi3.T, error) // the whole document, loaded when it is first needed
	published  sync.Map                    // version of OpenAPI → func() ([]byte, error), which makes the document once
}

var cashier, control = loaded("cashier"), loaded("control")

// Cashier is the Cashier API's contract, from the documents embedded in the binary. A process loads it once.
func Cashier() (*Contract, error) { return cashier() }

// Version returns the version of the Cashier API's contract, which it doesn't load.
func Version() (string, error) {
	raw, err := documents.ReadFile("merged/cashier.json")
	if err != nil {
		return "", err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	for {
		switch name, err := dec.Token(); {
		case err != nil:
			return "", err
		case name == "info": // the first of the members that are objects
			var info struct{ Version string }
			err := dec.Decode(&info)
			return info.Version, err
		}
	}
}

// Control is the contract of the simulator's own admin API, loaded once too.
func Control() (*Contract, error) { return control() }

func loaded(name string) func() (*Contract, error) {
	return sync.OnceValues(func() (*Contract, error) { return load(name) })
}

func load(name string) (*Contract, error) {
	raw, err := documents.ReadFile("merged/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	c, err := Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("load contract %s: %w", name, err)
	}
	return c, nil
}

// Parse reads a merged document (see Merge), such as a changed one that is not in the binary yet.
func Parse(raw []byte) (*Contract, error) {
	b, err := readBundle(raw)
	if err != nil {
		return nil, err
	}
	c := &Contract{bundle: b}
	c.document = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(raw) })
	if b.texts["schemas/"+rootSchema] != nil {
		if c.root, err = c.choose(rootSchema); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// rootSchema is the request of the Cashier API's one endpoint.
const rootSchema = "CashierRequest"

// Bundled returns the whole contract as one JSON document, with all that this package reads of it; Published is for other tools.
func (c *Contract) Bundled() []byte { return c.bundle.raw }

// Version returns the contract's own version, `info.version`.
func (c *Contract) Version() string { return text(member(c.bundle.node("info"), "version")) }

// Operations returns every leaf request that the contract knows, in its order: provider by provider, pay-in first.
func (c *Contract) Operations() []*Operation { return c.operations }

// Operation returns the request of a provider's flow. variant is "" except for Gigadat pay-outs (ETO, ACH), where "" means the
// first. ok is false when there is none.
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
	value := member(c.bundle.node("examples/"+name), "value")
	if value == nil {
		return nil, false
	}
	text, err := indentedJSON(value)
	return text, err == nil
}

func indentedJSON(node *yaml.Node) ([]byte, error) {
	text, err := nodeJSON(node)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, text, "", "  ")
	return out.Bytes(), err
}

// choice is a oneOf that a discriminator decides: pspType, then type, then (for Gigadat pay-outs) payoutType.
type choice struct {
	property string
	names    []string // allowed values, in the document's order
	branches map[string]*choice
	leaf     *Operation // set when there is nothing left to choose
}

func (c *Contract) choose(name string) (*choice, error) {
	node := c.bundle.node("schemas/" + name)
	if node == nil {
		return nil, fmt.Errorf("there is no schema %s", name)
	}
	discriminator := member(node, "discriminator")
	if discriminator == nil {
		op, err := c.operation(name, node)
		if err != nil {
			return nil, err
		}
		c.operations = append(c.operations, op)
		return &choice{leaf: op}, nil
	}
	mapping := member(discriminator, "mapping")
	if mapping == nil {
		return nil, fmt.Errorf("%s: its discriminator has no mapping", name)
	}
	ch := &choice{property: text(member(discriminator, "propertyName")), branches: map[string]*choice{}}
	for value, target := range members(mapping) {
		branch, err := c.choose(schemaName(target.Value))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		ch.names, ch.branches[value] = append(ch.names, value), branch
	}
	return ch, nil
}

// Select finds the operation of a request by its discriminators; the request is not validated yet. The error is an *Invalid
// that names the wrong discriminator and its allowed values.
func (c *Contract) Select(doc Document) (*Operation, error) {
	at := c.root
	for at.leaf == nil {
		value := doc.Fields[at.property]
		if value == nil {
			return nil, &Invalid{Missing: at.property}
		}
		text, ok := value.(string)
		if !ok {
			return nil, Problems{{Path: at.property, Reason: "must be a string"}}.Err()
		}
		next := at.branches[text]
		if next == nil {
			return nil, Problems{{Path: at.property, Reason: "must be one of: " + strings.Join(at.names, ", ")}}.Err()
		}
		at = next
	}
	return at.leaf, nil
}

// PSPs returns the provider codes in the contract's order.
func (c *Contract) PSPs() []string { return slices.Clone(c.root.names) }

// ConfigurationOf returns the name of the schema of a provider's PSP configuration, "" for an unknown provider.
func (c *Contract) ConfigurationOf(psp string) string {
	mapping := member(member(c.bundle.node("schemas/"+rootSchema), "discriminator"), "mapping")
	target := member(mapping, psp)
	if target == nil {
		return ""
	}
	return schemaName(target.Value) + "Configuration"
}

// componentName turns "#/components/schemas/Address" into "schemas/Address".
func componentName(ref string) string { return strings.TrimPrefix(ref, "#/components/") }

// schemaName turns "#/components/schemas/Address" into "Address".
func schemaName(ref string) string { return strings.TrimPrefix(ref, "#/components/schemas/") }
