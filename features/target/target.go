package target

import (
	"fmt"
	"slices"

	"mozartosim/features/steps"
)

// Target is what features are run against.
type Target struct {
	Name        string // "simulator", "sandbox" or the base URL, for the report
	URL         string // "" for a simulator that Simulator has started
	Environment *steps.Environment
	Parallel    int    // feature scenarios at once, unless a run asks for another number
	Nonce       string // keeps what is made for this run apart from other runs' on the same target
	NoWebhooks  string // why webhooks can't be received; "" = they can
	Foreign     bool   // another team's, on another machine: what is sent there is agreed on first
	NoShopper   string // why no one pays on the provider's page; "" = a shopper does

	psps        []string // those that are configured; nil = all
	sandboxOnly bool     // run @sandbox scenarios only
	close       func() error
}

// Close stops what the target has started.
func (t *Target) Close() error {
	if t.close == nil {
		return nil
	}
	return t.close()
}

// WatchWith makes say report what the run waits for.
func (t *Target) WatchWith(say func(text string)) { t.Environment.Say = say }

// Mask hides the target's secrets in any text.
func (t *Target) Mask(text string) string { return t.Environment.Masker.Text(text) }

// Lacks says why a feature scenario can't be run against the target, by its needs, its tags and its provider; "" when it can.
func (t *Target) Lacks(needs steps.Needs, tags []string, psp string) string {
	switch {
	case t.Environment.Admin == nil && needs&steps.NeedsControl != 0:
		return "needs the simulator's admin API (@control)"
	case t.sandboxOnly && !slices.Contains(tags, "@sandbox"):
		return "is not tagged @sandbox: not safe, or not meaningful, against the vendor's Sandbox"
	case t.psps != nil && psp != "" && !slices.Contains(t.psps, psp):
		return fmt.Sprintf("%s is not among the psps of the profile", psp)
	case needs&steps.NeedsWebhooks != 0 && t.NoWebhooks != "":
		return t.NoWebhooks
	case needs&steps.NeedsShopper != 0 && t.NoShopper != "":
		return t.NoShopper
	}
	return ""
}
