package chart_test

import (
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/chart"
)

var start = time.Date(2026, 1, 1, 12, 0, 28, 0, time.UTC)

func kinds() []chart.Kind { return []chart.Kind{{Name: "good <ones>"}, {Name: "failed", Class: "bad"}} }

func TestSVG(t *testing.T) {
	t.Parallel()
	b := chart.Bars{Title: "Payments", Kinds: kinds(), Start: start, Span: time.Second, Counts: [][]int{{1, 0}, {0, 0}, {2, 1}}}
	svg := b.SVG()
	for _, want := range []string{`aria-label="Payments: 3 good &lt;ones&gt;, 1 failed"`, `<title>12:00:30: 2 good &lt;ones&gt;, 1 failed</title>`, `class="bar bad"`, `text-anchor="end">3</text>`, `height="66.7"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in %s", want, svg)
		}
	}
	if strings.Count(svg, "<rect") != 3 {
		t.Errorf("the drawing has other than 3 parts: %s", svg)
	}
	if empty := (chart.Bars{Title: "none", Kinds: kinds(), Start: start, Span: time.Second}).SVG(); strings.Contains(empty, "<rect") || !strings.Contains(empty, "0 failed") {
		t.Errorf("nothing is drawn as %s", empty)
	}
}
