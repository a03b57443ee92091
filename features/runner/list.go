package runner

import (
	"context"
	"io/fs"
	"runtime"
	"strings"
	"unicode"

	"github.com/cucumber/godog"

	"mozartosim/features/evidence"
	"mozartosim/features/steps"
)

// Listed is a feature scenario as it is written.
type Listed struct {
	evidence.Scenario
	Description string
	Feature     evidence.Feature
	Needs       []string // of its steps, by the tags that stand for them
	Patterns    []string // of the steps that Godog has matched
	Flows       []string // that the steps name, as "PAYONE PAYIN"
}

// Words are those of the steps and of what stands below them; the name of a field, such as data.status, is one.
func (l *Listed) Words() map[string]bool {
	words := map[string]bool{}
	for _, step := range l.Steps {
		for word := range strings.FieldsFuncSeq(step.Text+" "+step.Argument, func(r rune) bool {
			return r != '.' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}) {
			words[strings.Trim(word, ".")] = true
		}
	}
	return words
}

// List reads features and matches their steps without running any.
func List(files fs.FS) ([]Listed, error) {
	vocabulary, err := steps.New()
	if err != nil {
		return nil, err
	}
	all, err := readScenarios(files)
	if err != nil {
		return nil, err
	}
	match(context.Background(), vocabulary, all)
	return list(all), nil
}

// Read reads features without matching their steps.
func Read(files fs.FS) ([]Listed, error) {
	all, err := readScenarios(files)
	return list(all), err
}

func list(all []*scenario) (listed []Listed) {
	for _, s := range all {
		l := Listed{Scenario: s.Scenario, Description: s.description, Feature: s.feature.Feature, Needs: s.stepNeeds().Words(), Flows: s.flows}
		for _, step := range s.matched {
			if step != nil {
				l.Patterns = append(l.Patterns, step.Pattern)
			}
		}
		listed = append(listed, l)
	}
	return listed
}

// readScenarios reads the scenarios of all features.
func readScenarios(files fs.FS) ([]*scenario, error) {
	features, err := read(files)
	if err != nil {
		return nil, err
	}
	var all []*scenario
	for _, f := range features {
		all = append(all, f.scenarios...)
	}
	return all, nil
}

// match lets Godog match the steps of scenarios, which do nothing without a World.
func match(ctx context.Context, v *steps.Vocabulary, all []*scenario) {
	runGodog(ctx, v, all, runtime.GOMAXPROCS(0), func(*collector, *godog.ScenarioContext) {})
}
