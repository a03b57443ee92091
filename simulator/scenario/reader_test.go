package scenario

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mozartosim/openapi"
	"mozartosim/simulator/condition"
)

// Every file of testdata/broken, and what its author is told.
func TestFileErrors(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = reader().File(filepath.Base(file), text)
			if err == nil {
				t.Fatal("accepted")
			}
			lines, _ := openapi.Lines(err)
			for _, line := range lines {
				if line.Line < 1 || line.Column < 1 || line.Line > bytes.Count(text, []byte("\n"))+1 {
					t.Errorf("%v stands outside of the file", line)
				}
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", err.Error()+"\n")
		})
	}
}

const fullFile = `# everything that a scenario can say
name: payone-everything
description: All of it.
match: {psp: PAYONE, type: PAYIN, when: 'baseamount >= 10', nth: 2}
times: 3
chance: 0.25
answer:
  delay: {uniform: [100ms, 2s]}
  http: {status: 502, body: <html>, headers: {Retry-After: "5"}}
shopper: {action: decline, reason: "51", after: {lognormal: {median: 300ms, p99: 3s}}}
then:
  - {after: 5s, status: Approved, raw: success, message: fine, webhook: {copies: [{}, {after: 1m, auth: old, body: empty}], body: malformed}}
  - {after: 1h30m, status: Declined, raw: charged_back}
webhooks:
  copies: 2
  spaced: 1.5s
  order: reversed
  delay: {uniform: [0s, 30s]}
  drop: [2]
  auth: wrong
  body: huge
outage: {kind: slow, for: 10m, delay: 20s}
---
name: second
then: []
answer: {fault: slow}
webhooks: {order: as-written, delay: {uniform: [2s, 2s]}}
---
---
name: third
match: {named: True}
outage: {psp: TRUST, kind: down}
`

func TestFile(t *testing.T) {
	t.Parallel()
	got := load(t, fullFile)
	want := []*Scenario{
		{
			Name: "payone-everything", Description: "All of it.", File: "test.yaml", Line: 2,
			Match: Match{PSP: "PAYONE", Type: "PAYIN", Nth: 2}, Times: 3, Chance: 0.25,
			Answer: Answer{
				Delay: Duration{Low: 100 * time.Millisecond, High: 2 * time.Second},
				HTTP:  &HTTP{502, "<html>", map[string]string{"Retry-After": "5"}},
			},
			Shopper: &Shopper{ActionDecline, "51", Duration{Median: 300 * time.Millisecond, P99: 3 * time.Second}},
			Then: []Notification{
				{Duration{Fixed: 5 * time.Second}, "Approved", "success", "fine", &Webhook{
					Each: []Copy{{}, {Duration{Fixed: time.Minute}, "old", "empty"}}, Body: "malformed",
				}},
				{Duration{Fixed: 90 * time.Minute}, "Declined", "charged_back", "", nil},
			},
			Webhooks: Webhooks{
				Webhook{2, Duration{Fixed: 1500 * time.Millisecond}, nil, "wrong", "huge"},
				Reversed, Duration{High: 30 * time.Second}, []int{2},
			},
			Outage: &Outage{PSP: "PAYONE", Kind: SlowProvider, For: 10 * time.Minute, Delay: 20 * time.Second},
		},
		{
			Name: "second", File: "test.yaml", Line: 24, Then: []Notification{}, Answer: Answer{Fault: Slow, Rate: DefaultRate},
			Webhooks: Webhooks{Delay: Duration{Fixed: 2 * time.Second}},
		},
		{Name: "third", File: "test.yaml", Line: 30, Match: Match{Named: true}, Outage: &Outage{PSP: "TRUST", Kind: Down}},
	}
	ignore := []cmp.Option{cmpopts.IgnoreUnexported(Scenario{}), cmpopts.IgnoreFields(Match{}, "When")}
	if diff := cmp.Diff(want, got, ignore...); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	if got[0].Match.When.String() != "baseamount >= 10" || got[1].Match.When != nil {
		t.Error("conditions", got[0].Match.When, got[1].Match.When)
	}
}

