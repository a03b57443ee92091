package chart_test

import (
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/chart"
)

var now = time.Date(2026, 1, 1, 12, 0, 30, 0, time.UTC)

func kinds() []chart.Kind { return []chart.Kind{{Name: "good <ones>"}, {Name: "failed", Class: "bad"}} }

// Bars are as narrow as their number allows, and count each event once.
func TestCount(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]time.Duration{0: time.Second, 30 * time.Second: time.Second, 3 * time.Minute: 5 * time.Second, 40 * time.Hour: 6 * time.Hour, 10 * 365 * 24 * time.Hour: 365 * 24 * time.Hour} {
		b := chart.Count("x", kinds(), []chart.Event{{At: now.Add(-age)}, {At: now, Kind: 1}}, now)
		if b.Span != want || len(b.Counts) > 40 || b.Text() != "1 good <ones>, 1 failed" {
			t.Errorf("%s: %d bars of %s: %s", age, len(b.Counts), b.Span, b.Text())
		}
		if first, last := b.Counts[0], b.Counts[len(b.Counts)-1]; first[0] != 1 || last[1] != 1 {
			t.Errorf("%s: first %v, last %v", age, first, last)
		}
	}
}

func TestSVG(t *testing.T) {
	t.Parallel()
	b := chart.Count("Payments", kinds(), []chart.Event{{At: now.Add(-2 * time.Second)}, {At: now}, {At: now}, {At: now, Kind: 1}}, now)
	svg := b.SVG()
	for _, want := range []string{`aria-label="Payments: 3 good &lt;ones&gt;, 1 failed"`, `<title>12:00:30: 2 good &lt;ones&gt;, 1 failed</title>`, `class="bar bad"`, `text-anchor="end">3</text>`, `height="66.7"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in %s", want, svg)
		}
	}
	if strings.Count(svg, "<rect") != 3 {
		t.Errorf("the drawing has other than 3 parts: %s", svg)
	}
	if empty := chart.Count("none", kinds(), nil, now).SVG(); strings.Contains(empty, "<rect") || !strings.Contains(empty, "0 failed") {
		t.Errorf("nothing is drawn as %s", empty)
	}
}
