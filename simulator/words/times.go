package words

import (
	"fmt"
	"strings"
	"time"
)

// Stamp writes a time for people: UTC, no more digits than it has.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// Span writes a duration for people: 30d, 2h30m, 1.5s.
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	rest := (d % day).Round(time.Millisecond).String()
	for _, zero := range []string{"m0s", "h0m"} { // 2h0m0s, 5m0s
		if strings.HasSuffix(rest, zero) {
			rest = rest[:len(rest)-2]
		}
	}
	switch {
	case d < day:
		return rest
	case d%day == 0:
		rest = ""
	}
	return fmt.Sprintf("%dd%s", d/day, rest)
}

// Ago says when t is, seen from now: "in 2s", "5m ago". A zero now makes it the time itself.
func Ago(now, t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case now.IsZero():
		return Stamp(t)
	case t.After(now):
		return "in " + coarse(t.Sub(now))
	case t.Equal(now):
		return "now"
	}
	return coarse(now.Sub(t)) + " ago"
}

// coarse keeps what is worth reading of a duration.
func coarse(d time.Duration) string {
	switch {
	case d >= 24*time.Hour:
		d = d.Truncate(time.Hour)
	case d >= time.Hour:
		d = d.Truncate(time.Minute)
	case d >= 10*time.Second:
		d = d.Truncate(time.Second)
	case d >= time.Second:
		d = d.Truncate(100 * time.Millisecond)
	}
	return Span(d)
}

// After writes how long after start something happened.
func After(start, t time.Time) string {
	if t.Before(start) {
		return "-" + Span(start.Sub(t))
	}
	return "+" + Span(t.Sub(start))
}
