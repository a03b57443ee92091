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
	Op       *openapi.Operation // nil when it is unknown
	Schema   string             // of the body; "" for a behaviour
	scenario string
	what     string   // "answer", "answer 400", "webhook", "answer, header Allow"
	from, to origins  // of the body's values, in a and b
	answered Answered // which answer it is in; of webhooks the zero value
}

// Change is a difference as values, before it has its words: what a program needs to make one run's target behave like the other's.
type Change struct {
	place
	Kind               Kind
	Rule               openapi.Entry
	A, B               string // as shown
	Path               string
	To                 string                                         // Renamed: the path in b
	About              string                                         // the name of a behaviour
	Status             [2]int                                         // of HTTP in a and b, where it matters
	Request            string                                         // what the call said that was refused or accepted
	Echo               bool                                           // it is about where a value comes from, whatever the value is
	Values             [][2]Value                                     // each that the field was seen to have in a and b
	Inside             map[string]Value                               // Added: what is in the object, by the whole path
	Sequences          map[*openapi.Operation][][2][]evidence.Webhook // of the payments whose webhooks differ, by their flow
	Spans              []time.Duration                                // in b: when a webhook and its retries came after the answer, or how long something took
	Flows              []*openapi.Operation                           // that show it
	Scenarios          []string                                       // that show it
	Answered, Compared []Answered                                     // the answers that show it, and all that were compared

	general openapi.Entry // the rule when several show the same difference; the zero value: they are never one
	was, is Value         // of the field in a and b
	cause   string        // instead of a and b in the key; "" = a and b count
	parts   []*Change     // those of other schemas that are the same, when it is about all providers
}

// key is the same for differences that are one finding.
func (d *Change) key(f *formats) string {
	parts := []string{string(d.Kind), d.Schema, d.Path, d.To, d.About, d.cause}
	if d.general.ID == "" {
		parts = append(parts, d.Rule.ID)
	}
	if !d.loose() {
		parts = append(parts, f.words(d.A), f.words(d.B))
	}
	return strings.Join(parts, "\x00")
}

// loose says that the values are not part of what makes a difference: of a field that is new, missing or says something else, and
// of webhooks, which depend on how a payment ends.
func (d *Change) loose() bool {
	field := d.Kind == Added || d.Kind == Missing || d.Kind == ChangedText && d.Path != ""
	return field || d.cause != "" || d.Echo || d.About == "notifications" || d.About == "order"
}

// Where names the flows that show a difference, and what of them differs.
func (d *Change) Where() string {
	where := strings.TrimSpace(flowsName(d.Flows) + " " + d.what)
	if d.Path != "" {
		where += ", " + d.Path
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
	p := place{scenario: scenario, Op: op, Schema: answerSchema(op, e.Answer.Status, b), what: "answer"}
	if e.Answer.Status/100 != 2 {
		p.what = fmt.Sprintf("%s %d", p.what, e.Answer.Status)
	}
	return p
}

// webhookPlace is the place of an operation's webhooks.
func webhookPlace(scenario string, op *openapi.Operation) place {
	return place{scenario: scenario, Op: op, Schema: op.Webhook, what: "webhook"}
}

// differences is what was found: each difference once.
type differences struct {
	contract  *contract
	report    *Report // gets the notes and the counts
	found     []*Change
	index     map[string]*Change // by key
	differing map[string]bool    // scenarios with a difference
	answered  []Answered         // what was compared: answers to calls that both runs accepted, or both refused
}

func newDifferences(c *contract, r *Report) *differences {
	return &differences{contract: c, report: r, index: map[string]*Change{}, differing: map[string]bool{}}
}

// add collects a difference and returns it; the same one in several scenarios is one, and so is one of several rules that have one
// cause.
func (c *differences) add(p place, d Change) *Change {
	d.place = p
	key := d.key(c.contract.formats)
	known := c.index[key]
	if known == nil {
		known = &d
		c.index[key] = known
		c.found = append(c.found, known)
	}
	if change := [2]Value{d.was, d.is}; !slices.Contains(known.Values, change) {
		known.Values = append(known.Values, change)
	}
	if known.Rule.ID != d.Rule.ID && known.general.ID != "" {
		known.Rule = known.general
	}
	if known.what != d.what {
		known.what = strings.Replace(known.what, statusOfAnswer.FindString(known.what), "", 1)
	}
	if !slices.Contains(known.Flows, p.Op) {
		known.Flows = append(known.Flows, p.Op)
	}
	if p.answered.Schema != "" && !slices.Contains(known.Answered, p.answered) {
		known.Answered = append(known.Answered, p.answered)
	}
	if c.differing[p.scenario] = true; p.scenario != "" && !slices.Contains(known.Scenarios, p.scenario) {
		known.Scenarios = append(known.Scenarios, p.scenario)
	}
	return known
}

var statusOfAnswer = regexp.MustCompile(` \d{3}`)

// field collects a difference of one field.
func (c *differences) field(p place, kind Kind, path, a, b string, was, is Value) {
	c.add(p, Change{Kind: kind, Rule: c.contract.ruleOf(p.Op, p.Schema, path, was), A: a, B: b, Path: path, was: was, is: is})
}

// behaviour collects a difference that no schema describes: of webhooks, headers, durations.
func (c *differences) behaviour(p place, kind Kind, about, what, a, b string) *Change {
	p.Schema, p.what = "", what
	return c.add(p, Change{Kind: kind, Rule: c.contract.behaviourRule(p.Op, about), A: a, B: b, About: about})
}

// renamed collects a field that has another path in b.
func (c *differences) renamed(p place, from, to string, was, is Value) {
	const top = "the top of the body"
	c.add(p, Change{Kind: Renamed, Rule: c.contract.rule(p.Schema, from), A: cmp.Or(from, top), B: cmp.Or(to, top), Path: from, To: to, was: was, is: is})
}

// origins collects a value that repeats something in one run and not, or something else, in the other.
func (c *differences) origins(p place, path string, from, to []string, a, b Value) {
	c.add(p, Change{
		Kind: ChangedText, Rule: c.contract.ruleOf(p.Op, p.Schema, path, a), A: origin(from, a), B: origin(to, b), Path: path, was: a, is: b, Echo: true,
	})
}

// note collects what was not compared, or needs a person; each note once.
func (c *differences) note(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !slices.Contains(c.report.Notes, note) {
		c.report.Notes = append(c.report.Notes, note)
	}
}
