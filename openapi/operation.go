package openapi

import (
	"encoding/json"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

// Operation is one leaf request of the Cashier API: a provider's pay-in or pay-out, with what belongs to it.
type Operation struct {
	Schema    string // the request schema's name, e.g. PayonePayInRequest; its example has the same name
	PSP       string // provider code, e.g. PAYONE
	Type      string // PAYIN or PAYOUT
	Variant   string // ETO or ACH for Gigadat pay-outs, else ""
	Answer    string // schema name of the answer
	Webhook   string // schema name of the webhook; "" when the provider has none
	Redirect  string // dotted path of the redirect URL in the answer; "" when there is none
	UserToken string // "required" when only x-user-token will do
	Rules     []Rule // what OpenAPI can't say, checked by the provider's own code

	request *shape
}

// Rule is a named rule that stands in the contract in words and in the simulator in code.
type Rule struct {
	Name       string     `json:"name"`
	Says       string     `json:"says"`
	Provenance Provenance `json:"x-provenance"`
}

func (c *Contract) operation(name string, schema *openapi3.Schema, _ *yaml.Node) (*Operation, error) {
	op := &Operation{Schema: name, request: c.shapes[name]}
	var flow struct{ PSP, Type, Variant, Answer, Webhook, Redirect, UserToken string }
	if err := extension(schema.Extensions, "x-flow", &flow); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	op.PSP, op.Type, op.Variant = flow.PSP, flow.Type, flow.Variant
	op.Answer, op.Webhook, op.Redirect, op.UserToken = flow.Answer, flow.Webhook, flow.Redirect, flow.UserToken
	for _, other := range []string{op.Answer, op.Webhook} {
		if other != "" && c.shapes[other] == nil {
			return nil, fmt.Errorf("%s: x-flow names the unknown schema %s", name, other)
		}
	}
	if op.PSP == "" || op.Type == "" || op.Answer == "" {
		return nil, fmt.Errorf("%s: x-flow must name psp, type and answer", name)
	}
	if err := extension(schema.Extensions, "x-rules", &op.Rules); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return op, nil
}

// extension decodes an `x-` member into target; an absent one leaves target alone.
func extension(extensions map[string]any, name string, target any) error {
	value, ok := extensions[name]
	if !ok {
		return nil
	}
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, target)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Validate holds a request against the contract: the error is an *Invalid with the first missing field or with every
// broken rule, in the contract's order.
func (op *Operation) Validate(doc Document) error { return op.request.check(doc.Fields) }

// Fields returns the request's fields in the contract's order, nested ones behind the field that holds them.
func (op *Operation) Fields() []Field { return op.request.list("", nil) }

// ValidateAs holds any JSON object against a component schema by name: an answer, a webhook, a PSP configuration.
func (c *Contract) ValidateAs(schema string, doc Document) error {
	s := c.shapes[schema]
	if s == nil {
		return fmt.Errorf("the contract has no schema %s", schema)
	}
	return s.check(doc.Fields)
}

// FieldsOf returns the fields of a component schema in the contract's order.
func (c *Contract) FieldsOf(schema string) []Field {
	s := c.shapes[schema]
	if s == nil {
		return nil
	}
	return s.list("", nil)
}

// HasSchema says whether a component schema of that name exists.
func (c *Contract) HasSchema(name string) bool { return c.shapes[name] != nil }
