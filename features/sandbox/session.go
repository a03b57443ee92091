package sandbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/features/target"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/words"
)

// Session is a run with what stands around it.
type Session struct {
	runner.Config
	Profile target.Profile // of a target that is somebody else's
	Reruns  []string       // evidence files: only what failed in them is run; none = all
	Resume  string         // the evidence file of a run that was stopped; "" = none
	Keep    string         // the evidence file that is written; "" = that of Resume, if any
	Bundle  string         // the zip file that is written; "" = none

	prepared  bool          // whether the files have been looked at
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

// Rehearse reads the run that is resumed, if any, runs the features on a simulator, and returns the plan of what is left. Nothing is sent.
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
func (s *Session) Preflight(ctx context.Context) []words.Finding {
	p := s.Profile
	p.PSPs = slices.AppendSeq([]string{}, maps.Keys(merged(s.plan.Payments, s.plan.Failed))) // none is not all
	slices.Sort(p.PSPs)
	return Preflight(ctx, s.Target, p, clock.Wall())
}

// resume reads the run that is resumed, once, and checks that no other is written over and that what is seen can be written.
func (s *Session) resume() (err error) {
	if !s.prepared {
		for _, name := range s.Reruns {
			run, err := evidence.ReadFile(name)
			if err != nil {
				return err
			}
			s.Rerun = append(s.Rerun, run)
		}
	}
	switch {
	case s.prepared:
	case s.Resume == "":
		err = s.free()
	case s.DryRun:
		err = errors.New("--dry-run can't be given with --resume, whose file it would write over")
	case s.Keep != "" && s.Keep != s.Resume:
		err = fmt.Errorf("--keep must not be given with --resume: the run is kept in %s", s.Resume)
	default:
		s.Keep = s.Resume
		s.Begun, err = evidence.ReadUnfinished(s.Resume)
	}
	for _, name := range []string{s.Keep, s.Bundle} {
		if name != "" && err == nil && !s.prepared {
			err = evidence.MakeRoom(name)
		}
	}
	s.prepared = err == nil
	return err
}

// free checks that the file of the evidence has no stopped run in it, whose payments would be sent again.
func (s *Session) free() error {
	if s.Keep == "" || s.Target.Environment.Fixed == nil || s.DryRun {
		return nil
	}
	if old, err := evidence.ReadUnfinished(s.Keep); err == nil && old.Stopped {
		return fmt.Errorf("%s is of a run that has not ended: resume it with --resume %s, or remove the file", s.Keep, s.Keep)
	}
	return nil // what is no evidence is written over
}

// Run runs the features, keeps the evidence, and writes the bundle. A journal beside the evidence file lets a run be resumed whose program
// ended before it could write. What was seen is returned beside an error, too.
func (s *Session) Run(ctx context.Context) (*evidence.Run, error) {
	if err := s.resume(); err != nil {
		return nil, err
	}
	var err error
	if s.Keep != "" && s.Target.Environment.Fixed != nil && !s.DryRun { // payments that are made for one company stay there
		if s.Journal, err = evidence.OpenJournal(s.Keep, runner.Head(s.Config), s.Resume == s.Keep); err != nil {
			return nil, err
		}
	}
	seen, err := runner.Run(ctx, s.Config)
	if seen != nil && seen.Stopped && errors.Is(err, context.Canceled) { // it was asked for
		err = s.Journal.Err()
	}
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
