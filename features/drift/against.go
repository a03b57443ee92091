package drift

import (
	"fmt"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// Against says where a run saw something else than the contract says: fields that it lacks or does not know, types, fixed
// texts, forms, statuses, media types, webhooks of a provider that has none. Times and the order of notices are in no contract,
// and what a scenario of the simulator's control API bends on purpose (@control) is left out.
func Against(run *evidence.Run, contract *openapi.Contract) *Report {
	c := newComparison(contract, Bounds{})
	r := &Report{A: "contract", B: targetName(run), Uncompared: true}
	answers, err := c.knownAnswers()
	if err != nil {
		c.note("the answers' statuses and texts were not held against the contract: %v", err)
	}
	for _, s := range all(run) {
		if s.Status == evidence.NotRun || slices.Contains(s.Tags, "@control") || slices.Contains(s.Tags, "control") {
			continue
		}
		r.Uncompared = false
		for _, e := range compared(s.Exchanges) {
			if e.Error == "" {
				c.answerAgainst(s.Name, e, answers)
			}
		}
		for _, w := range s.Webhooks {
			c.webhookAgainst(s, w)
		}
	}
	c.assumptions(r, run, nil)
	c.report(r, run, false)
	r.Notes = append(r.Notes, c.notes...)
	return r
}

// response is what the contract says of one HTTP status of the endpoint.
type response struct {
	media    []string
	messages map[string][]string // by errorCode, "" for the errors that have none
}

// knownAnswers reads the endpoint's responses from the contract's files: the fixed texts stand in their examples.
func (c *comparison) knownAnswers() (map[string]response, error) {
	b, err := c.source()
	if err != nil {
		return nil, err
	}
	root, err := b.root("cashier.yaml")
	if err != nil {
		return nil, err
	}
	responses, ok := within(spot{value: root}, "paths", openapi.CashierPath, "post", "responses")
	if !ok {
		return nil, errByHand
	}
	known := map[string]response{}
	for i := 0; i < len(responses.value.Content); i += 2 {
		answer := response{messages: map[string][]string{}}
		at := spot{value: responses.value.Content[i+1]}
		content, _ := within(at, "content")
		for j := 0; content.value != nil && j < len(content.value.Content); j += 2 {
			answer.media = append(answer.media, content.value.Content[j].Value)
		}
		if examples, ok := within(at, "content", "application/json", "examples"); ok {
			b.texts(examples, answer.messages)
		}
		known[responses.value.Content[i].Value] = answer
	}
	return known, nil
}

// texts gathers the messages of the examples that a response refers to.
func (b *book) texts(examples spot, messages map[string][]string) {
	for j := 0; j < len(examples.value.Content); j += 2 {
		example, ok := b.component("examples/" + examples.value.Content[j].Value)
		if !ok {
			continue
		}
		code := ""
		if at, ok := within(example, "value", "errorCode"); ok {
			code = at.value.Value
		}
		if at, ok := within(example, "value", "message"); ok {
			messages[code] = append(messages[code], at.value.Value)
		}
	}
}

func (c *comparison) answerAgainst(scenario string, e evidence.Exchange, answers map[string]response) {
	op := c.facts.operation(e)
	b := newBody(e.Answer.Body)
	p := place{scenario: scenario, op: op, schema: answerSchema(op, e.Answer.Status, b), where: flowName(op) + " answer"}
	if e.Answer.Status/100 != 2 {
		p.where = fmt.Sprintf("%s %d", p.where, e.Answer.Status)
	}
	known, ok := answers[fmt.Sprint(e.Answer.Status)]
	if !ok && answers != nil {
		c.add(scenario, difference{
			kind: ChangedStatus, rule: c.facts.ledger[cashierRule], where: p.where, op: op, schema: p.schema,
			a: "one of the contract's statuses", b: statusWords(e.Answer.Status, b, body{}), status: [2]int{0, e.Answer.Status}, is: leaf{text: errorWord(b)},
			was: leaf{text: errorWord(b)},
		})
	}
	if media := headerFact("Content-Type", header(e.Answer.Headers, "Content-Type")); ok && media != "" && !slices.Contains(known.media, media) {
		c.add(scenario, difference{
			kind: ChangedFormat, rule: c.headerRule(op, false, "Content-Type", "answer-content-type"), where: p.where + ", header Content-Type",
			a: strings.Join(known.media, " or "), b: media, op: op, about: "answer-content-type",
		})
	}
	if slices.Contains(known.media, "application/json") && p.schema != "" {
		c.against(p, b)
	}
	c.messageAgainst(p, b, known)
}

// messageAgainst holds an error's text against the texts that the contract shows for its status.
func (c *comparison) messageAgainst(p place, b body, known response) {
	if p.schema != "Error" && p.schema != "TransportError" {
		return // the provider's own words
	}
	texts, message := known.messages[b.text("errorCode")], b.text("message")
	prefixed := strings.HasPrefix(message, missingPrefix)
	if len(texts) == 0 || message == "" || prefixed || slices.Contains(texts, message) {
		return
	}
	c.add(p.scenario, difference{
		kind: ChangedText, rule: c.rule(p.schema, "message"), where: p.at("message"), schema: p.schema, path: "message", op: p.op,
		a: "one of: " + strings.Join(texts, "; "), b: fmt.Sprintf("%q", message), was: leaf{kind: "string", text: texts[0]}, is: b.fields["message"],
	})
}

func (c *comparison) webhookAgainst(s evidence.Scenario, w evidence.Webhook) {
	p := place{scenario: s.Name}
	for _, e := range s.Exchanges {
		if e.Label == w.Label && !e.Control {
			p.op = c.facts.operation(e)
		}
	}
	if p.op == nil {
		p.op, _ = c.facts.contract.Operation(w.PSP, w.Type, "")
	}
	if p.op == nil {
		return
	}
	p.schema, p.where = p.op.Webhook, p.op.PSP+" webhook"
	if p.schema == "" {
		c.add(s.Name, difference{
			kind: ExtraWebhook, rule: c.facts.first(behaviour(p.op, "notices"), noticeRule(p.op)), where: flowName(p.op) + " webhooks", op: p.op,
			a: "no webhook", b: "a webhook", about: "notices",
		})
		return
	}
	if media := headerFact("Content-Type", header(w.Headers, "Content-Type")); media != "" && media != "application/json" {
		c.add(s.Name, difference{
			kind: ChangedFormat, rule: c.headerRule(p.op, true, "Content-Type", "webhook-content-type"), where: p.where + ", header Content-Type",
			a: "application/json", b: media, op: p.op, about: "webhook-content-type",
		})
	}
	c.against(p, newBody(w.Body))
}

// against holds one body against its schema.
func (c *comparison) against(p place, b body) {
	if !b.json {
		c.field(p, ChangedType, "", "a JSON object", form(b), leaf{}, leaf{})
		return
	}
	fields := c.facts.fields(p.schema)
	missing, added := c.lacks(p, b), c.unknownIn(p, b, fields)
	for _, from := range missing {
		if to, ok := c.instead(p, b, fields[from], missing, added); ok {
			c.add(p.scenario, difference{
				kind: Renamed, rule: c.rule(p.schema, from), where: p.at(from), a: from, b: to,
				schema: p.schema, path: from, to: to, is: b.fields[to], op: p.op,
			})
			added = slices.DeleteFunc(added, func(path string) bool { return path == to })
			continue
		}
		c.field(p, Missing, from, "required", "", leaf{}, leaf{})
	}
	for _, path := range added {
		c.field(p, Added, path, "", b.fields[path].shown(), leaf{}, b.fields[path])
	}
	for _, path := range b.paths() {
		if known, ok := fields[path]; ok {
			c.fieldAgainst(p, known, b.fields[path])
		}
	}
}

// lacks lists the required fields that a body has not, though it has what holds them.
func (c *comparison) lacks(p place, b body) []string {
	var missing []string
	for _, known := range c.facts.contract.FieldsOf(p.schema) {
		if _, there := b.fields[known.Path]; there || !known.Required {
			continue
		}
		if above := parent(known.Path); above == "" || b.fields[above].kind == "object" {
			missing = append(missing, known.Path)
		}
	}
	return missing
}

// unknownIn lists the fields of a body that its schema has not.
func (c *comparison) unknownIn(p place, b body, fields map[string]fact) []string {
	var added []string
	for _, path := range b.paths() {
		if _, ok := fields[path]; !ok && !strings.Contains(path, "[") && c.facts.unknown(p.schema, path) {
			added = append(added, path)
		}
	}
	return added
}

// instead finds the one unknown field that stands beside where a required one lacks, and would do as it.
func (c *comparison) instead(p place, b body, known fact, missing, added []string) (path string, ok bool) {
	beside := func(path string) bool { return parent(path) == parent(known.Path) }
	var lost, found []string
	for _, m := range missing {
		if beside(m) {
			lost = append(lost, m)
		}
	}
	for _, a := range added {
		if beside(a) {
			found = append(found, a)
		}
	}
	if len(lost) != 1 || len(found) != 1 {
		return "", false
	}
	l := b.fields[found[0]]
	typed := slices.Contains(strings.Split(known.Type, " or "), l.kind)
	formed := known.pattern == nil || known.pattern.MatchString(l.text)
	worded := len(known.Enum) == 0 || slices.Contains(known.Enum, l.text)
	return found[0], typed && formed && worded
}

// unknown says that a schema has no such field, and that what holds it is no object of free form, or itself unknown.
func (f *facts) unknown(schema, path string) bool {
	above := parent(path)
	if above == "" {
		return true
	}
	fields := f.fields(schema)
	if _, ok := fields[above]; !ok {
		return false
	}
	for other := range fields {
		if below(other, above) {
			return true
		}
	}
	return false
}

func (c *comparison) fieldAgainst(p place, known fact, l leaf) {
	types := strings.Split(known.Type, " or ")
	integer := l.kind == "number" && slices.Contains(types, "integer")
	switch {
	case known.Type != "" && !slices.Contains(types, l.kind) && !integer:
		c.field(p, ChangedType, known.Path, known.Type, l.kind, leaf{}, l)
	case l.kind == "null" || l.kind == "object" || l.kind == "array":
	case len(known.Enum) > 0 && !slices.Contains(known.Enum, l.text):
		c.field(p, ChangedText, known.Path, strings.Join(known.Enum, " or "), l.shown(), leaf{kind: l.kind, text: known.Enum[0]}, l)
	case known.pattern != nil && l.kind == "string" && !known.pattern.MatchString(l.text) && c.judge.look(l.text).name != "masked":
		words := known.Must
		if words == "" {
			words = "match " + known.Pattern
		}
		c.field(p, ChangedFormat, known.Path, "must "+words, c.formWords(c.judge.look(l.text), l), leaf{}, l)
	}
}
