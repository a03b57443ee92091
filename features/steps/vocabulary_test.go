package steps_test

import (
	"fmt"
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

// A step with one misspelt word is told its pattern.
func TestMisspeltStepsAreSuggested(t *testing.T) {
	t.Parallel()
	v, misspelt := vocabulary(t), 0
	for _, s := range v.Steps() {
		first, _, _ := strings.Cut(s.Example, "\n")
		_, text, _ := strings.Cut(first, " ")
		for _, word := range strings.Fields(text) {
			if len(word) < 4 || strings.ContainsAny(word, `"{}:`) || strings.ToUpper(word) == word {
				continue
			}
			misspelt++
			at := len(word) / 2
			for _, wrong := range []string{word[:at] + word[at+1:], word[:at] + "q" + word[at:]} {
				err := v.Undefined(strings.Replace(text, word, wrong, 1)) // a word in quotes, or of a placeholder, may be any
				if strings.Contains(err.Error(), fmt.Sprintf("did you mean %q", strings.Replace(text, word, wrong, 1))) {
					continue
				}
				if !strings.Contains(err.Error(), s.Pattern) {
					t.Errorf("want %s\n%v", s.Pattern, err)
				}
			}
		}
	}
	if misspelt < 100 {
		t.Errorf("only %d", misspelt)
	}
	for text, want := range map[string]string{
		"a valid worldpay payin request":          `did you mean "a valid WORLDPAY_EU PAYIN request"?`,
		"a valid PAYON PAYIN request":             `did you mean "a valid PAYONE PAYIN request"?`,
		"a valid gigadat payout ETO request":      `did you mean "a valid GIGADAT PAYOUT ETO request"?`,
		"the Trust PAYIN request \"challenge\"":   `did you mean "the TRUST PAYIN request \"challenge\""?`,
		"a valid STRIPE-LIKE PAYIN request, once": "the nearest are: ",
	} {
		if err := v.Undefined(text); !strings.Contains(err.Error(), want) {
			t.Errorf("want %s, got %v", want, err)
		}
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
