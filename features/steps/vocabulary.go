package steps

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cucumber/godog"
)

// Vocabulary is all steps, ready to be registered. It is safe for concurrent use.
type Vocabulary struct {
	steps       []Step
	expressions []*regexp.Regexp // of the steps' patterns
}

// New makes the vocabulary. An error means that a pattern is broken.
func New() (*Vocabulary, error) {
	v := &Vocabulary{steps: all()}
	for _, s := range v.steps {
		expression, err := compile(s.Pattern)
		if err != nil {
			return nil, fmt.Errorf("vocabulary: %w", err)
		}
		v.expressions = append(v.expressions, expression)
	}
	return v, nil
}

// Steps returns the steps in the order in which they are taught.
func (v *Vocabulary) Steps() []Step { return slices.Clone(v.steps) }

// Match is what Godog has matched a step's text with.
type Match struct {
	Step      *Step  // nil when no pattern matches, or several do
	PSP, Flow string // that the text names
}

// Matched reads a match of Godog's.
func (v *Vocabulary) Matched(definition *godog.StepDefinition, text string) Match {
	if definition == nil {
		return Match{}
	}
	m := Match{Step: &v.steps[slices.Index(v.expressions, definition.Expr)]}
	values := definition.Expr.FindStringSubmatch(text)[1:]
	for i, kind := range placeholder.FindAllString(m.Step.Pattern, -1) {
		switch kind {
		case "{psp}":
			m.PSP = values[i]
		case "{flow}":
			m.Flow = values[i]
		}
	}
	return m
}

// Lacks says what should stand below a step, in the words of features where Godog's are of Go functions; "" when it does.
func (s *Step) Lacks(below string) string {
	_, example, _ := strings.Cut(s.Example, "\n")
	switch example = strings.TrimSpace(example); {
	case strings.HasPrefix(example, "|") && !strings.HasPrefix(below, "|"):
		return "the step needs a table below it, such as\n  " + example
	case strings.HasPrefix(example, `"""`) && !strings.HasPrefix(below, `"""`):
		return "the step needs a text below it, between lines of \"\"\", such as\n  " + example
	}
	return ""
}

// Undefined is the error of a step that no pattern matches; it names the nearest patterns.
func (v *Vocabulary) Undefined(text string) error {
	near := ""
	if patterns := v.nearest(text); len(patterns) > 0 {
		near = "; the nearest are: " + strings.Join(patterns, " · ")
	}
	return fmt.Errorf("no step matches %q%s (\"mozartosim contract steps\" lists all)", text, near)
}

// nearest lists up to three patterns that share most words with a text.
func (v *Vocabulary) nearest(text string) []string {
	words := strings.Fields(strings.ToLower(text))
	shared := func(pattern string) (n int) {
		for _, word := range strings.Fields(strings.ToLower(pattern)) {
			n-- // of two that share as much, the shorter one is nearer
			if slices.Contains(words, word) {
				n += len(word) + 1
			}
		}
		return n
	}
	var near []string
	for _, s := range v.steps {
		if shared(s.Pattern) >= 6 {
			near = append(near, s.Pattern)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return shared(b) - shared(a) })
	return near[:min(3, len(near))]
}

// placeholders are the kinds of values that a pattern can ask for, as regular expressions with one group.
func placeholders() map[string]string {
	return map[string]string{
		"{psp}":      `([A-Z][A-Z_]+)`,
		"{flow}":     `(PAYIN|PAYOUT(?: ETO| ACH)?)`,
		"{string}":   `"((?:[^"\\]|\\.)*)"`,
		"{int}":      `(\d+)`,
		"{duration}": `((?:\d+(?:ms|s|m|h|d))+)`,
		"{word}":     `([A-Za-z][A-Za-z-]*)`,
	}
}

var (
	placeholder = regexp.MustCompile(`\{[a-z]+\}`)
	optional    = regexp.MustCompile(`\\\(([^()]*)\\\)`)
	alternative = regexp.MustCompile(`[A-Za-z']+(?:/[A-Za-z']+)+`)
)

// compile turns a pattern into a regular expression over the whole of a step's text: {kind} takes a value, (text) may be
// left out, one/another are alternatives.
func compile(pattern string) (*regexp.Regexp, error) {
	known := placeholders()
	for _, name := range placeholder.FindAllString(pattern, -1) {
		if known[name] == "" {
			return nil, fmt.Errorf("the pattern %q asks for the unknown kind %s", pattern, name)
		}
	}
	text := regexp.QuoteMeta(pattern)
	text = optional.ReplaceAllString(text, `(?:$1)?`)
	text = alternative.ReplaceAllStringFunc(text, func(words string) string {
		return "(?:" + strings.ReplaceAll(words, "/", "|") + ")"
	})
	for name, expression := range known {
		text = strings.ReplaceAll(text, regexp.QuoteMeta(name), expression)
	}
	return regexp.Compile("^" + text + "$")
}
