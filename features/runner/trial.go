package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"mozartosim/features/evidence"
	"mozartosim/features/steps"
	"mozartosim/simulator/clock"
)

// trial is one try of a feature scenario. Godog's context carries it from hook to hook.
type trial struct {
	*scenario
	world  World // nil where no step is made
	cancel context.CancelFunc
	begun  time.Time
	step   int       // the one that runs
	since  time.Time // when it began
}

type trialKey struct{}

// hook adds the hooks that make scenarios of Godog's run the evidence's.
func (r *run) hook(c *collector, suite *godog.ScenarioContext) {
	c.empty = r.empty
	suite.Before(func(ctx context.Context, pickle *godog.Scenario) (context.Context, error) {
		return r.before(ctx, c.pending[placeOf(pickle)])
	})
	suite.StepContext().Before(func(ctx context.Context, _ *godog.Step) (context.Context, error) {
		if t, ok := ctx.Value(trialKey{}).(*trial); ok {
			t.beforeStep()
		}
		return ctx, nil
	})
	suite.StepContext().After(func(ctx context.Context, _ *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
		if t, ok := ctx.Value(trialKey{}).(*trial); ok {
			r.afterStep(t, status, err)
		}
		return ctx, nil
	})
	suite.After(func(ctx context.Context, _ *godog.Scenario, _ error) (context.Context, error) {
		if t, ok := ctx.Value(trialKey{}).(*trial); ok {
			r.after(ctx, t)
		}
		return ctx, nil
	})
}

// before begins a try of a scenario, or skips it. s is nil for what was not asked for.
func (r *run) before(ctx context.Context, s *scenario) (context.Context, error) {
	if s == nil {
		return ctx, godog.ErrSkip
	}
	if reason := r.leaveOut(ctx, s); reason != "" {
		if s.Tries == 0 { // what has failed stays failed
			s.Status, s.Reason = evidence.NotRun, reason
			if s.half != nil && reason == evidence.Interrupted { // what it may have sent stays known
				s.Tries, s.Reason, s.Exchanges = s.half.Tries, s.half.Reason, s.half.Exchanges
			}
		}
		if !r.unfinished(s) {
			r.end(s)
		}
		return ctx, godog.ErrSkip
	}
	if s.Tries++; s.Tries > 1 {
		s.Earlier, s.Before = append(s.Earlier, s.Reason), append(s.Before, outcomes(s.Steps))
	}
	s.Status, s.Reason, s.Contract, s.Timeline, s.rules = evidence.Passed, "", nil, "", nil
	for i := range s.Steps {
		s.Steps[i].Status, s.Steps[i].Error, s.Steps[i].Took = evidence.Skipped, "", 0
	}
	t := &trial{scenario: s, begun: clock.Wall(), step: -1}
	ctx, t.cancel = context.WithTimeout(ctx, max(leastTimeout, 4*r.Target.Environment.Patience))
	if !r.DryRun {
		t.world = r.World(&s.Scenario, r.key(s))
		ctx = steps.WithWorld(ctx, t.world)
	}
	return context.WithValue(ctx, trialKey{}, t), nil
}

// empty fails a scenario without steps, as Godog does.
func (r *run) empty(s *scenario) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Tries++
	s.Status, s.Reason, r.failed = evidence.Failed, "it has no steps", true
}

// outcomes are steps without what they say, which is the same in every try.
func outcomes(steps []evidence.Step) (all []evidence.Step) {
	for _, step := range steps {
		all = append(all, evidence.Step{Line: step.Line, Status: step.Status, Error: step.Error, Took: step.Took})
	}
	return all
}

// keyLength is that of the longest key.
const keyLength = 13

// key names what is made for this try of the scenario; it fits into a company's name. All keys have one length, so that texts
// with {unique} in them have the same length in every run.
func (r *run) key(s *scenario) string {
	h := fnv.New64a()
	fmt.Fprint(h, r.Target.Nonce, s.ID, s.Tries)
	key := strconv.FormatUint(h.Sum64(), 36)
	return strings.Repeat("0", keyLength-len(key)) + key
}

