package report

import (
	"bytes"
	"fmt"
	"strings"

	"mozartosim/features/evidence"
)

// writeGitHub writes workflow commands: an error at the line of each scenario that failed, a warning for each that needed
// more than one try, one notice on what was not run. The runner of the workflow shows them at the lines.
func writeGitHub(out *bytes.Buffer, run *evidence.Run) error {
	for _, p := range chosen(run, failed) {
		line := p.Scenario.Line
		if step := failedStep(p.Scenario); step != nil && step.Line > 0 {
			line = step.Line
		}
		message := headline(p.Scenario)
		if rest := strings.TrimSpace(detail(p.Scenario)); rest != message {
			message += "\n\n" + rest
		}
		annotate(out, "error", p.Feature.URI, line, p.Scenario.Name, message)
	}
	for _, p := range chosen(run, flaky) {
		message := fmt.Sprintf("passed at try %d; before: %s", p.Scenario.Tries, strings.Join(p.Scenario.Earlier, "; "))
		annotate(out, "warning", p.Feature.URI, p.Scenario.Line, p.Scenario.Name, message)
	}
	if reasons := notRun(run); len(reasons) > 0 {
		var lines []string
		for _, r := range reasons {
			lines = append(lines, fmt.Sprintf("%d: %s", r.NotRun, r.Name))
		}
		annotate(out, "notice", "", 0, "Not run", strings.Join(lines, "\n"))
	}
	fmt.Fprintf(out, "%s: %s\n", oneLine(title(run)), verdict(run))
	return nil
}

func annotate(out *bytes.Buffer, level, file string, line int, title, message string) {
	var properties []string
	if file != "" {
		properties = append(properties, "file="+property(file))
		if line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", line))
		}
	}
	properties = append(properties, "title="+property(title))
	fmt.Fprintf(out, "::%s %s::%s\n", level, strings.Join(properties, ","), data(message))
}

// data escapes a command's message, property one of its properties, as the runner of the workflow reads them.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

func property(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(text)
}

// oneLine keeps a text from beginning a command of its own.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "::", ": ")), " ")
}
