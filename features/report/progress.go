package report

import (
	"fmt"
	"io"
	"strings"

	"mozartosim/features/evidence"
)

// progress writes one sign for each scenario, then what failed and a summary.
type progress struct {
	out   io.Writer
	paint paint
	o     Options
	count int
	bad   []placed
}

func newProgress(w io.Writer, o Options) Live {
	return &progress{out: w, paint: paint(o.Color), o: o}
}

// Scenario writes the sign: a dot when it passed, r when it passed at a later try, F, or - when it was not run.
func (p *progress) Scenario(f evidence.Feature, s evidence.Scenario) {
	mark := "."
	switch {
	case s.Status == evidence.NotRun:
		mark = "-"
	case failed(s):
		mark = "F"
		p.bad = append(p.bad, placed{f, s})
	case flaky(s):
		mark = "r"
	}
	fmt.Fprint(p.out, p.paint.status(s.Status, mark))
	if p.count++; p.count%(p.row()) == 0 {
		fmt.Fprintf(p.out, " %d\n", p.count)
	}
}

// row is how many signs a line has: a number fits after them.
func (p *progress) row() int { return p.o.width() - 10 }

// Done writes what failed in full, and the summary.
func (p *progress) Done(run *evidence.Run) {
	if rest := p.count % p.row(); rest != 0 {
		fmt.Fprintf(p.out, "%s %d\n", strings.Repeat(" ", p.row()-rest), p.count)
	}
	for _, b := range p.bad {
		fmt.Fprintf(p.out, "\n%s %s %s\n", p.paint.bad("✗"), at(b.Feature, b.Scenario.Line), p.paint.bold(plain(b.Scenario.Name)))
		var text strings.Builder
		writeIndented(&text, "  ", detail(b.Scenario))
		fmt.Fprint(p.out, text.String())
	}
	writeSummary(p.out, p.paint, run)
}
