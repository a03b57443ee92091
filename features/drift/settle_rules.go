package drift

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// behaviour says in x-behaviours what was observed and no schema can say: notices, times, headers.
func (s *settler) behaviour(d difference) (string, error) {
	if d.op == nil {
		return "", errByHand
	}
	about := d.about
	if about == "order" {
		about = "notices"
	}
	says := map[string]string{
		"notices":      d.op.PSP + " " + strings.TrimSpace(d.op.Type+" "+d.op.Variant) + " notifies " + d.b,
		"answer-time":  flowName(d.op) + " is answered after about " + d.b,
		"webhook-time": "the first webhook of " + flowName(d.op) + " comes about " + d.b + " after the answer",
		"answer":       flowName(d.op) + " is answered: " + d.b,
	}[about]
	if says == "" {
		value := d.b
		if value == "" {
			value = "absent"
		}
		side, header, _ := strings.Cut(about, "-")
		says = fmt.Sprintf("the header %s of the %s of %s is %s", http.CanonicalHeaderKey(header), side, flowName(d.op), value)
	}
	return "say what was seen under x-behaviours", s.observed(behaviour(d.op, about), says)
}

// observed writes a behaviour, or what it says anew.
func (s *settler) observed(name, says string) error {
	const file = "cashier.yaml"
	root, err := s.root(file)
	if err != nil {
		return err
	}
	list, ok := within(spot{file: file, value: root}, "x-behaviours")
	if !ok {
		return errByHand
	}
	if entry := named(list.value, name); entry != nil {
		at, _ := within(spot{file: file, value: entry}, "description")
		return s.replace(at, strconv.Quote(says))
	}
	line := s.extent(file, list.key)
	s.splice(file, line+1, line, "  - name: "+name, "    says: "+strconv.Quote(says), "    x-provenance: "+s.mark(""))
	return nil
}

// status says with which HTTP status an error is answered: in the rule that speaks of it, or else among the responses.
func (s *settler) status(d difference) (string, error) {
	was, is := fmt.Sprintf("HTTP %d", d.status[0]), fmt.Sprintf("HTTP %d", d.status[1])
	if strings.Contains(d.rule.Description, was) {
		at, mark, ok := s.ruleSpot(d.rule)
		if !ok {
			return "", errByHand
		}
		text := strings.Replace(d.rule.Description, was, is, 1)
		if strings.Count(d.rule.Description, "_") > 1 && d.was.text != "" { // one rule for several errors: the others stay
			text = d.rule.Description + "; " + d.was.text + " with " + is
		}
		if err := s.replace(mark, s.mark("")); err != nil {
			return "", err
		}
		return "say the status that was seen", s.replace(at, strconv.Quote(text))
	}
	if d.status[1]/100 == 2 || d.status[0]/100 == 2 {
		return "", errors.New("one run was refused what the other was allowed: the rules of the request have to say why, which only a person can tell")
	}
	return s.response(d)
}

// ruleSpot finds a named rule's words and mark.
func (s *settler) ruleSpot(rule openapi.Entry) (says, mark spot, ok bool) {
	for _, file := range s.names() {
		root, err := s.root(file)
		if err != nil {
			continue
		}
		if entry := anyNamed(root, rule.Rule); entry != nil {
			says, ok = within(spot{file: file, value: entry}, "description")
			mark, _ = within(spot{file: file, value: entry}, "x-provenance")
			return says, mark, ok && mark.value != nil
		}
	}
	return says, mark, false
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

// response adds a status to those that a call may be answered with.
func (s *settler) response(d difference) (string, error) {
	const file = "cashier.yaml"
	root, err := s.root(file)
	if err != nil {
		return "", err
	}
	responses, ok := within(spot{file: file, value: root}, "paths", openapi.CashierPath, "post", "responses")
	if !ok {
		return "", errByHand
	}
	status := strconv.Itoa(d.status[1])
	var next *yaml.Node
	for i := 0; i < len(responses.value.Content); i += 2 {
		key := responses.value.Content[i]
		if key.Value == status {
			return "", errAllowed
		}
		if next == nil && key.Value > status {
			next = key
		}
	}
	indent := strings.Repeat(" ", responses.value.Content[0].Column-1)
	schema := d.schema
	if !slices.Contains([]string{"Error", "ErrorWithData", "TransportError"}, schema) {
		schema = "Error"
	}
	at := s.extent(file, responses.key) + 1
	if next != nil {
		at = next.Line
	}
	s.splice(file, at, at-1,
		indent+"'"+status+"':",
		indent+"  description: "+scalar(http.StatusText(d.status[1])+"; "+d.was.text),
		indent+"  x-provenance: "+s.mark(""),
		indent+"  content:",
		indent+"    application/json:",
		indent+"      schema: {$ref: './common.yaml#/components/schemas/"+schema+"'}")
	return "add the status to the responses", nil
}

// settleProvenance gives a rule another mark and keeps the change in the finding.
func (c *comparison) settleProvenance(f *Finding, truth *evidence.Run, mark openapi.Provenance) {
	book, err := c.source()
	if err != nil {
		f.Fix = err.Error()
		return
	}
	changed := &settler{book.clone(), c.facts, truth}
	c.changes = append(c.changes, func(s *settler) error { return s.ruleMark(f.Rule, markText(mark)) })
	if err := changed.ruleMark(f.Rule, markText(mark)); err != nil {
		f.Fix = "change the mark of " + f.Rule + " by hand: " + err.Error()
		return
	}
	if err := changed.check(); err != nil {
		f.Fix = "change the mark of " + f.Rule + " by hand: " + err.Error()
		return
	}
	f.Fix, f.Patch = "change the rule's mark", diff(book, changed.book)
}

// ruleMark finds a ledger entry in the files and gives it a mark.
func (s *settler) ruleMark(id, text string) error {
	entry := s.facts.ledger[id]
	if schema, path, _ := strings.Cut(id, "."); s.facts.contract.HasSchema(schema) {
		at, ok := s.schema(schema, path)
		if !ok {
			return errByHand
		}
		return s.provenance(at, text)
	}
	if verb, path, found := strings.Cut(id, " "); found {
		root, err := s.root("cashier.yaml")
		if err != nil {
			return err
		}
		for _, section := range []string{"paths", "webhooks"} {
			if at, ok := within(spot{file: "cashier.yaml", value: root}, section, path, strings.ToLower(verb)); ok {
				return s.provenance(at, text)
			}
		}
		return errByHand
	}
	_, mark, ok := s.ruleSpot(entry)
	if !ok {
		return errByHand
	}
	return s.replace(mark, text)
}

// provenance gives a field or a schema a mark: in the place of the one that it has, else as one more key.
func (s *settler) provenance(at spot, text string) error {
	if at.value.Kind != yaml.MappingNode || at.value.Anchor != "" {
		return errByHand
	}
	if mark, ok := within(at, "x-provenance"); ok {
		return s.replace(mark, text)
	}
	return s.add(at.file, at.key, at.value, "x-provenance", text)
}
