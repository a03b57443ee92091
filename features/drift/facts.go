package drift

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// facts is the contract, made ready for being asked about what was seen.
type facts struct {
	contract *openapi.Contract
	ledger   map[string]openapi.Entry
	order    []openapi.Entry
	schemas  map[string]map[string]fact
	*judge
}

// fact is what the contract says of one field.
type fact struct {
	openapi.Field
	pattern *regexp.Regexp
}

func newFacts(c *openapi.Contract) *facts {
	f := &facts{contract: c, ledger: map[string]openapi.Entry{}, order: c.Ledger(), schemas: map[string]map[string]fact{}, judge: newJudge()}
	for _, e := range f.order {
		if _, known := f.ledger[e.ID]; !known {
			f.ledger[e.ID] = e
		}
	}
	return f
}

// fields returns a schema's fields by path.
func (f *facts) fields(schema string) map[string]fact {
	if known, ok := f.schemas[schema]; ok {
		return known
	}
	fields := map[string]fact{}
	for _, field := range f.contract.FieldsOf(schema) {
		known := fact{Field: field}
		if field.Pattern != "" {
			known.pattern, _ = regexp.Compile(field.Pattern)
		}
		fields[field.Path] = known
	}
	f.schemas[schema] = fields
	return fields
}

// field returns what the contract says of a path; items of arrays count as the array.
func (f *facts) field(schema, path string) (fact, bool) {
	known, ok := f.fields(schema)[withoutIndex(path)]
	return known, ok
}

func withoutIndex(path string) string {
	if i := strings.IndexByte(path, '['); i >= 0 {
		return path[:i]
	}
	return path
}

// rule is the ledger's entry for a path of a schema: the field's, or that of the nearest thing that holds it. The field of a
// referred-to schema, Address.city, is that schema's.
func (f *facts) rule(schema, path string) openapi.Entry {
	for path = withoutIndex(path); path != ""; path = parent(path) {
		if e, ok := f.ledger[schema+"."+path]; ok {
			return e
		}
	}
	return f.ledger[schema]
}

// first returns the first of the named entries that the ledger has.
func (f *facts) first(ids ...string) openapi.Entry {
	for _, id := range ids {
		if e, ok := f.ledger[id]; ok {
			return e
		}
	}
	return openapi.Entry{ID: ids[len(ids)-1]}
}

// operation is the contract's for an exchange: by the request's own discriminators, else by what the runner kept.
func (f *facts) operation(e evidence.Exchange) *openapi.Operation {
	if doc, err := openapi.Decode([]byte(e.Request.Body)); err == nil {
		if op, err := f.contract.Select(doc); err == nil {
			return op
		}
	}
	if e.PSP == "" {
		return nil
	}
	op, _ := f.contract.Operation(e.PSP, e.Type, e.Variant)
	return op
}

// answerSchema is the schema of an answer: the operation's when it was accepted, else the form of error that it has.
func answerSchema(op *openapi.Operation, status int, b body) string {
	_, code := b.fields["errorCode"]
	_, data := b.fields["data"]
	_, errs := b.fields["errors"]
	switch {
	case status >= 200 && status < 300 && op != nil:
		return op.Answer
	case status >= 200 && status < 300:
		return ""
	case code:
		return "TransportError"
	case data && !errs:
		return "ErrorWithData"
	}
	return "Error"
}

// cashierRule is the rule of the one endpoint.
const cashierRule = "POST " + openapi.CashierPath

// noticeRule is the rule of a provider's webhooks; of the request where there are to be none.
func noticeRule(op *openapi.Operation) string {
	if op.Webhook == "" {
		return op.Schema
	}
	return "POST " + strings.ToLower(strings.TrimSuffix(op.Webhook, "Webhook"))
}

// behaviour is the name under which an observed behaviour of a flow would stand in the contract.
func behaviour(op *openapi.Operation, what string) string {
	return strings.ToLower(strings.ReplaceAll(flowName(op), " ", "-")) + "-" + what
}

// flowName is "PAYONE PAYIN", or "the call" when it is nobody's.
func flowName(op *openapi.Operation) string {
	if op == nil {
		return "the call"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", op.PSP, op.Type, op.Variant))
}

// statusRule is the entry that says with which HTTP status an error is answered: one that names its text or its code, and a
// status.
func (f *facts) statusRule(status int, b body) openapi.Entry {
	for _, word := range []string{b.text("errorCode"), b.text("message")} {
		if word == "" {
			continue
		}
		i := slices.IndexFunc(f.order, func(e openapi.Entry) bool {
			return !strings.Contains(e.ID, ".") && strings.Contains(e.Description, word) && strings.Contains(e.Description, fmt.Sprintf("HTTP %d", status))
		})
		if i >= 0 {
			return f.order[i]
		}
	}
	return f.ledger[cashierRule]
}
