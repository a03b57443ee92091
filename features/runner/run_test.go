package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"mozartosim/features/evidence"
	"mozartosim/features/target"
	"mozartosim/openapi"
)

const someFeature = `
Feature: Something
  @sandbox @psp:PAYONE
  Scenario: First
    Given a valid PAYONE PAYIN request
    When the merchant sends it
    Then the answer is a success

  @slow
  Scenario: Second
    Given a valid TRUST PAYIN request
    When the merchant sends it
    Then the answer is the error 418 "I am a teapot"
    And the answer lists no errors

  Scenario: Third
    Given a valid TRUST PAYIN request
    When the merchant dances
    Then the answer is a success

  Scenario Outline: Fourth <n>
    Given a valid TRUST PAYIN request with:
      | baseamount | <n> |
    When the merchant sends it
    Then the answer's "data.amount" is "<n>"

    Examples:
      | n  |
      | 10 |
      | 20 |
`

func TestRunTellsWhatItSaw(t *testing.T) {
	t.Parallel()
	seen := ran(t, Config{Features: folder(someFeature), Target: simulated(t), Retries: 2, Tool: "v1", Folder: "our/features"})
	if c := seen.Count(); c != (evidence.Counts{Passed: 3, Failed: 2}) {
		t.Fatalf("counted %+v", c)
	}
	if seen.Kind != "contract" || seen.Target != "simulator" || seen.Tool != "v1" || len(seen.Contract) != 64 {
		t.Errorf("the head is %+v", seen)
	}
	s := seen.Features[0].Scenarios
	first, second, third, fifth := s[0], s[1], s[2], s[4]
	switch {
	case first.PSP != "PAYONE" || first.Flow != "PAYIN" || len(first.Exchanges) != 1 || first.Exchanges[0].Step != 1:
		t.Errorf("the first is %+v", first)
	case second.Tries != 3 || len(second.Earlier) != 2 || second.Steps[2].Status != evidence.Failed || second.Steps[3].Status != evidence.Skipped:
		t.Errorf("the second is %+v", second)
	case !strings.Contains(second.Reason, "expected the HTTP status 418") || !strings.Contains(second.Timeline, "payment.opened") || len(second.Contract) == 0:
		t.Errorf("the second says too little: %+v", second)
	case third.Steps[1].Status != evidence.Undefined || third.PSP != "TRUST" || third.Tries != 3:
		t.Errorf("the third is %+v", third)
	case fifth.Name != "Fourth 20" || fifth.ID != "shop/test.feature: Fourth 20 [20]" || fifth.Line != 30:
		t.Errorf("the fifth is %+v", fifth)
	}
	if f := seen.Features[0]; f.Capability != "shop" || f.URI != "our/features/shop/test.feature" {
		t.Errorf("the feature is %+v", f)
	}
}

// A scenario whose call is refused names the rule that it broke, as the simulator has kept it.
func TestBrokenRuleIsTold(t *testing.T) {
	t.Parallel()
	seen := ran(t, Config{Target: simulated(t), Features: folder(`Feature: shop
  Scenario: euro
    Given a valid PAYONE PAYIN request with:
      | currency     | EUR |
      | currencyCode | EUR |
    When the merchant sends it
    Then the answer is a success
`)})
	rules := only(t, seen).Contract
	if !slices.ContainsFunc(rules, func(c evidence.ContractRule) bool {
		return c.ID == "PayonePayInRequest/payone-currency" && c.Says != "" && c.Basis != ""
	}) {
		t.Errorf("the rules are %+v", rules)
	}
}

