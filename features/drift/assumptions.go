package drift

import (
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// assumptions judges the assumed rules that scenarios are tagged with, by a run against another target than the simulator. A
// rule whose scenarios passed there is confirmed; one of them that failed there but passed on the simulator refutes it. Without a
// run on the simulator (nil) nothing is refuted.
func (c *differences) assumptions(observed, simulated *evidence.Run) (all []Finding) {
	if observed.Simulated() {
		return nil
	}
	var before map[string]*evidence.Scenario
	if simulated != nil && simulated.Simulated() {
		before = byID(simulated)
	}
	var rules []string // in the order in which they are met
	tagged := map[string][]*evidence.Scenario{}
	for _, s := range observed.Scenarios() {
		for _, id := range s.Rules {
			if s.Status == evidence.NotRun {
				continue
			}
			if tagged[id] == nil {
				rules = append(rules, id)
			}
			tagged[id] = append(tagged[id], s)
		}
	}
	for _, id := range rules {
		if f, ok := c.conclude(id, tagged[id], before, observed); ok {
			all = append(all, f)
		}
	}
	return all
}

// failure is the first line of why a scenario failed.
func failure(s *evidence.Scenario) string {
	text := s.Reason
	for _, step := range s.Steps {
		if text == "" {
			text = step.Error
		}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if line == "" {
		return "it failed"
	}
	return line
}

// conclude makes a finding of what scenarios of a run show about an assumed rule, before being those of the simulator; ok is false when
// it is none.
func (c *differences) conclude(id string, scenarios []*evidence.Scenario, before map[string]*evidence.Scenario, run *evidence.Run) (f Finding, ok bool) {
	var passed, refuted, open []string
	reason := "" // why it was refuted
	for _, s := range scenarios {
		switch {
		case s.Status == evidence.Passed:
			passed = append(passed, s.Name)
		case before[s.ID] != nil && before[s.ID].Status == evidence.Passed:
			refuted, reason = append(refuted, s.Name), failure(s)
		default:
			open = append(open, s.Name)
		}
	}
	entry, ok := c.contract.ledger[id]
	f = Finding{Rule: entry.ID, Provenance: entry.Provenance, Description: entry.Description, Where: entry.ID}
	switch {
	case !ok:
		c.note("the ledger has no entry %s, which a scenario is tagged with", id)
		return f, false
	case len(refuted) > 0:
		f.Kind, f.A, f.B, f.Scenarios = Refuted, "passed", reason, refuted
	case len(open) > 0:
		c.note("%s: %s failed against %s, and there is no run against the simulator in which it passed, so the rule is not judged", entry.ID, open[0], run.Named())
		return f, false
	case entry.Provenance.Basis == openapi.Documented:
		return f, false
	default:
		f.Kind, f.Scenarios = Confirmed, passed
	}
	return f, true
}
