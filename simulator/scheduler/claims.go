package scheduler

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/payments"
)

// claims are the jobs of a company that this process has claimed and has in hand: those that wait in the pool, that run,
// and that have failed and are to be released, or recorded, after a while.
type claims struct {
	mu       sync.Mutex
	all      map[jobKey]*claim
	failed   map[jobKey]*claim // those of them that have failed
	failures map[jobKey]int    // in a row; kept when a job is released, for its next run to know
	ended    chan struct{}     // closed when a job is no longer in hand, or has failed; nil = nobody waits
}

// jobKey tells jobs apart. A reset or a restore begins to count Seq again while jobs of before may still run.
type jobKey struct {
	seq uint64
	id  string
	at  int64
}

func keyOf(job journal.Job) jobKey { return jobKey{job.Seq, job.ID, journal.Instant(job.At)} }

type claim struct {
	job    journal.Job
	begun  bool
	again  time.Time                             // of the machine's clock: when one that has failed is to be released or recorded
	result func(context.Context) (string, error) // records the result of a job that is done but for that; nil = there is none
}

func newClaims() *claims {
	return &claims{all: map[jobKey]*claim{}, failed: map[jobKey]*claim{}, failures: map[jobKey]int{}}
}

// add notes jobs that were claimed, and returns those that were not in hand already: a claim whose lease has lapsed may be made
// again, but a job never runs twice at the same time.
func (c *claims) add(jobs []journal.Job) (added []journal.Job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, job := range jobs {
		if known := c.failed[keyOf(job)]; c.all[keyOf(job)] == nil || known != nil && known.result == nil {
			c.remove(job)
			c.all[keyOf(job)] = &claim{job: job}
			added = append(added, job)
		}
	}
	return added
}

// wait returns when no job is in hand but those that have failed, or the company's worker has stopped. The error is ctx's.
func (c *claims) wait(ctx, worker context.Context) error {
	for {
		c.mu.Lock()
		if len(c.all) == len(c.failed) {
			c.mu.Unlock()
			return nil
		}
		if c.ended == nil {
			c.ended = make(chan struct{})
		}
		ended := c.ended
		c.mu.Unlock()
		select {
		case <-ended:
		case <-ctx.Done():
			return ctx.Err()
		case <-worker.Done(): // the company was deleted, or the simulator stops: nothing may end any more
			return nil
		}
	}
}

// tell wakes those who wait. The caller holds the lock.
func (c *claims) tell() {
	if c.ended != nil {
		close(c.ended)
		c.ended = nil
	}
}

func (c *claims) remove(job journal.Job) {
	c.tell()
	delete(c.all, keyOf(job))
	delete(c.failed, keyOf(job))
}

// begin notes that a job runs; false means that its claim was lost while it waited.
func (c *claims) begin(job journal.Job) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.all[keyOf(job)]
	if one != nil {
		one.begun = true
	}
	return one != nil
}

// lost notes that the journal says that jobs are not claimed by this process any more: those that wait are not run. Of those that
// have begun, the append will tell.
func (c *claims) lost(jobs []journal.Job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, job := range jobs {
		if one := c.all[keyOf(job)]; one != nil && !one.begun {
			c.remove(job)
		}
	}
}

// has says whether a job is in hand.
func (c *claims) has(job journal.Job) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all[keyOf(job)] != nil
}

// jobs returns all jobs in hand, or only those that are not to be released, whose leases are to be renewed.
func (c *claims) jobs(released bool) (jobs []journal.Job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, one := range c.all {
		if released || c.failed[k] == nil || one.result != nil {
			jobs = append(jobs, one.job)
		}
	}
	return jobs
}

// drop forgets jobs: they are done, or another process has them.
func (c *claims) drop(jobs ...journal.Job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, job := range jobs {
		c.remove(job)
		delete(c.failures, keyOf(job))
	}
}

// maxFailures bounds the jobs whose failures are counted.
const maxFailures = 10_000

// released forgets jobs that are pending again, but for how often they have failed.
func (c *claims) released(jobs []journal.Job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, job := range jobs {
		c.remove(job)
	}
	if len(c.failures) > maxFailures { // many are of jobs that another process has done, or of before a reset
		clear(c.failures)
	}
}

// fail notes that jobs could not be run, recorded or released.
func (c *claims) fail(now time.Time, err error, jobs ...journal.Job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tell()
	for _, job := range jobs {
		k := keyOf(job)
		c.failures[k]++
		failed := &claim{job: job, begun: true, again: now.Add(backoff(c.failures[k]))}
		var sent *payments.Unrecorded
		if errors.As(err, &sent) {
			failed.result = sent.Record
		}
		c.all[k], c.failed[k] = failed, failed
	}
}

// backoff is how long a job that has failed so many times in a row waits: a second, and twice as long each time, up to a minute.
func backoff(failures int) time.Duration {
	return min(time.Second<<min(failures-1, 6), time.Minute)
}

// toRelease returns the failed jobs that are to be released and whose time has come, all of them for the zero time.
func (c *claims) toRelease(now time.Time) (jobs []journal.Job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.due(now) {
		if one.result == nil {
			jobs = append(jobs, one.job)
		}
	}
	return jobs
}

// toRecord returns the failed jobs of which the result is to be recorded and whose time has come; they run from now on.
func (c *claims) toRecord(now time.Time) (all []*claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.due(now) {
		if one.result != nil {
			delete(c.failed, keyOf(one.job))
			all = append(all, one)
		}
	}
	return all
}

// unrecorded returns the jobs of which the result is to be recorded, also those whose recording waits in the pool, which it drops when
// it closes.
func (c *claims) unrecorded() []*claim {
	c.mu.Lock()
	defer c.mu.Unlock()
	return inOrder(c.all, func(one *claim) bool { return one.result != nil })
}

// due returns the failed jobs whose time has come, in order; all of them for the zero time. The caller holds the lock.
func (c *claims) due(now time.Time) []*claim {
	return inOrder(c.failed, func(one *claim) bool { return now.IsZero() || !one.again.After(now) })
}

// inOrder returns those that are wanted in the order of their time.
func inOrder(of map[jobKey]*claim, wanted func(*claim) bool) (all []*claim) {
	for _, one := range of {
		if wanted(one) {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b *claim) int { return cmp.Or(a.job.At.Compare(b.job.At), cmp.Compare(a.job.Seq, b.job.Seq)) })
	return all
}

// next is when the first of the failed jobs has its turn again; zero when none has failed.
func (c *claims) next() (at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.failed {
		if at.IsZero() || one.again.Before(at) {
			at = one.again
		}
	}
	return at
}

// maxUnrecorded bounds, for each company, the results that wait for the journal to be writable.
const maxUnrecorded = 256

// full says that so many results could not be recorded, or are being recorded once more, that nothing more is to be sent.
func (c *claims) full() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.all) < maxUnrecorded {
		return false
	}
	unrecorded := 0
	for _, one := range c.all {
		if one.result != nil {
			unrecorded++
		}
	}
	return unrecorded >= maxUnrecorded
}