// What YAML says and what the admin API says are one and the same.
func TestDocument(t *testing.T) {
	t.Parallel()
	for _, s := range load(t, fullFile) {
		again, err := reader().Document(document(t, string(s.Source())))
		if err != nil {
			t.Fatal(err)
		}
		again.File, again.Line = s.File, s.Line
		compare := cmp.Comparer(func(a, b *condition.Condition) bool {
			return (a == nil) == (b == nil) && (a == nil || a.String() == b.String())
		})
		if diff := cmp.Diff(s, again, compare, cmp.AllowUnexported(Scenario{})); diff != "" {
			t.Errorf("%s (-yaml +json):\n%s", s.Name, diff)
		}
	}
	// webhooks and conditions of wait have amount, requests have baseamount
	_, err := reader().Document(document(t, `{"name": "a", "match": {"when": "amount > 3"}}`))
	if err == nil || !strings.Contains(err.Error(), "there is no field amount in such a request; did you mean baseamount?") {
		t.Errorf("says %v", err)
	}
	_, err = reader().Document(document(t, `{"name": "a", "match": {"when": "userid == 1"}, "shopper": {"action": "aprove"}}`))
	var broken *openapi.Invalid
	want := []string{
		"shopper.action must be one of: approve, decline, cancel, abandon, underpay, overpay, challenge-fail, return-first, return-twice, close-tab; did you mean approve?",
		"match.when must be a condition: there is no field userid in such a request; did you mean userId? (column 1)",
	}
	if !errors.As(err, &broken) || cmp.Diff(want, broken.Problems.Texts()) != "" {
		t.Errorf("says %v", err)
	}
}

// Fields that every provider takes can be read whatever the provider.
func TestCommonFields(t *testing.T) {
	t.Parallel()
	for _, psp := range reader().Cashier.PSPs() {
		for _, field := range []string{"pspType", "type", "baseamount", "email", "isTestMode"} {
			text := `{"name": "a", "match": {"psp": "` + psp + `", "when": "` + field + ` == nil"}}`
			if _, err := reader().Document(document(t, text)); err != nil {
				t.Errorf("%s: %v", psp, err)
			}
		}
	}
}

// The contract's enums are the code's constants.
func TestWords(t *testing.T) {
	t.Parallel()
	enum := map[string][]string{}
	for _, f := range reader().Control.FieldsOf("Scenario") {
		enum[f.Path] = f.Enum
	}
	for path, want := range map[string][]string{
		"match.psp":      reader().Cashier.PSPs(),
		"outage.psp":     reader().Cashier.PSPs(),
		"answer.fault":   {string(Lost), string(Reset), string(Empty), string(Truncated), string(Garbage), string(Slow), string(Hang)},
		"webhooks.order": {"as-written", string(Reversed), string(Shuffled), string(BeforeAnswer)},
		"outage.kind":    {string(Down), string(SlowProvider), string(RateLimited), string(BadCredentials), string(Flapping)},
		"shopper.action": {
			string(ActionApprove), string(ActionDecline), string(ActionCancel), string(ActionAbandon), string(ActionUnderpay), string(ActionOverpay), string(ActionChallengeFail),
			string(ActionReturnFirst), string(ActionReturnTwice), string(ActionCloseTab),
		},
	} {
		if diff := cmp.Diff(want, enum[path]); diff != "" {
			t.Errorf("%s (-code +contract):\n%s", path, diff)
		}
	}
}

// Every field is described: editors show it.
func TestDescribed(t *testing.T) {
	t.Parallel()
	for _, schema := range []string{"Scenario", "ScenarioNotification"} {
		for _, f := range reader().Control.FieldsOf(schema) {
			if f.Description == "" {
				t.Errorf("%s.%s has no description", schema, f.Path)
			}
		}
	}
}

// Whatever stands in a file, it is read, or every error has its place.
func FuzzFile(f *testing.F) {
	for part := range strings.SplitSeq(fullFile, "---\n") { // small inputs, many of them
		f.Add([]byte(part))
	}
	f.Add([]byte("name: a\n---\nname: b\n"))
	files, _ := filepath.Glob("testdata/broken/*.yaml")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := reader().File("fuzz.yaml", text)
		lines, ok := openapi.Lines(err)
		if !ok || err != nil && len(lines) == 0 {
			t.Fatalf("%T: %v", err, err)
		}
		for _, line := range lines {
			if line.Line < 1 || line.Column < 1 {
				t.Fatalf("%v has no place", line)
			}
		}
	})
}

// What is accepted as JSON is the same again when it is read from its own source.
func FuzzDocument(f *testing.F) {
	list, err := reader().File("full.yaml", []byte(fullFile))
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range list {
		f.Add([]byte(s.Source()))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := openapi.Decode(text)
		if err != nil {
			return
		}
		s, err := reader().Document(doc)
		if err != nil {
			return
		}
		source, err := openapi.Decode(s.Source())
		if err != nil {
			t.Fatal(err)
		}
		again, err := reader().Document(source)
		if err != nil {
			t.Fatalf("accepted, and refused when it is read again: %v\n%s", err, s.Source())
		}
		if !same(s, again) || again.Name != s.Name {
			t.Fatalf("reads differently again: %+v, %+v", s, again)
		}
	})
}
