package steps

import (
	"encoding/json"
	"fmt"

	"github.com/cucumber/godog"
)

// Step is one step that features are written in.
type Step struct {
	Pattern     string `json:"pattern"` // with {kind} for values, (text) for what may be left out, one/another for alternatives
	Description string `json:"action"`
	Example     string `json:"example"` // a line, with its table or text, as it stands in a feature
	Needs       Needs  `json:"needs"`
	Do          any    `json:"-"` // its function; bind says what it may take
}

// Needs is what a step asks of the target, as flags.
type Needs int

// The needs of steps.
const (
	// NeedsControl: the simulator's admin API; the scenario has the tag @control.
	NeedsControl Needs = 1 << iota
	// NeedsWebhooks: a receiver that the target's webhooks reach; the scenario has the tag @webhook.
	NeedsWebhooks
	// NeedsShopper: somebody who pays on the provider's page; the scenario has the tag @shopper. The simulator has a simulated one.
	NeedsShopper
)

// Words names the needs by the tags that stand for them.
func (n Needs) Words() []string {
	words := []string{}
	for i, tag := range []string{"@control", "@webhook", "@shopper"} {
		if n&(1<<i) != 0 {
			words = append(words, tag)
		}
	}
	return words
}

// MarshalJSON writes the tags.
func (n Needs) MarshalJSON() ([]byte, error) { return json.Marshal(n.Words()) }

// docString is the text below a step, as its function takes it; a table is taken as a table.
type docString string

// Failure is a step that did not pass: what was seen and what was expected, and the ledger's entries about it.
type Failure struct {
	Description string
	Rules       []string
}

func (e *Failure) Error() string { return e.Description }

// failed makes a Failure. rules are ids of the ledger; those that it doesn't have are ignored.
func failed(rules []string, format string, args ...any) error {
	return &Failure{fmt.Sprintf(format, args...), rules}
}

// NotRun is a step that this target can't run; the scenario then counts neither as passed nor as failed.
type NotRun struct{ Reason string }

func (e *NotRun) Error() string { return e.Reason }

// Unwrap makes Godog skip the rest of the scenario.
func (e *NotRun) Unwrap() error { return godog.ErrSkip }
