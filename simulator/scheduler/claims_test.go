package scheduler

import (
	"context"
	"errors"
	"testing"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/payments"
)

// A job that fails has its turn again after a second, and then after twice as long each time, up to a minute; what it has failed
// before counts when it is claimed again, until it is done.
func TestBackoff(t *testing.T) {
	t.Parallel()
	c, job, now := newClaims(), journal.Job{ID: "a", Seq: 1}, noon
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		if added := c.add([]journal.Job{job}); len(added) != 1 || !c.begin(job) {
			t.Fatal("it is not claimed")
		}
		c.fail(now, errors.New("full"), job)
		if got := c.next().Sub(now); got != want*time.Second {
			t.Errorf("again after %s, want %s", got, want*time.Second)
		}
		now = c.next()
		if early, due := c.toRelease(now.Add(-1)), c.toRelease(now); len(early) != 0 || len(due) != 1 {
			t.Fatalf("released %d early, %d in time", len(early), len(due))
		}
		c.released([]journal.Job{job})
	}
	c.add([]journal.Job{job})
	c.drop(job)
	c.add([]journal.Job{job})
	if c.fail(now, errors.New("full"), job); c.next().Sub(now) != time.Second {
		t.Error("a job that was done counts from the beginning")
	}
}

// What was sent stays in hand until it is recorded: it is not claimed again, its lease is renewed, and at many of them nothing more
// is sent.
func TestUnrecordedStaysInHand(t *testing.T) {
	t.Parallel()
	c := newClaims()
	record := func(context.Context) (string, error) { return "", nil }
	for seq := range uint64(maxUnrecorded) {
		if c.full() {
			t.Fatalf("full with %d", seq)
		}
		job := journal.Job{Seq: seq + 1}
		c.add([]journal.Job{job})
		c.begin(job)
		c.fail(noon, &payments.Unrecorded{Record: record, Err: errors.New("full")}, job)
		c.lost([]journal.Job{job})
		if added := c.add([]journal.Job{job}); len(added) != 0 {
			t.Fatal("it is run a second time")
		}
	}
	if !c.full() || len(c.jobs(false)) != maxUnrecorded || len(c.toRelease(time.Time{})) != 0 {
		t.Errorf("full: %v, in hand: %d", c.full(), len(c.jobs(false)))
	}
	if all := c.toRecord(noon.Add(time.Second)); len(all) != maxUnrecorded || !c.full() || len(c.toRecord(time.Time{})) != 0 {
		t.Errorf("%d are to be recorded, once", len(all))
	}
}
