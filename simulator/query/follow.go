package query

import (
	"context"
	"time"
)

// FromNow makes Follow begin with what happens next.
const FromNow = -1

// Follow hands over everything that happens in a company after the entry numbered after (0 = from the beginning, FromNow), until
// ctx ends, the simulator stops, or each fails. each gets nothing once the place is fixed, and whenever nothing has happened for
// beat of real time. Follow keeps no queue: a slow reader falls back and finds everything in the journal. When the company is
// reset or restored, it goes on with what happens then.
func (q *Queries) Follow(
	ctx context.Context, company string, after int64, beat time.Duration, each func([]Event) error,
) error {
	rt := q.runtimes.Get(company)
	resets, _ := rt.Resets.Get()
	at, err := q.newest(ctx, company)
	if err != nil {
		return err
	}
	if after >= 0 {
		at = placeOf(uint64(after), at)
	}
	if err := each(nil); err != nil {
		return err
	}
	tail, done := q.tails.follow(company)
	defer done()
	for {
		changed := q.journal.Changed(company)
		if times, to := rt.Resets.Get(); times != resets {
			resets, at = times, to
		}
		found, err := tail.since(ctx, resets, at)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			if err := each(found); err != nil {
				return err
			}
			at = found[len(found)-1].Seq
			continue
		}
		if changedWithin(ctx, beat, changed, rt) {
			continue
		}
		if ctx.Err() != nil || rt.Context().Err() != nil {
			return nil //nolint:nilerr // who follows has gone, or the company has
		}
		if err := each(nil); err != nil {
			return err
		}
	}
}

// placeOf is where to go on after an entry; one that does not exist yet is older than a reset.
func placeOf(after, newest uint64) uint64 {
	if after > newest {
		return 0
	}
	return after
}
