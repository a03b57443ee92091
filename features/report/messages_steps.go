package report

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf16"

	messages "github.com/cucumber/messages/go/v34"

	"mozartosim/features/steps"
)

// define announces what steps are written with: kinds of values and step definitions. A certification's steps have one, since its
// texts name what they were filled in with.
func (m *envelopes) define(kind string) error {
	vocabulary, err := steps.New()
	if err != nil {
		return err
	}
	m.vocabulary, m.matched = vocabulary, map[string]*messages.TestStep{}
	if kind != "contract" {
		m.otherID = "d1"
		m.definition(m.otherID, ".*", messages.StepDefinitionPatternType_REGULAR_EXPRESSION, &messages.SourceReference{Uri: "features/certify"})
		return nil
	}
	kinds := steps.Kinds()
	for i, name := range slices.Sorted(maps.Keys(kinds)) {
		m.write(&messages.Envelope{ParameterType: &messages.ParameterType{Id: fmt.Sprint("k", i+1), Name: name, RegularExpressions: []string{kinds[name]}}})
	}
	for i, step := range vocabulary.Steps() {
		file, line := step.Source()
		id := fmt.Sprint("d", i+1) // ids of what a run has don't depend on how many steps there are
		m.stepIDs = append(m.stepIDs, id)
		m.definition(id, step.Pattern, messages.StepDefinitionPatternType_CUCUMBER_EXPRESSION,
			&messages.SourceReference{Uri: file, Location: &messages.Location{Line: int64(line)}})
	}
	return nil
}

func (m *envelopes) definition(id, pattern string, kind messages.StepDefinitionPatternType, source *messages.SourceReference) {
	m.write(&messages.Envelope{StepDefinition: &messages.StepDefinition{
		Id: id, SourceReference: source, Pattern: &messages.StepDefinitionPattern{Source: pattern, Type: kind},
	}})
}

// of is the test step of a step's text, without ids of its own: the definition that it matches, and the values in it.
func (m *envelopes) of(text string) messages.TestStep {
	if m.matched[text] == nil {
		m.matched[text] = m.match(text)
	}
	return *m.matched[text]
}

func (m *envelopes) match(text string) *messages.TestStep {
	if m.otherID != "" {
		return &messages.TestStep{StepDefinitionIds: []string{m.otherID}, StepMatchArgumentsLists: []*messages.StepMatchArgumentsList{{StepMatchArguments: []*messages.StepMatchArgument{}}}}
	}
	step, values, ok := m.vocabulary.Find(text)
	if !ok {
		return &messages.TestStep{} // undefined
	}
	arguments := []*messages.StepMatchArgument{}
	for _, value := range values {
		arguments = append(arguments, &messages.StepMatchArgument{ParameterTypeName: value.Kind, Group: &messages.Group{
			Value: value.Text, Start: int64(len(utf16.Encode([]rune(text[:value.At])))), // readers count as JavaScript does
		}})
	}
	return &messages.TestStep{
		StepDefinitionIds: []string{m.stepIDs[step]}, StepMatchArgumentsLists: []*messages.StepMatchArgumentsList{{StepMatchArguments: arguments}},
	}
}
