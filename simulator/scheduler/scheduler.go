package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
)

// Journal is what a Scheduler needs of the journal.
type Journal interface {
	Claim(ctx context.Context, company string, q journal.ClaimQuery) ([]journal.Job, error)
	Release(ctx context.Context, company string, ids ...string) error
	PendingJobs(ctx context.Context, company string, q journal.JobQuery) ([]journal.Job, error)
	Shared() bool
}

// Runner runs one job.
type Runner interface {
	// Run runs a job, completes it in the append that has its effect, and describes what came of it.
	Run(ctx context.Context, company string, job journal.Job) (description string, err error)
	// Target returns what bounds a job that runs in the pool; ok is false for a job that runs at once.
	Target(job journal.Job) (target string, ok bool, err error)
}

// Clocks moves companies' clocks.
type Clocks interface {
	// Exclusive makes the caller the only one, over all processes, who moves a company's clock.
	Exclusive(ctx context.Context, company string) (done func(), err error)
	MoveClock(ctx context.Context, rt *company.Runtime, to time.Time) error
}

// Pool runs functions beside the caller: those of one key in order, those of one target a few at a time.
type Pool interface {
	Go(target, key string, fn func()) bool
	Close() (left int)
	Wait(ctx context.Context) error
}

// Config is what a Scheduler works with.
type Config struct {
	Journal  Journal
	Runtimes *company.Runtimes
	Clocks   Clocks
	Runner   Runner
	Pool     Pool
	// Observe is called with every job that was run.
	Observe func(company string, job adminapi.CompletedJob, failed bool)
	Log     *slog.Logger
}

// Scheduler runs the jobs of all companies.
type Scheduler struct {
	Config
	queued sync.Map // of queuedJob: jobs that wait in the pool
}

// queuedJob is a claimed job that was given to the pool and has not begun.
type queuedJob struct{ company, id string }

// New makes a scheduler; it runs nothing yet.
func New(c Config) *Scheduler { return &Scheduler{Config: c} }

// run runs one job, here and now.
func (s *Scheduler) run(ctx context.Context, rt *company.Runtime, job journal.Job) (adminapi.CompletedJob, error) {
	done := adminapi.CompletedJob{At: rt.Clock.Now(), Kind: job.Kind, Payment: job.Stream}
	description, err := s.Runner.Run(ctx, rt.ID, job)
	done.Description = description
	switch {
	case errors.Is(err, journal.ErrLost): // this process gave no sign of life meanwhile
		done.Description = "another process has taken it over"
	case errors.Is(err, journal.ErrNotFound): // the payment was forgotten, or dropped because a limit was reached
		done.Description = "the payment is gone"
	case err != nil:
		s.Observe(rt.ID, done, true)
		return done, fmt.Errorf("%s of payment %s: %w", job.Kind, job.Stream, err)
	}
	s.Observe(rt.ID, done, err != nil)
	return done, nil
}

// Work runs a company's jobs as its clock goes, until ctx ends. On a manual clock it leaves them to Advance.
func (s *Scheduler) Work(ctx context.Context, rt *company.Runtime) {
	defer rt.End()
	for ctx.Err() == nil {
		mode, _ := rt.Clock.Mode()
		claimed := 0
		if mode != clock.Manual {
			claimed = s.claimAndRun(ctx, rt)
		}
		if claimed == 0 {
			s.sleep(ctx, rt)
		}
	}
}

// maxClaimed is how many jobs a worker claims at once.
const maxClaimed = 64

// ownerFirst is for how long a job is left to the process that took the call: a webhook leaves after the answer has been
// written, and only that process knows when. It is also how often a process looks whether another has left jobs undone.
const ownerFirst = time.Second

func (s *Scheduler) claimAndRun(ctx context.Context, rt *company.Runtime) (claimed int) {
	jobs, err := s.Journal.Claim(ctx, rt.ID, journal.ClaimQuery{
		Until: rt.Clock.Now(), Limit: maxClaimed, Skip: rt.Answers.Waiting, OwnerFirst: ownerFirst,
	})
	if err != nil {
		s.Log.Error("claim jobs", "company", rt.ID, "error", err)
		return 0
	}
	for _, job := range jobs {
		target, pooled, err := s.Runner.Target(job)
		switch {
		case err != nil:
			s.Log.Error("job", "company", rt.ID, "payment", job.Stream, "error", err)
		case pooled:
			s.enqueue(rt, job, target)
		default:
			s.runOrRelease(ctx, rt, job)
		}
	}
	return len(jobs)
}

