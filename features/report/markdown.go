package report

import (
	"bytes"
	"fmt"
	"strings"

	"mozartosim/features/evidence"
)

// maxMarkdown keeps below what a job's summary may hold, 1 MiB.
const maxMarkdown = 900 << 10

// writeMarkdown writes a page for a job's summary or a pull request: the verdict, capability by provider, what failed with
// its details folded away, what was not run and why.
func writeMarkdown(out *bytes.Buffer, run *evidence.Run) error {
	mark := "✅"
	if run.Count().Failed > 0 {
		mark = "❌"
	} else if run.Count().Passed == 0 {
		mark = "⚪"
	}
	fmt.Fprintf(out, "## %s %s\n\n%s in %s.\n", mark, escape(title(run)), verdict(run), took(run.Took))
	capabilities := byCapability(run)
	if run.Grades != nil {
		capabilities = append(capabilities, overall(run))
	}
	writeTable(out, "Capability", capabilities)
	if providers := byProvider(run); named(providers) {
		writeTable(out, "Provider", providers)
	}
	if bad := chosen(run, failed); len(bad) > 0 {
		fmt.Fprintf(out, "\n### Failed\n")
		for i, p := range bad {
			if out.Len() > maxMarkdown {
				fmt.Fprintf(out, "\n…and %d more.\n", len(bad)-i)
				break
			}
			writeFolded(out, p)
		}
	}
	if reasons := notRun(run); len(reasons) > 0 {
		fmt.Fprintf(out, "\n### Not run\n\n| Scenarios | Why |\n|---:|---|\n")
		for _, r := range reasons {
			fmt.Fprintf(out, "| %d | %s |\n", r.NotRun, escape(r.Name))
		}
	}
	return nil
}

func writeTable(out *bytes.Buffer, heading string, all []tally) {
	fmt.Fprintf(out, "\n| %s | Passed | Grade | Not run |\n|---|---:|---|---:|\n", heading)
	for _, t := range all {
		fmt.Fprintf(out, "| %s | %s | %s | %d |\n", escape(t.Name), t.Score(), t.Grade(), t.NotRun)
	}
}

func writeFolded(out *bytes.Buffer, p placed) {
	fmt.Fprintf(out, "\n<details><summary>%s: %s</summary>\n\n`%s`\n\n", escape(p.Scenario.Name), escape(headline(p.Scenario)), at(p.Feature, p.Scenario.Line))
	writeFenced(out, "text", detail(p.Scenario))
	out.WriteString("\n</details>\n")
}

// writeFenced writes a code block whose fence is longer than any in the text.
func writeFenced(out *bytes.Buffer, language, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	fmt.Fprintf(out, "%s%s\n%s\n%s\n", fence, language, strings.TrimRight(text, "\n"), fence)
}

// escape keeps text from being read as Markdown or HTML, and in one cell.
func escape(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]").Replace(text)
}
