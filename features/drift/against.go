package drift

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// Against reports where a run differs from the contract: fields that are missing or not declared, types, fixed texts, formats,
// statuses, media types, webhooks of a provider that sends none. Durations and the order of webhooks are in no contract, and
// scenarios that change the target's behaviour by the simulator's admin API (@control) are left out.
func Against(run *evidence.Run, contract *openapi.Contract) *Report {
	r := &Report{A: "contract", B: run.Named(), Uncompared: true, Observed: run}
	c := newDifferences(newContract(contract), r)
	responses := contract.Responses()
	for _, s := range run.Scenarios() {
		if s.Status == evidence.NotRun || slices.Contains(s.Tags, "@control") || slices.Contains(s.Tags, "control") {
			continue
		}
		r.Uncompared = false
		r.Compared.Scenarios++
		for _, e := range s.Exchanges {
			if e.Error == "" && isAPICall(e) && !isOwn(e) {
				r.Compared.Answers++
				c.checkAnswer(s.Name, e, responses)
			}
		}
		for _, w := range s.Webhooks {
			r.Compared.Webhooks++
			c.checkWebhook(s, w)
		}
	}
	c.judge(c.assumptions(run, nil))
	return r
}

// checkAnswer compares an answer with what the contract says; responses are the contract's.
func (c *differences) checkAnswer(scenario string, e evidence.Exchange, responses map[string]map[string][]string) {
	b := newBody(e.Answer.Body)
	p := c.contract.answerPlace(scenario, e, b)
	known, ok := responses[fmt.Sprint(e.Answer.Status)]
	if !ok {
		word, seen := Value{Text: b.errorWord()}, refusal{e, p.Op, b, true}
		c.add(p, Change{
			Kind: ChangedStatus, Rule: c.contract.ledger[cashierRule], A: "one of the contract's statuses", B: shortWords(seen, refusal{}),
			Status: [2]int{0, e.Answer.Status}, was: word, is: word,
		})
	} else {
		c.checkMedia(p, "answer", slices.Sorted(maps.Keys(known)), e.Answer.Headers)
	}
	examples, isJSON := known["application/json"]
	if isJSON && p.Schema != "" {
		c.checkBody(p, b)
	}
	c.checkMessage(p, b, examples)
}

// checkMessage compares an error's text with the texts that the contract shows for its status, in examples; other texts are the provider's.
func (c *differences) checkMessage(p place, b body, examples []string) {
	message := b.text("message")
	if p.Schema != "Error" && p.Schema != "TransportError" || message == "" || strings.HasPrefix(message, missingPrefix) {
		return
	}
	texts := c.contract.messages(examples, b.text("errorCode"))
	if len(texts) == 0 || slices.Contains(texts, message) {
		return
	}
	c.add(p, Change{
		Kind: ChangedText, Rule: c.contract.rule(p.Schema, "message"), Path: "message", A: "one of: " + strings.Join(texts, "; "),
		B: fmt.Sprintf("%q", message), was: Value{Kind: "string", Text: texts[0]}, is: b.fields["message"],
	})
}

// messages are the texts of those examples that have an errorCode; "" = none.
func (c *contract) messages(examples []string, code string) (texts []string) {
	for _, name := range examples {
		var example struct{ ErrorCode, Message string }
		if text, ok := c.Example(name); ok && json.Unmarshal(text, &example) == nil && example.Message != "" && example.ErrorCode == code {
			texts = append(texts, example.Message)
		}
	}
	return texts
}

func (c *differences) checkWebhook(s *evidence.Scenario, w evidence.Webhook) {
	var op *openapi.Operation
	if e, ok := call(s, w.Label); ok {
		op = c.contract.operation(e)
	}
	if op == nil {
		op, _ = c.contract.Operation(w.PSP, w.Type, "")
	}
	if op == nil {
		return
	}
	p := webhookPlace(s.Name, op)
	if p.Schema == "" {
		c.behaviour(p, ExtraWebhook, "notifications", "webhooks", "no webhook", "a webhook")
		return
	}
	c.checkMedia(p, "webhook", []string{"application/json"}, w.Headers)
	c.checkBody(p, newBody(w.Body))
}

