package webhook

import (
	"fmt"
	"time"
)

// RetrySchedule is how long to wait after each failed attempt. After one more failure than it has entries, the delivery is
// exhausted.
type RetrySchedule []time.Duration

// Bounds of a retry schedule.
const (
	maxRetries = 32
	maxWait    = 30 * 24 * time.Hour
)

// DefaultRetrySchedule is 10 s, 30 s, 2 min, 10 min, 1 h (assumed).
func DefaultRetrySchedule() RetrySchedule {
	return RetrySchedule{10 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}
}

// ParseRetrySchedule reads a retry schedule from durations such as 30s or 1h30m. An empty list means that nothing is ever tried
// again; nil means DefaultRetrySchedule.
func ParseRetrySchedule(texts []string) (RetrySchedule, error) {
	if texts == nil {
		return DefaultRetrySchedule(), nil
	}
	if len(texts) > maxRetries {
		return nil, fmt.Errorf("retry schedule has %d entries and may have at most %d", len(texts), maxRetries)
	}
	schedule := make(RetrySchedule, 0, len(texts))
	for i, text := range texts {
		wait, err := time.ParseDuration(text)
		if err != nil {
			return nil, fmt.Errorf("retry schedule entry %d: %q must be a duration like 30s, 2m or 1h", i+1, text)
		}
		if wait < time.Millisecond || wait > maxWait {
			return nil, fmt.Errorf("retry schedule entry %d: %s must be between 1ms and %s", i+1, text, short(maxWait))
		}
		schedule = append(schedule, wait)
	}
	return schedule, nil
}

// Next returns the wait after the n-th failed attempt, counted from 1; false when there is no further attempt.
func (s RetrySchedule) Next(attempt int) (time.Duration, bool) {
	if attempt < 1 || attempt > len(s) {
		return 0, false
	}
	return s[attempt-1], true
}
