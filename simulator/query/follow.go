package query

import (
	"context"
	"time"

	"mozartosim/simulator/journal"
)

// Follow hands over everything that happens in a company after the entry numbered after (0 = from the beginning, -1 = what happens
// next), until ctx ends, the simulator stops, or each fails. each gets nothing once the place is fixed, and whenever nothing has
// happened for beat of real time. Follow keeps no queue: a slow reader falls back and finds everything in the journal. When the company
// is reset or restored, it goes on with what happens then.
func (q *Queries) Follow(
	ctx context.Context, company string, after int64, beat time.Duration, each func([]journal.Event) error,
) error {
	rt := q.runtimes.Get(company)
	resets := rt.Resets.Get().Times
	at, err := q.newest(ctx, company)
	if err != nil {
		return err
	}
	if after >= 0 {
		at = placeOf(uint64(after), at)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(rt.Context(), stop)() //nolint:contextcheck // the company's life ends it too
	tail, done := q.tails.follow(company)
	defer done()
	next := func() ([]journal.Event, error) {
		if last := rt.Resets.Get(); last.Times != resets {
			resets, at = last.Times, last.To
		}
		found, err := tail.since(ctx, resets, at)
		if len(found) > 0 {
			at = found[len(found)-1].No
		}
		return found, err
	}
	return journal.Follow(ctx, beat, func() <-chan struct{} { return q.journal.Changed(company) }, next, each)
}

// placeOf is where to go on after an entry; one that does not exist yet is older than a reset.
func placeOf(after, newest uint64) uint64 {
	if after > newest {
		return 0
	}
	return after
}
