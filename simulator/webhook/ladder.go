package webhook

import (
	"fmt"
	"time"
)

// RetrySchedule is how long to wait after each failed attempt. One rung more than it has, and the delivery is exhausted.
type RetrySchedule []time.Duration

// Bounds of a ladder.
const (
	maxRungs = 32
	maxRung  = 30 * 24 * time.Hour
)

// DefaultRetrySchedule is 10 s, 30 s, 2 min, 10 min, 1 h (assumed).
func DefaultRetrySchedule() RetrySchedule {
	return RetrySchedule{10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}
}

// ParseRetrySchedule reads a ladder from durations such as 30s or 1h30m. No durations at all, but a list, are a ladder without
// rungs: nothing is ever tried again; nil is the DefaultLadder.
func ParseRetrySchedule(texts []string) (RetrySchedule, error) {
	if texts == nil {
		return DefaultRetrySchedule(), nil
	}
	if len(texts) > maxRungs {
		return nil, fmt.Errorf("retry schedule has %d rungs and may have at most %d", len(texts), maxRungs)
	}
	ladder := make(RetrySchedule, 0, len(texts))
	for i, text := range texts {
		wait, err := time.ParseDuration(text)
		if err != nil {
			return nil, fmt.Errorf("retry schedule rung %d: %q must be a duration like 30s, 2m or 1h", i+1, text)
		}
		if wait < time.Millisecond || wait > maxRung {
			return nil, fmt.Errorf("retry schedule rung %d: %s must be between 1ms and %s", i+1, text, short(maxRung))
		}
		ladder = append(ladder, wait)
	}
	return ladder, nil
}

// Next returns the wait after the n-th failed attempt, counted from 1; false when there is no further attempt.
func (l RetrySchedule) Next(attempt int) (time.Duration, bool) {
	if attempt < 1 || attempt > len(l) {
		return 0, false
	}
	return l[attempt-1], true
}
