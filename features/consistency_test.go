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
	"mozartosim/openapi/observed"
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
		for _, flow := range s.Flows {
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
		if c.answers == 0 || c.refusals == 0 || c.sandbox == 0 || c.webhooks == 0 && known[key].Webhook != "" {
			t.Errorf("%s lacks features: %+v", key, *c)
		}
	}
}

// notOnSandbox are the refusals of the contract that a merchant can't provoke on the Sandbox, and why.
func notOnSandbox() map[string]string {
	const office, vendor = "it takes a change in the back office", "it takes a failure of the vendor or of a provider"
	return map[string]string{
		"RuleNotMatched": office, "PspConfigurationNotFound": office, "InvalidPspCredentials": office, "PasswordExpired": "it takes an account whose password is old",
		"PspTimeout": vendor, "PspUnavailable": vendor, "PspRateLimited": vendor, "InternalServerError": vendor,
		"RequestTimeout": "it takes a connection that stalls, which a test of somebody else's server must not hold open",
	}
}

// Each refusal that the contract has an example of, with its documented text, is reached by a scenario that runs on the Sandbox, but for
// those that nobody can provoke there.
func TestEveryErrorTextIsReachedOnTheSandbox(t *testing.T) {
	t.Parallel()
	var reached []string // what scenarios for the Sandbox expect
	everyScenario(t, func(_ evidence.Feature, s runner.Listed) {
		for _, step := range s.Steps {
			if slices.Contains(s.Tags, "@sandbox") {
				reached = append(reached, strings.Join(strings.Fields(step.Text+"\n"+step.Argument), " "))
			}
		}
	})
	expected := func(text string) bool {
		return slices.ContainsFunc(reached, func(step string) bool { return strings.Contains(step, text) })
	}
	c := contract(t)
	why := notOnSandbox()
	statuses := map[string]string{"NotFound": "404", "MethodNotAllowed": "405", "BodyTooLarge": "413", "UnsupportedMediaType": "415"} // whose texts are assumed
	for _, name := range observed.Cases() {
		texts := []string{"| errorCode | (absent) |"} // a rejection has the provider's words, and no code
		if raw, ok := c.Example(name); ok {
			doc, err := openapi.Decode(raw)
			if err != nil {
				t.Fatal(err)
			}
			message, _, _ := strings.Cut(doc.Text("message"), "email")
			texts = []string{message}
			if status, ok := statuses[name]; ok {
				texts = []string{"the answer has the HTTP status " + status}
			}
			if strings.Contains(string(raw), "must be a valid email") {
				texts = append(texts, "email must be a valid email", "must not be empty")
			}
		}
		for _, text := range texts {
			if expected(text) == (why[name] != "") {
				t.Errorf("%s, %q: expected on the Sandbox: %v, though %q", name, text, expected(text), why[name])
			}
		}
		delete(why, name)
	}
	for name := range why {
		t.Errorf("the contract has no example %s", name)
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

// Each way to spoil a webhook's body is shown by the ready scenario about it.
func TestEveryMisbehaviourHasItsFeature(t *testing.T) {
	t.Parallel()
	control, err := openapi.Control()
	if err != nil {
		t.Fatal(err)
	}
	fields := control.FieldsOf("Scenario")
	at := slices.IndexFunc(fields, func(f openapi.Field) bool { return f.Path == "webhooks.body" })
	var steps []string
	everyScenario(t, func(_ evidence.Feature, s runner.Listed) { steps = append(steps, texts(s)...) })
	for _, kind := range fields[at].Enum {
		ready := `by the scenario "webhook-body-` + kind + `"`
		if !slices.ContainsFunc(steps, func(step string) bool { return strings.Contains(step, ready) }) {
			t.Errorf("no feature makes a payment %s", ready)
		}
	}
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
