package cli

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", time.Millisecond: "1ms", 1500 * time.Millisecond: "1.5s", 2 * time.Second: "2s", time.Minute: "1m",
		5 * time.Minute: "5m", 90 * time.Minute: "1h30m", 2 * time.Hour: "2h", 10 * time.Hour: "10h", 20 * time.Minute: "20m",
		time.Hour + 5*time.Second: "1h0m5s", 30 * 24 * time.Hour: "30d", 25 * time.Hour: "1d1h",
	} {
		if got := Words(d); got != want {
			t.Errorf("%s became %s, want %s", d, got, want)
		}
	}
}

// TestWordsAreDurations is a property: what is written for people is what the admin API reads.
func TestWordsAreDurations(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(365*24*time.Hour/time.Millisecond)).Draw(t, "ms")) * time.Millisecond
		var s Duration
		if err := s.Set(Words(d)); err != nil || time.Duration(s) != d {
			t.Fatalf("%s: %v, %v", d, time.Duration(s), err)
		}
	})
}

func TestAgo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		now, at time.Time
		want    string
	}{
		{now, time.Time{}, ""},
		{time.Time{}, now, "2026-06-01T12:00:00Z"},
		{now, now, "now"},
		{now, now.Add(2 * time.Second), "in 2s"},
		{now, now.Add(-2 * time.Second), "2s ago"},
		{now, now.Add(-61*time.Second - time.Millisecond), "1m1s ago"},
		{now, now.Add(-3*time.Hour - 59*time.Second), "3h ago"},
		{now, now.Add(-50*time.Hour - time.Minute), "2d2h ago"},
	} {
		if got := Ago(test.now, test.at); got != test.want {
			t.Errorf("%s from %s is %q, want %q", test.at, test.now, got, test.want)
		}
	}
	if got := After(now, now.Add(-time.Second)); got != "-1s" {
		t.Error(got)
	}
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
