package drift

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// place is where a difference is: in a body, or in the behaviour of a flow.
type place struct {
	scenario string
	op       *openapi.Operation // nil when it is unknown
	schema   string             // of the body; "" for a behaviour
	what     string             // "answer", "answer 400", "webhook", "answer, header Allow"
	from, to origins            // of the body's values, in a and b
	answered Answered           // which answer it is in; of webhooks the zero value
}

// difference is a finding before it has its words: what differs where, with the values.
type difference struct {
	place
	kind      Kind
	rule      openapi.Entry
	general   openapi.Entry // the rule when several show the same difference; the zero value: they are never one
	a, b      string        // as shown
	path      string
	to        string           // Renamed: the path in b
	was, is   value            // of the field in a and b
	status    [2]int           // of HTTP in a and b, where it matters
	about     string           // the name of a behaviour
	cause     string           // instead of a and b in the key; "" = a and b count
	request   string           // what the call said that was refused or accepted
	echo      bool             // it is about where a value comes from, whatever the value is
	values    [][2]value       // each that was seen of was and is
	inside    map[string]value // Added: what is in the object
	sequences [][2][]received  // of the payments whose webhooks differ
	spans     []time.Duration  // in b: when a webhook and its retries came, or how long something took
	scenarios []string
	flows     []*openapi.Operation // that show it
	answered  []Answered           // the same of answers
	parts     []*difference        // those of other schemas that are the same, when it is about all providers
}

// key is the same for differences that are one finding.
func (d *difference) key(f *formats) string {
	parts := []string{string(d.kind), d.schema, d.path, d.to, d.about, d.cause}
	if d.general.ID == "" {
		parts = append(parts, d.rule.ID)
	}
	if !d.loose() {
		parts = append(parts, f.words(d.a), f.words(d.b))
	}
	return strings.Join(parts, "\x00")
}

// loose says that the values are not part of what makes a difference: of a field that is new, missing or says something else, and
// of webhooks, which depend on how a payment ends.
func (d *difference) loose() bool {
	field := d.kind == Added || d.kind == Missing || d.kind == ChangedText && d.path != ""
	return field || d.cause != "" || d.echo || d.about == "notifications" || d.about == "order"
}

// where names the flows that show a difference, and what of them differs.
func (d *difference) where() string {
	where := strings.TrimSpace(flowsName(d.flows) + " " + d.what)
	if d.path != "" {
		where += ", " + d.path
	}
	return where
}

// flowsName names flows by what they have in common: "GIGADAT PAYOUT ETO", "GIGADAT PAYOUT", "GIGADAT", "CLEO and TRUST",
// "4 providers'".
func flowsName(flows []*openapi.Operation) string {
	var full, types, psps []string
	for _, op := range flows {
		kind := "the call"
		psp := kind
		if op != nil {
			psp, kind = op.PSP, op.PSP+" "+op.Type
		}
		for _, of := range []struct {
			all  *[]string
			name string
		}{{&full, FlowName(op)}, {&types, kind}, {&psps, psp}} {
			if !slices.Contains(*of.all, of.name) {
				*of.all = append(*of.all, of.name)
			}
		}
	}
	switch {
	case len(full) == 1:
		return full[0]
	case len(types) == 1:
		return types[0]
	case len(psps) <= 3:
		return strings.Join(psps, " and ")
	}
	return fmt.Sprintf("%d providers'", len(psps))
}

// answerPlace is the place of an answer.
func (c *contract) answerPlace(scenario string, e evidence.Exchange, b body) place {
	op := c.operation(e)
	p := place{scenario: scenario, op: op, schema: answerSchema(op, e.Answer.Status, b), what: "answer"}
	if e.Answer.Status/100 != 2 {
		p.what = fmt.Sprintf("%s %d", p.what, e.Answer.Status)
	}
	return p
}

// webhookPlace is the place of an operation's webhooks.
func webhookPlace(scenario string, op *openapi.Operation) place {
	return place{scenario: scenario, op: op, schema: op.Webhook, what: "webhook"}
}

// differences is what was found: each difference once, and the notes.
type differences struct {
	contract  *contract
	found     []*difference
	index     map[string]*difference // by key
	differing map[string]bool        // scenarios with a difference
	answered  []Answered             // what was compared: answers to calls that both runs accepted, or both refused
	notes     []string
}

func newDifferences(c *openapi.Contract) *differences {
	return &differences{contract: newContract(c), index: map[string]*difference{}, differing: map[string]bool{}}
}

// add collects a difference and returns it; the same one in several scenarios is one, and so is one of several rules that have one
// cause.
func (c *differences) add(p place, d difference) *difference {
	d.place = p
	key := d.key(c.contract.formats)
	known := c.index[key]
	if known == nil {
		known = &d
		c.index[key] = known
		c.found = append(c.found, known)
	}
	if change := [2]value{d.was, d.is}; !slices.Contains(known.values, change) {
		known.values = append(known.values, change)
	}
	if known.rule.ID != d.rule.ID && known.general.ID != "" {
		known.rule = known.general
	}
	if known.what != d.what {
		known.what = strings.Replace(known.what, statusOfAnswer.FindString(known.what), "", 1)
	}
	if !slices.Contains(known.flows, p.op) {
		known.flows = append(known.flows, p.op)
	}
	if p.answered.Schema != "" && !slices.Contains(known.answered, p.answered) {
		known.answered = append(known.answered, p.answered)
	}
	if c.differing[p.scenario] = true; p.scenario != "" && !slices.Contains(known.scenarios, p.scenario) {
		known.scenarios = append(known.scenarios, p.scenario)
	}
	return known
}

var statusOfAnswer = regexp.MustCompile(` \d{3}`)

// field collects a difference of one field.
func (c *differences) field(p place, kind Kind, path, a, b string, was, is value) {
	c.add(p, difference{kind: kind, rule: c.contract.ruleOf(p.op, p.schema, path, was), a: a, b: b, path: path, was: was, is: is})
}

// behaviour collects a difference that no schema describes: of webhooks, headers, durations.
func (c *differences) behaviour(p place, kind Kind, about, what, a, b string) *difference {
	p.schema, p.what = "", what
	return c.add(p, difference{kind: kind, rule: c.contract.behaviourRule(p.op, about), a: a, b: b, about: about})
}

// renamed collects a field that has another path in b.
func (c *differences) renamed(p place, from, to string, was, is value) {
	const top = "the top of the body"
	c.add(p, difference{kind: Renamed, rule: c.contract.rule(p.schema, from), a: cmp.Or(from, top), b: cmp.Or(to, top), path: from, to: to, was: was, is: is})
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
