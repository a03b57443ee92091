package console

import (
	"slices"
	"testing"
	"time"
)

func TestProse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]piece{
		"":                   nil,
		"no code":            {{Text: "no code"}},
		"`a` is <b> or `c`.": {{}, {Text: "a", Code: true}, {Text: " is <b> or "}, {Text: "c", Code: true}, {Text: "."}},
		"a lone ` stays":     {{Text: "a lone ` stays"}},
		"`a` and a lone `":   {{}, {Text: "a", Code: true}, {Text: " and a lone `"}},
	} {
		if got := prose(text); !slices.Equal(got, want) {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]string{
		0: "now", 90 * time.Second: "1 min ago", 50 * time.Hour: "2 d ago", -5 * time.Second: "in 5 s", -250 * time.Millisecond: "in 250 ms",
	} {
		if got := relative(now, now.Add(-ago)); got != want {
			t.Errorf("%s: %q, want %q", ago, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "+0 ms", 2520 * time.Millisecond: "+2.5 s", 2 * time.Minute: "+2 min", 605 * time.Second: "+10 min 5 s", 26*time.Hour + 3*time.Minute: "+26 h 3 min",
	} {
		if got := after(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"awaiting_approval": "awaiting approval", "PAYIN": "pay-in", "approve-payout": "approve pay-out"} {
		if got := word(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for id, want := range map[string]string{"665f1c2ab7e4d93a5c0f1a2d": "…5c0f1a2d", "665f1c2ab7e4d93a5c0f1a2d-2": "…5c0f1a2d-2", "5ccb6b78-57": "…-57", "order-1": "order-1"} {
		if got := tail(id); got != want {
			t.Errorf("the end of %s is %q, want %q", id, got, want)
		}
	}
	if got := flowName("PAYOUT", "ACH"); got != "pay-out ACH" {
		t.Errorf("a pay-out by ACH is %q", got)
	}
}
