package drift

import (
	"slices"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// verdict is what scenarios show about one assumed rule, by name.
type verdict struct {
	rule                  string // its id
	passed, refuted, open []string
	reason                string // why it was refuted
}

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
	var verdicts []*verdict
	for _, s := range observed.Scenarios() {
		for _, id := range s.Rules {
			if s.Status == evidence.NotRun {
				continue
			}
			i := slices.IndexFunc(verdicts, func(v *verdict) bool { return v.rule == id })
			if i < 0 {
				i = len(verdicts)
				verdicts = append(verdicts, &verdict{rule: id})
			}
			v := verdicts[i]
			switch {
			case s.Status == evidence.Passed:
				v.passed = append(v.passed, s.Name)
			case before[s.ID] != nil && before[s.ID].Status == evidence.Passed:
				v.refuted, v.reason = append(v.refuted, s.Name), failure(s)
			default:
				v.open = append(v.open, s.Name)
			}
		}
	}
	for _, v := range verdicts {
		if f, ok := c.conclude(v, observed); ok {
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

// conclude makes a finding of a verdict; ok is false when it is none.
func (c *differences) conclude(v *verdict, run *evidence.Run) (f Finding, ok bool) {
	entry, ok := c.contract.ledger[v.rule]
	f = Finding{Rule: entry.ID, Provenance: entry.Provenance, Description: entry.Description, Where: entry.ID}
	switch {
	case !ok:
		c.note("the ledger has no entry %s, which a scenario is tagged with", v.rule)
		return f, false
	case len(v.refuted) > 0:
		f.Kind, f.A, f.B, f.Scenarios = Refuted, "passed", v.reason, v.refuted
	case len(v.open) > 0:
		c.note("%s: %s failed against %s, and there is no run against the simulator in which it passed, so the rule is not judged", entry.ID, v.open[0], run.Named())
		return f, false
	case entry.Provenance.Basis == openapi.Documented:
		return f, false
	default:
		f.Kind, f.Scenarios = Confirmed, v.passed
	}
	return f, true
}
