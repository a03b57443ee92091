package cli

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"mozartosim/simulator/words"
)

// TestSpansAreDurations is a property: what is written for people is what the admin API reads.
func TestSpansAreDurations(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(365*24*time.Hour/time.Millisecond)).Draw(t, "ms")) * time.Millisecond
		var s Duration
		if err := s.Set(words.Span(d)); err != nil || time.Duration(s) != d {
			t.Fatalf("%s: %v, %v", d, time.Duration(s), err)
		}
	})
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for good, want := range map[string]string{
		"30d": "30d", "1h30m": "1h30m", "800ms": "800ms", "1.5s": "1s500ms", "0s": "0s", "1d2h3m4s5ms": "1d2h3m4s5ms",
	} {
		var s Duration
		if err := s.Set(good); err != nil || s.String() != want {
			t.Errorf("%s: %s, %v", good, s.String(), err)
		}
	}
	for _, bad := range []string{"", "5", "d", "-1s", "1 s", "1y", "1.s", "soon", "366d"} {
		var s Duration
		if s.Set(bad) == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}
