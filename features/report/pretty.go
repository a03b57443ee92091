package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"mozartosim/features/evidence"
)

// pretty writes every scenario with a line, those that failed with all that is known of them, and a summary.
type pretty struct {
	out     io.Writer
	paint   paint
	o       Options
	feature string // the heading that was written last
}

func newPretty(w io.Writer, o Options) Live { return &pretty{out: w, paint: paint(o.Color), o: o} }

// Scenario writes one scenario. Scenarios of several features may come mixed: a heading is repeated then.
func (p *pretty) Scenario(f evidence.Feature, s evidence.Scenario) {
	if heading := f.URI + f.Name; heading != p.feature {
		if p.feature != "" {
			fmt.Fprintln(p.out)
		}
		p.feature = heading
		fmt.Fprintln(p.out, p.paint.bold(f.Name)+p.paint.dim(strings.TrimRight(gap(p.o.width(), f.Name, f.URI), " ")))
	}
	mark := p.paint.status(s.Status, sign(s.Status))
	right := took(s.Took)
	if s.Status == evidence.NotRun {
		right = "not run"
	}
	name := plain(s.Name)
	fmt.Fprintln(p.out, "  "+mark+" "+name+p.paint.dim(gap(p.o.width()-4, name, right)))
	switch {
	case s.Status == evidence.NotRun:
		p.indented(p.paint.dim(plain(notRunReason(s))))
	case flaky(s):
		p.indented(p.paint.warn(plain(fmt.Sprintf("passed at try %d; %s", s.Tries, strings.Join(s.Earlier, "; ")))))
	case failed(s):
		p.indented(p.paint.dim(at(f, s.Line)))
		p.indented(p.colored(detail(s)))
	}
}

// colored paints the lines of a scenario's steps, which end at the first empty line.
func (p *pretty) colored(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		switch {
		case line == "":
			return strings.Join(lines, "\n")
		case strings.HasPrefix(line, "✓ "):
			lines[i] = p.paint.dim(line)
		case strings.HasPrefix(line, "✗ "), strings.HasPrefix(line, "? "), strings.HasPrefix(line, "      "):
			lines[i] = p.paint.bad(line)
		}
	}
	return strings.Join(lines, "\n")
}

func (p *pretty) indented(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" {
			fmt.Fprintln(p.out)
			continue
		}
		fmt.Fprintln(p.out, "      "+line)
	}
}

// Done writes the summary.
func (p *pretty) Done(run *evidence.Run) { writeSummary(p.out, p.paint, run) }

// gap pads between a line's left and right part; one blank at least.
func gap(width int, left, right string) string {
	blanks := width - utf8.RuneCountInString(left) - utf8.RuneCountInString(right)
	return strings.Repeat(" ", max(blanks, 1)) + right
}

// writeSummary ends pretty and progress: by capability and provider, what failed, what was not run, the verdict.
func writeSummary(out io.Writer, paint paint, run *evidence.Run) {
	fmt.Fprintf(out, "\n%s\n", paint.bold(title(run)))
	capabilities := byCapability(run)
	if run.Grades != nil {
		capabilities = append(capabilities, overall(run))
	}
	writeTallies(out, paint, "Capability", capabilities)
	if providers := byProvider(run); named(providers) {
		writeTallies(out, paint, "Provider", providers)
	}
	if bad := chosen(run, failed); len(bad) > 0 {
		fmt.Fprintf(out, "\n%s\n", paint.bold("Failed"))
		for _, p := range bad {
			fmt.Fprintf(out, "  %s %s %s\n", paint.bad("✗"), at(p.Feature, p.Scenario.Line), plain(p.Scenario.Name))
			fmt.Fprintf(out, "      %s\n", headline(p.Scenario))
		}
	}
	if reasons := notRun(run); len(reasons) > 0 {
		fmt.Fprintf(out, "\n%s\n", paint.bold("Not run"))
		for _, r := range reasons {
			fmt.Fprintf(out, "  %5d  %s\n", r.NotRun, r.Name)
		}
	}
	c := run.Count()
	line := fmt.Sprintf("%s in %s", verdict(run), took(run.Took))
	switch {
	case c.Failed > 0:
		line = paint.bad(line)
	case c.Passed > 0:
		line = paint.good(line)
	default:
		line = paint.warn(line)
	}
	fmt.Fprintf(out, "\n%s\n", line)
}

func writeTallies(out io.Writer, paint paint, heading string, all []tally) {
	rows := [][]string{{heading, "passed", "grade", "not run"}}
	for _, t := range all {
		row := []string{t.Name, t.Score(), t.Grade(), ""}
		if t.NotRun > 0 {
			row[3] = fmt.Sprint(t.NotRun)
		}
		rows = append(rows, row)
	}
	fmt.Fprintln(out)
	for i, line := range columns(rows) {
		if i == 0 {
			fmt.Fprintln(out, paint.dim(line))
			continue
		}
		fmt.Fprintln(out, paint.status(all[i-1].Status(), line))
	}
}

// columns lays rows out, two blanks before and between.
func columns(rows [][]string) []string {
	wide := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			wide[i] = max(wide[i], utf8.RuneCountInString(cell))
		}
	}
	lines := make([]string, len(rows))
	for n, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString("  " + cell + strings.Repeat(" ", wide[i]-utf8.RuneCountInString(cell)))
		}
		lines[n] = strings.TrimRight(line.String(), " ")
	}
	return lines
}

// paint colours text, or leaves it alone.
type paint bool

func (p paint) with(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p paint) bold(text string) string { return p.with("1", text) }
func (p paint) dim(text string) string  { return p.with("2", text) }
func (p paint) good(text string) string { return p.with("32", text) }
func (p paint) bad(text string) string  { return p.with("31", text) }
func (p paint) warn(text string) string { return p.with("33", text) }

func (p paint) status(status evidence.Status, text string) string {
	switch status {
	case evidence.Passed:
		return p.good(text)
	case evidence.NotRun, evidence.Skipped:
		return p.warn(text)
	}
	return p.bad(text)
}
