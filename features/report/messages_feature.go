package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"

	"mozartosim/features/evidence"
)

// feature announces one feature: source, document, and the pickles of the scenarios that the run has chosen.
func (m *envelopes) feature(f evidence.Feature) error {
	text, lines := sourceOf(f)
	m.write(&messages.Envelope{Source: &messages.Source{
		Uri: f.URI, Data: text, MediaType: messages.SourceMediaType_TEXT_X_CUCUMBER_GHERKIN_PLAIN,
	}})
	document, err := gherkin.ParseGherkinDocument(strings.NewReader(text), m.id)
	if err != nil {
		return fmt.Errorf("%s: %w", cmp.Or(f.URI, f.Name), err)
	}
	document.Uri = f.URI
	m.write(&messages.Envelope{GherkinDocument: document})
	pickles := gherkin.Pickles(*document, f.URI, m.id)
	for i, s := range f.Scenarios {
		at := slices.IndexFunc(pickles, func(p *messages.Pickle) bool { return int(p.Location.Line) == lines[i] })
		if at < 0 || len(pickles[at].Steps) != len(s.Steps) {
			return fmt.Errorf("%s:%d: the feature's text is not that of the scenario %q, which ran", f.URI, lines[i], s.Name)
		}
		m.cases = append(m.cases, &testCase{scenario: s, pickle: pickles[at]})
		m.write(&messages.Envelope{Pickle: pickles[at]})
	}
	return nil
}

// sourceOf is a feature's text, and the line of each of its scenarios: the file's, or, where there is none, one that says the same.
func sourceOf(f evidence.Feature) (text string, lines []int) {
	if f.Source != "" {
		for _, s := range f.Scenarios {
			lines = append(lines, s.Line)
		}
		return f.Source, lines
	}
	var written []string
	put := func(indent int, texts ...string) {
		if line := strings.Join(strings.Fields(strings.Join(texts, " ")), " "); line != "" {
			written = append(written, strings.Repeat("  ", indent)+line)
		}
	}
	put(0, tagLine(f.Tags))
	put(0, "Feature:", f.Name)
	for _, s := range f.Scenarios {
		put(1, tagLine(s.Tags))
		put(1, "Scenario:", s.Name)
		lines = append(lines, len(written))
		for _, step := range s.Steps {
			put(2, step.Keyword, step.Text)
			if rows, isTable := tableOf(step.Argument); isTable {
				for _, row := range rows {
					put(3, tableRow(row))
				}
			} else if step.Argument != "" {
				put(3, `"""`)
				written = append(written, strings.Split(strings.ReplaceAll(docStringOf(step.Argument), `"""`, `\"\"\"`), "\n")...)
				put(3, `"""`)
			}
		}
	}
	return strings.Join(written, "\n") + "\n", lines
}

func tagLine(tags []string) string {
	var all []string
	for _, tag := range tags {
		all = append(all, "@"+strings.Join(strings.Fields(strings.TrimPrefix(tag, "@")), "-"))
	}
	return strings.Join(all, " ")
}

func tableRow(cells []string) string {
	escape := strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`)
	row := "|"
	for _, cell := range cells {
		row += " " + escape.Replace(cell) + " |"
	}
	return row
}
