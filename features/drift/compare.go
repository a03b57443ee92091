package drift

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// simulatorTarget is the target of a run that shows what the contract makes of itself; every other one is closer to the truth.
const simulatorTarget = "simulator"

// comparison holds one run against another.
type comparison struct {
	*collection
	facts  *facts
	bounds Bounds
	times  *times
	notes  []string
	unrun  []unrun

	heardA, heardB   map[string]bool // the kinds of notices that each run has heard
	habitsA, habitsB habits

	changes []func(*settler) error // of marks, for the patch of everything
	source  func() (*book, error)  // the contract's files
}

func newComparison(c *openapi.Contract, bounds Bounds) *comparison {
	facts := newFacts(c)
	return &comparison{
		collection: newCollection(facts.judge), facts: facts, bounds: bounds.orDefault(),
		times: &times{index: map[string]*timing{}}, source: sync.OnceValues(openBook),
	}
}

func (c *comparison) rule(schema, path string) openapi.Entry { return c.facts.rule(schema, path) }

// Compare says what b saw otherwise than a, held to the contract's rules, with the default bounds. Scenarios are compared
// where both runs ran them, calls and webhooks where both have them under one label. Values that are other ones in every run
// never count. Patches make the contract say what the run saw whose target is not the simulator; b's when neither is or both are.
func Compare(a, b *evidence.Run, c *openapi.Contract) *Report {
	return CompareWithin(a, b, c, Bounds{})
}

// CompareWithin is Compare with bounds of one's own for what counts as slower or faster.
func CompareWithin(a, b *evidence.Run, contract *openapi.Contract, bounds Bounds) *Report {
	c := newComparison(contract, bounds)
	c.heardA, c.heardB = c.listen(a), c.listen(b)
	c.habitsA, c.habitsB = c.habits(a), c.habits(b)
	others := scenarios(b)
	var left []evidence.Scenario
	compared := 0
	for _, s := range all(a) {
		other, ok := others[s.ID]
		delete(others, s.ID)
		switch {
		case !ok:
			left = append(left, s)
		case s.Status == evidence.NotRun || other.Status == evidence.NotRun:
			c.unran(s, other)
		default:
			compared++
			c.scenario(s, other)
		}
	}
	c.slow()
	for _, u := range c.unrun {
		c.note("%s", u)
	}
	if a.Contract != b.Contract {
		c.note("the two runs were held against different contracts, so their features may differ, too")
	}
	c.only("a", left, a)
	c.only("b", remaining(b, others), b)
	r := &Report{A: targetName(a), B: targetName(b), Uncompared: compared == 0}
	truth, other, reversed := b, a, false
	if b.Target == simulatorTarget && a.Target != simulatorTarget {
		truth, other, reversed = a, b, true
	}
	c.assumptions(r, truth, other)
	c.report(r, truth, reversed)
	c.unexplained(r, a, b)
	r.Notes = append(r.Notes, c.notes...)
	return r
}

func all(run *evidence.Run) []evidence.Scenario {
	var found []evidence.Scenario
	for _, f := range run.Features {
		found = append(found, f.Scenarios...)
	}
	return found
}

func scenarios(run *evidence.Run) map[string]evidence.Scenario {
	byID := map[string]evidence.Scenario{}
	for _, s := range all(run) {
		byID[s.ID] = s
	}
	return byID
}

func remaining(run *evidence.Run, left map[string]evidence.Scenario) []evidence.Scenario {
	return slices.DeleteFunc(all(run), func(s evidence.Scenario) bool { _, ok := left[s.ID]; return !ok })
}

func targetName(run *evidence.Run) string {
	if run.BaseURL != "" && run.BaseURL != run.Target {
		return fmt.Sprintf("%s (%s)", run.Target, run.BaseURL)
	}
	return run.Target
}

// unran counts a scenario that one run left out, by its reason: against the Sandbox there are hundreds.
func (c *comparison) unran(a, b evidence.Scenario) {
	side, reason := "b", b.Reason
	switch {
	case a.Status == b.Status:
		return
	case a.Status == evidence.NotRun:
		side, reason = "a", a.Reason
	}
	i := slices.IndexFunc(c.unrun, func(u unrun) bool { return u.side == side && u.reason == reason })
	if i < 0 {
		i = len(c.unrun)
		c.unrun = append(c.unrun, unrun{side: side, reason: reason, first: a.Name})
	}
	c.unrun[i].count++
}

