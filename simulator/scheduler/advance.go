package scheduler

import (
	"context"
	"fmt"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
)

// Advance says how far a manual clock is to be moved: one of its fields counts.
type Advance struct {
	By         time.Duration
	To         time.Time
	UntilIdle  bool // until no job is pending
	Deliveries int  // until so many webhooks have been attempted
}

// maxSteps bounds one advance: a retry schedule or a scenario can't run it forever.
const maxSteps = 1_000_000

// NotManual says that only a manual clock can be moved.
type NotManual struct{ Mode clock.Mode }

func (e *NotManual) Error() string {
	return fmt.Sprintf("the clock is %s: set it to manual before you advance it", e.Mode)
}

// Conflicts marks it as a conflict with the state, not an error in the request.
func (*NotManual) Conflicts() {}

// Backwards says that a clock never goes back.
type Backwards struct{ Now, To time.Time }

func (e *Backwards) Error() string {
	return fmt.Sprintf("the clock stands at %s and can't go back to %s", e.Now.Format(time.RFC3339Nano), e.To.Format(time.RFC3339Nano))
}

// Conflicts marks it as a conflict with the state, not an error in the request.
func (*Backwards) Conflicts() {}

// Advance moves a company's manual clock and runs all jobs that come due on the way, in (time, sequence) order, deliveries
// included, before it returns them. The clock never goes back. Errors: *NotManual, *Backwards, or what failed.
func (s *Scheduler) Advance(ctx context.Context, companyID string, a Advance) ([]adminapi.CompletedJob, error) {
	rt := s.Runtimes.Get(companyID)
	done, err := s.Clocks.Exclusive(ctx, companyID)
	if err != nil {
		return nil, err
	}
	defer done()
	if mode, _ := rt.Clock.Mode(); mode != clock.Manual {
		return nil, &NotManual{mode}
	}
	if err := rt.Answers.Wait(ctx); err != nil {
		return nil, err
	}
	until := rt.Clock.Now().Add(a.By)
	switch {
	case !a.To.IsZero():
		until = a.To
	case a.UntilIdle || a.Deliveries > 0:
		until = rt.Clock.Now().AddDate(100, 0, 0)
	}
	if now := rt.Clock.Now(); until.Before(now) {
		return nil, &Backwards{now, until}
	}
	completed, err := s.runUntil(ctx, rt, until, a.Deliveries)
	if err != nil || a.UntilIdle || a.Deliveries > 0 {
		return completed, err
	}
	return completed, s.Clocks.MoveClock(ctx, rt, until)
}

// runUntil runs the jobs that are due up to an instant, the clock standing at each job's own time meanwhile.
func (s *Scheduler) runUntil(ctx context.Context, rt *company.Runtime, until time.Time, deliveries int) ([]adminapi.CompletedJob, error) {
	var completed []adminapi.CompletedJob
	for range maxSteps {
		if err := ctx.Err(); err != nil {
			return completed, err
		}
		jobs, err := s.Journal.Claim(ctx, rt.ID, journal.ClaimQuery{Until: until, Limit: 1, Skip: rt.Answers.Waiting})
		if err != nil || len(jobs) == 0 {
			return completed, err
		}
		if jobs[0].At.After(rt.Clock.Now()) {
			if err := s.Clocks.MoveClock(ctx, rt, jobs[0].At); err != nil {
				return completed, err
			}
		}
		done, err := s.run(context.WithoutCancel(ctx), rt, jobs[0])
		if err != nil {
			return completed, err
		}
		completed = append(completed, done)
		if _, attempt, _ := s.Runner.Target(jobs[0]); attempt && deliveries > 0 {
			if deliveries--; deliveries == 0 {
				return completed, nil
			}
		}
	}
	return completed, fmt.Errorf("advance: stopped after %d steps", maxSteps)
}

// maxDueNow bounds the jobs of one payment that RunDue runs.
const maxDueNow = 100

// RunDue runs what is due of one payment now, up to its first webhook: for a notification that arrives before the answer.
func (s *Scheduler) RunDue(ctx context.Context, companyID, payment string) error {
	rt := s.Runtimes.Get(companyID)
	for range maxDueNow {
		jobs, err := s.Journal.Claim(ctx, companyID, journal.ClaimQuery{Until: rt.Clock.Now(), Limit: 1, Stream: payment})
		if err != nil || len(jobs) == 0 {
			return err
		}
		_, err = s.run(context.WithoutCancel(ctx), rt, jobs[0])
		if _, attempt, _ := s.Runner.Target(jobs[0]); err != nil || attempt {
			return err
		}
	}
	return nil
}