// enqueue runs a job in the pool: a handler that does not answer holds up its own company's target only.
func (s *Scheduler) enqueue(rt *company.Runtime, job journal.Job, target string) {
	queued := queuedJob{rt.ID, job.ID}
	s.queued.Store(queued, true)
	s.Pool.Go(target, job.Stream, func() {
		s.queued.Delete(queued)
		s.runOrRelease(context.Background(), rt, job)
	})
}

// runOrRelease runs a claimed job. One that fails, because the journal can't be written, is released after a while, for as long
// as the worker runs; otherwise it is due again after a restart.
func (s *Scheduler) runOrRelease(ctx context.Context, rt *company.Runtime, job journal.Job) {
	_, err := s.run(context.WithoutCancel(ctx), rt, job)
	if err == nil {
		return
	}
	s.Log.Error("job failed", "company", rt.ID, "error", err)
	go func() {
		life := rt.Context()
		if _, err := clock.New().Hold(life, afterFailure); err != nil {
			return
		}
		if err := s.Journal.Release(life, rt.ID, job.ID); err != nil {
			s.Log.Error("job is put off until a restart", "company", rt.ID, "payment", job.Stream, "error", err)
		}
		rt.Alarm.Ring()
	}()
}

// afterFailure is how long a job that failed waits before it is tried again.
const afterFailure = time.Second

// sleep waits for the next job's time, for a new job, or for the clock to be changed. Jobs that wait for an answer are passed
// over: the answer wakes the worker.
func (s *Scheduler) sleep(ctx context.Context, rt *company.Runtime) {
	rt.Alarm.SetAwake() // whatever comes from here on wakes the worker again
	defer rt.Alarm.SetAwake()
	at := rt.Clock.Now().Add(24 * time.Hour)
	if mode, _ := rt.Clock.Mode(); mode == clock.Manual {
		rt.Alarm.SetIdle()
	} else {
		at = s.nextJob(ctx, rt, at)
		rt.Alarm.Set(at)
		at = s.nextLook(rt, at)
	}
	_ = rt.Clock.WaitUntil(ctx, at, rt.Alarm.C())
}

// nextLook is when the worker looks whether another process has left jobs undone, which it might not hear of, or at when that
// is earlier. Jobs of others that are due now are left to them for a while.
func (s *Scheduler) nextLook(rt *company.Runtime, at time.Time) time.Time {
	if !s.Journal.Shared() {
		return at
	}
	_, factor := rt.Clock.Mode()
	now := rt.Clock.Now()
	look := now.Add(time.Duration(float64(ownerFirst) * factor))
	if at.After(look) || !at.After(now) {
		return look
	}
	return at
}

// nextJob is when the next job that waits for nothing but its time is due, or far when there is none.
func (s *Scheduler) nextJob(ctx context.Context, rt *company.Runtime, far time.Time) time.Time {
	next, err := s.Journal.PendingJobs(ctx, rt.ID, journal.JobQuery{Limit: 1 + rt.Answers.Count()})
	if err != nil { // the journal may be back soon, and nothing else would wake the worker then
		s.Log.Error("pending jobs", "company", rt.ID, "error", err)
		return rt.Clock.Now().Add(afterFailure)
	}
	for _, job := range next {
		if !rt.Answers.Waiting(job.Stream) {
			return job.At
		}
	}
	return far
}

// Stop waits for the jobs in the pool that have begun and releases those that have not.
func (s *Scheduler) Stop(ctx context.Context) error {
	s.Pool.Close()
	err := s.Pool.Wait(ctx)
	s.queued.Range(func(key, _ any) bool {
		q := key.(queuedJob)
		err = errors.Join(err, s.Journal.Release(context.Background(), q.company, q.id))
		return true
	})
	return err
}
