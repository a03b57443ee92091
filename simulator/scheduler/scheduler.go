package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payments"
)

// Runner runs one job.
type Runner interface {
	// Run runs a job, completes it in the append that has its effect, and describes what came of it. The error is
	// *payments.Unrecorded when only the append is left to be done.
	Run(ctx context.Context, company string, job journal.Job) (description string, err error)
	// Target returns what bounds a job that runs in the pool; ok is false for a job that runs at once.
	Target(job journal.Job) (target string, ok bool, err error)
}

// Pool runs functions beside the caller: those of one key in order, those of one target a few at a time.
type Pool interface {
	Go(target, key string, fn func()) bool
	Close() (left int)
	Wait(ctx context.Context) error
}

// Config is what a Scheduler works with.
type Config struct {
	Journal  journal.Journal
	Runtimes *company.Runtimes
	Settings *company.Settings // move the clocks
	Runner   Runner
	Pool     Pool
	// Observe is called with every job that was run.
	Observe func(company string, job adminapi.CompletedJob, failed bool)
	Log     *slog.Logger
	Wall    *clock.Clock // the machine's, for leases and for pauses after a failure; nil = it is made
}

// Scheduler runs the jobs of all companies.
type Scheduler struct {
	Config
	mu     sync.Mutex
	claims map[string]*claims // by company
}

// New makes a scheduler; it runs nothing yet.
func New(c Config) *Scheduler {
	if c.Wall == nil {
		c.Wall = clock.New()
	}
	return &Scheduler{Config: c, claims: map[string]*claims{}}
}

// of returns what is claimed of a company.
func (s *Scheduler) of(company string) *claims {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claims[company] == nil {
		s.claims[company] = newClaims()
	}
	return s.claims[company]
}

// claim claims jobs of a company, for this process to have in hand until they are done or released. some is true when there were any,
// even if all are in hand already.
func (s *Scheduler) claim(ctx context.Context, company string, q journal.ClaimQuery) (jobs []journal.Job, some bool, err error) {
	claimed, err := s.Journal.Claim(ctx, company, q)
	return s.of(company).add(claimed), len(claimed) > 0, err
}

// run runs one job that is in hand, here and now.
func (s *Scheduler) run(ctx context.Context, rt *company.Runtime, job journal.Job) (adminapi.CompletedJob, error) {
	if !s.of(rt.ID).begin(job) { // its lease has lapsed while it waited in the pool
		return adminapi.CompletedJob{At: rt.Clock.Now(), Kind: job.Kind, Payment: job.Stream, Description: lost}, nil
	}
	description, err := s.Runner.Run(ctx, rt.ID, job)
	return s.ended(rt, job, description, err)
}

const lost = "it is done already, or another process has taken it over"

// ended notes what came of a job.
func (s *Scheduler) ended(rt *company.Runtime, job journal.Job, description string, err error) (adminapi.CompletedJob, error) {
	done := adminapi.CompletedJob{At: rt.Clock.Now(), Kind: job.Kind, Payment: job.Stream, Description: description}
	switch {
	case errors.Is(err, journal.ErrLost): // the append had been kept, or this process gave no sign of life meanwhile
		done.Description = lost
	case errors.Is(err, journal.ErrNotFound): // the payment was forgotten, or dropped because a limit was reached
		done.Description = "the payment is gone"
	case err != nil:
		s.of(rt.ID).fail(s.Wall.Now(), err, job)
		rt.Alarm.Ring()
		s.Observe(rt.ID, done, true)
		return done, fmt.Errorf("%s of payment %s: %w", job.Kind, job.Stream, err)
	}
	s.of(rt.ID).drop(job)
	s.Observe(rt.ID, done, false)
	return done, nil
}

// again releases the failed jobs of a company whose time has come, all of them for the zero time, and returns those of which only
// the result is to be recorded.
func (s *Scheduler) again(ctx context.Context, rt *company.Runtime, now time.Time) (unrecorded []*claim) {
	s.release(ctx, rt, now)
	return s.of(rt.ID).toRecord(now)
}

// release makes the failed jobs of a company pending again whose time has come, all of them for the zero time.
func (s *Scheduler) release(ctx context.Context, rt *company.Runtime, now time.Time) {
	its := s.of(rt.ID)
	jobs := its.toRelease(now)
	if len(jobs) == 0 {
		return
	}
	if err := s.Journal.Release(context.WithoutCancel(ctx), rt.ID, jobs...); err != nil {
		its.fail(s.Wall.Now(), nil, jobs...)
		s.Log.Error("jobs can't be released: their leases lapse", "company", rt.ID, "jobs", len(jobs), "error", err)
		return
	}
	its.released(jobs)
}

// record writes the result of a job that is done but for that. The worker may have waited for it, since too many were unrecorded.
func (s *Scheduler) record(ctx context.Context, rt *company.Runtime, one *claim) (adminapi.CompletedJob, error) {
	description, err := one.result(ctx)
	if err != nil && !errors.Is(err, journal.ErrLost) && !errors.Is(err, journal.ErrNotFound) {
		err = &payments.Unrecorded{Record: one.result, Err: err}
	}
	defer rt.Alarm.Ring()
	return s.ended(rt, one.job, description, err)
}

// Renew renews the leases of the jobs in hand until ctx ends.
func (s *Scheduler) Renew(ctx context.Context) {
	for {
		if _, err := s.Wall.Hold(ctx, journal.Lease/3); err != nil {
			return
		}
		s.renew(ctx)
	}
}

func (s *Scheduler) renew(ctx context.Context) {
	s.mu.Lock()
	all := maps.Clone(s.claims)
	s.mu.Unlock()
	for company, its := range all {
		jobs := its.jobs(false)
		if len(jobs) == 0 {
			continue
		}
		lost, err := s.Journal.Renew(ctx, company, jobs...)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("leases of jobs can't be renewed", "company", company, "jobs", len(jobs), "error", err)
		}
		its.lost(lost)
	}
}

// Work runs a company's jobs as its clock goes, until ctx ends. On a manual clock it leaves them to Advance.
func (s *Scheduler) Work(ctx context.Context, rt *company.Runtime) {
	defer rt.End()
	w := worker{s, rt, time.Time{}}
	for ctx.Err() == nil {
		mode, _ := rt.Clock.Mode()
		if mode == clock.Manual || !w.step(ctx) {
			w.sleep(ctx)
		}
	}
}

// Stop waits for the jobs in the pool that have begun, records what is still to be recorded, and releases the others.
func (s *Scheduler) Stop(ctx context.Context) error {
	s.Pool.Close()
	err := s.Pool.Wait(ctx)
	s.mu.Lock()
	all := maps.Clone(s.claims)
	s.mu.Unlock()
	for company, its := range all {
		rt := s.Runtimes.Get(company)
		for _, one := range its.unrecorded() {
			if _, failed := s.record(ctx, rt, one); failed != nil {
				err = errors.Join(err, fmt.Errorf("a webhook will be sent again: %w", failed))
			}
		}
		if left := its.jobs(true); len(left) > 0 {
			err = errors.Join(err, s.Journal.Release(context.WithoutCancel(ctx), company, left...))
		}
	}
	return err
}
