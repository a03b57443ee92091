package steps_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"mozartosim/features/runner"
	"mozartosim/features/steps"
)

// keywords may stand before a step's text.
func keywords() []string { return []string{"Given ", "When ", "Then ", "And "} }

func vocabulary(t *testing.T) *steps.Vocabulary {
	t.Helper()
	v, err := steps.New()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Godog matches every example with its own step and with no other.
func TestExamplesMatchTheirStep(t *testing.T) {
	t.Parallel()
	all := vocabulary(t).Steps()
	text := "Feature: Examples\n"
	for _, s := range all {
		text += "\n  Scenario: " + s.Pattern + "\n    " + strings.ReplaceAll(s.Example, "\n", "\n    ") + "\n"
	}
	listed, err := runner.List(fstest.MapFS{"examples.feature": &fstest.MapFile{Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range all {
		if !slices.Equal(listed[i].Patterns, []string{s.Pattern}) {
			t.Errorf("%q: the example %q is read as %q", s.Pattern, s.Example, listed[i].Patterns)
		}
	}
}

// Every step says what it does, in a sentence, and its table or text is in the example when the pattern ends in a colon.
func TestStepsAreDocumented(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range vocabulary(t).Steps() {
		first, rest, more := strings.Cut(s.Example, "\n")
		switch {
		case !strings.HasSuffix(s.Description, "."):
			t.Errorf("%q: %q is no sentence", s.Pattern, s.Description)
		case !slices.ContainsFunc(keywords(), func(k string) bool { return strings.HasPrefix(first, k) }):
			t.Errorf("%q: its example %q has no keyword", s.Pattern, s.Example)
		case strings.HasSuffix(s.Pattern, ":") && !more:
			t.Errorf("%q: its example shows no table and no text: %q", s.Pattern, rest)
		case seen[s.Pattern]:
			t.Errorf("%q is there twice", s.Pattern)
		}
		seen[s.Pattern] = true
	}
}

func TestUnknownStepNamesNearOnes(t *testing.T) {
	t.Parallel()
	err := vocabulary(t).Undefined("the webhook have the status")
	if err == nil || !strings.Contains(err.Error(), "the webhook has") {
		t.Errorf("got %v", err)
	}
	if err := vocabulary(t).Undefined("xyzzy"); err == nil || strings.Contains(err.Error(), "nearest") {
		t.Errorf("got %v", err)
	}
}
