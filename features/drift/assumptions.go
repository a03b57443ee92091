package drift

import (
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// verdict is what scenarios show about one assumed rule, by name.
type verdict struct {
	passed, refuted, open []string
	reason                string // why it was refuted
}

// assumptions judges the assumed rules that scenarios are tagged with, by a run against another target than the simulator. A
// rule whose scenarios passed there is confirmed; one of them that failed there but passed on the simulator refutes it. Without a
// run on the simulator (nil) nothing is refuted.
func (c *differences) assumptions(observed, simulated *evidence.Run) (all []Finding) {
	if observed.Target == simulatorTarget {
		return nil
	}
	var before map[string]*evidence.Scenario
	if simulated != nil && simulated.Target == simulatorTarget {
		before = byID(simulated)
	}
	var order []string
	verdicts := map[string]*verdict{}
	for _, s := range observed.Scenarios() {
		for _, id := range s.Rules {
			if s.Status == evidence.NotRun {
				continue
			}
			v := verdicts[id]
			if v == nil {
				v = &verdict{}
				verdicts[id] = v
				order = append(order, id)
			}
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
	for _, id := range order {
		entry, ok := c.contract.ledger[id]
		if !ok {
			c.note("the ledger has no entry %s, which a scenario is tagged with", id)
			continue
		}
		if f, ok := c.conclude(entry, verdicts[id], observed); ok {
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
func (c *differences) conclude(entry openapi.Entry, v *verdict, run *evidence.Run) (f Finding, ok bool) {
	f = Finding{Rule: entry.ID, Provenance: entry.Provenance, Description: entry.Description, Where: entry.ID}
	switch {
	case len(v.refuted) > 0:
		f.Kind, f.A, f.B, f.Scenarios = Refuted, "passed", v.reason, v.refuted
	case len(v.open) > 0:
		c.note("%s: %s failed against %s, and there is no run against the simulator in which it passed, so the rule is not judged", entry.ID, v.open[0], targetName(run))
		return f, false
	case entry.Provenance.Basis == openapi.Documented:
		return f, false
	default:
		f.Kind, f.Scenarios = Confirmed, v.passed
	}
	return f, true
}
