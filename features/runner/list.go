package runner

import (
	"io/fs"

	"mozartosim/features/evidence"
	"mozartosim/features/steps"
)

// Listed is a scenario as it is written.
type Listed struct {
	evidence.Scenario
	Feature evidence.Feature
	Needs   []string // of its steps, by the tags that stand for them
	Texts   []string // of its steps
	Below   []string // what stands below them
}

// List reads features without running any.
func List(files fs.FS) ([]Listed, error) {
	vocabulary, err := steps.New()
	if err != nil {
		return nil, err
	}
	all, err := read(files, vocabulary)
	if err != nil {
		return nil, err
	}
	var listed []Listed
	for _, f := range all {
		for _, s := range f.scenarios {
			l := Listed{Scenario: s.Scenario, Feature: f.Feature, Needs: s.needs.Words(), Texts: s.texts}
			for _, step := range s.Steps {
				l.Below = append(l.Below, step.Argument)
			}
			listed = append(listed, l)
		}
	}
	return listed, nil
}
