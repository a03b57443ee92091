package certify

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"mozartosim/features/evidence"
)

// The grades, best first.
const (
	FullMarks  = "full marks"
	Partial    = "partial"
	Unfinished = "not finished"
	Fails      = "failed"
)

// grades makes a grade for each capability, the overall one first. A capability has full marks when everything passed, failed
// when a check of three points (where money is at stake) failed, and is partial otherwise. A check that was blocked by another
// one loses its points; one that does not apply has none. Nothing of a run that was stopped is finished: other flows were still to
// come, and what orders say at its end.
func grades(run *evidence.Run, checks []Check) []evidence.Grade {
	points := map[string]int{}
	for _, c := range checks {
		points[c.ID] = c.Points
	}
	best := FullMarks
	if run.Stopped {
		best = Unfinished
	}
	overall := evidence.Grade{Word: best}
	all := []evidence.Grade{overall}
	for _, f := range run.Features {
		g := evidence.Grade{Capability: f.Capability, Word: best}
		for _, s := range f.Scenarios {
			worth := points[strings.TrimPrefix(s.Tags[0], "@")]
			if s.Status == evidence.NotRun && !slices.Contains(s.Tags, BlockedTag) {
				continue
			}
			g.Of += worth
			switch {
			case s.Status == evidence.Passed:
				g.Points += worth
			case s.Status == evidence.Failed && worth > 1:
				g.Word = Fails
			case g.Word == FullMarks:
				g.Word = Partial
			}
		}
		if g.Of == 0 {
			continue
		}
		overall.Points, overall.Of, overall.Word = overall.Points+g.Points, overall.Of+g.Of, worse(overall.Word, g.Word)
		all = append(all, g)
	}
	all[0] = overall
	return all
}

func worse(a, b string) string {
	order := []string{FullMarks, Partial, Unfinished, Fails}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// Passed reports whether a run has full marks.
func Passed(run *evidence.Run) bool {
	return len(run.Grades) > 1 && run.Grades[0].Word == FullMarks
}

// WriteGrades writes the certificate for a terminal: the grades, and what failed, with what to do about it.
func WriteGrades(out io.Writer, run *evidence.Run) error {
	var b strings.Builder
	for _, g := range run.Grades[min(1, len(run.Grades)):] {
		fmt.Fprintf(&b, "  %-24s %3d of %3d  %s\n", g.Capability, g.Points, g.Of, g.Word)
	}
	var first []*evidence.Scenario // of each check that failed
	flows := map[string][]string{} // in which it failed
	for _, s := range run.Scenarios() {
		if s.Status != evidence.Failed {
			continue
		}
		id := s.Tags[0]
		if flows[id] == nil {
			first = append(first, s)
		}
		_, flow, _ := strings.Cut(s.ID, "/")
		flows[id] = append(flows[id], flow)
	}
	for _, s := range first {
		name, _, _ := strings.Cut(s.Name, " (")
		fmt.Fprintf(&b, "\n✗ %s\n  in      %s\n  seen    %s\n  advice  %s\n", name, strings.Join(flows[s.Tags[0]], ", "), s.Reason, s.Advice)
	}
	counts := run.Count()
	fmt.Fprintf(&b, "\n%d checks passed, %d failed, %d were not run\n", counts.Passed, counts.Failed, counts.NotRun)
	if len(run.Grades) > 0 {
		g := run.Grades[0]
		fmt.Fprintf(&b, "%s: %s, %d of %d points\n", run.Target, g.Word, g.Points, g.Of)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