func (t *trial) beforeStep() {
	t.step++
	t.since = clock.Wall()
	if t.world != nil {
		t.world.At(t.step)
	}
}

// afterStep writes a step's outcome down, and what it means for the scenario: the first step that doesn't pass decides, and the
// steps after it stay skipped.
func (r *run) afterStep(t *trial, status godog.StepResultStatus, err error) {
	if t.Status != evidence.Passed {
		return
	}
	step := &t.Steps[t.step]
	if t.world != nil {
		t.world.Done()
		step.Took = evidence.Span(clock.Wall().Sub(t.since))
	}
	var notRun *steps.NotRun
	var failure *steps.Failure
	switch {
	case status == godog.StepPassed:
		step.Status = evidence.Passed
		return
	case errors.As(err, &notRun):
		t.Status, t.Reason = evidence.NotRun, notRun.Reason
		return
	case status == godog.StepUndefined:
		step.Status, err = evidence.Undefined, r.vocabulary.Undefined(step.Text)
	default:
		step.Status = evidence.Failed
		if lacks := t.matched[t.step].Lacks(step.Argument); lacks != "" {
			err = errors.New(lacks)
		}
	}
	if errors.As(err, &failure) {
		t.rules = failure.Rules
	}
	step.Error = r.Target.Environment.Masker.Text(fmt.Sprintf("%+v", err)) // of a panic, with the stack
	t.Status, t.Reason = evidence.Failed, step.Error
	if step.Status != evidence.Undefined { // whose error names the step
		t.Reason = step.Keyword + strings.TrimSuffix(step.Text, ":") + ": " + step.Error
	}
}

// after ends a try: it takes the evidence out of the World and gives back what was made for it.
func (r *run) after(ctx context.Context, t *trial) {
	defer t.cancel()
	if t.world == nil {
		if t.Status == evidence.Passed {
			t.Status, t.Reason = evidence.NotRun, "every step is known, and none was run (--dry-run)"
		}
		r.end(t.scenario)
		return
	}
	interrupted := errors.Is(ctx.Err(), context.Canceled) // not by the time-out of the try
	if interrupted && t.Status == evidence.Failed {
		t.Status, t.Reason = evidence.NotRun, evidence.Interrupted+" while it ran"
	}
	t.world.End(ctx, &t.Scenario)
	if t.Status == evidence.Failed {
		t.Contract = r.contract(t.scenario)
	}
	t.Took = evidence.Span(clock.Wall().Sub(t.begun))
	r.mu.Lock()
	r.failed = r.failed || t.Status == evidence.Failed
	r.cut = r.cut || t.Status == evidence.NotRun && interrupted
	r.mu.Unlock()
	if !r.unfinished(t.scenario) {
		r.end(t.scenario)
	}
}

// contract looks up what the contract says on what failed: the rules that the step has named, those that the World has, and those of the tags.
func (r *run) contract(s *scenario) []evidence.ContractRule {
	var rules []evidence.ContractRule
	ids := slices.Clone(s.rules)
	for _, broken := range s.Contract {
		ids = append(ids, broken.ID)
	}
	ids = append(ids, s.Rules...)
	for i := 0; i < len(ids); i++ {
		e, known := r.ledger()[ids[i]]
		if !known || slices.ContainsFunc(rules, func(c evidence.ContractRule) bool { return c.ID == e.ID }) {
			continue
		}
		how := e.Provenance
		rules = append(rules, evidence.ContractRule{ID: e.ID, Says: e.Description, Basis: string(how.Basis), Source: cmp.Or(how.Source, how.Note)})
		if form := e.Form; form != "" {
			ids = slices.Insert(ids, i+1, form)
		}
	}
	return rules
}
