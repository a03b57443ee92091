package report

import (
	"fmt"
	"io"
	"strings"

	"mozartosim/features/drift"
	"mozartosim/simulator/words"
)

// WriteDrift writes a comparison as plain text, for a terminal.
func WriteDrift(out io.Writer, r *drift.Report) {
	fmt.Fprintf(out, "Drift: %s → %s\n", r.A, r.B)
	for _, f := range r.Findings {
		fmt.Fprintf(out, "\n  %s  %s\n", f.Kind, plain(f.Where))
		writeFinding(out, f)
	}
	if len(r.Confirmed) > 0 {
		fmt.Fprintf(out, "\n  %s confirmed\n", words.Count(len(r.Confirmed), "assumption"))
		for _, f := range r.Confirmed {
			fmt.Fprintf(out, "    %s: %s\n", f.Rule, f.Description)
		}
	}
	for _, note := range r.Notes {
		fmt.Fprintf(out, "\n  %s\n", plain(note))
	}
	fmt.Fprintf(out, "\n%s\n", driftWords(r))
}

func writeFinding(out io.Writer, f drift.Finding) {
	if f.A != "" || f.B != "" {
		fmt.Fprintf(out, "    was    %s\n    is     %s\n", plain(orNothing(f.A)), plain(orNothing(f.B)))
	}
	if f.Request != "" {
		fmt.Fprintf(out, "    sent   %s\n", plain(f.Request))
	}
	fmt.Fprintf(out, "    rule   %s: %s (%s)\n", f.Rule, f.Description, markWords(f.Provenance))
	if len(f.Scenarios) > 0 {
		fmt.Fprintf(out, "    seen   %s\n", seenWords(f.Scenarios))
	}
	if len(f.Refutes) > 0 {
		fmt.Fprintf(out, "    and so refutes %s\n", strings.Join(f.Refutes, ", "))
	}
	for _, line := range observations(f) {
		fmt.Fprintf(out, "    learn  %s\n", plain(line))
	}
}

// observations are what an observations file says of a finding, or why it can't.
func observations(f drift.Finding) (lines []string) {
	for _, o := range f.Observations {
		lines = append(lines, o.Rule+": "+o.Statement())
	}
	for _, why := range f.Undecided {
		lines = append(lines, "nothing: "+why)
	}
	return lines
}

func orNothing(text string) string {
	if text == "" {
		return "(nothing)"
	}
	return text
}

// seenWords names the first scenarios that show a finding, and counts the others.
func seenWords(seen []string) string {
	const most = 3
	if len(seen) <= most {
		return strings.Join(seen, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(seen[:most], "; "), len(seen)-most)
}

// DriftVerdict is a comparison in two words: no drift, or how many differences.
func DriftVerdict(r *drift.Report) string {
	if len(r.Findings) == 0 && r.Uncompared {
		return "nothing was compared"
	}
	if len(r.Findings) == 0 {
		return "no drift"
	}
	return words.Count(len(r.Findings), "difference")
}

// driftWords is the verdict with what was compared.
func driftWords(r *drift.Report) string {
	if c := r.Compared; c.Scenarios > 0 {
		return fmt.Sprintf("%s: %s and %s of %s compared", DriftVerdict(r), words.Count(c.Answers, "answer"), words.Count(c.Webhooks, "webhook"), words.Count(c.Scenarios, "scenario"))
	}
	return DriftVerdict(r)
}
