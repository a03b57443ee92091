package sandbox

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/features/target"
	"mozartosim/simulator/clock"
)

// Session is a run with what stands around it.
type Session struct {
	runner.Config
	Profile target.Profile // of a target that is somebody else's
	Resume  string         // the evidence file of a run that was stopped; "" = none
	Keep    string         // the evidence file that is written; "" = that of Resume, if any
	Bundle  string         // the zip file that is written; "" = none

	simulated *evidence.Run // the rehearsal; nil = there was none
	plan      Plan
}

// Further says how a run that was stopped is resumed.
func (s *Session) Further() string {
	if s.Keep == "" {
		return ", and can't be resumed: --keep was not given"
	}
	return "; resume it with --resume " + s.Keep
}

// Rehearse reads the run that is resumed, runs what is left on a simulator, and returns the plan. Nothing is sent.
func (s *Session) Rehearse(ctx context.Context) (Plan, error) {
	if err := s.resume(); err != nil {
		return Plan{}, err
	}
	var err error
	if s.simulated, err = runner.Rehearse(ctx, s.Config); err != nil {
		return Plan{}, err
	}
	s.plan, err = newPlan(s.simulated, s.Begun, s.Profile, s.Retries)
	return s.plan, err
}

// Preflight checks the target and the providers of the plan.
func (s *Session) Preflight(ctx context.Context) []Finding {
	p := s.Profile
	p.PSPs = slices.Sorted(maps.Keys(merged(s.plan.Payments, s.plan.Refused)))
	return Preflight(ctx, s.Target, p, clock.Wall())
}

func (s *Session) resume() (err error) {
	if s.Resume != "" && s.Begun == nil {
		s.Begun, err = evidence.ReadUnfinished(s.Resume)
	}
	return err
}

// Run runs the features, keeps the evidence, and writes the bundle. A journal beside the evidence file lets a run be resumed whose program
// ended before it could write. What was seen is returned beside an error, too.
func (s *Session) Run(ctx context.Context) (*evidence.Run, error) {
	if err := s.resume(); err != nil {
		return nil, err
	}
	s.Keep = cmp.Or(s.Keep, s.Resume)
	var err error
	if s.Keep != "" && s.Target.Environment.Fixed != nil && !s.DryRun { // payments that are made for one company stay there
		if s.Journal, err = evidence.OpenJournal(s.Keep, runner.Head(s.Config), s.Resume == s.Keep); err != nil {
			return nil, err
		}
	}
	seen, err := runner.Run(ctx, s.Config)
	if seen != nil && s.Keep != "" {
		failed := evidence.WriteFile(s.Keep, seen)
		err = errors.Join(err, failed, s.Journal.Close(failed == nil))
	} else {
		err = errors.Join(err, s.Journal.Close(false))
	}
	if seen == nil || s.Bundle == "" {
		return seen, err
	}
	if s.simulated == nil {
		if _, failed := s.Rehearse(context.WithoutCancel(ctx)); failed != nil {
			return seen, errors.Join(err, failed)
		}
	}
	return seen, errors.Join(err, s.writeBundle(seen))
}
