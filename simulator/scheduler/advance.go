package scheduler

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
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

// manyJobs are worth a collection.
const manyJobs = 10_000

// maxSteps bounds one advance: a retry schedule or a scenario can't run it forever.
const maxSteps = 1_000_000

// conflict says why a clock can't be moved as it stands.
type conflict string

func (c conflict) Error() string { return string(c) }

// Conflicts marks it as a conflict with the state, not an error in the request.
func (conflict) Conflicts() {}

func conflicts(format string, args ...any) error { return conflict(fmt.Sprintf(format, args...)) }

// Advance moves a company's manual clock and runs all jobs that come due on the way, in (time, sequence) order, deliveries
// included, before it returns them. The clock never goes back. Errors: a conflict with how it stands, or what failed.
func (s *Scheduler) Advance(ctx context.Context, companyID string, a Advance) ([]adminapi.CompletedJob, error) {
	rt := s.Runtimes.Get(companyID)
	done, err := s.Settings.Exclusive(ctx, companyID)
	if err != nil {
		return nil, err
	}
	defer done()
	if mode, _ := rt.Clock.Mode(); mode != clock.Manual {
		return nil, conflicts("the clock is %s: set it to manual before you advance it", mode)
	}
	until := rt.Clock.Now().Add(a.By)
	switch {
	case !a.To.IsZero():
		until = a.To
	case a.UntilIdle || a.Deliveries > 0:
		until = rt.Clock.Now().AddDate(100, 0, 0)
	}
	switch now := rt.Clock.Now(); {
	case until.Before(now):
		return nil, conflicts("the clock stands at %s and can't go back to %s", now.Format(time.RFC3339Nano), until.Format(time.RFC3339Nano))
	case (a.By > 0 || !a.To.IsZero()) && until.After(clock.Latest()):
		return nil, conflicts("the clock can't go to %s: the latest time is %s", until.Format(time.RFC3339Nano), clock.Latest().Format(time.RFC3339Nano))
	}
	if err := s.settle(ctx, rt, until); err != nil {
		return nil, err
	}
	completed, err := s.runUntil(ctx, rt, until, a.Deliveries)
	if len(completed) > manyJobs {
		debug.FreeOSMemory() // hundreds of megabytes may be garbage, and nothing else may come that would collect it
	}
	if err != nil || a.UntilIdle || a.Deliveries > 0 {
		return completed, err
	}
	return completed, s.Settings.MoveClock(ctx, rt, until)
}

// settle waits for what comes first: calls that are being answered, here or in other processes, jobs that have been claimed while the
// clock moved by itself, and results that could not be recorded when their jobs were run.
func (s *Scheduler) settle(ctx context.Context, rt *company.Runtime, until time.Time) error {
	if err := rt.Answers.Wait(ctx); err != nil {
		return err
	}
	if err := s.of(rt.ID).wait(ctx, rt.Context()); err != nil {
		return err
	}
	for _, one := range s.again(ctx, rt, time.Time{}) {
		if _, err := s.record(context.WithoutCancel(ctx), rt, one); err != nil {
			return err
		}
	}
	for s.Journal.Shared() {
		changed := s.Journal.Changed(rt.ID)
		jobs, err := s.Journal.Jobs(ctx, rt.ID, journal.JobQuery{Claimed: true})
		if err != nil {
			return err
		}
		others := func(job journal.Job) bool {
			return job.Holder != "" && !job.At.After(until) && !s.of(rt.ID).has(job)
		}
		if !slices.ContainsFunc(jobs, others) {
			return nil
		}
		if err := s.Wall.WaitUntil(ctx, s.Wall.Now().Add(journal.Lease/3), 0, changed); err != nil {
			return err
		}
	}
	return nil
}

// runUntil runs the jobs that are due up to an instant, the clock standing at each job's own time meanwhile. One that fails is
// pending again.
func (s *Scheduler) runUntil(ctx context.Context, rt *company.Runtime, until time.Time, deliveries int) ([]adminapi.CompletedJob, error) {
	var completed []adminapi.CompletedJob
	for range maxSteps {
		if err := ctx.Err(); err != nil {
			return completed, err
		}
		jobs, some, err := s.claim(ctx, rt.ID, journal.ClaimQuery{Until: until, Limit: 1, Skip: rt.Answers.Waiting})
		if err != nil || !some {
			return completed, err
		}
		for _, job := range jobs {
			done, err := s.runAt(context.WithoutCancel(ctx), rt, job)
			if err != nil {
				return completed, err
			}
			if n := len(completed); n > 0 && completed[n-1].Description == done.Description {
				done.Description = completed[n-1].Description // one text for what the same came of
			}
			completed = append(completed, done)
			if deliveries == 0 {
				continue
			}
			if _, attempt, _ := s.Runner.Target(job); attempt {
				if deliveries--; deliveries == 0 {
					return completed, nil
				}
			}
		}
	}
	return completed, fmt.Errorf("advance: stopped after %d steps", maxSteps)
}

// runAt runs a job with the clock at the job's time.
func (s *Scheduler) runAt(ctx context.Context, rt *company.Runtime, job journal.Job) (done adminapi.CompletedJob, err error) {
	if job.At.After(rt.Clock.Now()) {
		err = s.Settings.MoveClock(ctx, rt, job.At)
	}
	if err != nil {
		s.of(rt.ID).fail(s.Wall.Now(), err, job)
	} else {
		done, err = s.run(ctx, rt, job)
	}
	if err != nil {
		s.release(ctx, rt, time.Time{})
	}
	return done, err
}

// maxDueNow bounds the jobs of one payment that RunDue runs.
const maxDueNow = 100

// RunDue runs what is due of one payment now, up to its first webhook: for a notification that arrives before the answer.
func (s *Scheduler) RunDue(ctx context.Context, companyID, payment string) error {
	rt := s.Runtimes.Get(companyID)
	for range maxDueNow {
		jobs, _, err := s.claim(ctx, companyID, journal.ClaimQuery{Until: rt.Clock.Now(), Limit: 1, Stream: payment})
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

// Holds says whether the jobs of a call must be held in the journal until its answer has been written: another process may move
// the company's manual clock at any moment. On other clocks it leaves the jobs to this process for a while anyway.
func (s *Scheduler) Holds(rt *company.Runtime) bool {
	mode, _ := rt.Clock.Mode()
	return mode == clock.Manual && s.Journal.Shared()
}

// ReleaseHeld makes the held jobs of a payment pending. Should it fail, their leases lapse.
func (s *Scheduler) ReleaseHeld(ctx context.Context, companyID, payment string) error {
	return s.Journal.ReleaseHeld(ctx, companyID, payment)
}
