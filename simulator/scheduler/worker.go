package scheduler

import (
	"context"
	"errors"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
)

// worker runs a company's jobs on a clock that moves by itself.
type worker struct {
	*Scheduler
	rt      *company.Runtime
	trouble time.Time // of the machine's clock: until then the journal is looked at often, since it has failed
}

const (
	// maxClaimed is how many jobs a worker claims at once.
	maxClaimed = 64
	// ownerFirst is for how long a job is left to the process that took the call: a webhook leaves after the answer has been
	// written, and only that process knows when. It is also how soon a worker looks at what another process has changed.
	ownerFirst = time.Second
	// afterFailure is how long a worker waits when the journal has failed.
	afterFailure = time.Second
)

// step claims what is due and runs it, here or in the pool: a handler that does not answer holds up its own company's target
// only. Jobs that have failed have their turn again first. It returns whether any were due.
func (w *worker) step(ctx context.Context) bool {
	for _, one := range w.again(ctx, w.rt, w.Wall.Now()) {
		w.Pool.Go("record "+w.rt.ID, one.job.Stream, func() { w.log(w.record(context.WithoutCancel(ctx), w.rt, one)) })
	}
	if w.of(w.rt.ID).full() {
		return false
	}
	jobs, some, err := w.claim(ctx, w.rt.ID, journal.ClaimQuery{
		Until: w.rt.Clock.Now(), Limit: maxClaimed, Skip: w.rt.Answers.Waiting, OwnerFirst: ownerFirst,
	})
	if err != nil {
		w.failed("claim jobs", err)
		return false
	}
	for _, job := range jobs {
		target, pooled, err := w.Runner.Target(job)
		switch {
		case err != nil:
			w.log(w.ended(w.rt, job, "", err))
		case pooled:
			w.Pool.Go(target, job.Stream, func() { w.runPooled(context.WithoutCancel(ctx), job) })
		default:
			w.log(w.run(context.WithoutCancel(ctx), w.rt, job))
		}
	}
	return some
}

// runPooled runs a job when the pool has come to it.
func (w *worker) runPooled(ctx context.Context, job journal.Job) {
	if w.of(w.rt.ID).full() {
		w.log(w.ended(w.rt, job, "", errFull))
		return
	}
	w.log(w.run(ctx, w.rt, job))
}

var errFull = errors.New("nothing is sent while so many results can't be recorded")

func (w *worker) log(_ adminapi.CompletedJob, err error) {
	if err != nil {
		w.Log.Error("job failed: it is tried again", "company", w.rt.ID, "error", err)
	}
}

// failed notes that the journal has failed. What was claimed nevertheless is pending again when its lease has lapsed.
func (w *worker) failed(what string, err error) {
	now := w.Wall.Now()
	if !now.Before(w.trouble) {
		w.Log.Error(what, "company", w.rt.ID, "error", err)
	}
	w.trouble = now.Add(journal.Lease + 2*afterFailure)
}

// sleep waits for the next job's time, for a new job, for a failed one's turn, or for the clock to be changed. Jobs that wait for
// an answer are passed over: the answer wakes the worker.
func (w *worker) sleep(ctx context.Context) {
	alarm := w.rt.Alarm
	alarm.SetAwake() // whatever comes from here on wakes the worker again
	defer alarm.SetAwake()
	far := w.rt.Clock.Now().Add(24 * time.Hour)
	if mode, _ := w.rt.Clock.Mode(); mode == clock.Manual {
		alarm.SetIdle()
		_ = w.rt.Clock.WaitUntil(ctx, far, 0, alarm.C())
		return
	}
	at := w.nextJob(ctx, far)
	alarm.Set(at)
	now, atMost := w.Wall.Now(), time.Duration(0)
	switch {
	case now.Before(w.trouble):
		at, atMost = far, afterFailure
	case w.Journal.Shared() && !at.After(w.rt.Clock.Now()): // what is due now is left for a while to the process that took the call
		at, atMost = far, ownerFirst
	}
	its := w.of(w.rt.ID)
	if its.full() {
		at = far
	}
	if next := its.next(); !next.IsZero() {
		wait := max(next.Sub(now), time.Millisecond)
		if atMost == 0 || wait < atMost {
			atMost = wait
		}
	}
	w.waitUntil(ctx, at, atMost)
}

// waitUntil waits until a time of the company's clock, but no longer than atMost of the machine's when that is set. When another
// process has changed the company, which is told often, the worker looks after a while, once.
func (w *worker) waitUntil(ctx context.Context, at time.Time, atMost time.Duration) {
	var until time.Time
	for {
		_ = w.rt.Clock.WaitUntil(ctx, at, atMost, w.rt.Alarm.C())
		if ctx.Err() != nil || !w.rt.Alarm.OnlyElsewhere() || !w.rt.Clock.Now().Before(at) {
			return
		}
		now := w.Wall.Now()
		if until.IsZero() {
			until = now.Add(ownerFirst)
			if atMost > 0 && atMost < ownerFirst {
				until = now.Add(atMost)
			}
		}
		if atMost = until.Sub(now); atMost <= 0 {
			return
		}
	}
}

// nextJob is when the next job that waits for nothing but its time is due, or far when there is none.
func (w *worker) nextJob(ctx context.Context, far time.Time) time.Time {
	next, err := w.Journal.Jobs(ctx, w.rt.ID, journal.JobQuery{Limit: 1 + w.rt.Answers.Count()})
	if err != nil {
		if ctx.Err() == nil {
			w.failed("pending jobs", err)
		}
		return far
	}
	for _, job := range next {
		if !w.rt.Answers.Waiting(job.Stream) {
			return job.At
		}
	}
	return far
}