// unrun is why scenarios could not be compared.
type unrun struct {
	side, reason, first string
	count               int
}

func (u unrun) String() string {
	if u.count == 1 {
		return fmt.Sprintf("not compared, %s did not run it: %s (%s)", u.side, u.first, u.reason)
	}
	return fmt.Sprintf("not compared, %s did not run them: %d scenarios, the first is %q (%s)", u.side, u.count, u.first, u.reason)
}

func (c *comparison) only(which string, left []evidence.Scenario, run *evidence.Run) {
	if len(left) > 0 {
		c.note("only in %s (%s): %d of the scenarios, the first is %q", which, targetName(run), len(left), left[0].Name)
	}
}

func (c *comparison) note(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !slices.Contains(c.notes, note) {
		c.notes = append(c.notes, note)
	}
}

// scenario compares what one scenario saw in two runs.
func (c *comparison) scenario(a, b evidence.Scenario) {
	for _, e := range compared(a.Exchanges) {
		i := slices.IndexFunc(b.Exchanges, func(other evidence.Exchange) bool { return other.Label == e.Label && !other.Control })
		if i >= 0 {
			c.exchange(a.Name, e, b.Exchanges[i])
		}
	}
	var labels []string
	for _, w := range slices.Concat(a.Webhooks, b.Webhooks) {
		if !slices.Contains(labels, w.Label) {
			labels = append(labels, w.Label)
		}
	}
	for _, label := range labels {
		c.payment(a, b, label)
	}
}

// compared are the calls of the API: not those of the simulator's control API, and no hosted pages, which are the provider's.
func compared(all []evidence.Exchange) []evidence.Exchange {
	return slices.DeleteFunc(slices.Clone(all), func(e evidence.Exchange) bool {
		path, _, _ := strings.Cut(e.Request.Path, "?")
		return e.Control || path != openapi.CashierPath && !strings.Contains(header(e.Answer.Headers, "Content-Type"), "json")
	})
}

func (c *comparison) exchange(scenario string, a, b evidence.Exchange) {
	op := c.facts.operation(a)
	where := flowName(op) + " answer"
	if a.Error != "" || b.Error != "" {
		c.silence(scenario, op, where, a, b)
		return
	}
	x, y := newBody(a.Answer.Body), newBody(b.Answer.Body)
	if a.Answer.Status != b.Answer.Status {
		c.add(scenario, difference{
			kind: ChangedStatus, rule: c.facts.statusRule(a.Answer.Status, x), where: where, op: op,
			a: statusWords(a.Answer.Status, x, y), b: statusWords(b.Answer.Status, y, x), schema: answerSchema(op, a.Answer.Status, x),
			status: [2]int{a.Answer.Status, b.Answer.Status}, was: leaf{text: errorWord(x)}, is: leaf{text: errorWord(y)},
		})
		if a.Answer.Status/100 == 2 || b.Answer.Status/100 == 2 {
			return // the bodies are of two kinds: what differs in them follows from that
		}
	}
	if a.Answer.Status/100 != 2 {
		where = fmt.Sprintf("%s %d", where, a.Answer.Status)
	}
	p := place{
		scenario: scenario, op: op, where: where, schema: answerSchema(op, a.Answer.Status, x),
		from: sources{request: newBody(a.Request.Body)}, to: sources{request: newBody(b.Request.Body)},
	}
	c.times.add("answer", p, 0, a.Took+virtual(a), b.Took+virtual(b))
	c.headers(scenario, op, false, a.Answer.Headers, b.Answer.Headers)
	if p.schema == "" {
		p.schema = "CashierAnswer"
	}
	c.bodies(p, x, y)
}

// errorWord is what tells an error from others of its status.
func errorWord(b body) string {
	if code := b.text("errorCode"); code != "" {
		return code
	}
	return b.text("message")
}