// Megabytes of a webhook are not kept, but it stays a JSON object with all its fields.
func TestLongWebhookIsShortened(t *testing.T) {
	t.Parallel()
	seen := ran(t, Config{Target: simulated(t), Features: folder(`Feature: shop
  Scenario: huge
    Given a PAYONE PAYIN payment by the scenario "webhook-body-huge"
    Then a webhook arrives
`)})
	body := only(t, seen).Webhooks[0].Body
	doc, err := openapi.Decode([]byte(body))
	if err != nil || len(body) > 10_000 || doc.Text("transaction_status") != "Approved" || !strings.HasSuffix(doc.Text("padding"), "x… (2097152 bytes)") {
		t.Errorf("%d bytes are kept (%v): %.3000s", len(body), err, body)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	target := simulated(t)
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{Tags: "@sandbox"}, "First"},
		{Config{Tags: "@slow or @sandbox"}, "First Second"},
		{Config{Tags: "not @slow and not @sandbox"}, "Third Fourth 10 Fourth 20"},
		{Config{PSP: "PAYONE"}, "First"},
		{Config{Name: "^Fo"}, "Fourth 10 Fourth 20"},
		{Config{Name: "(?i)fourth 2"}, "Fourth 20"},
		{Config{Name: "^Something$", Tags: "@slow"}, "Second"},
	} {
		c.config.Features, c.config.Target = folder(someFeature), target
		var names []string
		for _, s := range ran(t, c.config).Features[0].Scenarios {
			names = append(names, s.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.config, got, c.want)
		}
	}
	for _, c := range []Config{
		{Tags: "x"}, {PSP: "NOBODY"}, {Name: "("}, {Name: "no such"}, {Shard: "2"}, {Shard: "0/2"}, {Shard: "3/2"}, {Shard: "x/y"}, {Shard: "7/7"},
		{Rerun: []*evidence.Run{{}}}, {Rerun: []*evidence.Run{failedRun("shop/test.feature: Gone")}},
	} {
		c.Features, c.Target = folder(someFeature), target
		if _, err := Run(context.Background(), c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

func failedRun(ids ...string) *evidence.Run {
	run := &evidence.Run{Features: []evidence.Feature{{}}}
	for _, id := range ids {
		run.Features[0].Scenarios = append(run.Features[0].Scenarios, evidence.Scenario{ID: id, Status: evidence.Failed})
	}
	return run
}

// Shards have nothing in common and leave nothing out, and are the same each time.
func TestShards(t *testing.T) {
	t.Parallel()
	target := simulated(t)
	ids := func(c Config) (all []string) {
		c.Features, c.Target, c.DryRun = folder(someFeature), target, true
		for _, s := range ran(t, c).Features[0].Scenarios {
			all = append(all, s.ID)
		}
		return all
	}
	whole := ids(Config{})
	for _, of := range []int{1, 2, 3, len(whole)} {
		var parts []string
		for n := range of {
			c := Config{Shard: fmt.Sprintf("%d/%d", n+1, of)}
			part := ids(c)
			if again := ids(c); !slices.Equal(part, again) {
				t.Errorf("shard %s is %v, then %v", c.Shard, part, again)
			}
			if len(part) < len(whole)/of || len(part) > len(whole)/of+1 {
				t.Errorf("shard %s has %d of %d", c.Shard, len(part), len(whole))
			}
			parts = append(parts, part...)
		}
		slices.Sort(parts)
		if sorted := slices.Sorted(slices.Values(whole)); !slices.Equal(parts, sorted) {
			t.Errorf("%d shards have %v, want %v", of, parts, sorted)
		}
	}
}

// A rerun runs just what failed, of one run or of the shards of one.
func TestRerun(t *testing.T) {
	t.Parallel()
	target := simulated(t)
	c := Config{Features: folder(someFeature), Target: target}
	var shards []*evidence.Run
	var failed []string
	for _, shard := range []string{"1/2", "2/2"} {
		c.Shard = shard
		seen := ran(t, c)
		shards = append(shards, seen)
		for _, s := range seen.Features[0].Scenarios {
			if s.Status == evidence.Failed {
				failed = append(failed, s.ID)
			}
		}
	}
	var again []string
	for _, s := range ran(t, Config{Features: folder(someFeature), Target: target, Rerun: shards}).Features[0].Scenarios {
		again = append(again, s.ID)
	}
	slices.Sort(failed)
	slices.Sort(again)
	if len(failed) == 0 || !slices.Equal(failed, again) {
		t.Errorf("%v failed, and %v is run again", failed, again)
	}
}

func TestFailFast(t *testing.T) {
	t.Parallel()
	seen := ran(t, Config{Features: folder(someFeature), Target: simulated(t), FailFast: true, Parallel: 1})
	if c := seen.Count(); c != (evidence.Counts{Passed: 1, Failed: 1, NotRun: 3}) {
		t.Errorf("counted %+v", c)
	}
	if reason := seen.Features[0].Scenarios[4].Reason; !strings.Contains(reason, "--fail-fast") {
		t.Errorf("the reason is %q", reason)
	}
	seen = ran(t, Config{Features: folder("Feature: X\n  Scenario: Empty\n  Scenario: Y\n    Given an empty body"), Target: simulated(t), FailFast: true, Parallel: 1})
	if c := seen.Count(); c != (evidence.Counts{Failed: 1, NotRun: 1}) {
		t.Errorf("after one without steps counted %+v", c)
	}
}

// A scenario that passes when it is tried again stops nothing: what --fail-fast has left out because of it is run.
func TestFailFastWaitsForRetries(t *testing.T) {
	t.Parallel()
	answers := 0
	target := deviating(t, func(body string) string {
		if answers++; answers == 2 { // the second scenario's first answer
			return strings.ReplaceAll(body, `"success"`, `"failure"`)
		}
		return body
	})
	const again = "\n  Scenario: %s\n    Given a TRUST PAYIN payment"
	text := "Feature: X"
	for _, name := range []string{"First", "Second", "Third"} {
		text += fmt.Sprintf(again, name)
	}
	live := &counter{}
	seen := ran(t, Config{Features: folder(text), Target: target, FailFast: true, Retries: 1, Parallel: 1, Live: live.Scenario})
	s := seen.Features[0].Scenarios
	if seen.Count() != (evidence.Counts{Passed: 3}) || s[1].Tries != 2 || len(s[1].Earlier) != 1 || s[1].Before[0][0].Status != evidence.Failed || s[1].Before[0][0].Text != "" || s[1].Steps[0].Status != evidence.Passed || s[2].Tries != 1 {
		t.Errorf("counted %+v: %+v", seen.Count(), s)
	}
	if !slices.Equal(live.names, []string{"First", "Second", "Third"}) {
		t.Errorf("told of %v", live.names)
	}
}

// A dry run sends nothing: it only finds steps that are not known.
func TestDryRun(t *testing.T) {
	t.Parallel()
	seen := ran(t, Config{Features: folder(someFeature), Target: simulated(t), DryRun: true, Retries: 3})
	if c := seen.Count(); c != (evidence.Counts{Failed: 1, NotRun: 4}) {
		t.Errorf("counted %+v", c)
	}
	for i, s := range seen.Features[0].Scenarios {
		unknown := i == 2
		if len(s.Exchanges) > 0 || unknown != strings.Contains(s.Reason, `no step matches "the merchant dances"`) || unknown == strings.Contains(s.Reason, "--dry-run") {
			t.Errorf("%s is %s: %s", s.Name, s.Status, s.Reason)
		}
	}
}

// A step that panics fails, with the stack, and nothing else does; and so does a scenario that has no steps.
func TestBrokenScenarios(t *testing.T) {
	t.Parallel()
	target := simulated(t)
	target.Environment.Check = func([]byte) error { panic("out of order") }
	const text = "Feature: X\n  Scenario: Panics\n    Given a TRUST PAYIN payment\n  Scenario: Empty\n  Scenario: Passes\n    Given a valid TRUST PAYIN request"
	s := ran(t, Config{Features: folder(text), Target: target, Retries: 1}).Features[0].Scenarios
	for i, want := range []string{"out of order\n", "it has no steps", ""} {
		if tries := map[bool]int{true: 2, false: 1}[want != ""]; !strings.Contains(s[i].Reason, want) || s[i].Tries != tries {
			t.Errorf("%s is %s at try %d: %s", s[i].Name, s[i].Status, s[i].Tries, s[i].Reason)
		}
	}
	if once := only(t, ran(t, Config{Features: folder("Feature: X\n  Scenario: Empty"), Target: target})); once.Tries != 1 {
		t.Errorf("%s has %d tries", once.Name, once.Tries)
	}
	if s[0].Status != evidence.Failed || s[1].Status != evidence.Failed || s[2].Status != evidence.Passed {
		t.Errorf("they are %s, %s and %s", s[0].Status, s[1].Status, s[2].Status)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	seen, err := Run(ctx, Config{Features: folder(someFeature), Target: simulated(t)})
	if !errors.Is(err, context.Canceled) || seen == nil || seen.Count().NotRun != 5 {
		t.Errorf("got %v, %+v", err, seen)
	}
}

type counter struct {
	mu    sync.Mutex
	names []string
}

func (c *counter) Scenario(_ evidence.Feature, s evidence.Scenario) {
	if !c.mu.TryLock() {
		panic("told of two at once")
	}
	defer c.mu.Unlock()
	c.names = append(c.names, s.Name)
}

// Whoever follows is told of each scenario once, one after the other, in the order of the file, and so is the result.
func TestLiveAndOrder(t *testing.T) {
	t.Parallel()
	live := &counter{}
	seen := ran(t, Config{Features: folder(someFeature), Target: simulated(t), Parallel: 5, Live: live.Scenario})
	want := []string{"First", "Second", "Third", "Fourth 10", "Fourth 20"}
	if !slices.Equal(live.names, want) {
		t.Errorf("told of %v", live.names)
	}
	for i, name := range want {
		if got := seen.Features[0].Scenarios[i].Name; got != name {
			t.Errorf("scenario %d is %q, want %q", i+1, got, name)
		}
	}
}

// The same run gives the same evidence but for how long things took.
func TestRunsAreTheSame(t *testing.T) {
	t.Parallel()
	bodies := func() string {
		var all []string
		for _, s := range ran(t, Config{Features: folder(someFeature), Target: simulated(t)}).Features[0].Scenarios {
			for _, e := range s.Exchanges {
				all = append(all, e.Label, port.ReplaceAllString(e.Answer.Body, "PORT"))
			}
			all = append(all, s.Reason, s.Timeline)
		}
		return port.ReplaceAllString(strings.Join(all, "\n"), "PORT")
	}
	if a, b := bodies(), bodies(); a != b {
		t.Errorf("two runs differ:\n%s\n\n%s", a, b)
	}
}

// Keys have one length, and so has what features make of them by {unique}.
func TestKeysHaveOneLength(t *testing.T) {
	t.Parallel()
	r := &run{Config: Config{Target: &target.Target{Nonce: "n"}}}
	for i := range 1000 {
		s := &scenario{Scenario: evidence.Scenario{ID: fmt.Sprint("scenario ", i)}}
		if key := r.key(s); len(key) != keyLength {
			t.Fatalf("%s has %d characters", key, len(key))
		}
	}
}

func TestBrokenFeatures(t *testing.T) {
	t.Parallel()
	target := simulated(t)
	for text, says := range map[string]string{
		"Feature: X\n  Scenario: Y\n    Given a\n    Gibberish": "shop/test.feature:4:5: ",
		"": "shop/test.feature:1: no scenario in shop/test.feature",
		"Feature: X\n  Scenari: Y\n    Given a\n  Scenario: Z\n    Given a": `shop/test.feature:2: "Scenari: Y" begins no scenario`,
		"Feature: X\n  Scenros: Y\n    Given a\n  Scenario: Z\n    Given a": `shop/test.feature:2: "Scenros: Y" begins no scenario`,
		"Feature: X": "shop/test.feature:1: no scenario in shop/test.feature",
		"Feature: X\n  Scenario outline: Y\n    Given a\n  Scenario: Z\n    Given a": `shop/test.feature:2: "Scenario outline: Y" begins no scenario`,
	} {
		if _, err := Run(context.Background(), Config{Features: folder(text), Target: target}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", text, err, says)
		}
	}
}

// What other editors write is read too: a byte order mark, lines that end as on Windows.
func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	text := "\ufeffFeature: X\r\n  Scenario: Y\r\n    Given a valid PAYONE PAYIN request with:\r\n      | merchantReference | a\\|b |\r\n"
	s := only(t, ran(t, Config{Features: folder(text), Target: simulated(t)}))
	if s.Status != evidence.Passed || s.Line != 2 {
		t.Errorf("it is %s: %s", s.Status, s.Reason)
	}
}

// A table is kept as it is written, bars in cells escaped: reports read its cells again.
func TestTablesAreKeptAsWritten(t *testing.T) {
	t.Parallel()
	const table = `| merchantReference | a\|b \\ c\nd |`
	seen := ran(t, Config{Features: folder("Feature: X\n  Scenario: Y\n    Given a valid PAYONE PAYIN request with:\n      " + table), Target: simulated(t)})
	if s := only(t, seen); s.Steps[0].Argument != table {
		t.Errorf("kept as %q", s.Steps[0].Argument)
	}
}

// A body that was given as a text is sent as it is changed by later steps.
func TestBodyIsChanged(t *testing.T) {
	t.Parallel()
	const text = "Feature: X\n  Scenario: Y\n    Given the body:\n      \"\"\"\n      {\"pspType\": \"PAYONE\", \"type\": \"PAYIN\"}\n      \"\"\"\n    And the amount is \"25\"\n    When the merchant sends it"
	s := only(t, ran(t, Config{Features: folder(text), Target: simulated(t)}))
	if got := s.Exchanges[0].Request.Body; got != `{"baseamount":25,"pspType":"PAYONE","type":"PAYIN"}` {
		t.Errorf("sent %s", got)
	}
}

// Once the other company calls, steps are about it: its webhooks, counted from its first, on its clock.
func TestStepsAreAboutTheOtherCompany(t *testing.T) {
	t.Parallel()
	seen := ran(t, Config{Target: simulated(t), Features: folder(`Feature: shops
  Scenario: another
    Given a PAYONE PAYIN payment
    Then a webhook arrives
    When 1h passes
    And another company
    And the other company calls
    And a TRUST PAYIN payment
    Then a webhook arrives
    And the webhook came 2s after the answer
    And the webhooks tell:
      | authorised | Approved |
    And no further webhook arrives
`)})
	s := only(t, seen)
	if s.Status != evidence.Passed || len(s.Webhooks) != 1 || s.Webhooks[0].PSP != "PAYONE" || s.Webhooks[0].Step != 1 || s.Webhooks[0].Unclocked {
		t.Errorf("it is %s (%s), with %+v", s.Status, s.Reason, s.Webhooks)
	}
}

// Runs are compared and resumed by the ids of scenarios: no two have one, whatever they are called.
func TestIDsAreTheirOwn(t *testing.T) {
	t.Parallel()
	text := "Feature: X\n"
	for _, name := range []string{"Y", "Y", "Y (2)", "Y"} {
		text += "  Scenario: " + name + "\n    Given an empty body\n"
	}
	var ids []string
	for _, s := range ran(t, Config{Features: folder(text), Target: simulated(t), DryRun: true}).Features[0].Scenarios {
		ids = append(ids, strings.TrimPrefix(s.ID, "shop/test.feature: "))
	}
	if want := []string{"Y", "Y (2)", "Y (2) (2)", "Y (3)"}; !slices.Equal(ids, want) {
		t.Errorf("they are %q, want %q", ids, want)
	}
}

// A keyword of another language is not one of English that is misspelt, nor is anything in a doc string.
func TestKeywordsOfOtherLanguages(t *testing.T) {
	t.Parallel()
	target := simulated(t)
	for _, text := range []string{
		"# language: da\nEgenskab: X\n  Scenarie: Y\n    Givet a valid PAYONE PAYIN request",
		"# language: hr\nOsobina: X\n  Scenarij: Y\n    * a valid PAYONE PAYIN request\n  Scenarij: Z\n    * an empty body",
		"# language: de\nFunktionalität: X\n  Szenario: Y\n    Angenommen a valid PAYONE PAYIN request",
		"Feature: X\n  Scenario: Y\n    Given the body:\n      \"\"\"\n      ```\n      Scenaro: text\n      \"\"\"",
	} {
		if seen := ran(t, Config{Features: folder(text), Target: target}); seen.Count().Passed != len(seen.Features[0].Scenarios) {
			t.Errorf("%q: counted %+v", text, seen.Count())
		}
	}
}

// A step that is wrongly used tells its author what would be right.
func TestWrongUse(t *testing.T) {
	t.Parallel()
	target := simulated(t)
	for steps, says := range map[string]string{
		`When the merchant sends it`:           `"Given a valid PAYONE PAYIN request" must come before`,
		`Then the answer is a success`:         `"When the merchant sends it" must come before`,
		`Given a valid PAYPAL PAYIN request`:   "the contract has no PAYPAL PAYIN; its providers are FORUMPAY",
		`Given a valid TRUST PAYOUT request`:   "the contract has no TRUST PAYOUT",
		`Given the TRUST PAYIN request "huge"`: "there are full, minimal",
		"Given the body:\n      \"\"\"\n      nothing\n      \"\"\"\n    And the amount is \"25\"":   "the body is no JSON object",
		"Given an empty body\n    And the request is padded by 1 KiB":                                "the body is no JSON object",
		`Then every answer is a success`:                                                             `"When the merchant sends it" must come before`,
		`Given a jolly company token`:                                                                "use tampered, unsigned",
		`Given PAYONE is tired`:                                                                      "must be",
		`Given the request has no "x"`:                                                               "must come before",
		`Then the webhook's "status" is "x"`:                                                         "no webhook has arrived yet",
		`When the other company calls`:                                                               `"Given another company" must come before`,
		`Given the scenario "no-such-scenario" decides the next payment`:                             "no-such-scenario",
		"Given a valid TRUST PAYIN request with:\n      | a | b | c |":                               "two cells",
		"Given a valid TRUST PAYIN request with:\n      | userId.x | b |\n      | userId | json:{ |": "is no object",
		"Given a TRUST PAYIN payment\n    Then the answer's \"message\" is \"<wrong>\"":              "<wrong> is not",
		"Given a TRUST PAYIN payment\n    Then the answer's \"message\" is \"/(/\"":                  "can't",
		"Given a TRUST PAYIN payment\n    Then the answer matches the schema \"X\"":                  "no schema X",
		"Given a TRUST PAYIN payment\n    Then the answers' \"status\" agree":                        "not two answers",
	} {
		s := only(t, ran(t, Config{Features: folder("Feature: X\n  Scenario: Y\n    " + steps), Target: target}))
		if s.Status != evidence.Failed || !strings.Contains(s.Reason, says) {
			t.Errorf("%q: %s, %q, want %q", steps, s.Status, s.Reason, says)
		}
	}
}

// A feature file is read or refused, and what is read has ids. Steps are not matched here: FuzzStep of features/steps does that.
func FuzzParse(f *testing.F) {
	f.Add([]byte(someFeature))
	f.Add([]byte("Feature: X\n  Rule: Y\n    Background:\n      Given a\n    Scenario Outline: <a>\n      * b\n      Examples:\n        | a |\n        | 1 |"))
	f.Add([]byte("# language: de\nFunktionalität: X\n  Szenario: Y\n    Angenommen a"))
	f.Fuzz(func(t *testing.T, text []byte) {
		features, err := read(folder(string(text)))
		if err != nil {
			return
		}
		for _, feature := range features {
			for _, s := range feature.scenarios {
				if s.ID == "" || strings.Contains(s.ID, "\x00") && !bytes.Contains(text, []byte{0}) {
					t.Errorf("%+v", s)
				}
			}
		}
	})
}
