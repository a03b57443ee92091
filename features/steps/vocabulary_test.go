package steps_test

import (
	"slices"
	"strings"
	"testing"

	"mozartosim/features/steps"
)

// keywords may stand before a step's text.
func keywords() []string { return []string{"Given ", "When ", "Then ", "And "} }

func exampleText(example string) string {
	line, _, _ := strings.Cut(example, "\n")
	for _, k := range keywords() {
		line = strings.TrimPrefix(line, k)
	}
	return line
}

func vocabulary(t *testing.T) *steps.Vocabulary {
	t.Helper()
	v, err := steps.New()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Every example is read as its own step and as no other.
func TestExamplesMatchTheirStep(t *testing.T) {
	t.Parallel()
	v := vocabulary(t)
	for _, s := range v.Steps() {
		found, values, err := v.Find(exampleText(s.Example))
		if err != nil || found.Pattern != s.Pattern {
			t.Errorf("%q: the example %q is read as %v (%v)", s.Pattern, s.Example, found, err)
			continue
		}
		if kinds := steps.KindsOf(s.Pattern); len(kinds) != len(values) {
			t.Errorf("%q: %d values for %d kinds", s.Pattern, len(values), len(kinds))
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
		case !strings.HasSuffix(s.Doc, "."):
			t.Errorf("%q: %q is no sentence", s.Pattern, s.Doc)
		case !slices.ContainsFunc(keywords(), func(k string) bool { return strings.HasPrefix(first, k) }):
			t.Errorf("%q: its example %q has no keyword", s.Pattern, s.Example)
		case strings.HasSuffix(s.Pattern, ":") && !more:
			t.Errorf("%q: its example shows no table and no text: %q", s.Pattern, rest)
		case seen[s.Pattern] || s.Do == nil:
			t.Errorf("%q is there twice, or does nothing", s.Pattern)
		}
		seen[s.Pattern] = true
	}
}

func TestUnknownStepNamesNearOnes(t *testing.T) {
	t.Parallel()
	_, _, err := vocabulary(t).Find("the webhook have the status")
	if err == nil || !strings.Contains(err.Error(), "the webhook has") {
		t.Errorf("got %v", err)
	}
	if _, _, err := vocabulary(t).Find("xyzzy"); err == nil || strings.Contains(err.Error(), "near are") {
		t.Errorf("got %v", err)
	}
}
