package drift

import "strings"

// compare compares two bodies of one place.
func (c *comparison) compare(p place, a, b body) {
	if !a.object || !b.object {
		if a.kind() != b.kind() {
			c.field(p, ChangedType, "", a.kind(), b.kind(), Value{}, Value{})
		}
		return
	}
	renames, missing, added := c.contract.renames(p, a, b)
	for _, r := range renames {
		c.renamed(p, r.from, r.to, a.fields[r.from], b.fields[r.to])
	}
	for _, path := range missing {
		c.field(p, Missing, path, c.contract.described(a.fields[path]), "", a.fields[path], Value{})
	}
	for _, path := range added {
		c.add(p, Change{
			Kind: Added, Rule: c.contract.ruleOf(p.Op, p.Schema, path, Value{}), B: c.contract.described(b.fields[path]), Path: path, is: b.fields[path],
			Inside: b.inside(path),
		})
	}
	for _, path := range a.paths() {
		if is, ok := b.fields[path]; ok {
			c.values(p, path, a.fields[path], is)
		}
	}
}

// values compares the values that two bodies have at one path.
func (c *comparison) values(p place, path string, a, b Value) {
	switch {
	case a.Kind != b.Kind:
		c.field(p, ChangedType, path, a.Kind, b.Kind, a, b)
	case a.Text == b.Text:
	case a.Kind == "boolean":
		c.field(p, ChangedText, path, a.Text, b.Text, a, b)
	case a.Kind == "number":
		c.numbers(p, path, a, b)
	case a.Kind == "string":
		c.texts(p, path, a, b)
	}
}

func (c *comparison) numbers(p place, path string, a, b Value) {
	from, to := p.from.echo(a), p.to.echo(b)
	switch {
	case same(a, b):
		if decimals(a.Text) != decimals(b.Text) {
			c.add(p, Change{
				Kind: ChangedFormat, Rule: c.contract.rule(p.Schema, path), cause: decimals(b.Text), // whatever the amounts have here
				A: decimals(a.Text), B: decimals(b.Text), Path: path, was: a, is: b,
			})
		}
	case c.originChanged(p, path, from, to):
		c.origins(p, path, from, to, a, b)
	}
}

// texts compares two texts: by the format that the contract asks for, by their origin, by their words. A value that is
// different in every run has a format or an origin, and is not a difference.
func (c *comparison) texts(p place, path string, a, b Value) {
	x, y := c.contract.format(a.Text), c.contract.format(b.Text)
	known, declared := c.contract.field(p.Schema, path)
	from, to := p.from.echo(a), p.to.echo(b)
	words := x == "" && y == "" || x == "empty" || y == "empty"
	switch {
	case x == masked || y == masked:
	case c.contract.matches(known.Pattern, a.Text) != c.contract.matches(known.Pattern, b.Text),
		known.Pattern == "" && isNumber(x) && isNumber(y) && x != y:
		c.field(p, ChangedFormat, path, c.contract.described(a), c.contract.described(b), a, b)
	case share(from, to):
	case c.originChanged(p, path, from, to):
		c.origins(p, path, from, to, a, b)
	case declared && len(known.Enum) > 0:
		c.field(p, ChangedText, path, a.shown(), b.shown(), a, b)
	case known.Pattern != "", x != "" && x == y: // different in every run
	case !words:
		c.field(p, ChangedFormat, path, c.contract.described(a), c.contract.described(b), a, b)
	case c.contract.words(a.Text) == c.contract.words(b.Text):
	case isErrorText(p, path):
		c.errorText(p, path, a, b)
	default:
		c.field(p, ChangedText, path, a.shown(), b.shown(), a, b)
	}
}

// isErrorText says whether a path is where an error says what is wrong.
func isErrorText(p place, path string) bool {
	return (path == "message" || strings.HasPrefix(path, "errors[")) && (p.Schema == "Error" || p.Schema == "ErrorWithData")
}

// originChanged reports whether it means something that a value comes from one place in one run and from elsewhere in the other.
func (c *comparison) originChanged(p place, path string, from, to []string) bool {
	if share(from, to) {
		return false
	}
	return len(from) > 0 && c.factsA.echoes[p.Schema+"."+path] || len(to) > 0 && c.factsB.echoes[p.Schema+"."+path]
}

// headers compares the headers that clients rely on; what servers and proxies add is in no contract.
func (c *comparison) headers(p place, side string, a, b map[string]string) {
	names := []string{"Content-Type", "Allow", "Location", "Retry-After", "Www-Authenticate"}
	if side == "webhook" {
		names = []string{"Content-Type", "Authorization"}
	}
	for _, name := range names {
		x, y := headerFact(name, header(a, name)), headerFact(name, header(b, name))
		kind := ChangedFormat
		switch {
		case x == y:
			continue
		case x == "":
			kind = Added
		case y == "":
			kind = Missing
		}
		c.behaviour(p, kind, side+"-"+strings.ToLower(name), side+", header "+name, x, y)
	}
}

// headerFact is what counts of a header: a media type without the usual charset, a scheme without the secret, of others that
// they are there.
func headerFact(name, value string) string {
	if value == "" {
		return ""
	}
	switch name {
	case "Content-Type":
		media, charset, _ := strings.Cut(strings.ToLower(value), ";")
		charset = strings.ReplaceAll(charset, " ", "")
		if charset == "" || strings.Trim(charset, `"`) == "charset=utf-8" {
			return strings.TrimSpace(media)
		}
		return strings.TrimSpace(media) + "; " + charset
	case "Authorization", "Www-Authenticate":
		scheme, _, found := strings.Cut(value, " ")
		if !found {
			return "a value without a scheme"
		}
		return scheme
	case "Allow":
		return value
	}
	return "present"
}
