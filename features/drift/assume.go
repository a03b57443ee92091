package drift

import (
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// assumptions judges the assumed rules that scenarios bear on, by a run against something else than the simulator: one that
// held there is confirmed, unless another scenario of the same rule failed there while it held on the simulator, which refutes
// it. simulated is nil when there is nothing to compare with; then nothing is refuted.
func (c *comparison) assumptions(r *Report, truth, simulated *evidence.Run) {
	if truth.Target == simulatorTarget {
		return
	}
	var before map[string]evidence.Scenario
	if simulated != nil && simulated.Target == simulatorTarget {
		before = scenarios(simulated)
	}
	var order []string
	verdicts := map[string]*verdict{}
	for _, s := range all(truth) {
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
			v.judge(s, before)
		}
	}
	for _, id := range order {
		entry, ok := c.facts.ledger[id]
		if !ok {
			c.note("the ledger has no entry %s, which a scenario claims to bear on", id)
			continue
		}
		c.conclude(r, entry, verdicts[id], truth)
	}
}

// verdict is what scenarios say of one rule.
type verdict struct {
	held, refuted, open []string // scenarios
	reason              string   // why it was refuted
}

func (v *verdict) judge(s evidence.Scenario, before map[string]evidence.Scenario) {
	switch {
	case s.Status == evidence.Passed:
		v.held = append(v.held, s.Name)
	case before[s.ID].Status == evidence.Passed:
		v.refuted = append(v.refuted, s.Name)
		v.reason = why(s)
	default:
		v.open = append(v.open, s.Name)
	}
}

// why is the first line of what a scenario failed by.
func why(s evidence.Scenario) string {
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

func (c *comparison) conclude(r *Report, entry openapi.Entry, v *verdict, truth *evidence.Run) {
	f := Finding{Rule: entry.ID, Provenance: entry.Provenance, Says: entry.Description, Where: entry.ID}
	switch {
	case len(v.refuted) > 0:
		f.Kind, f.A, f.B, f.Seen = Refuted, "held", v.reason, v.refuted
		c.settleProvenance(&f, truth, openapi.Provenance{Basis: entry.Provenance.Basis, Note: "refuted by a " + source(truth) + ": " + v.reason})
		r.Findings = append(r.Findings, f)
	case len(v.open) > 0:
		c.note("%s: %s failed against %s, and there is no run against the simulator in which it held, so nothing is said of the rule", entry.ID, v.open[0], targetName(truth))
	case entry.Provenance.Basis == openapi.Documented:
	default:
		f.Kind, f.Seen = Confirmed, v.held
		c.settleProvenance(&f, truth, openapi.Provenance{Basis: openapi.Documented, Source: source(truth)})
		r.Confirmed = append(r.Confirmed, f)
	}
}

// source is how a change says where it comes from.
func source(run *evidence.Run) string {
	name := "Sandbox run"
	if run.Target != "sandbox" {
		name = "run against " + targetName(run)
	}
	return name + ", " + run.Started.UTC().Format("2006-01-02")
}
