package steps

import (
	"fmt"
	"io"
	"path"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/cucumber/godog"

	"mozartosim/openapi"
	"mozartosim/simulator/words"
)

// Vocabulary is all steps, ready to be registered. It is safe for concurrent use.
type Vocabulary struct {
	steps       []Step
	expressions []*regexp.Regexp // of the steps' patterns
	supplied    []reflect.Type   // to the steps' functions, by their World
}

// New makes the vocabulary of the contract's features. An error means that a pattern is broken.
func New() (*Vocabulary, error) { return Of(all(), supplied()...) }

// Of makes a vocabulary of a table of steps, whose functions are supplied with values of some types.
func Of(table []Step, supplied ...reflect.Type) (*Vocabulary, error) {
	v := &Vocabulary{steps: table, supplied: supplied}
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

// Matched reads what Godog has matched a step's text with: the step, nil when no pattern matches, or several do; and the provider
// and flow that the text names.
func (v *Vocabulary) Matched(definition *godog.StepDefinition, text string) (step *Step, psp, flow string) {
	if definition == nil {
		return nil, "", ""
	}
	i := slices.Index(v.expressions, definition.Expr)
	for _, value := range v.values(i, text) {
		switch value.Kind {
		case "psp":
			psp = value.Text
		case "flow":
			flow = value.Text
		}
	}
	return &v.steps[i], psp, flow
}

// Value is one of those that a step's text gives.
type Value struct {
	Kind, Text string
	At         int // its first byte in the step's text
}

// Find finds the step that a text is of, by its index among Steps, and the values in the text; ok is false when there is none.
func (v *Vocabulary) Find(text string) (step int, values []Value, ok bool) {
	for i, expression := range v.expressions {
		if expression.MatchString(text) {
			return i, v.values(i, text), true
		}
	}
	return 0, nil, false
}

func (v *Vocabulary) values(step int, text string) (all []Value) {
	at := v.expressions[step].FindStringSubmatchIndex(text)[2:]
	for i, kind := range placeholder.FindAllString(v.steps[step].Pattern, -1) {
		from, to := at[2*i], at[2*i+1]
		all = append(all, Value{Kind: strings.Trim(kind, "{}"), Text: text[from:to], At: from})
	}
	return all
}

// Kinds are the kinds of values that are not Cucumber's own, as regular expressions.
func Kinds() map[string]string {
	own := map[string]string{}
	for name, expression := range placeholders() {
		if kind := strings.Trim(name, "{}"); kind != "string" && kind != "int" && kind != "word" {
			own[kind] = strings.TrimSuffix(strings.TrimPrefix(expression, "("), ")")
		}
	}
	return own
}

// Source is where a step's function is written.
func (s *Step) Source() (file string, line int) {
	entry := reflect.ValueOf(s.Do).Pointer()
	file, line = runtime.FuncForPC(entry).FileLine(entry)
	return "features/steps/" + path.Base(file), line
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
		if _, _, ok := v.Find(variant); ok {
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

// List returns the steps that have all the words that are given; their patterns are not looked at.
func List(given []string) []Step {
	return slices.DeleteFunc(all(), func(s Step) bool { return !words.HasAll(s.Pattern+" "+s.Description+" "+s.Example, given) })
}

// WriteList writes steps as text.
func WriteList(out io.Writer, found []Step) {
	for _, s := range found {
		fmt.Fprintln(out, strings.TrimSpace(s.Pattern+"   "+strings.Join(s.Needs.Words(), " ")))
		for _, line := range words.Wrap(s.Description, words.Width-4) {
			fmt.Fprintf(out, "    %s\n", line)
		}
		fmt.Fprintf(out, "      %s\n\n", strings.ReplaceAll(s.Example, "\n", "\n      "))
	}
}
