package drift

import (
	"slices"
	"strings"

	"mozartosim/openapi"
)

// difference is a finding before it is worded and settled: what differs where, with the values.
type difference struct {
	kind    Kind
	rule    openapi.Entry
	where   string
	a, b    string // as shown
	schema  string // of the body that holds the value; "" where it is no field
	path    string
	to      string             // Renamed: the path in b
	was, is leaf               // the values of a field
	op      *openapi.Operation // nil when it is nobody's
	status  [2]int             // of HTTP, in a and b, where that matters
	about   string             // what a behaviour that was observed is called
	echo    bool               // it is about where a value comes from, whatever the value is
	seen    []string
}

// key is what makes two differences one finding.
func (d *difference) key(j *judge) string {
	parts := []string{string(d.kind), d.rule.ID, d.schema, d.path, d.to, d.about}
	// What a field held that came or went tells nothing of it, and which notices a payment has depends on how it ends.
	if loose := d.echo || d.kind == Added || d.kind == Missing || d.about == "notices" || d.about == "order"; !loose {
		parts = append(parts, j.words(d.a), j.words(d.b))
	}
	return strings.Join(parts, "\x00")
}

// reversed is the difference as it is seen from the other side: what b has more is what a lacks.
func (d difference) reversed() difference {
	d.a, d.b, d.was, d.is = d.b, d.a, d.is, d.was
	d.status[0], d.status[1] = d.status[1], d.status[0]
	switch d.kind {
	case Added:
		d.kind = Missing
	case Missing:
		d.kind = Added
	case MissingWebhook:
		d.kind = ExtraWebhook
	case ExtraWebhook:
		d.kind = MissingWebhook
	case Slower:
		d.kind = Faster
	case Faster:
		d.kind = Slower
	case Renamed:
		d.path, d.to = d.to, d.path
	}
	return d
}

// collection gathers differences; the same one in several scenarios is one.
type collection struct {
	judge *judge
	found []*difference
	index map[string]*difference
	hit   map[string]bool // scenarios with a difference
}

func newCollection(j *judge) *collection {
	return &collection{judge: j, index: map[string]*difference{}, hit: map[string]bool{}}
}

func (c *collection) add(scenario string, d difference) {
	c.hit[scenario] = true
	key := d.key(c.judge)
	known := c.index[key]
	if known == nil {
		known = &d
		c.index[key] = known
		c.found = append(c.found, known)
	}
	if known.where != d.where {
		known.where = common(known.where, d.where)
	}
	if !slices.Contains(known.seen, scenario) {
		known.seen = append(known.seen, scenario)
	}
}

// common is what two places have in common: their words from the end.
func common(a, b string) string {
	x, y := strings.Split(a, " "), strings.Split(b, " ")
	n := 0
	for n < len(x) && n < len(y) && x[len(x)-1-n] == y[len(y)-1-n] {
		n++
	}
	if n == 0 {
		return a
	}
	return strings.Join(x[len(x)-n:], " ")
}
