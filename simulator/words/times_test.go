package words

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", time.Millisecond: "1ms", 1500 * time.Millisecond: "1.5s", 2 * time.Second: "2s", time.Minute: "1m",
		5 * time.Minute: "5m", 90 * time.Minute: "1h30m", 2 * time.Hour: "2h", 10 * time.Hour: "10h", 20 * time.Minute: "20m",
		time.Hour + 5*time.Second: "1h0m5s", 30 * 24 * time.Hour: "30d", 25 * time.Hour: "1d1h",
	} {
		if got := Span(d); got != want {
			t.Errorf("%s became %s, want %s", d, got, want)
		}
	}
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