// checkMedia compares a Content-Type with the contract's media types.
func (c *differences) checkMedia(p place, side string, media []string, headers map[string]string) {
	seen := headerFact("Content-Type", header(headers, "Content-Type"))
	if seen == "" || slices.Contains(media, seen) {
		return
	}
	about := side + "-content-type"
	p.what += ", header Content-Type"
	p.Schema = ""
	c.add(p, Change{
		Kind: ChangedFormat, Rule: c.contract.behaviourRule(p.Op, about), A: strings.Join(media, " or "), B: seen, About: about,
	})
}

// checkBody compares one body with its schema.
func (c *differences) checkBody(p place, b body) {
	if !b.object {
		c.field(p, ChangedType, "", "a JSON object", b.kind(), Value{}, Value{})
		return
	}
	missing, added := c.contract.missing(p.Schema, b), c.contract.undeclared(p.Schema, b)
	fields := c.contract.fields(p.Schema)
	for _, from := range missing {
		to, ok := c.contract.replacement(fields[from], b, missing, added)
		if !ok {
			c.field(p, Missing, from, "required", "", Value{}, Value{})
			continue
		}
		c.renamed(p, from, to, Value{}, b.fields[to])
		added = slices.DeleteFunc(added, func(path string) bool { return path == to })
	}
	for _, path := range added {
		c.field(p, Added, path, "", c.contract.described(b.fields[path]), Value{}, b.fields[path])
	}
	for _, path := range b.paths() {
		if known, ok := fields[path]; ok {
			c.checkField(p, known, b.fields[path])
		}
	}
}

// missing lists the required fields that a body lacks, although it has the object that they belong to.
func (c *contract) missing(schema string, b body) []string {
	var missing []string
	for _, known := range c.FieldsOf(schema) {
		_, there := b.fields[known.Path]
		above := parent(known.Path)
		if known.Required && !there && (above == "" || b.fields[above].Kind == "object") {
			missing = append(missing, known.Path)
		}
	}
	return missing
}

// undeclared lists the fields of a body that its schema does not have, apart from those of objects of any form and those
// inside of others that are undeclared.
func (c *contract) undeclared(schema string, b body) []string {
	fields := c.fields(schema)
	var added []string
	for _, path := range b.paths() {
		_, known := fields[path]
		if above := parent(path); known || strings.Contains(path, "[") || above != "" && !declaresInside(fields, above) {
			continue
		}
		added = append(added, path)
	}
	return added
}

// declaresInside reports whether a schema has an object at a path and names fields of it.
func declaresInside(fields map[string]openapi.Field, object string) bool {
	if _, ok := fields[object]; !ok {
		return false
	}
	for path := range fields {
		if below(path, object) {
			return true
		}
	}
	return false
}

// replacement finds the one undeclared field that stands where the one required field is missing, and could be it.
func (c *contract) replacement(known openapi.Field, b body, missing, added []string) (path string, ok bool) {
	elsewhere := func(path string) bool { return parent(path) != parent(known.Path) }
	missing = slices.DeleteFunc(slices.Clone(missing), elsewhere)
	added = slices.DeleteFunc(slices.Clone(added), elsewhere)
	if len(missing) != 1 || len(added) != 1 {
		return "", false
	}
	v := b.fields[added[0]]
	return added[0], slices.Contains(strings.Split(known.Type, " or "), v.Kind) && c.matches(known.Pattern, v.Text) &&
		(len(known.Enum) == 0 || slices.Contains(known.Enum, v.Text))
}

func (c *differences) checkField(p place, known openapi.Field, v Value) {
	types := strings.Split(known.Type, " or ")
	integer := v.Kind == "number" && slices.Contains(types, "integer")
	switch {
	case known.Type != "" && !slices.Contains(types, v.Kind) && !integer:
		c.field(p, ChangedType, known.Path, known.Type, v.Kind, Value{}, v)
	case v.Kind == "null" || v.Kind == "object" || v.Kind == "array":
	case len(known.Enum) > 0 && !slices.Contains(known.Enum, v.Text):
		c.field(p, ChangedText, known.Path, strings.Join(known.Enum, " or "), v.shown(), Value{Kind: v.Kind, Text: known.Enum[0]}, v)
	case v.Kind == "string" && !c.contract.matches(known.Pattern, v.Text) && c.contract.format(v.Text) != masked:
		words := known.Must
		if words == "" {
			words = "match " + known.Pattern
		}
		c.field(p, ChangedFormat, known.Path, "must "+words, c.contract.described(v), Value{}, v)
	}
}
