package drift

import (
	"errors"
	"fmt"
	"maps"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// report makes findings of the differences and of the rules that were judged, each with its patch; Report.Patch is all patches
// together.
func report(r *Report, c *differences, rules []judged, run *evidence.Run, reversed bool) {
	r.Findings = []Finding{} // an empty list, not null, for readers of the JSON
	if len(c.found) == 0 && len(rules) == 0 {
		return // nothing to patch: the files need not be read
	}
	original, err := readContractFiles()
	if err != nil {
		c.note("no patches: %v", err)
	}
	together := &patcher{contract: c.contract, run: run, contractFiles: maps.Clone(original)}
	for _, d := range c.found {
		r.Findings = append(r.Findings, findingOf(together, original, d, reversed))
	}
	for _, j := range rules {
		f := judgedOf(together, original, j)
		if f.Kind == Refuted {
			r.Findings = append(r.Findings, f)
		} else {
			r.Confirmed = append(r.Confirmed, f)
		}
	}
	if original == nil {
		return
	}
	if r.Patch = diff(original, together.contractFiles); r.Patch == "" {
		return
	}
	if err := together.merges(); err != nil {
		r.Patch = ""
		c.note("there is no patch of everything, because the changes conflict: %v", err)
	}
}

// finding makes a finding of a difference; its patch is made for it alone, and added to p, where all are together.
func findingOf(p *patcher, original contractFiles, d *difference, reversed bool) Finding {
	f := Finding{
		Kind: d.kind, Rule: d.rule.ID, Provenance: d.rule.Provenance, Description: d.rule.Description, Where: d.where, A: d.a, B: d.b, Scenarios: d.scenarios,
	}
	if f.Provenance.Basis == "" {
		f.Provenance = openapi.Provenance{Basis: openapi.Assumed, Note: "the ledger has no such entry"}
	}
	wanted := *d
	if reversed {
		wanted = d.reversed()
	}
	if original == nil {
		return f
	}
	if p.run.Target == simulatorTarget {
		f.Fix = "both runs are of the simulator: look for the change there, not in the contract"
		return f
	}
	words := ""
	patch, err := p.change(original, func(p *patcher) (err error) { words, err = p.patch(wanted); return err })
	switch {
	case errors.Is(err, errAlreadyAllowed):
		f.Fix = "nothing in openapi/: " + err.Error()
	case err != nil:
		f.Fix = fmt.Sprintf("by hand, at %s: %v", f.Rule, err)
	default:
		f.Fix, f.Patch = words, patch
	}
	return f
}

// judged makes a finding of a rule that was judged; its patch gives the rule another provenance.
func judgedOf(p *patcher, original contractFiles, j judged) Finding {
	f := j.Finding
	if original == nil {
		return f
	}
	patch, err := p.change(original, func(p *patcher) error { return p.ruleMark(f.Rule, markText(j.mark)) })
	if err != nil {
		f.Fix = "change the provenance of " + f.Rule + " by hand: " + err.Error()
		return f
	}
	f.Fix, f.Patch = "change the rule's provenance", patch
	return f
}

// change makes a change in the original files and returns its patch; then in p's, where it is left out if it fails.
func (p *patcher) change(original contractFiles, do func(*patcher) error) (patch string, err error) {
	alone := &patcher{maps.Clone(original), p.contract, p.run}
	if err = do(alone); err == nil {
		err = alone.check()
	}
	if err != nil {
		return "", err
	}
	p.try(do)
	return diff(original, alone.contractFiles), nil
}

// try makes a change, or none if it fails.
func (p *patcher) try(change func(*patcher) error) {
	before := p.contractFiles
	p.contractFiles = maps.Clone(before)
	err := change(p)
	if err == nil {
		err = p.check()
	}
	if err != nil {
		p.contractFiles = before
	}
}
