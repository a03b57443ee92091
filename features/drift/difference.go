package drift

import (
	"fmt"
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// place is where a difference is: in a body, or in the behaviour of a flow.
type place struct {
	scenario string
	op       *openapi.Operation // nil when it is unknown
	schema   string             // of the body; "" for a behaviour
	where    string             // "PAYONE PAYIN answer"
	from, to origins            // of the body's values, in a and b
}

// difference is a finding before it has its words and its patch: what differs where, with the values.
type difference struct {
	place
	kind      Kind
	rule      openapi.Entry
	a, b      string // as shown
	path      string
	to        string // Renamed: the path in b
	was, is   value  // of the field in a and b
	status    [2]int // of HTTP in a and b, where it matters
	about     string // the name of a behaviour
	echo      bool   // it is about where a value comes from, whatever the value is
	scenarios []string
}

// key is the same for differences that are one finding.
func (d *difference) key(f *formats) string {
	parts := []string{string(d.kind), d.rule.ID, d.schema, d.path, d.to, d.about}
	// The value of a field that is new or missing does not matter, and which webhooks a payment has depends on how it ends.
	if loose := d.echo || d.kind == Added || d.kind == Missing || d.about == "notifications" || d.about == "order"; !loose {
		parts = append(parts, f.words(d.a), f.words(d.b))
	}
	return strings.Join(parts, "\x00")
}

// reversed is the difference from b to a: what b has more is what a lacks.
func (d difference) reversed() difference {
	d.a, d.b, d.was, d.is = d.b, d.a, d.is, d.was
	d.status[0], d.status[1] = d.status[1], d.status[0]
	if d.kind == Renamed {
		d.path, d.to = d.to, d.path
	}
	for _, pair := range [][2]Kind{{Added, Missing}, {MissingWebhook, ExtraWebhook}, {Slower, Faster}} {
		if i := slices.Index(pair[:], d.kind); i >= 0 {
			d.kind = pair[1-i]
			break
		}
	}
	return d
}

// answerPlace is the place of an answer.
func (c *contract) answerPlace(scenario string, e evidence.Exchange, b body) place {
	op := c.operation(e)
	p := place{scenario: scenario, op: op, schema: answerSchema(op, e.Answer.Status, b), where: flowName(op) + " answer"}
	if e.Answer.Status/100 != 2 {
		p.where = fmt.Sprintf("%s %d", p.where, e.Answer.Status)
	}
	return p
}

// webhookPlace is the place of an operation's webhooks.
func webhookPlace(scenario string, op *openapi.Operation) place {
	return place{scenario: scenario, op: op, schema: op.Webhook, where: op.PSP + " webhook"}
}

// differences is what was found: each difference once, and the notes.
type differences struct {
	contract  *contract
	found     []*difference
	index     map[string]*difference // by key
	differing map[string]bool        // scenarios with a difference
	notes     []string
}

func newDifferences(c *openapi.Contract) *differences {
	return &differences{contract: newContract(c), index: map[string]*difference{}, differing: map[string]bool{}}
}

// add collects a difference; the same one in several scenarios is one.
func (c *differences) add(p place, d difference) {
	d.place = p
	if d.path != "" {
		d.where += ", " + d.path
	}
	c.differing[d.scenario] = true
	key := d.key(c.contract.formats)
	known := c.index[key]
	if known == nil {
		known = &d
		c.index[key] = known
		c.found = append(c.found, known)
	}
	if known.where != d.where {
		known.where = common(known.where, d.where)
	}
	if !slices.Contains(known.scenarios, d.scenario) {
		known.scenarios = append(known.scenarios, d.scenario)
	}
}

// field collects a difference of one field.
func (c *differences) field(p place, kind Kind, path, a, b string, was, is value) {
	c.add(p, difference{kind: kind, rule: c.contract.ruleOf(p.op, p.schema, path, was), a: a, b: b, path: path, was: was, is: is})
}

// behaviour collects a difference that no schema describes: of webhooks, headers, durations.
func (c *differences) behaviour(p place, kind Kind, about, where, a, b string) {
	p.schema, p.where = "", strings.TrimSpace(flowName(p.op)+" "+where)
	c.add(p, difference{kind: kind, rule: c.contract.behaviourRule(p.op, about), a: a, b: b, about: about})
}

// renamed collects a field that has another path in b.
func (c *differences) renamed(p place, from, to string, was, is value) {
	shown := to
	if shown == "" {
		shown = "the top of the body"
	}
	c.add(p, difference{kind: Renamed, rule: c.contract.rule(p.schema, from), a: from, b: shown, path: from, to: to, was: was, is: is})
}

// origins collects a value that repeats something in one run and not, or something else, in the other.
func (c *differences) origins(p place, path string, from, to []string, a, b value) {
	c.add(p, difference{
		kind: ChangedText, rule: c.contract.ruleOf(p.op, p.schema, path, a), a: origin(from, a), b: origin(to, b), path: path, was: a, is: b, echo: true,
	})
}

// note collects what was not compared, or needs a person; each note once.
func (c *differences) note(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !slices.Contains(c.notes, note) {
		c.notes = append(c.notes, note)
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
