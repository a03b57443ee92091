package patch

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"mozartosim/features/drift"
	"mozartosim/openapi"
)

// behaviour writes into x-behaviours what no schema can describe: webhooks, durations, headers.
func (p *patcher) behaviour(d change) (string, error) {
	if d.Op == nil {
		return "", errManual
	}
	description := map[string]string{
		"notifications": d.Op.PSP + " " + strings.TrimSpace(d.Op.Type+" "+d.Op.Variant) + " notifies " + d.B,
		"answer-time":   drift.FlowName(d.Op) + " is answered after about " + d.B,
		"webhook-time":  "the first webhook of " + drift.FlowName(d.Op) + " comes about " + d.B + " after the answer",
		"answer":        drift.FlowName(d.Op) + " is answered: " + d.B,
	}[strings.Replace(d.About, "order", "notifications", 1)]
	if description == "" {
		value := d.B
		if value == "" {
			value = "absent"
		}
		side, header, _ := strings.Cut(d.About, "-")
		description = fmt.Sprintf("the header %s of the %s of %s is %s", http.CanonicalHeaderKey(header), side, drift.FlowName(d.Op), value)
	}
	return "describe the observed behaviour in x-behaviours", p.writeBehaviour(drift.BehaviourName(d.Op, d.About), description)
}

// writeBehaviour adds a behaviour, or replaces its description.
func (p *patcher) writeBehaviour(name, description string) error {
	const file = "cashier.yaml"
	root, err := p.root(file)
	if err != nil {
		return err
	}
	list, ok := within(location{file: file, value: root}, "x-behaviours")
	if !ok {
		return errManual
	}
	if entry := named(list.value, name); entry != nil {
		at, _ := within(location{file: file, value: entry}, "description")
		return p.replace(at, strconv.Quote(description))
	}
	line := p.extent(file, list.key)
	p.splice(file, line+1, line, "  - name: "+name, "    description: "+strconv.Quote(description), "    x-provenance: "+p.mark(""))
	return nil
}

// status changes the HTTP status of an error: in the rule that names it, or else among the responses.
func (p *patcher) status(d change) (string, error) {
	was, is := fmt.Sprintf("HTTP %d", d.Status[0]), fmt.Sprintf("HTTP %d", d.Status[1])
	if strings.Contains(d.Rule.Description, was) {
		at, mark, ok := p.ruleLocation(d.Rule)
		if !ok {
			return "", errManual
		}
		text := strings.Replace(d.Rule.Description, was, is, 1)
		if strings.Count(d.Rule.Description, "_") > 1 && d.was.Text != "" { // one rule for several errors: the others stay
			text = d.Rule.Description + "; " + d.was.Text + " with " + is
		}
		if err := p.replace(mark, p.mark("")); err != nil {
			return "", err
		}
		return "use the observed status", p.replace(at, strconv.Quote(text))
	}
	if d.Status[1]/100 == 2 || d.Status[0]/100 == 2 {
		return "", errors.New("one run was refused what the other was allowed: only a person can say which rule of the request explains it")
	}
	return p.response(d)
}

// ruleLocation finds a named rule's description and provenance.
func (p *patcher) ruleLocation(rule openapi.Entry) (description, mark location, ok bool) {
	for _, file := range p.names() {
		if !p.mentions(file, rule.Rule) {
			continue
		}
		root, err := p.root(file)
		if err != nil {
			continue
		}
		if entry := anyNamed(root, rule.Rule); entry != nil {
			description, ok = within(location{file: file, value: entry}, "description")
			mark, _ = within(location{file: file, value: entry}, "x-provenance")
			return description, mark, ok && mark.value != nil
		}
	}
	return description, mark, false
}

// anyNamed finds a named rule anywhere below a node.
func anyNamed(node *yaml.Node, name string) *yaml.Node {
	if node.Kind == yaml.MappingNode {
		for i := 0; i < len(node.Content); i += 2 {
			if key := node.Content[i].Value; key == "x-rules" || key == "x-behaviours" {
				if found := named(node.Content[i+1], name); found != nil {
					return found
				}
			}
		}
	}
	for _, child := range node.Content {
		if found := anyNamed(child, name); found != nil {
			return found
		}
	}
	return nil
}

// response adds a status to the endpoint's responses.
func (p *patcher) response(d change) (string, error) {
	const file = "cashier.yaml"
	root, err := p.root(file)
	if err != nil {
		return "", err
	}
	responses, ok := within(location{file: file, value: root}, "paths", openapi.CashierPath, "post", "responses")
	if !ok {
		return "", errManual
	}
	status := strconv.Itoa(d.Status[1])
	var next *yaml.Node
	for i := 0; i < len(responses.value.Content); i += 2 {
		key := responses.value.Content[i]
		if key.Value == status {
			return "", errAlreadyAllowed
		}
		if next == nil && key.Value > status {
			next = key
		}
	}
	indent := strings.Repeat(" ", responses.value.Content[0].Column-1)
	schema := d.Schema
	if !slices.Contains([]string{"Error", "ErrorWithData", "TransportError"}, schema) {
		schema = "Error"
	}
	at := p.extent(file, responses.key) + 1
	if next != nil {
		at = next.Line
	}
	p.splice(file, at, at-1,
		indent+"'"+status+"':",
		indent+"  description: "+scalar(http.StatusText(d.Status[1])+"; "+d.was.Text),
		indent+"  x-provenance: "+p.mark(""),
		indent+"  content:",
		indent+"    application/json:",
		indent+"      schema: {$ref: './common.yaml#/components/schemas/"+schema+"'}")
	return "add the status to the responses", nil
}

// ruleMark finds a ledger entry in the files and gives it a provenance.
func (p *patcher) ruleMark(entry openapi.Entry, text string) error {
	id := entry.ID
	if schema, path, _ := strings.Cut(id, "."); p.contract.HasSchema(schema) {
		at, ok := p.schema(schema, path)
		if !ok {
			return errManual
		}
		return p.provenance(at, text)
	}
	if verb, path, found := strings.Cut(id, " "); found {
		root, err := p.root("cashier.yaml")
		if err != nil {
			return err
		}
		for _, section := range []string{"paths", "webhooks"} {
			if at, ok := within(location{file: "cashier.yaml", value: root}, section, path, strings.ToLower(verb)); ok {
				return p.provenance(at, text)
			}
		}
		return errManual
	}
	_, mark, ok := p.ruleLocation(entry)
	if !ok {
		return errManual
	}
	return p.replace(mark, text)
}

// provenance gives a field or a schema a provenance: instead of the one that it has, else as a new key.
func (p *patcher) provenance(at location, text string) error {
	if at.value.Kind != yaml.MappingNode || at.value.Anchor != "" {
		return errManual
	}
	if mark, ok := within(at, "x-provenance"); ok {
		return p.replace(mark, text)
	}
	return p.add(at.file, at.value, "x-provenance", text)
}
