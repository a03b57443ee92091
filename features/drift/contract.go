package drift

import (
	"cmp"
	"fmt"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// contract is the contract, indexed for questions about what was observed.
type contract struct {
	*openapi.Contract
	*formats
	entries []openapi.Entry
	ledger  map[string]openapi.Entry
	schemas map[string]map[string]openapi.Field // by path
}

func newContract(c *openapi.Contract) *contract {
	entries := c.Ledger()
	return &contract{Contract: c, formats: newFormats(), entries: entries, ledger: openapi.ByID(entries), schemas: map[string]map[string]openapi.Field{}}
}

// fields returns a schema's fields by path.
func (c *contract) fields(schema string) map[string]openapi.Field {
	if c.schemas[schema] == nil {
		fields := map[string]openapi.Field{}
		for _, f := range c.FieldsOf(schema) {
			fields[f.Path] = f
		}
		c.schemas[schema] = fields
	}
	return c.schemas[schema]
}

// field returns the field at a path; an array's items count as the array.
func (c *contract) field(schema, path string) (openapi.Field, bool) {
	known, ok := c.fields(schema)[withoutIndex(path)]
	return known, ok
}

// rule is the ledger's entry for a path of a schema: the field's, or that of the nearest object that has it. The field of a
// referenced schema, Address.city, is that schema's.
func (c *contract) rule(schema, path string) openapi.Entry {
	for path = withoutIndex(path); path != ""; path = parent(path) {
		if e, ok := c.ledger[schema+"."+path]; ok {
			return e
		}
	}
	return c.ledger[schema]
}

// missingPrefix begins the answer to a request that lacks a field.
const missingPrefix = "Missing required field: "

// ruleOf is the rule for a value that was seen at a path. An error that is about a field of the request names it first; the
// rule is then that field's.
func (c *contract) ruleOf(op *openapi.Operation, schema, path string, seen Value) openapi.Entry {
	name := ""
	switch {
	case op == nil:
	case strings.HasPrefix(path, "errors["):
		name, _, _ = strings.Cut(seen.Text, " ")
	case path == "message" && strings.HasPrefix(seen.Text, missingPrefix):
		name = strings.TrimPrefix(seen.Text, missingPrefix)
	}
	if name != "" {
		if _, ok := c.field(op.Schema, name); ok {
			return c.rule(op.Schema, name)
		}
	}
	return c.rule(schema, path)
}

// cashierRule is the rule of the one endpoint.
const cashierRule = "POST " + openapi.CashierPath

// behaviourRule is the rule for a behaviour of a flow that no schema describes: that of the endpoint, the provider's webhooks or their
// secret.
func (c *contract) behaviourRule(op *openapi.Operation, about string) openapi.Entry {
	general := cashierRule
	switch {
	case about == "webhook-authorization":
		general = "webhook-secret"
	case op != nil && !strings.HasPrefix(about, "answer"):
		general = cmp.Or(op.WebhookRule(), op.Schema)
	case about == "unmatched":
		return c.ledger["Webhook"]
	}
	if e, ok := c.ledger[general]; ok {
		return e
	}
	return openapi.Entry{LedgerEntry: adminapi.LedgerEntry{ID: general}}
}

// FlowName is "PAYONE PAYIN", or "the call" when the operation is unknown.
func FlowName(op *openapi.Operation) string {
	if op == nil {
		return "the call"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", op.PSP, op.Type, op.Variant))
}

// operation is the operation of a call: by the request's own fields, else by what the runner kept.
func (c *contract) operation(e evidence.Exchange) *openapi.Operation {
	if doc, err := openapi.Decode([]byte(e.Request.Body)); err == nil {
		if op, err := c.Select(doc); err == nil {
			return op
		}
	}
	if e.PSP == "" {
		return nil
	}
	op, _ := c.Operation(e.PSP, e.Type, e.Variant)
	return op
}

// answerSchema is the schema of an answer: the operation's when the call was accepted, else that of the error's form.
func answerSchema(op *openapi.Operation, status int, b body) string {
	switch {
	case status/100 == 2 && op != nil:
		return op.Answer
	case status/100 == 2:
		return ""
	}
	return openapi.ErrorSchema(func(member string) bool { _, has := b.fields[member]; return has })
}

// webhookKind identifies a kind of webhook within a run.
func (c *contract) webhookKind(op *openapi.Operation, b body) string {
	return op.Schema + "\x00" + c.statusOf(b, 2)
}

// statusOf identifies a webhook by its status, raw status and message; by the first two; by the first alone.
func (c *contract) statusOf(b body, depth int) string {
	all := []string{b.text("transaction_status"), b.text("status"), c.words(b.text("message"))}
	if all[0] == "" && all[1] == "" {
		return ""
	}
	return strings.Join(all[:depth], "\x00")
}
