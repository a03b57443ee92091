package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// instant is a flag that takes a time.
type instant time.Time

func (i *instant) String() string {
	if time.Time(*i).IsZero() {
		return ""
	}
	return stamp(time.Time(*i))
}

// Set implements pflag.Value.
func (i *instant) Set(text string) error {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("%q must be a time such as 2026-05-01T12:00:00Z", text)
	}
	*i = instant(t)
	return nil
}

// Type implements pflag.Value.
func (*instant) Type() string { return "time" }

// span is a flag that takes a duration as the admin API does, days included; it is handed on as it was written.
type span string

func (s *span) String() string { return string(*s) }

var spanForm = regexp.MustCompile(`^(\d+(\.\d+)?(d|h|ms|m|s))+$`)

// Set implements pflag.Value.
func (s *span) Set(text string) error {
	if !spanForm.MatchString(text) {
		return fmt.Errorf("%q must be a duration such as 800ms, 5s, 10m, 1h30m or 30d", text)
	}
	*s = span(text)
	return nil
}

// Type implements pflag.Value.
func (*span) Type() string { return "duration" }

// count is a flag that takes a number of things, from 1.
type count int

func (c *count) String() string { return strconv.Itoa(int(*c)) }

// Set implements pflag.Value.
func (c *count) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fmt.Errorf("%q must be a number from 1, such as 2", text)
	}
	*c = count(n)
	return nil
}

// Type implements pflag.Value.
func (*count) Type() string { return "int" }

// stamp writes a time for people: UTC, no more digits than it has.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// words writes a duration for people: 30d, 2h30m, 1.5s.
func words(d time.Duration) string {
	const day = 24 * time.Hour
	var text strings.Builder
	if d >= day {
		fmt.Fprintf(&text, "%dd", d/day)
		if d %= day; d == 0 {
			return text.String()
		}
	}
	rest := d.Round(time.Millisecond).String()
	for _, zero := range []string{"m0s", "h0m"} { // 2h0m0s, 5m0s
		if strings.HasSuffix(rest, zero) {
			rest = rest[:len(rest)-2]
		}
	}
	return text.String() + rest
}

// from says when t is, seen from now: "in 2s", "5m ago". A zero now makes it the time itself.
func from(now, t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case now.IsZero():
		return stamp(t)
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
	return words(d)
}

// after writes how long behind start something happened.
func after(start, t time.Time) string {
	if t.Before(start) {
		return "-" + words(start.Sub(t))
	}
	return "+" + words(t.Sub(start))
}
