package chart

import (
	"fmt"
	"html"
	"strings"
	"time"
)

// Kind is one of what is counted: its name in the plural, and the class of its part of each bar ("", bad or wait).
type Kind struct{ Name, Class string }

// Bars are counts of kinds in equal spans of time, the oldest first.
type Bars struct {
	Title  string
	Kinds  []Kind
	Start  time.Time
	Span   time.Duration
	Counts [][]int // of each span, by kind
}

// Text says how many of each kind there are.
func (b Bars) Text() string {
	var parts []string
	for k, total := range b.Totals() {
		parts = append(parts, fmt.Sprintf("%d %s", total, b.Kinds[k].Name))
	}
	return strings.Join(parts, ", ")
}

// Totals are how many of each kind there are, in the order of the kinds.
func (b Bars) Totals() []int {
	totals := make([]int, len(b.Kinds))
	for _, counts := range b.Counts {
		for k, n := range counts {
			totals[k] += n
		}
	}
	return totals
}

// highest is the count of the highest bar, at least 1.
func (b Bars) highest() int {
	most := 1
	for _, counts := range b.Counts {
		total := 0
		for _, n := range counts {
			total += n
		}
		most = max(most, total)
	}
	return most
}

// Measures of the drawing, in pixels.
const (
	width, height, floor, left = 480, 130, 108, 28
)

// SVG draws the bars, with a scale from nothing to the highest one; each bar's title has its time and its counts.
func (b Bars) SVG() string {
	var out strings.Builder
	most := b.highest()
	fmt.Fprintf(&out, `<svg class="chart" viewBox="0 0 %d %d" role="img" aria-label="%s">`, width, height, html.EscapeString(b.Title+": "+b.Text()))
	fmt.Fprintf(&out, `<line x1="%d" x2="%d" y1="%d" y2="%d"/><line x1="%d" x2="%d" y1="8" y2="8"/><text x="%d" y="12" text-anchor="end">%d</text><text x="%d" y="%d" text-anchor="end">0</text>`,
		left, width, floor, floor, left, width, left-6, most, left-6, floor+4)
	step := float64(width-left) / float64(max(12, len(b.Counts)))
	for i, counts := range b.Counts {
		at, y := b.Start.Add(time.Duration(i)*b.Span).UTC(), float64(floor)
		fmt.Fprintf(&out, `<g><title>%s: %s</title>`, b.label(at), html.EscapeString(Bars{Kinds: b.Kinds, Counts: b.Counts[i : i+1]}.Text()))
		for k, n := range counts {
			if n == 0 {
				continue
			}
			h := float64(n) / float64(most) * (floor - 8)
			y -= h
			fmt.Fprintf(&out, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, strings.TrimSpace("bar "+b.Kinds[k].Class), left+float64(i)*step+step*.12, y, step*.76, h)
		}
		out.WriteString("</g>")
	}
	if n := len(b.Counts); n > 0 {
		fmt.Fprintf(&out, `<text x="%d" y="%d">%s</text>`, left, height-6, b.label(b.Start.UTC()))
		if n > 6 {
			fmt.Fprintf(&out, `<text x="%.1f" y="%d" text-anchor="end">%s</text>`, left+float64(n)*step, height-6, b.label(b.Start.Add(time.Duration(n-1)*b.Span).UTC()))
		}
	}
	out.WriteString("</svg>")
	return out.String()
}

// label writes a time as precisely as the bars are wide.
func (b Bars) label(at time.Time) string {
	switch {
	case b.Span >= 24*time.Hour:
		return at.Format("2006-01-02")
	case b.Span >= time.Minute:
		return at.Format("01-02 15:04")
	}
	return at.Format("15:04:05")
}