// statusWords is a status, with its message where the other's is another.
func statusWords(status int, b, other body) string {
	if message := b.text("message"); message != "" && message != other.text("message") {
		return fmt.Sprintf("%d %q", status, message)
	}
	return fmt.Sprintf("%d %s", status, http.StatusText(status))
}

// virtual is the time that a simulator with a manual clock did not take.
func virtual(e evidence.Exchange) evidence.Span {
	delay, err := time.ParseDuration(header(e.Answer.Headers, "Mozartosim-Virtual-Delay"))
	if err != nil || delay < 0 {
		return 0
	}
	return evidence.Span(delay)
}

// silence is a call that one of the two runs got no answer to.
func (c *comparison) silence(scenario string, op *openapi.Operation, where string, a, b evidence.Exchange) {
	if a.Error != "" && b.Error != "" {
		return
	}
	d := difference{kind: Missing, rule: c.facts.ledger[cashierRule], where: where, op: op, about: "answer"}
	if d.a, d.b = fmt.Sprint(a.Answer.Status), "no answer: "+b.Error; a.Error != "" {
		d.kind, d.a, d.b = Added, "no answer: "+a.Error, fmt.Sprint(b.Answer.Status)
	}
	c.add(scenario, d)
}

// payment compares the webhooks that one call led to, where both runs made the call and were answered alike.
func (c *comparison) payment(a, b evidence.Scenario, label string) {
	named := func(e evidence.Exchange) bool { return e.Label == label && !e.Control }
	i, j := slices.IndexFunc(a.Exchanges, named), slices.IndexFunc(b.Exchanges, named)
	var p place
	p.scenario = a.Name
	var from, to body
	if i >= 0 && j >= 0 {
		x, y := a.Exchanges[i], b.Exchanges[j]
		if x.Error != "" || y.Error != "" || x.Answer.Status/100 != y.Answer.Status/100 {
			return // that there are other webhooks then goes without saying
		}
		p.op, from, to = c.facts.operation(x), newBody(x.Answer.Body), newBody(y.Answer.Body)
		p.from, p.to = sources{newBody(x.Request.Body), from}, sources{newBody(y.Request.Body), to}
	}
	x, y := hears(a, b, label), hears(b, a, label)
	if p.op == nil {
		first := slices.Concat(x, y)[0]
		p.op, _ = c.facts.contract.Operation(first.PSP, first.Type, "")
	}
	if p.op == nil {
		c.note("not compared: the webhooks of %q in %q, because no provider is known for them", label, a.Name)
		return
	}
	p.schema, p.where = p.op.Webhook, p.op.PSP+" webhook"
	if p.schema == "" {
		p.schema = "Webhook"
	}
	c.notices(p, x, y)
}

// hears lists the webhooks of one call that own heard, and whether other came as far as the step that saw each.
func hears(own, other evidence.Scenario, label string) []heard {
	var found []heard
	for _, w := range own.Webhooks {
		if w.Label == label {
			h := heard{Webhook: w, body: newBody(w.Body), reached: true}
			if w.Step < len(other.Steps) {
				status := other.Steps[w.Step].Status
				h.failed = status == evidence.Failed
				h.reached = h.failed || status == evidence.Passed
			}
			found = append(found, h)
		}
	}
	slices.SortStableFunc(found, func(a, b heard) int { return a.N - b.N })
	return found
}

// unexplained notes the scenarios that ended otherwise though nothing that they saw differs.
func (c *comparison) unexplained(r *Report, a, b *evidence.Run) {
	refuted := map[string]bool{}
	for _, f := range r.Findings {
		if f.Kind == Refuted {
			for _, name := range f.Seen {
				refuted[name] = true
			}
		}
	}
	others := scenarios(b)
	for _, s := range all(a) {
		other, ok := others[s.ID]
		if !ok || s.Status == other.Status || s.Status == evidence.NotRun || other.Status == evidence.NotRun || c.hit[s.Name] || refuted[s.Name] {
			continue
		}
		c.note("%s: %s in a, %s in b, though nothing that it saw differs (%s%s)", s.Name, s.Status, other.Status, s.Reason, other.Reason)
	}
}
