package features_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"

	"mozartosim/features"
)

// Feature files pass linters: in a scenario no Given comes after a When or a Then, no When after a Then (And goes on), and in an
// outline each <variable> is a column of its examples and each column is used.
func TestFeaturesAreLinted(t *testing.T) {
	t.Parallel()
	linted := 0
	err := fs.WalkDir(features.All(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".feature") {
			return err
		}
		text, err := fs.ReadFile(features.All(), name)
		if err != nil {
			return err
		}
		linted++
		for _, problem := range lint(t, string(text)) {
			t.Errorf("%s: %s", name, problem)
		}
		return nil
	})
	if err != nil || linted < 150 {
		t.Errorf("%d files: %v", linted, err)
	}
	const wrong = "Feature: X\n\n  Scenario Outline: Y <a>\n    When x\n    Given y\n    Then <b>\n    When x\n\n    Examples:\n      | a | c |\n      | 1 | 2 |\n"
	if problems := lint(t, wrong); len(problems) != 4 {
		t.Errorf("of four problems it finds %q", problems)
	}
}

var variable = regexp.MustCompile(`<([^<>]+)>`)

func lint(t *testing.T, text string) (problems []string) {
	t.Helper()
	document, err := gherkin.ParseGherkinDocument(strings.NewReader(text), (&messages.Incrementing{}).NewId)
	if err != nil {
		t.Fatal(err)
	}
	order := []messages.StepKeywordType{messages.StepKeywordType_CONTEXT, messages.StepKeywordType_ACTION, messages.StepKeywordType_OUTCOME}
	check := func(steps []*messages.Step) {
		before := 0
		for _, step := range steps {
			at := slices.Index(order, step.KeywordType)
			if at >= 0 && at < before {
				problems = append(problems, step.Keyword+step.Text+" comes too late: And goes on")
			}
			before = max(before, at)
		}
	}
	for _, child := range document.Feature.Children {
		if child.Background != nil {
			check(child.Background.Steps)
		}
		s := child.Scenario
		if s == nil {
			continue
		}
		check(s.Steps)
		if len(s.Examples) == 0 {
			continue
		}
		used := said(s)
		for _, examples := range s.Examples {
			var columns []string
			for _, cell := range examples.TableHeader.Cells {
				columns = append(columns, cell.Value)
				if !strings.Contains(used, "<"+cell.Value+">") {
					problems = append(problems, s.Name+": the column "+cell.Value+" is not used")
				}
			}
			for _, found := range variable.FindAllStringSubmatch(used, -1) {
				if !slices.Contains(columns, found[1]) {
					problems = append(problems, s.Name+": <"+found[1]+"> is no column of the examples")
				}
			}
		}
	}
	return problems
}

// said is all that a scenario says, with its variables.
func said(s *messages.Scenario) string {
	texts := []string{s.Name}
	for _, step := range s.Steps {
		texts = append(texts, step.Text)
		if step.DocString != nil {
			texts = append(texts, step.DocString.Content)
		}
		if step.DataTable == nil {
			continue
		}
		for _, row := range step.DataTable.Rows {
			for _, cell := range row.Cells {
				texts = append(texts, cell.Value)
			}
		}
	}
	return strings.Join(texts, "\n")
}
