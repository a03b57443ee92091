package runner

import (
	"context"
	"sync"
	"time"

	"mozartosim/simulator/clock"
)

// throttle spaces calls evenly.
type throttle struct {
	clock *clock.Clock
	every time.Duration

	mu   sync.Mutex
	next time.Time // when the next call may go
}

func newThrottle(c *clock.Clock, perSecond float64) *throttle {
	return &throttle{clock: c, every: time.Duration(float64(time.Second) / perSecond)}
}

// reserve takes the next free moment and says how long it is away.
func (t *throttle) reserve() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.Now()
	if t.next.Before(now) {
		t.next = now
	}
	wait := t.next.Sub(now)
	t.next = t.next.Add(t.every)
	return wait
}

// wait waits for the call's moment. The error is ctx's.
func (t *throttle) wait(ctx context.Context) error {
	_, err := t.clock.Hold(ctx, t.reserve())
	return err
}
