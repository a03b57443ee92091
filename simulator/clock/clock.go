package clock

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// Mode is how a clock moves.
type Mode string

// The modes of a clock.
const (
	Real   Mode = "real"   // as the machine's clock
	Scaled Mode = "scaled" // factor times as fast
	Manual Mode = "manual" // only by MoveTo
)

// ParseMode reads a mode by name.
func ParseMode(name string) (Mode, error) {
	switch m := Mode(name); m {
	case Real, Scaled, Manual:
		return m, nil
	}
	return "", fmt.Errorf("clock mode %q must be one of: real, scaled, manual", name)
}

// Latest is the latest time that a clock may be moved to: a hundred years before what nanoseconds since 1970 can count, so that
// whatever is scheduled from there can be stored.
func Latest() time.Time { return time.Date(2162, 1, 1, 0, 0, 0, 0, time.UTC) }

// Clock is one company's time. It is safe for concurrent use. Times are UTC, cut to milliseconds.
type Clock struct {
	mu      sync.Mutex
	mode    Mode
	factor  float64
	base    time.Time     // this clock's time at origin; a manual clock's time
	origin  time.Time     // the machine's time when base was set
	changed chan struct{} // closed when mode or time is set
	jumped  time.Duration // how far Restore has moved it, in all
}

// New makes a clock that runs as the machine's clock does.
func New() *Clock {
	return &Clock{mode: Real, factor: 1, base: machine(), origin: machine(), changed: make(chan struct{})}
}

// NewManual makes a clock that stays at start until MoveTo.
func NewManual(start time.Time) *Clock {
	c := New()
	c.mode, c.base = Manual, trim(start)
	return c
}

func machine() time.Time { return time.Now() }

func trim(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Now returns this clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if c.mode == Manual {
		return c.base
	}
	passed := machine().Sub(c.origin)
	if c.mode == Scaled {
		passed = Times(passed, c.factor)
	}
	return trim(c.base.Add(passed))
}

// Times multiplies a duration; a product that overflows becomes the longest duration (292 years), never a negative one.
func Times(d time.Duration, factor float64) time.Duration {
	if product := float64(d) * factor; product < math.MaxInt64 {
		return time.Duration(product)
	}
	return math.MaxInt64
}

// Mode returns how the clock moves, and how many times as fast as the machine's clock (0 when manual).
func (c *Clock) Mode() (Mode, float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mode == Manual {
		return Manual, 0
	}
	return c.mode, c.factor
}

// Set changes how the clock moves; its time goes on from where it is. factor counts for Scaled only and must be
// between 0.001 and 1,000,000.
func (c *Clock) Set(mode Mode, factor float64) error {
	if _, err := ParseMode(string(mode)); err != nil {
		return err
	}
	if mode == Scaled && !(factor >= 0.001 && factor <= 1_000_000) { // so that NaN is refused too
		return fmt.Errorf("clock factor %v must be between 0.001 and 1000000", factor)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base, c.origin = c.now(), machine()
	c.mode, c.factor = mode, 1
	if mode == Scaled {
		c.factor = factor
	}
	c.wake()
	return nil
}

// MoveTo puts a manual clock to a later instant; time never runs backwards.
func (c *Clock) MoveTo(to time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mode != Manual {
		return fmt.Errorf("the clock is %s: only a manual clock can be moved", c.mode)
	}
	if to = trim(to); to.Before(c.base) {
		return fmt.Errorf("the clock stands at %s and can't go back to %s", c.base.Format(time.RFC3339Nano), to.Format(time.RFC3339Nano))
	}
	c.base = to
	c.wake()
	return nil
}

// Restore sets the clock to the mode, factor and time of another one; the time may be an earlier one. Mode and factor are those
// of Set.
func (c *Clock) Restore(mode Mode, factor float64, now time.Time) error {
	if err := c.Set(mode, factor); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jumped += trim(now).Sub(c.now())
	c.base, c.origin = trim(now), machine()
	c.wake()
	return nil
}

func (c *Clock) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Hold waits until d of this clock's time has passed, wherever Restore moves it meanwhile. On a manual clock it returns at once with
// virtual true. The error is ctx's.
func (c *Clock) Hold(ctx context.Context, d time.Duration) (virtual bool, err error) {
	if d <= 0 {
		return false, ctx.Err()
	}
	for end := c.passed().Add(d); ; {
		wait, changed, manual := c.left(end)
		if manual {
			return true, ctx.Err()
		}
		if wait <= 0 {
			return false, ctx.Err()
		}
		if err := sleep(ctx, wait, changed); err != nil {
			return false, err
		}
	}
}

// passed is this clock's time as if Restore had never moved it.
func (c *Clock) passed() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Add(-c.jumped)
}

// left is until for a time that was counted from passed.
func (c *Clock) left(t time.Time) (wait time.Duration, changed <-chan struct{}, manual bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waitFor(t.Add(c.jumped))
}

// until returns the machine's time that is left before t, and a channel that is closed when that changes.
func (c *Clock) until(t time.Time) (wait time.Duration, changed <-chan struct{}, manual bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waitFor(t)
}

func (c *Clock) waitFor(t time.Time) (wait time.Duration, changed <-chan struct{}, manual bool) {
	wait = t.Sub(c.now())
	if c.mode == Scaled {
		wait = Times(wait, 1/c.factor)
	}
	return wait, c.changed, c.mode == Manual
}

func sleep(ctx context.Context, d time.Duration, changed <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	case <-changed:
	}
	return nil
}

// Wall returns the machine's time, for durations that people see (how long an attempt took), never for rules.
func Wall() time.Time { return machine() }

// WaitUntil waits for an instant of this clock, but no longer than atMost of the machine's time when that is set. It returns early
// when wake receives, when the clock is set or moved, and when ctx ends, with its error. A manual clock never gets there by
// itself.
func (c *Clock) WaitUntil(ctx context.Context, at time.Time, atMost time.Duration, wake <-chan struct{}) error {
	wait, changed, manual := c.until(at)
	if atMost > 0 && (manual || wait > atMost) {
		wait, manual = atMost, false
	}
	var reached <-chan time.Time
	if !manual {
		timer := time.NewTimer(max(0, wait))
		defer timer.Stop()
		reached = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-reached:
	case <-wake:
	case <-changed:
	}
	return nil
}
