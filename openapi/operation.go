package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Operation is one leaf request of the Cashier API: a provider's pay-in or pay-out, with what belongs to it.
type Operation struct {
	Schema    string `yaml:"-"` // the request schema's name, e.g. PayonePayInRequest; its example has the same name
	PSP       string // provider code, e.g. PAYONE
	Type      string // PAYIN or PAYOUT
	Variant   string // ETO or ACH for Gigadat pay-outs, else ""
	Answer    string // schema name of the answer
	Webhook   string // schema name of the webhook; "" when the provider has none
	Redirect  string // dotted path of the redirect URL in the answer; "" when there is none
	UserToken string `yaml:"userToken"` // "required" when only x-user-token is accepted
	Rules     []Rule `yaml:"-"`         // what OpenAPI can't say, checked by the provider's own code

	contract *Contract
}

func (c *Contract) operation(name string, node *yaml.Node) (*Operation, error) {
	op := &Operation{}
	if err := decodeNode(member(node, "x-flow"), op); err != nil {
		return nil, fmt.Errorf("%s: x-flow: %w", name, err)
	}
	op.Schema, op.contract = name, c
	if op.PSP == "" || op.Type == "" || op.Answer == "" {
		return nil, fmt.Errorf("%s: x-flow must name psp, type and answer", name)
	}
	for _, other := range []string{op.Answer, op.Webhook} {
		if other != "" && !c.HasSchema(other) {
			return nil, fmt.Errorf("%s: x-flow names the unknown schema %s", name, other)
		}
	}
	if err := decodeNode(member(node, "x-rules"), &op.Rules); err != nil {
		return nil, fmt.Errorf("%s: x-rules: %w", name, err)
	}
	return op, nil
}

// decodeNode decodes a node into target; an absent one changes nothing.
func decodeNode(node *yaml.Node, target any) error {
	if node == nil {
		return nil
	}
	return node.Decode(target)
}

// Validate validates a request. The error is an *Invalid with the first missing field, or with every broken rule in the
// contract's order.
func (op *Operation) Validate(doc Document) error { return op.contract.ValidateAs(op.Schema, doc) }

// Fields returns the request's fields in the contract's order, nested ones after the field that has them.
func (op *Operation) Fields() []Field { return op.contract.FieldsOf(op.Schema) }

// Known returns the fields of a request without those that the contract doesn't know, on every level, how many these are, and how many
// bytes they take as JSON. fields is not changed.
func (op *Operation) Known(fields map[string]any) (known map[string]any, unknown, bytes int, err error) {
	s, err := op.contract.shape(op.Schema)
	if err != nil {
		return nil, 0, 0, err
	}
	known = s.without(fields, func(name string, value any) {
		text, _ := json.Marshal(value) // it was JSON
		unknown++
		bytes += len(name) + len(text)
	})
	return known, unknown, bytes, nil
}

// WebhookRule is the id of the rule in the ledger that is about the provider's webhooks as a whole; "" when it sends none.
func (op *Operation) WebhookRule() string {
	if op.Webhook == "" {
		return ""
	}
	return "POST " + strings.ToLower(strings.TrimSuffix(op.Webhook, "Webhook"))
}

// Flow is what the contract says about a flow.
type Flow struct {
	PSP       string   `json:"psp"`
	Type      string   `json:"type"`
	Variant   string   `json:"variant,omitempty"`
	Call      string   `json:"call"`                // method and path
	UserToken string   `json:"userToken,omitempty"` // "required" when only x-user-token identifies the user
	Redirect  string   `json:"redirect,omitempty"`  // dotted path of the redirect URL in the answer
	Request   Message  `json:"request"`
	Rules     []Rule   `json:"rules"` // named rules: the flow's own, then those of every call
	Answer    Message  `json:"answer"`
	Webhook   *Message `json:"webhook,omitempty"` // absent when the provider sends none
}

// Message is a schema's fields in order, and an example.
type Message struct {
	Schema  string          `json:"schema"`
	Fields  []Field         `json:"fields"`
	Example json.RawMessage `json:"example"`
}

// Flow reads everything about a flow. The error names an example that is missing.
func (op *Operation) Flow() (flow Flow, err error) {
	c := op.contract
	flow = Flow{PSP: op.PSP, Type: op.Type, Variant: op.Variant, Call: "POST " + CashierPath, UserToken: op.UserToken, Redirect: op.Redirect}
	call := member(member(c.bundle.node("paths"), CashierPath), "post")
	if err := decodeNode(member(call, "x-rules"), &flow.Rules); err != nil {
		return flow, fmt.Errorf("x-rules: %w", err)
	}
	flow.Rules = slices.Concat([]Rule{}, op.Rules, flow.Rules)
	message := func(name string) (m Message) {
		example, ok := c.Example(name)
		if !ok && err == nil {
			err = fmt.Errorf("the contract has no example of %s", name)
		}
		return Message{Schema: name, Fields: c.FieldsOf(name), Example: example}
	}
	flow.Request, flow.Answer = message(op.Schema), message(op.Answer)
	if op.Webhook != "" {
		webhook := message(op.Webhook)
		flow.Webhook = &webhook
	}
	return flow, err
}

// Responses are the names of the examples that the answers of the Cashier API's operation have, by HTTP status and media type.
func (c *Contract) Responses() map[string]map[string][]string {
	all := map[string]map[string][]string{}
	for status, response := range members(member(member(member(c.bundle.node("paths"), CashierPath), "post"), "responses")) {
		all[status] = map[string][]string{}
		for media, content := range members(member(response, "content")) {
			all[status][media] = nil
			for name := range members(member(content, "examples")) {
				all[status][media] = append(all[status][media], name)
			}
		}
	}
	return all
}

// ErrorSchema is the schema of a refusal's body, by which members it has.
func ErrorSchema(has func(member string) bool) string {
	switch {
	case has("errorCode"):
		return "TransportError"
	case has("data") && !has("errors"):
		return "ErrorWithData"
	}
	return "Error"
}

// HasField says whether the request has a field of a dotted name. An object whose members the contract doesn't list has every
// field.
func (op *Operation) HasField(path string) bool {
	s, err := op.contract.shape(op.Schema)
	if err != nil {
		return false
	}
	for _, name := range strings.Split(path, ".") {
		i := slices.IndexFunc(s.fields, func(f field) bool { return f.Path == name })
		if i < 0 {
			return false
		}
		if s = s.fields[i].nested; s == nil {
			return true
		}
	}
	return true
}

// ValidateAs validates any JSON object by the name of a component schema: an answer, a webhook, a PSP configuration.
func (c *Contract) ValidateAs(schema string, doc Document) error {
	s, err := c.shape(schema)
	if err != nil {
		return err
	}
	return s.check(doc.Fields)
}

// FieldsOf returns the fields of a component schema in the contract's order; none for an unknown one. What they point to is the
// contract's own and must not be changed.
func (c *Contract) FieldsOf(schema string) []Field {
	s, err := c.shape(schema)
	if err != nil {
		return nil
	}
	return s.list("", nil)
}

// HasSchema says whether a component schema of that name exists.
func (c *Contract) HasSchema(name string) bool { return c.bundle.texts["schemas/"+name] != nil }
