package webhook

import (
	"fmt"
	"time"
)

// Ladder is how long to wait after each failed attempt. One rung more than it has, and the delivery is exhausted.
type Ladder []time.Duration

// Bounds of a ladder.
const (
	maxRungs = 32
	maxRung  = 30 * 24 * time.Hour
)

// DefaultLadder is 10 s, 30 s, 2 min, 10 min, 1 h (assumed).
func DefaultLadder() Ladder {
	return Ladder{10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}
}

// ParseLadder reads a ladder from durations such as 30s or 1h30m. No durations at all, but a list, are a ladder without
// rungs: nothing is ever tried again; nil is the DefaultLadder.
func ParseLadder(texts []string) (Ladder, error) {
	if texts == nil {
		return DefaultLadder(), nil
	}
	if len(texts) > maxRungs {
		return nil, fmt.Errorf("retry ladder has %d rungs and may have at most %d", len(texts), maxRungs)
	}
	ladder := make(Ladder, 0, len(texts))
	for i, text := range texts {
		wait, err := time.ParseDuration(text)
		if err != nil {
			return nil, fmt.Errorf("retry ladder rung %d: %q must be a duration like 30s, 2m or 1h", i+1, text)
		}
		if wait < time.Millisecond || wait > maxRung {
			return nil, fmt.Errorf("retry ladder rung %d: %s must be between 1ms and %s", i+1, text, short(maxRung))
		}
		ladder = append(ladder, wait)
	}
	return ladder, nil
}

// Next returns the wait after the n-th failed attempt, counted from 1; false when there is no further attempt.
func (l Ladder) Next(attempt int) (time.Duration, bool) {
	if attempt < 1 || attempt > len(l) {
		return 0, false
	}
	return l[attempt-1], true
}
