package runner

import (
	"fmt"
	"slices"

	"mozartosim/features/steps"
)

// Target is what features are run against.
type Target struct {
	Name string // "simulator", "sandbox" or the base URL, for the report
	URL  string // "" for the simulator that the runner has started itself

	env         *steps.Environment
	psps        []string // those that are configured; nil = all
	sandboxOnly bool     // run @sandbox scenarios only
	noWebhooks  string   // why webhooks can't be received; "" = they can
	noShopper   string   // why nobody pays; "" = somebody does
	parallel    int      // as many scenarios at once as do it good
	nonce       string   // keeps what is made for this run apart from other runs' on the same target
	close       func() error
}

// Close stops what the target has started.
func (t *Target) Close() error {
	if t.close == nil {
		return nil
	}
	return t.close()
}

// WatchWith has somebody told what the run waits for.
func (t *Target) WatchWith(say func(text string)) { t.env.Say = say }

// World makes the world of a scenario that somebody else drives, such as Godog's own suite. Whoever asks closes it.
func (t *Target) World(id, key string) *steps.World { return steps.NewWorld(t.env, id, key) }

// Mask hides the target's secrets in any text.
func (t *Target) Mask(text string) string { return t.env.Masker.Text(text) }

// without says why a scenario can't be run against the target; "" when it can.
func (t *Target) without(s *scenario) string {
	needs := s.needs()
	switch {
	case t.env.Admin == nil && needs&steps.NeedsControl != 0:
		return "needs the simulator's admin API (@control)"
	case t.sandboxOnly && !slices.Contains(s.Tags, "@sandbox"):
		return "is not tagged @sandbox: not safe, or not meaningful, against the vendor's Sandbox"
	case t.psps != nil && s.PSP != "" && !slices.Contains(t.psps, s.PSP):
		return fmt.Sprintf("%s is not among the psps of the profile", s.PSP)
	case t.noWebhooks != "" && needs&steps.NeedsWebhooks != 0:
		return t.noWebhooks
	case t.noShopper != "" && needs&steps.NeedsShopper != 0:
		return t.noShopper
	}
	return ""
}
