package patch

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"mozartosim/features/drift"
	"mozartosim/openapi"
)

// Write gives each finding of a report, and each assumption that it confirms, its fix and its patch, and the report the patch of all
// together. What stands in the way is a note of the report.
func Write(r *drift.Report, contract *openapi.Contract) {
	p := ofFindings(r, contract)
	if p == nil {
		return
	}
	p.write(r.Confirmed, r.Reversed)
	var err error
	if r.Patch, err = p.together(); err != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("there is no patch of everything, because the changes conflict: %v", err))
	}
}

// WriteFindings gives the findings alone their fixes and patches. A run confirms hundreds of assumptions: their patches take longer
// than the comparison.
func WriteFindings(r *drift.Report, contract *openapi.Contract) { ofFindings(r, contract) }

// patches makes the patches of findings.
type patches struct {
	original contractFiles
	all      *patcher
}

// ofFindings writes the patches of a report's findings, to which others can be added; nil, and a note, when the contract's files can't
// be read.
func ofFindings(r *drift.Report, contract *openapi.Contract) *patches {
	original, err := readContractFiles()
	if err != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("no patches: %v", err))
		return nil
	}
	p := &patches{original: original, all: &patcher{maps.Clone(original), contract, r.Observed}}
	p.write(r.Findings, r.Reversed)
	return p
}

func (p *patches) write(found []drift.Finding, reversed bool) {
	for i := range found {
		found[i].Fix, found[i].Patch = p.of(found[i], reversed)
	}
}

// of describes the change of the contract that a finding asks for, and returns its patch, made for it alone.
func (p *patches) of(f drift.Finding, reversed bool) (fix, patch string) {
	switch {
	case f.Mark != nil:
		return p.ofMark(f)
	case p.all.run.Target == simulatorTarget:
		return "both runs are of the simulator: look for the change there, not in the contract", ""
	}
	patch, err := p.all.change(p.original, func(p *patcher) (err error) {
		for _, c := range f.Changes {
			wanted := change{Change: c, was: c.Values[0][0], is: c.Values[0][1]}
			if reversed {
				wanted = wanted.reversed()
			}
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
		return fmt.Sprintf("by hand, at %s: %v", f.Rule, err), ""
	}
	return fix, patch
}

// simulatorTarget is the target of a run against the simulator: no reason to change the contract.
const simulatorTarget = "simulator"

// change is what differs, with the values that were seen first.
type change struct {
	drift.Change
	was, is drift.Value
}

// reversed is the change from b to a: what b has more is what a lacks.
func (d change) reversed() change {
	d.A, d.B, d.was, d.is = d.B, d.A, d.is, d.was
	d.Status[0], d.Status[1] = d.Status[1], d.Status[0]
	if d.Kind == drift.Renamed {
		d.Path, d.To = d.To, d.Path
	}
	for _, pair := range [][2]drift.Kind{{drift.Added, drift.Missing}, {drift.MissingWebhook, drift.ExtraWebhook}, {drift.Slower, drift.Faster}} {
		if i := slices.Index(pair[:], d.Kind); i >= 0 {
			d.Kind = pair[1-i]
			break
		}
	}
	return d
}

// ofMark is the patch that gives a rule another provenance.
func (p *patches) ofMark(f drift.Finding) (fix, patch string) {
	patch, err := p.all.change(p.original, func(p *patcher) error { return p.ruleMark(f.Changes[0].Rule, markText(*f.Mark)) })
	if err != nil {
		return "change the provenance of " + f.Rule + " by hand: " + err.Error(), ""
	}
	return "change the rule's provenance", patch
}

// together is the patch of all changes.
func (p *patches) together() (string, error) {
	patch := diff(p.original, p.all.contractFiles)
	if patch == "" {
		return "", nil
	}
	if err := p.all.merges(); err != nil {
		return "", err
	}
	return patch, nil
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
