package steps

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Needs is what a step asks of the target, as flags.
type Needs int

// The needs of steps.
const (
	// NeedsControl: the simulator's control API; the scenario bears @control.
	NeedsControl Needs = 1 << iota
	// NeedsWebhooks: a receiver that the target's webhooks reach; the scenario bears @webhook.
	NeedsWebhooks
	// NeedsShopper: somebody who pays on the provider's page; the scenario bears @shopper. The simulator has a simulated one.
	NeedsShopper
)

// Words names the needs by the tags that stand for them.
func (n Needs) Words() []string {
	var words []string
	for i, tag := range []string{"@control", "@webhook", "@shopper"} {
		if n&(1<<i) != 0 {
			words = append(words, tag)
		}
	}
	return words
}

// Step is one step of the vocabulary.
type Step struct {
	Pattern string // with {kind} for values, (text) for what may be left out, one/another for alternatives
	Doc     string // what it does, in a sentence
	Example string // a line, with its table or text, as it stands in a feature
	Needs   Needs
	Do      func(w *World, a Args) error
}

// Args are a step's values: those of its pattern in order, its table, its text.
type Args struct {
	Values []string
	Table  [][]string
	Text   string
	IsText bool // whether there is a text at all
}

// Int returns a value of the kind {int}.
func (a Args) Int(i int) int {
	n, _ := strconv.Atoi(a.Values[i]) // the pattern has seen to it, but for numbers beyond all bounds
	return n
}

// Span returns a value of the kind {duration}; days have 24 hours.
func (a Args) Span(i int) time.Duration { return span(a.Values[i]) }

var days = regexp.MustCompile(`(\d+)d`)

func span(text string) time.Duration {
	text = days.ReplaceAllStringFunc(text, func(d string) string {
		n, _ := strconv.Atoi(strings.TrimSuffix(d, "d"))
		return strconv.Itoa(n*24) + "h"
	})
	d, _ := time.ParseDuration(text)
	return d
}

// Vocabulary is all steps, ready to be matched. It is safe for concurrent use.
type Vocabulary struct {
	steps   []Step
	matches []*regexp.Regexp
}

// New makes the vocabulary. An error means that a pattern is broken.
func New() (*Vocabulary, error) {
	v := &Vocabulary{steps: table()}
	for _, s := range v.steps {
		expression, err := compile(s.Pattern)
		if err != nil {
			return nil, fmt.Errorf("vocabulary: %w", err)
		}
		v.matches = append(v.matches, expression)
	}
	return v, nil
}

// Steps returns the steps in the order in which they are taught.
func (v *Vocabulary) Steps() []Step { return slices.Clone(v.steps) }

// Undefined is the error of a step that the vocabulary doesn't have.
type Undefined struct {
	Text  string
	Close []string // patterns that come near
}

func (e *Undefined) Error() string {
	text := fmt.Sprintf("no step matches %q", e.Text)
	if len(e.Close) > 0 {
		text += "; the nearest are: " + strings.Join(e.Close, " · ")
	}
	return text + " (\"mozartosim contract steps\" lists all)"
}

// Undefined is the error of a step that the vocabulary doesn't have.
func (v *Vocabulary) Undefined(text string) error { return &Undefined{text, v.near(text)} }

// near lists up to three patterns that share most words with a text.
func (v *Vocabulary) near(text string) []string {
	words := strings.Fields(strings.ToLower(text))
	type rated struct {
		pattern string
		shared  int
	}
	var all []rated
	for _, s := range v.steps {
		r := rated{pattern: s.Pattern}
		for _, word := range strings.Fields(strings.ToLower(s.Pattern)) {
			r.shared-- // of two that share as much, the shorter one is nearer
			if slices.Contains(words, word) {
				r.shared += len(word) + 1
			}
		}
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b rated) int { return b.shared - a.shared })
	var near []string
	for _, r := range all[:min(3, len(all))] {
		if r.shared >= 6 {
			near = append(near, r.pattern)
		}
	}
	return near
}

// below says what the step's example has on the lines below it: a "table", a "text", or "".
func (s Step) below() string {
	_, rest, _ := strings.Cut(s.Example, "\n")
	switch rest = strings.TrimSpace(rest); {
	case strings.HasPrefix(rest, "|"):
		return "table"
	case rest != "":
		return "text"
	}
	return ""
}
