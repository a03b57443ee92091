package drift

import "slices"

// bodies compares two bodies of one place.
func (c *comparison) bodies(p place, a, b body) {
	if !a.object || !b.object {
		if a.kind() != b.kind() {
			c.field(p, ChangedType, "", a.kind(), b.kind(), value{}, value{})
		}
		return
	}
	renames, missing, added := c.renames(p, a, b)
	for _, r := range renames {
		c.renamed(p, r, a.fields[r.from], b.fields[r.to])
	}
	for _, path := range missing {
		c.field(p, Missing, path, c.contract.described(a.fields[path]), "", a.fields[path], value{})
	}
	for _, path := range added {
		c.field(p, Added, path, "", c.contract.described(b.fields[path]), value{}, b.fields[path])
	}
	for _, path := range a.paths() {
		if is, ok := b.fields[path]; ok {
			c.values(p, path, a.fields[path], is)
		}
	}
}

// renamed collects a field that has another path in b.
func (c *comparison) renamed(p place, r rename, was, is value) {
	to := r.to
	if to == "" {
		to = "the top of the body"
	}
	c.add(p, difference{kind: Renamed, rule: c.contract.rule(p.schema, r.from), a: r.from, b: to, path: r.from, to: r.to, was: was, is: is})
}

// values compares the values that two bodies have at one path.
func (c *comparison) values(p place, path string, a, b value) {
	switch {
	case a.kind != b.kind:
		c.field(p, ChangedType, path, a.kind, b.kind, a, b)
	case a.text == b.text:
	case a.kind == "boolean":
		c.field(p, ChangedText, path, a.text, b.text, a, b)
	case a.kind == "number":
		c.numbers(p, path, a, b)
	case a.kind == "string":
		c.texts(p, path, a, b)
	}
}

func (c *comparison) numbers(p place, path string, a, b value) {
	from, to := p.from.echo(a), p.to.echo(b)
	switch {
	case same(a, b):
		if decimals(a.text) != decimals(b.text) {
			c.field(p, ChangedFormat, path, decimals(a.text), decimals(b.text), a, b)
		}
	case c.originChanged(p, path, from, to):
		c.origins(p, path, from, to, a, b)
	}
}

// texts compares two texts: by the format that the contract asks for, by their origin, by their words. A value that is
// different in every run has a format or an origin, and is not a difference.
func (c *comparison) texts(p place, path string, a, b value) {
	x, y := c.contract.format(a.text), c.contract.format(b.text)
	known, declared := c.contract.field(p.schema, path)
	from, to := p.from.echo(a), p.to.echo(b)
	words := x.name == "" && y.name == "" || x.name == "empty" || y.name == "empty"
	switch {
	case x.name == masked || y.name == masked:
	case known.pattern != nil && known.pattern.MatchString(a.text) != known.pattern.MatchString(b.text),
		known.pattern == nil && x.number() && y.number() && x != y:
		c.field(p, ChangedFormat, path, c.contract.described(a), c.contract.described(b), a, b)
	case share(from, to):
	case c.originChanged(p, path, from, to):
		c.origins(p, path, from, to, a, b)
	case declared && len(known.Enum) > 0:
		c.field(p, ChangedText, path, a.shown(), b.shown(), a, b)
	case known.pattern != nil, x.name != "" && x.name == y.name: // different in every run
	case !words:
		c.field(p, ChangedFormat, path, c.contract.described(a), c.contract.described(b), a, b)
	case c.contract.words(a.text) != c.contract.words(b.text):
		c.field(p, ChangedText, path, a.shown(), b.shown(), a, b)
	}
}

// origins collects a value that repeats something in one run and not, or something else, in the other.
func (c *comparison) origins(p place, path string, from, to []string, a, b value) {
	c.add(p, difference{
		kind: ChangedText, rule: c.contract.ruleOf(p, path, a), a: origin(from, a), b: origin(to, b), path: path, was: a, is: b, echo: true,
	})
}

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(name string) bool { return slices.Contains(b, name) })
}
