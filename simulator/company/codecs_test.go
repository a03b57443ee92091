package company

import (
	"testing"
	"time"

	"mozartosim/simulator/clock"
)

// A fast clock is later after a restart than it was before, however long no process ran.
func TestScaledClockGoesOn(t *testing.T) {
	t.Parallel()
	rt := newRuntime("c", clock.New(), nil)
	kept := rt.keptClock()
	kept.Mode, kept.Factor, kept.Wall = clock.Scaled, 1_000_000, kept.Wall.Add(-3*time.Hour)
	if err := rt.applyClock(kept); err != nil || !rt.Clock.Now().After(kept.Now) {
		t.Errorf("from %s to %s, %v", kept.Now, rt.Clock.Now(), err)
	}
}
