package runner

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"mozartosim/features/evidence"
	"mozartosim/features/steps"
	"mozartosim/openapi"
	"mozartosim/simulator/clock"
)

// attempt makes one try of a scenario and fills in what came of it.
func (r *run) attempt(ctx context.Context, s *scenario) {
	begun := clock.Wall()
	trying, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	w := steps.NewWorld(r.Target.env, s.ID, r.key(s))
	s.Status, s.Reason, s.Contract, s.Timeline = evidence.Passed, "", nil, ""
	for i := range s.Steps {
		step := &s.Steps[i]
		step.Status, step.Error, step.Took = evidence.Skipped, "", 0
		if s.Status != evidence.Passed {
			continue
		}
		w.At(i)
		at := clock.Wall()
		err := r.do(trying, w, s, i)
		w.Done()
		step.Took = evidence.Span(clock.Wall().Sub(at))
		r.judge(s, step, err)
	}
	if s.Status == evidence.Failed {
		s.Timeline = w.Timeline()
		s.Contract = r.contract(s)
	}
	s.Exchanges, s.Webhooks = w.Exchanges(), w.Webhooks()
	w.Close(context.WithoutCancel(ctx))
	s.Took = evidence.Span(clock.Wall().Sub(begun))
	s.rules = nil
}

// key names what is made for this try of the scenario; it fits into a company's name.
func (r *run) key(s *scenario) string {
	h := fnv.New64a()
	fmt.Fprint(h, r.Target.nonce, s.ID, s.Tries)
	return strconv.FormatUint(h.Sum64(), 36)
}

// do runs a step; a panic is the step's failure and nobody else's.
func (r *run) do(ctx context.Context, w *steps.World, s *scenario, i int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the step panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return r.vocabulary.Do(ctx, w, s.texts[i], s.args[i])
}

// judge writes a step's outcome down, and what it means for the scenario.
func (r *run) judge(s *scenario, step *evidence.Step, err error) {
	var notRun *steps.NotRun
	var undefined *steps.Undefined
	var failure *steps.Failure
	switch {
	case err == nil:
		step.Status = evidence.Passed
		return
	case errors.As(err, &notRun):
		s.Status, s.Reason = evidence.NotRun, notRun.Reason
		return
	case errors.As(err, &undefined):
		step.Status = evidence.Undefined
	default:
		step.Status = evidence.Failed
	}
	if errors.As(err, &failure) {
		s.rules = failure.Rules
	}
	step.Error = r.Target.env.Masker.Text(err.Error())
	s.Status, s.Reason = evidence.Failed, step.Keyword+strings.TrimSuffix(step.Text, ":")+": "+step.Error
}

// contract looks up what the contract says on what failed: the rules that the step has named, and those of the tags.
func (r *run) contract(s *scenario) []evidence.ContractRule {
	var said []evidence.ContractRule
	ids := append(slices.Clone(s.rules), s.Rules...)
	for i := 0; i < len(ids); i++ {
		e, known := r.ledger()[ids[i]]
		if !known || slices.ContainsFunc(said, func(c evidence.ContractRule) bool { return c.ID == e.ID }) {
			continue
		}
		said = append(said, contractRule(e))
		if of := ofSchema.FindStringSubmatch(e.Description); of != nil {
			ids = slices.Insert(ids, i+1, of[1])
		}
	}
	return said
}

// ofSchema finds the schema that a field is one of: "required, a Phone".
var ofSchema = regexp.MustCompile(`, an? ([A-Z][A-Za-z]+)$`)

func contractRule(e openapi.Entry) evidence.ContractRule {
	source := e.Provenance.Source
	if source == "" {
		source = e.Provenance.Note
	}
	return evidence.ContractRule{ID: e.ID, Says: e.Description, Basis: string(e.Provenance.Basis), Source: source}
}
