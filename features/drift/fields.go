package drift

import (
	"fmt"
	"slices"
	"strings"

	"mozartosim/openapi"
)

// place says which body is looked at.
type place struct {
	scenario string
	op       *openapi.Operation
	schema   string
	where    string // "PAYONE PAYIN answer"
	from, to sources
}

func (p place) at(path string) string {
	if path == "" {
		return p.where
	}
	return p.where + ", " + path
}

// bodies compares two bodies of one place.
func (c *comparison) bodies(p place, a, b body) {
	if !a.json || !b.json {
		x, y := form(a), form(b)
		if x != y {
			c.field(p, ChangedType, "", x, y, leaf{}, leaf{})
		}
		return
	}
	moves, missing, added := c.moves(p, a, b)
	for _, m := range moves {
		c.add(p.scenario, difference{
			kind: Renamed, rule: c.rule(p.schema, m.from), where: p.at(m.from), a: m.from, b: pathWords(m.to),
			schema: p.schema, path: m.from, to: m.to, was: a.fields[m.from], is: b.fields[m.to], op: p.op,
		})
	}
	for _, path := range missing {
		c.field(p, Missing, path, a.fields[path].shown(), "", a.fields[path], leaf{})
	}
	for _, path := range added {
		c.field(p, Added, path, "", b.fields[path].shown(), leaf{}, b.fields[path])
	}
	for _, path := range a.paths() {
		if is, ok := b.fields[path]; ok {
			c.value(p, path, a.fields[path], is)
		}
	}
}

func pathWords(path string) string {
	if path == "" {
		return "the top of the body"
	}
	return path
}

func form(b body) string {
	if b.json {
		return "a JSON object"
	}
	return b.fields[""].kind
}

func (c *comparison) field(p place, kind Kind, path, a, b string, was, is leaf) {
	if (kind == Added || kind == Missing) && c.judge.look(was.text+is.text).name != "" {
		a, b = c.described(a, was), c.described(b, is) // not by a value that is another one in every run
	}
	c.add(p.scenario, difference{
		kind: kind, rule: c.ruleOf(p, path, was), where: p.at(path), a: a, b: b, schema: p.schema, path: path, was: was, is: is, op: p.op,
	})
}

func (c *comparison) described(shown string, l leaf) string {
	if look := c.judge.look(l.text); shown != "" && look.name != "" {
		return look.name
	}
	return shown
}

// ruleOf is the rule for a path. A complaint in an error's list begins with the request's field that it is about, whose rule
// it then is.
func (c *comparison) ruleOf(p place, path string, was leaf) openapi.Entry {
	if p.op != nil && strings.HasPrefix(path, "errors[") {
		field, _, _ := strings.Cut(was.text, " ")
		if _, ok := c.facts.field(p.op.Schema, field); ok {
			return c.rule(p.op.Schema, field)
		}
	}
	if path == "message" && p.op != nil {
		if field, ok := strings.CutPrefix(was.text, missingPrefix); ok {
			if _, known := c.facts.field(p.op.Schema, field); known {
				return c.rule(p.op.Schema, field)
			}
		}
	}
	return c.rule(p.schema, path)
}

// missingPrefix begins the answer to a request that lacks a field.
const missingPrefix = "Missing required field: "

// value compares the values that two bodies have under one path.
func (c *comparison) value(p place, path string, a, b leaf) {
	switch {
	case a.kind != b.kind:
		c.field(p, ChangedType, path, a.kind, b.kind, a, b)
	case a.text == b.text:
	case a.kind == "boolean":
		c.field(p, ChangedText, path, a.text, b.text, a, b)
	case a.kind == "number":
		c.number(p, path, a, b)
	case a.kind == "string":
		c.string(p, path, a, b)
	}
}

func (c *comparison) number(p place, path string, a, b leaf) {
	x, y := p.from.echo(a), p.to.echo(b)
	switch {
	case same(a, b):
		if places(a.text) != places(b.text) {
			c.field(p, ChangedFormat, path, decimals(a.text), decimals(b.text), a, b)
		}
	case c.telling(p, path, x, y):
		c.echoes(p, path, x, y, a, b)
	}
}

// echoes tells of a value that came from somewhere in one run and not in the other.
func (c *comparison) echoes(p place, path string, from, to []string, a, b leaf) {
	c.add(p.scenario, difference{
		kind: ChangedText, rule: c.ruleOf(p, path, a), where: p.at(path), a: origin(from, a), b: origin(to, b), schema: p.schema,
		path: path, was: a, is: b, op: p.op, echo: true,
	})
}

func decimals(number string) string {
	switch places(number) {
	case 0:
		return "a number without decimals"
	case 1:
		return "a number with one decimal"
	}
	return fmt.Sprintf("a number with %d decimals", places(number))
}

// string compares two texts: by the form that the contract wants, by where they come from, by their words. A value that is
// another one in every run has a form, or comes from somewhere, and is no drift.
func (c *comparison) string(p place, path string, a, b leaf) {
	x, y := c.judge.look(a.text), c.judge.look(b.text)
	if x.name == "masked" || y.name == "masked" {
		return
	}
	fact, known := c.facts.field(p.schema, path)
	if fact.pattern != nil {
		if fits := fact.pattern.MatchString(b.text); fact.pattern.MatchString(a.text) != fits {
			c.field(p, ChangedFormat, path, c.formWords(x, a), c.formWords(y, b), a, b)
			return
		}
	}
	if number(x) && number(y) && x.name != y.name && fact.pattern == nil {
		c.field(p, ChangedFormat, path, x.name, y.name, a, b)
		return
	}
	from, to := p.from.echo(a), p.to.echo(b)
	if share(from, to) {
		return
	}
	volatile := fact.pattern != nil || x.name != "" && x.name == y.name
	switch {
	case c.telling(p, path, from, to):
		c.echoes(p, path, from, to, a, b)
	case known && len(fact.Enum) > 0:
		c.field(p, ChangedText, path, a.shown(), b.shown(), a, b)
	case volatile:
	case x.name == "" && y.name == "" || x.name == "empty" || y.name == "empty":
		if c.judge.words(a.text) != c.judge.words(b.text) {
			c.field(p, ChangedText, path, a.shown(), b.shown(), a, b)
		}
	default:
		c.field(p, ChangedFormat, path, c.formWords(x, a), c.formWords(y, b), a, b)
	}
}

// number says whether a text looks like one.
func number(l look) bool { return strings.Contains(l.name, " decimal") || l.name == "a whole number" }

func (c *comparison) formWords(l look, value leaf) string {
	if l.name == "" {
		return value.shown()
	}
	return l.name
}

// origin says what a value repeats, or shows it.
func origin(echo []string, l leaf) string {
	if len(echo) > 0 {
		return echo[0]
	}
	return l.shown()
}

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(name string) bool { return slices.Contains(b, name) })
}
