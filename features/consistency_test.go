package features_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"mozartosim/features"
	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/fixtures"
	"mozartosim/openapi"
)

func contract(t *testing.T) *openapi.Contract {
	t.Helper()
	c, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// flowOf is an operation as features name it.
func flowOf(op *openapi.Operation) string { return strings.TrimSpace(op.Type + " " + op.Variant) }

// Every flow of the contract is covered where it is most needed: what it answers, what it refuses, and, where it has webhooks,
// what it tells. And nothing that isn't in the contract is.
func TestEveryFlowHasFeatures(t *testing.T) {
	t.Parallel()
	type coverage struct{ answers, refusals, webhooks, sandbox int }
	seen := map[string]*coverage{}
	known := map[string]*openapi.Operation{}
	for _, op := range contract(t).Operations() {
		key := op.PSP + " " + flowOf(op)
		seen[key], known[key] = &coverage{}, op
	}
	everyScenario(t, func(f evidence.Feature, s runner.Listed) {
		for _, flow := range s.Flows() {
			c := seen[flow]
			if c == nil {
				if operation, ok := firstOf(known, flow); ok { // PAYOUT stands for its first variant
					c = seen[operation]
				}
			}
			if c == nil {
				t.Errorf("%s:%d: the contract has no %s", f.URI, s.Line, flow)
				continue
			}
			text := strings.Join(texts(s), "\n")
			switch {
			case f.Capability == "payments" && strings.Contains(text, "matches the contract"):
				c.answers++
			case f.Capability == "errors":
				c.refusals++
			}
			if strings.Contains(text, "webhook") {
				c.webhooks++
			}
			if slices.Contains(s.Tags, "@sandbox") {
				c.sandbox++
			}
		}
	})
	for key, c := range seen {
		if c.answers == 0 || c.refusals == 0 || c.sandbox == 0 && key != "FLEXEPIN PAYIN" || c.webhooks == 0 && known[key].Webhook != "" {
			t.Errorf("%s lacks features: %+v", key, *c)
		}
	}
}

func texts(s runner.Listed) []string {
	var all []string
	for _, step := range s.Steps {
		all = append(all, step.Text)
	}
	return all
}

func firstOf(known map[string]*openapi.Operation, flow string) (string, bool) {
	for _, variant := range []string{" ETO"} {
		if known[flow+variant] != nil {
			return flow + variant, true
		}
	}
	return "", false
}

// Every rule of a request that the fixtures break is broken in a feature too.
func TestEveryBrokenRequestIsAFeature(t *testing.T) {
	t.Parallel()
	var told []string
	everyScenario(t, func(f evidence.Feature, s runner.Listed) {
		if f.Capability == "errors" {
			text := s.PSP + "\n"
			for _, step := range s.Steps {
				text += step.Text + "\n" + step.Argument + "\n"
			}
			told = append(told, text)
		}
	})
	broken, err := fixtures.Invalids()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range broken {
		says := append([]string{b.Message}, b.Errors...)
		if !slices.ContainsFunc(told, func(text string) bool {
			return strings.HasPrefix(text, b.PSP+"\n") && !slices.ContainsFunc(says, func(s string) bool { return !strings.Contains(text, s) })
		}) {
			t.Errorf("no feature under errors shows %s: %s (%q)", b.PSP, b.Name, says)
		}
	}
}

// Tags of rules name entries of the ledger, tags of providers and flows the contract's.
func TestTagsNameWhatThereIs(t *testing.T) {
	t.Parallel()
	c := contract(t)
	ids := map[string]bool{}
	for _, e := range c.Ledger() {
		ids[e.ID] = true
	}
	plain := []string{"@sandbox", "@control", "@webhook", "@shopper", "@slow"}
	everyScenario(t, func(f evidence.Feature, s runner.Listed) {
		for _, tag := range s.Tags {
			name, value, _ := strings.Cut(tag, ":")
			ok := slices.Contains(plain, tag)
			switch name {
			case "@assumes", "@rule":
				ok = ids[value]
			case "@psp":
				ok = slices.Contains(c.PSPs(), value)
			case "@flow":
				ok = value == "PAYIN" || value == "PAYOUT"
			}
			if !ok {
				t.Errorf("%s:%d: nobody knows the tag %s", f.URI, s.Line, tag)
			}
		}
	})
}

// A feature begins with what it is about, and lies in a folder of its capability.
func TestFeaturesAreIntroduced(t *testing.T) {
	t.Parallel()
	names := map[string]string{}
	everyScenario(t, func(f evidence.Feature, s runner.Listed) {
		if len(f.Description) < 40 {
			t.Errorf("%s says too little of what it is about: %q", f.URI, f.Description)
		}
		if other, taken := names[s.ID]; taken {
			t.Errorf("%s:%d has the id of %s", f.URI, s.Line, other)
		}
		names[s.ID] = f.URI
		if f.Name == "" || s.Name == "" {
			t.Errorf("%s:%d has no name", f.URI, s.Line)
		}
	})
	if err := fs.WalkDir(features.All(), ".", func(name string, _ fs.DirEntry, err error) error {
		if strings.Contains(name, " ") || strings.ToLower(name) != name {
			t.Errorf("%s must be written in small letters without blanks", name)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
