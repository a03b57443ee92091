package journal

import (
	"context"
	"time"
)

// Event is what those who follow a company get: an entry or a call, by its number and as the admin API's JSON.
type Event struct {
	No   uint64
	Text []byte // all followers share it
}

// Follow hands over events as they come, until ctx ends, or next or each fails. next returns the events after those that it returned before,
// none when there are no more; what changed returned before that is closed when there may be. each gets nothing at first, and whenever
// nothing has come for beat of real time.
func Follow(
	ctx context.Context, beat time.Duration, changed func() <-chan struct{}, next func() ([]Event, error), each func([]Event) error,
) error {
	if err := each(nil); err != nil {
		return err
	}
	for {
		more := changed()
		found, err := next()
		if err != nil {
			return err
		}
		if len(found) > 0 {
			if err := each(found); err != nil {
				return err
			}
			continue
		}
		waiting, cancel := context.WithTimeout(ctx, beat)
		select {
		case <-more:
		case <-waiting.Done():
			if ctx.Err() == nil {
				err = each(nil)
			}
		}
		cancel()
		if err != nil || ctx.Err() != nil {
			return err
		}
	}
}
