package simulator

import (
	"context"
	"time"

	"mozartosim/simulator/journal"
)

// FromNow makes Follow begin with what happens next.
const FromNow = -1

// Follow hands over everything that happens in a company behind the entry numbered after (0 = from the beginning, FromNow),
// until ctx ends, the simulator stops, or each fails. each gets nothing once the place is fixed, and whenever nothing has
// happened for a beat of real time. Follow keeps no queue: a slow reader falls behind, and finds everything in the journal.
// When the company is reset or restored, it goes on with what happens then.
func (s *Simulator) Follow(
	ctx context.Context, company string, after int64, beat time.Duration, each func([]journal.FeedEntry) error,
) error {
	t := s.tenant(company)
	rewinds, _ := t.wasRewound()
	at, err := s.newest(ctx, company)
	if err != nil {
		return err
	}
	if after >= 0 {
		at = placeOf(uint64(after), at)
	}
	if err := each(nil); err != nil {
		return err
	}
	for {
		changed := s.journal.Changed(company)
		if times, to := t.wasRewound(); times != rewinds {
			rewinds, at = times, to
		}
		found, err := s.journal.Feed(ctx, company, journal.FeedQuery{After: at, Limit: atATime})
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
		if awake(ctx, beat, changed, t.stopping) {
			continue
		}
		if ended(ctx, t) {
			return nil
		}
		if err := each(nil); err != nil {
			return err
		}
	}
}

// placeOf is where to go on after an entry; one that there isn't yet is of before a reset.
func placeOf(after, newest uint64) uint64 {
	if after > newest {
		return 0
	}
	return after
}

// newest returns the seq of a company's last entry, 0 when there is none.
func (s *Simulator) newest(ctx context.Context, company string) (uint64, error) {
	last, err := s.journal.Feed(ctx, company, journal.FeedQuery{Newest: true, Limit: 1})
	if err != nil || len(last) == 0 {
		return 0, err
	}
	return last[0].Seq, nil
}

// awake waits for a change; it is false when limit has passed, ctx has ended or the simulator stops.
func awake(ctx context.Context, limit time.Duration, changed, stopping <-chan struct{}) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case <-changed:
		return true
	case <-ctx.Done():
	case <-stopping:
	}
	return false
}

func ended(ctx context.Context, t *tenant) bool {
	select {
	case <-t.stopping:
		return true
	default:
		return ctx.Err() != nil
	}
}
