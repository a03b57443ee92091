package drift

import (
	"errors"
	"fmt"
	"maps"

	"mozartosim/features/evidence"
)

// report makes findings of the differences and of the rules that were judged, each with its patch; Report.Patch is all patches
// together.
func report(r *Report, c *differences, rules []judged, run *evidence.Run, reversed bool) {
	j := judge{c.contract}
	causes := j.causes(c.found)
	r.Findings = []Finding{} // an empty list, not null, for readers of the JSON
	for _, d := range causes {
		r.Findings = append(r.Findings, j.finding(d))
	}
	p := newPatches(c, run)
	for i, d := range causes {
		r.Findings[i].Fix, r.Findings[i].Patch = p.of(d, reversed)
	}
	for _, rule := range rules {
		f := rule.Finding
		switch {
		case f.Kind == Confirmed:
			f.Fix, f.Patch = p.ofMark(rule)
			r.Confirmed = append(r.Confirmed, f)
		case !j.explained(f, r.Findings):
			f.Fix, f.Patch = p.ofMark(rule)
			r.Findings = append(r.Findings, f)
		}
	}
	r.Patch = p.together(c)
}

// patches makes the patches of findings. The contract's files are read when the first is made.
type patches struct {
	original contractFiles
	all      *patcher
	unread   error
}

func newPatches(c *differences, run *evidence.Run) *patches {
	p := &patches{all: &patcher{contract: c.contract, run: run}}
	if p.original, p.unread = readContractFiles(); p.unread != nil {
		c.note("no patches: %v", p.unread)
	}
	p.all.contractFiles = maps.Clone(p.original)
	return p
}

// of describes the change of the contract that a difference asks for, and returns its patch, made for it alone.
func (p *patches) of(d *difference, reversed bool) (fix, patch string) {
	switch {
	case p.unread != nil:
		return "", ""
	case p.all.run.Target == simulatorTarget:
		return "both runs are of the simulator: look for the change there, not in the contract", ""
	}
	parts := d.parts
	if parts == nil {
		parts = []*difference{d}
	}
	patch, err := p.all.change(p.original, func(p *patcher) error {
		for _, part := range parts {
			wanted := *part
			if reversed {
				wanted = part.reversed()
			}
			var err error
			if fix, err = p.patch(wanted); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, errAlreadyAllowed):
		return "nothing in openapi/: " + err.Error(), ""
	case err != nil:
		return fmt.Sprintf("by hand, at %s: %v", d.rule.ID, err), ""
	}
	return fix, patch
}

// ofMark is the patch that gives a rule another provenance.
func (p *patches) ofMark(j judged) (fix, patch string) {
	if p.unread != nil {
		return "", ""
	}
	patch, err := p.all.change(p.original, func(p *patcher) error { return p.ruleMark(j.Rule, markText(j.mark)) })
	if err != nil {
		return "change the provenance of " + j.Rule + " by hand: " + err.Error(), ""
	}
	return "change the rule's provenance", patch
}

// together is the patch of all changes.
func (p *patches) together(c *differences) string {
	patch := diff(p.original, p.all.contractFiles)
	if patch == "" {
		return ""
	}
	if err := p.all.merges(); err != nil {
		c.note("there is no patch of everything, because the changes conflict: %v", err)
		return ""
	}
	return patch
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
