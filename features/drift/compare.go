package drift

import (
	"fmt"
	"slices"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// comparison compares two runs.
type comparison struct {
	*differences
	factsA, factsB runFacts
	durations      []*duration
	tolerance      time.Duration // by how much two moments must differ so that their order counts
	theirs         [2]bool       // which of a and b is a target's, where the other is the simulator's
	notRun         []notRun      // in the order in which they were met
}

// notRun is scenarios that one run left out.
type notRun struct {
	side, reason, first string
	count               int
}

// Compare reports where b differs from a, judged by the contract's rules, with the default bounds. Scenarios are compared where
// both runs ran them, calls and webhooks where both have them under one label. Values that are different in every run never
// count. The contract should follow the run whose target is not the simulator; b when neither or both are the simulator's.
func Compare(a, b *evidence.Run, c *openapi.Contract) *Report {
	return CompareWithin(a, b, c, Bounds{})
}

// CompareWithin is Compare with other bounds for what counts as slower or faster.
func CompareWithin(a, b *evidence.Run, contract *openapi.Contract, bounds Bounds) *Report {
	r := &Report{A: a.Named(), B: b.Named(), Observed: b}
	other := a
	if b.Simulated() && !a.Simulated() {
		r.Observed, other, r.Reversed = a, b, true
	}
	c := newComparison(a, b, newDifferences(newContract(contract), r))
	c.scenarios(a, b)
	r.Uncompared = r.Compared.Scenarios == 0
	c.unmatched(a, b)
	c.slower(bounds.orDefault())
	c.noteLeftOut(a, b)
	c.judge(c.assumptions(r.Observed, other))
	c.unexplained(a, b)
	return r
}

// newComparison compares nothing yet.
func newComparison(a, b *evidence.Run, found *differences) *comparison {
	c := &comparison{differences: found, factsA: factsOf(found.contract, a), factsB: factsOf(found.contract, b), tolerance: tolerance(a, b)}
	if simulated := [2]bool{a.Simulated(), b.Simulated()}; simulated[0] != simulated[1] {
		c.theirs = [2]bool{simulated[1], simulated[0]}
	}
	return c
}

// scenarios compares the scenarios that both runs ran.
func (c *comparison) scenarios(a, b *evidence.Run) {
	others := byID(b)
	for _, s := range a.Scenarios() {
		other, ok := others[s.ID]
		switch {
		case !ok:
		case s.Status == evidence.NotRun || other.Status == evidence.NotRun:
			c.countNotRun(s, other)
		default:
			c.report.Compared.Scenarios++
			c.scenario(s, other)
		}
	}
}

// noteLeftOut notes what was not compared.
func (c *comparison) noteLeftOut(a, b *evidence.Run) {
	for _, n := range c.notRun {
		if n.count == 1 {
			c.note("not compared, %s did not run it: %s (%s)", n.side, n.first, n.reason)
		} else {
			c.note("not compared, %s did not run them: %d scenarios, the first is %q (%s)", n.side, n.count, n.first, n.reason)
		}
	}
	if a.Contract != b.Contract {
		c.note("the two runs used different contracts, so their features may differ, too")
	}
	c.noteOnly("a", a, byID(b))
	c.noteOnly("b", b, byID(a))
}

// countNotRun counts the scenarios that one run left out, by side and reason: against the Sandbox there are hundreds.
func (c *comparison) countNotRun(a, b *evidence.Scenario) {
	side, reason := "b", b.Reason
	if a.Status == b.Status {
		return
	}
	if a.Status == evidence.NotRun {
		side, reason = "a", a.Reason
	}
	i := slices.IndexFunc(c.notRun, func(n notRun) bool { return n.side == side && n.reason == reason })
	if i < 0 {
		i = len(c.notRun)
		c.notRun = append(c.notRun, notRun{side: side, reason: reason, first: a.Name})
	}
	c.notRun[i].count++
}

func (c *comparison) noteOnly(side string, run *evidence.Run, others map[string]*evidence.Scenario) {
	var only []string
	for _, s := range run.Scenarios() {
		if others[s.ID] == nil {
			only = append(only, s.Name)
		}
	}
	if len(only) > 0 {
		c.note("only in %s (%s): %d of the scenarios, the first is %q", side, run.Named(), len(only), only[0])
	}
}

// scenario compares what one scenario saw in two runs.
func (c *comparison) scenario(a, b *evidence.Scenario) {
	for _, e := range a.Exchanges {
		if other, ok := call(b, e.Label); ok && isAPICall(e) {
			c.report.Compared.Answers++
			c.exchange(a.Name, e, other)
		}
	}
	c.report.Compared.Webhooks += min(len(a.Webhooks), len(b.Webhooks))
	var labels []string
	for _, w := range slices.Concat(a.Webhooks, b.Webhooks) {
		if !slices.Contains(labels, w.Label) {
			labels = append(labels, w.Label)
			c.payment(a, b, w.Label)
		}
	}
}

// exchange compares two answers.
func (c *comparison) exchange(scenario string, a, b evidence.Exchange) {
	x, y := newBody(a.Answer.Body), newBody(b.Answer.Body)
	p := c.contract.answerPlace(scenario, a, x)
	if isOwn(a) || isOwn(b) {
		c.note("not compared, the simulator's own data was unavailable: %s", scenario)
		return
	}
	if a.Error != "" || b.Error != "" {
		c.noAnswer(p, a, b)
		return
	}
	refused := refusal{a, p.Op, x, c.theirs[0]}
	if p.answered = (Answered{Schema: p.Schema, Flow: p.Op}); a.Answer.Status/100 != 2 {
		p.answered.Words = template(x.errorWord(), refused.field())
	}
	if (a.Answer.Status/100 == 2) == (b.Answer.Status/100 == 2) && p.Schema != "" && !slices.Contains(c.answered, p.answered) {
		c.answered = append(c.answered, p.answered)
	}
	if a.Answer.Status != b.Answer.Status {
		theirs := refusal{b, p.Op, y, c.theirs[1]}
		c.status(p, refused, theirs)
		switch {
		case refused.passed() != theirs.passed(), (a.Answer.Status/100 == 2) != (b.Answer.Status/100 == 2):
			return // the bodies are of two kinds: what differs in them follows from that
		case a.Answer.Status/100 != 2:
			x, y = x.withoutWords(), y.withoutWords()
		}
	}
	p.from, p.to = origins{request: newBody(a.Request.Body)}, origins{request: newBody(b.Request.Body)}
	c.took("answer", p, 0, a.Took+virtualDelay(a), b.Took+virtualDelay(b))
	c.headers(p, "answer", a.Answer.Headers, b.Answer.Headers)
	if p.Schema == "" {
		p.Schema = "CashierAnswer"
	}
	c.compare(p, x, y)
}

// isOwn says whether an answer is the simulator's own, and no behaviour of the vendor's.
func isOwn(e evidence.Exchange) bool { return header(e.Answer.Headers, "Mozartosim-Error") != "" }

// noAnswer reports a call that one of the two runs got no answer to.
func (c *comparison) noAnswer(p place, a, b evidence.Exchange) {
	switch {
	case a.Error == "":
		c.behaviour(p, Missing, "answer", "answer", fmt.Sprint(a.Answer.Status), "no answer: "+b.Error)
	case b.Error == "":
		c.behaviour(p, Added, "answer", "answer", "no answer: "+a.Error, fmt.Sprint(b.Answer.Status))
	}
}

// virtualDelay is the delay that a simulator with a manual clock reported instead of waiting.
func virtualDelay(e evidence.Exchange) evidence.Span {
	delay, err := time.ParseDuration(header(e.Answer.Headers, "Mozartosim-Virtual-Delay"))
	if err != nil || delay < 0 {
		return 0
	}
	return evidence.Span(delay)
}

// unexplained notes the scenarios that ended differently although nothing that they saw differs.
func (c *comparison) unexplained(a, b *evidence.Run) {
	for _, f := range c.report.Findings {
		if f.Kind == Refuted {
			for _, name := range f.Scenarios {
				c.differing[name] = true
			}
		}
	}
	others := byID(b)
	for _, s := range a.Scenarios() {
		other, ok := others[s.ID]
		if ok && s.Status != other.Status && s.Status != evidence.NotRun && other.Status != evidence.NotRun && !c.differing[s.Name] {
			c.note("%s: %s in a, %s in b, though nothing that it saw differs (%s%s)", s.Name, s.Status, other.Status, s.Reason, other.Reason)
		}
	}
}
