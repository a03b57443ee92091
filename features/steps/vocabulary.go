package steps

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cucumber/godog"

	"mozartosim/openapi"
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

// Undefined is the error of a step that no pattern matches; it names what was meant, or the nearest patterns.
func (v *Vocabulary) Undefined(text string) error {
	near := ""
	if meant := v.renamed(text); meant != "" {
		near = fmt.Sprintf("; did you mean %q?", meant)
	} else if patterns := v.nearest(text); len(patterns) > 0 {
		near = "; the nearest are: " + strings.Join(patterns, " · ")
	}
	return fmt.Errorf("no step matches %q%s (\"mozartosim contract steps\" lists all)", text, near)
}

// renamed is a text with providers and types called as steps call them, when a pattern matches that; else "".
func (v *Vocabulary) renamed(text string) string {
	cashier, err := openapi.Cashier()
	if err != nil {
		return ""
	}
	variants := []string{""}
	for _, word := range strings.Fields(text) {
		names := []string{word}
		if len(variants) <= 16 {
			names = slices.Concat(openapi.Similar(word, cashier.PSPs()), openapi.Similar(word, []string{"PAYIN", "PAYOUT"}), names)
		}
		begun := variants
		variants = nil
		for _, name := range names {
			for _, variant := range begun {
				variants = append(variants, strings.TrimLeft(variant+" "+name, " "))
			}
		}
	}
	for _, variant := range variants {
		if slices.ContainsFunc(v.expressions, func(e *regexp.Regexp) bool { return e.MatchString(variant) }) {
			return variant
		}
	}
	return ""
}

// nearest lists up to three patterns that share most words with a text, misspelt ones too.
func (v *Vocabulary) nearest(text string) []string {
	var all []string
	for _, s := range v.steps {
		all = append(all, fixedWords(s.Pattern)...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	words := map[string]bool{}
	for _, word := range strings.Fields(strings.ToLower(text)) {
		if words[word] = true; len(word) > 2 && !slices.Contains(all, word) {
			for _, meant := range openapi.Similar(word, all) {
				words[meant] = true
			}
		}
	}
	shared, near := map[string]int{}, []string(nil)
	for _, s := range v.steps {
		for _, word := range fixedWords(s.Pattern) {
			shared[s.Pattern]-- // of two that share as much, the shorter one is nearer
			one, other, _ := strings.Cut(word, "/")
			if words[word] || words[one] || words[other] {
				shared[s.Pattern] += len(word) + 1
			}
		}
		if shared[s.Pattern] >= 6 {
			near = append(near, s.Pattern)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return shared[b] - shared[a] })
	return near[:min(3, len(near))]
}

// fixedWords are the words of a pattern that ask for no value.
func fixedWords(pattern string) []string {
	return slices.DeleteFunc(strings.Fields(strings.ToLower(pattern)), placeholder.MatchString)
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
