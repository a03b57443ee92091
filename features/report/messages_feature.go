package report

import (
	"strings"

	messages "github.com/cucumber/messages/go/v34"

	"mozartosim/features/evidence"
)

// prepared is a scenario that the stream has announced as a pickle.
type prepared struct {
	scenario evidence.Scenario
	pickle   string
	steps    []string // ids of the pickle's steps
}

// feature announces one feature: source, document, pickles. The document is made of what the run saw: each example of an
// outline stands there as a scenario of its own.
func (m *envelopes) feature(f evidence.Feature) []prepared {
	m.write(&messages.Envelope{Source: &messages.Source{
		Uri: f.URI, Data: sourceOf(f), MediaType: messages.SourceMediaType_TEXT_X_CUCUMBER_GHERKIN_PLAIN,
	}})
	tags := m.tags(f.Tags, f.Line)
	feature := &messages.Feature{
		Location: location(f.Line), Tags: tags, Language: "en", Keyword: "Feature", Name: f.Name, Description: f.Description,
		Children: []*messages.FeatureChild{},
	}
	var pickles []*messages.Pickle
	var all []prepared
	own := names(f)
	for i, s := range f.Scenarios {
		node := m.scenario(s)
		feature.Children = append(feature.Children, &messages.FeatureChild{Scenario: node})
		pickle := m.pickle(f, own[i], node, tags)
		pickles = append(pickles, pickle)
		p := prepared{scenario: s, pickle: pickle.Id}
		for _, step := range pickle.Steps {
			p.steps = append(p.steps, step.Id)
		}
		all = append(all, p)
	}
	m.write(&messages.Envelope{GherkinDocument: &messages.GherkinDocument{Uri: f.URI, Feature: feature, Comments: []*messages.Comment{}}})
	for _, p := range pickles {
		m.write(&messages.Envelope{Pickle: p})
	}
	return all
}

func (m *envelopes) scenario(s evidence.Scenario) *messages.Scenario {
	node := &messages.Scenario{
		Location: location(s.Line), Tags: m.tags(s.Tags, s.Line), Keyword: "Scenario", Name: s.Name,
		Steps: []*messages.Step{}, Examples: []*messages.Examples{}, Id: m.id(),
	}
	if s.Status == evidence.NotRun {
		node.Description = "Not run: " + notRunReason(s)
	}
	for _, step := range s.Steps {
		node.Steps = append(node.Steps, m.step(step))
	}
	return node
}

func (m *envelopes) step(step evidence.Step) *messages.Step {
	node := &messages.Step{
		Location: location(step.Line), Keyword: step.Keyword, KeywordType: keywordType(step.Keyword), Text: step.Text, Id: m.id(),
	}
	rows, isTable := tableOf(step.Argument)
	switch {
	case isTable:
		node.DataTable = &messages.DataTable{Location: location(step.Line + 1)}
		for i, cells := range rows {
			row := &messages.TableRow{Location: location(step.Line + 1 + i), Id: m.id()}
			for _, cell := range cells {
				row.Cells = append(row.Cells, &messages.TableCell{Location: location(step.Line + 1 + i), Value: cell})
			}
			node.DataTable.Rows = append(node.DataTable.Rows, row)
		}
	case step.Argument != "":
		node.DocString = &messages.DocString{Location: location(step.Line + 1), Content: docStringOf(step.Argument), Delimiter: `"""`}
	}
	return node
}

func (m *envelopes) pickle(f evidence.Feature, name string, node *messages.Scenario, inherited []*messages.Tag) *messages.Pickle {
	pickle := &messages.Pickle{
		Id: m.id(), Uri: f.URI, Name: name, Language: "en", Steps: []*messages.PickleStep{}, Tags: []*messages.PickleTag{},
		AstNodeIds: []string{node.Id},
	}
	seen := map[string]bool{} // a scenario's tags may hold its feature's already
	for _, tags := range [][]*messages.Tag{inherited, node.Tags} {
		for _, t := range tags {
			if !seen[t.Name] {
				seen[t.Name] = true
				pickle.Tags = append(pickle.Tags, &messages.PickleTag{Name: t.Name, AstNodeId: t.Id})
			}
		}
	}
	for _, step := range node.Steps {
		out := &messages.PickleStep{AstNodeIds: []string{step.Id}, Id: m.id(), Text: step.Text, Type: pickleType(step.KeywordType)}
		switch {
		case step.DataTable != nil:
			table := &messages.PickleTable{}
			for _, row := range step.DataTable.Rows {
				cells := []*messages.PickleTableCell{}
				for _, cell := range row.Cells {
					cells = append(cells, &messages.PickleTableCell{Value: cell.Value})
				}
				table.Rows = append(table.Rows, &messages.PickleTableRow{Cells: cells})
			}
			out.Argument = &messages.PickleStepArgument{DataTable: table}
		case step.DocString != nil:
			out.Argument = &messages.PickleStepArgument{DocString: &messages.PickleDocString{Content: step.DocString.Content}}
		}
		pickle.Steps = append(pickle.Steps, out)
	}
	return pickle
}

func (m *envelopes) tags(tags []string, line int) []*messages.Tag {
	all := make([]*messages.Tag, 0, len(tags))
	for _, t := range tags {
		all = append(all, &messages.Tag{Location: location(line - 1), Name: "@" + strings.TrimPrefix(t, "@"), Id: m.id()})
	}
	return all
}

// location never points before the file: readers refuse line 0.
func location(line int) *messages.Location {
	return &messages.Location{Line: int64(max(line, 1)), Column: 1}
}

func keywordType(keyword string) messages.StepKeywordType {
	switch strings.TrimSpace(keyword) {
	case "Given":
		return messages.StepKeywordType_CONTEXT
	case "When":
		return messages.StepKeywordType_ACTION
	case "Then":
		return messages.StepKeywordType_OUTCOME
	case "And", "But":
		return messages.StepKeywordType_CONJUNCTION
	}
	return messages.StepKeywordType_UNKNOWN
}

func pickleType(kind messages.StepKeywordType) messages.PickleStepType {
	switch kind {
	case messages.StepKeywordType_CONTEXT:
		return messages.PickleStepType_CONTEXT
	case messages.StepKeywordType_ACTION:
		return messages.PickleStepType_ACTION
	case messages.StepKeywordType_OUTCOME:
		return messages.PickleStepType_OUTCOME
	}
	return messages.PickleStepType_UNKNOWN
}

// sourceOf is a feature's text: the file's, or what can be told of it, each line at its place as far as that is known.
func sourceOf(f evidence.Feature) string {
	if f.Source != "" {
		return f.Source
	}
	var lines []string
	put := func(line int, text string) {
		for len(lines) < line {
			lines = append(lines, "")
		}
		if line > 0 && lines[line-1] == "" {
			lines[line-1] = text
		}
	}
	put(f.Line, "Feature: "+f.Name)
	for _, s := range f.Scenarios {
		put(s.Line, "  Scenario: "+s.Name)
		for _, step := range s.Steps {
			put(step.Line, "    "+step.Keyword+step.Text)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
