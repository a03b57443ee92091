package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
	"mozartosim/simulator/random"
)

const shelf = `
name: payone-late
match: {psp: PAYONE, named: true}
---
name: payout-only
match: {type: PAYOUT, named: true}
---
name: third-call
match: {psp: PAYONE, nth: 3}
---
name: twice
match: {psp: PAYONE, when: baseamount >= 100}
times: 2
---
name: everything
match: {psp: TRUST}
`

// ask makes a payment and says which scenario it got, and why.
func ask(t *testing.T, s *Set, q Request, amount string) string {
	t.Helper()
	if q.PSP == "" {
		q.PSP = "PAYONE"
	}
	if q.Type == "" {
		q.Type = "PAYIN"
	}
	q.Document = document(t, `{"baseamount": `+amount+`}`)
	chosen, why, err := s.Choose(q, random.New(1))
	switch {
	case err != nil:
		return err.Error()
	case chosen == nil:
		return "-"
	}
	return chosen.Name + " by " + why
}

// call is a payment and what it shall get.
type call struct {
	request Request
	amount  string
	want    string
}

func play(t *testing.T, s *Set, calls ...call) {
	t.Helper()
	for i, c := range calls {
		if got := ask(t, s, c.request, c.amount); got != c.want {
			t.Errorf("call %d gets %s, want %s", i+1, got, c.want)
		}
	}
}

// Each rung of the precedence.
func TestChoose(t *testing.T) {
	t.Parallel()
	s := NewSet(load(t, shelf))
	play := func(calls ...call) { t.Helper(); play(t, s, calls...) }
	header := Request{Header: "payone-late", MerchantReference: "sim:everything"}
	reference := Request{MerchantReference: "sim:payone-late"}
	play(
		call{Request{}, "5", "-"},
		call{header, "5", "payone-late by header"},
		call{reference, "500", "payone-late by merchantReference"}, // the third call, taken by name
		call{Request{}, "100", "twice by match"},
		call{Request{HasTestData: true}, "100", "-"},
		call{Request{}, "100.00", "twice by match"},
		call{Request{}, "100", "-"}, // its times are over
		call{Request{PSP: "TRUST"}, "1", "everything by match"},
		call{Request{MerchantReference: "order sim:payone-late"}, "1", "-"},
	)
	if err := overrideNamed(s, "everything"); err != nil {
		t.Fatal(err)
	}
	if err := overrideNamed(s, "twice"); err != nil {
		t.Fatal(err)
	}
	play(
		call{Request{}, "5", "-"}, // neither fits
		call{header, "100", "twice by override"},
		call{header, "100", "payone-late by header"},
		call{Request{PSP: "TRUST", MerchantReference: "sim:twicee"}, "1",
			`merchantReference must name a scenario: there is no scenario "twicee", close matches are twice`},
		call{Request{PSP: "TRUST"}, "1", "everything by override"},
		call{Request{PSP: "TRUST"}, "1", "everything by match"},
	)
	if waiting := s.Overrides(); len(waiting) != 0 {
		t.Errorf("%d overrides wait", len(waiting))
	}
}

func TestChooseErrors(t *testing.T) {
	t.Parallel()
	s := NewSet(load(t, shelf))
	for _, test := range []struct {
		request Request
		want    string
	}{
		{Request{Header: "payone-lat"}, `Mozartosim-Scenario must name a scenario: there is no scenario "payone-lat", close matches are payone-late`},
		{Request{MerchantReference: "sim:zzz"}, `merchantReference must name a scenario: there is no scenario "zzz"`},
		{Request{MerchantReference: "sim:"}, `merchantReference must name a scenario: there is no scenario ""`},
		{Request{Header: strings.Repeat("x", 100)}, `Mozartosim-Scenario must name a scenario: there is no scenario "` + strings.Repeat("x", 64) + `…"`},
		{Request{Header: "payone-late", PSP: "TRUST"}, "Mozartosim-Scenario must fit the payment: scenario payone-late is for PAYONE"},
		{Request{MerchantReference: "sim:payout-only"}, "merchantReference must fit the payment: scenario payout-only is for PAYOUT"},
	} {
		if got := ask(t, s, test.request, "1"); got != test.want {
			t.Errorf("says %s, want %s", got, test.want)
		}
	}
	_, _, err := s.Choose(Request{Header: "payone-lat", PSP: "PAYONE"}, nil)
	var unknown *Unknown
	if !errors.As(err, &unknown) || unknown.Name != "payone-lat" || cmp.Diff([]string{"payone-late"}, unknown.Similar) != "" {
		t.Errorf("%#v", err)
	}
	_, _, err = s.Choose(Request{Header: "payone-late", PSP: "TRUST"}, nil)
	var mismatch *Mismatch
	if !errors.As(err, &mismatch) || mismatch.PSP != "PAYONE" {
		t.Errorf("%#v", err)
	}
	if s.Counts("third-call") != (Count{}) {
		t.Error("calls that end in an error were counted")
	}
}

// A call whose turn it is counts, whatever it gets.
func TestNth(t *testing.T) {
	t.Parallel()
	s := NewSet(load(t, "name: other\nmatch: {nth: 2}\n---\nname: second\nmatch: {nth: 2, psp: PAYONE}\n---\nname: third\nmatch: {nth: 3}\n"))
	for i, want := range []string{"-", "other by match", "third by match", "-"} {
		if got := ask(t, s, Request{}, "1"); got != want {
			t.Errorf("call %d gets %s, want %s", i+1, got, want)
		}
	}
	if got := fmt.Sprint(s.Counts("other"), s.Counts("third")); got != "{2 0} {3 0}" {
		t.Errorf("counted %s", got)
	}
}

// names lists what is in force; a star marks what came by the API.
func names(s *Set) string {
	var all []string
	for _, sc := range s.List() {
		mark := ""
		if sc.File == "" {
			mark = "*"
		}
		all = append(all, sc.Name+mark)
	}
	return strings.Join(all, " ")
}

func put(t *testing.T, s *Set, text string) {
	t.Helper()
	sc, err := reader().Document(document(t, text))
	if err == nil {
		err = s.Put(sc)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestPutAndDelete(t *testing.T) {
	t.Parallel()
	loaded := load(t, "name: a\n---\nname: b\nmatch: {psp: TRUST}\n")
	s := NewSet(loaded)
	put := func(text string) { t.Helper(); put(t, s, text) }
	step := func(what, want string) {
		t.Helper()
		if got := names(s); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	before := s.List()
	step("at first", "a b")
	put(`{"name": "c"}`)
	put(`{"name": "b"}`)
	step("put", "c* b* a")
	put(`{"name": "c", "times": 1}`)
	step("put again", "c* b* a")
	if got := ask(t, s, Request{}, "1"); got != "c by match" {
		t.Errorf("what was put comes first: %s", got)
	}
	s.Replace(load(t, "name: b\n---\nname: d\n"))
	step("replaced", "c* b* d")
	if got := s.Counts("c").Applied; got != 1 {
		t.Errorf("a reload takes counters from what was put: %d", got)
	}
	if !s.Delete("b") || !s.Delete("d") || s.Delete("d") || s.Delete("zzz") {
		t.Error("delete says wrong")
	}
	step("deleted", "c* b")
	s.Replace(loaded)
	step("reloaded", "c* a b")
	s.Delete("a")
	s.Reset()
	step("reset", "a b")
	if len(before) != 2 || before[0] != loaded[0] {
		t.Error("an old list was changed")
	}
	if sc, err := s.Get("a"); err != nil || sc != loaded[0] {
		t.Error(sc, err)
	}
	if _, err := s.Get("aa"); err == nil || err.Error() != `there is no scenario "aa", close matches are a` {
		t.Error(err)
	}
}

// Hot reload: a scenario that hasn't changed goes on counting, one that has begins anew.
func TestReplaceKeepsCounters(t *testing.T) {
	t.Parallel()
	const first = "name: same\nmatch: {psp: TRUST}\ntimes: 1\n---\nname: changed\nmatch: {psp: PAYONE}\ntimes: 1\n"
	s := NewSet(load(t, first))
	calls := func() string {
		return ask(t, s, Request{PSP: "TRUST"}, "1") + ", " + ask(t, s, Request{PSP: "PAYONE"}, "1")
	}
	if got := calls(); got != "same by match, changed by match" {
		t.Error(got)
	}
	s.Replace(load(t, "# a comment\n"+first))
	if got := calls(); got != "-, -" {
		t.Error(got)
	}
	s.Replace(load(t, strings.Replace(first, "times: 1\n---", "times: 1\n---\nname: new\nmatch: {psp: BRITE}\n---", 1)+"description: other\n"))
	if got := calls(); got != "-, changed by match" {
		t.Error(got)
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	s := NewSet(load(t, shelf))
	ask(t, s, Request{}, "100")
	once, err := reader().Document(document(t, `{"name": "once", "match": {"psp": "BRITE"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Override(once); err != nil {
		t.Fatal(err)
	}
	put(t, s, `{"name": "extra", "match": {"named": true}, "then": []}`)
	s.Delete("everything")
	text, err := json.Marshal(s.State())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"put":[{"name":"extra","match":{"named":true},"then":[]}],"deleted":["everything"],` +
		`"overrides":[{"name":"once","match":{"psp":"BRITE"}}],"counters":{"third-call":{"matched":1},"twice":{"applied":1}}}`
	if string(text) != want {
		t.Errorf("state %s\nwant %s", text, want)
	}
	var state State
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	other := NewSet(load(t, shelf))
	if err := other.SetState(reader(), state); err != nil {
		t.Fatal(err)
	}
	for _, q := range []Request{{}, {}, {PSP: "TRUST"}, {PSP: "BRITE"}, {PSP: "BRITE"}, {Header: "extra"}} {
		if a, b := ask(t, s, q, "100"), ask(t, other, q, "100"); a != b {
			t.Errorf("%+v gets %s, and %s after a restore", q, a, b)
		}
	}
	if err := other.SetState(reader(), State{Put: []json.RawMessage{[]byte(`{"name": 1}`)}}); err == nil || len(other.List()) != len(s.List()) {
		t.Errorf("a broken state: %v", err)
	}
	if err := other.SetState(reader(), State{}); err != nil || len(other.List()) != 5 || len(other.State().Counters) != 0 {
		t.Errorf("an empty state: %v", err)
	}
}

// A condition that fails is no match, and is reported once.
func TestReport(t *testing.T) {
	t.Parallel()
	s := NewSet(load(t, "name: odd\nmatch: {when: 'request[\"baseamount\"] > \"1\"'}\n---\nname: rest\n"))
	var reports []string
	s.Report = func(sc *Scenario, err error) {
		s.List() // the lock is free
		reports = append(reports, sc.Name+": "+err.Error())
	}
	for range 3 {
		if got := ask(t, s, Request{}, "5"); got != "rest by match" {
			t.Error(got)
		}
	}
	if diff := cmp.Diff([]string{"odd: cannot compare a number with text (column 23)"}, reports); diff != "" {
		t.Error(diff)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	s := NewSet(nil)
	sc := &Scenario{Name: "a"}
	for range maxOverrides {
		if err := s.Override(sc); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Override(sc); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
	if err := overrideNamed(s, "b"); err == nil || errors.Is(err, ErrLimit) {
		t.Error(err)
	}
}

// overrideNamed overrides with the scenario in force under a name.
func overrideNamed(s *Set, name string) error {
	sc, err := s.Get(name)
	if err != nil {
		return err
	}
	return s.Override(sc)
}

// Everything at once, for the race detector; and no payment is counted twice.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	s := NewSet(load(t, "name: some\ntimes: 50\n---\nname: every\n"))
	var mu sync.Mutex
	got := map[string]int{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 25 {
				chosen, _, err := s.Choose(Request{PSP: "PAYONE", Type: "PAYIN", Document: openapi.Document{}}, random.New(1))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got[chosen.Name]++
				mu.Unlock()
				s.List()
				s.State()
				s.Replace(s.List())
			}
		})
	}
	all.Wait()
	if got["some"] != 50 || got["every"] != 150 {
		t.Errorf("got %v", got)
	}
}

// A copy's own fault goes before the notification's, and that before the one for all webhooks.
func TestCopies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, webhooks, own, want string }{
		{"nothing", `{}`, `{}`, `[{}]`},
		{"a number", `{copies: 3, spaced: 2s, auth: wrong}`, `{}`, `[{auth: wrong}, {after: 2s, auth: wrong}, {after: 4s, auth: wrong}]`},
		{"a list", `{copies: [{}, {after: 3d, auth: wrong}], body: empty}`, `{}`, `[{body: empty}, {after: 3d, auth: wrong, body: empty}]`},
		{"one notification", `{copies: 2, auth: wrong, body: huge}`, `{auth: old}`, `[{auth: old, body: huge}, {auth: old, body: huge}]`},
		{"its copies", `{copies: 3, spaced: 1s}`, `{copies: [{auth: old}], body: empty}`, `[{auth: old, body: empty}]`},
		{"their number", `{copies: [{auth: wrong}, {}]}`, `{copies: 2, spaced: 1m}`, `[{}, {after: 1m}]`},
		{"the narrowest", `{copies: [{auth: wrong}, {}]}`, `{auth: missing}`, `[{auth: wrong}, {auth: missing}]`},
	} {
		text := "name: a\nwebhooks: " + test.webhooks + "\nthen: [{status: Approved, webhook: " + test.own + "}]\n"
		plan := load(t, text)[0].Plan(random.New(1))
		want := load(t, "name: b\nwebhooks: {copies: "+test.want+"}\n")[0].Webhooks.Each
		kept, err := json.Marshal(plan)
		if err != nil {
			t.Fatal(err)
		}
		plan = Plan{}
		if err := json.Unmarshal(kept, &plan); err != nil {
			t.Fatal(err)
		}
		if got := plan.Webhooks.CopiesOf(plan.Then[0].Webhook); !slices.Equal(got, want) {
			t.Errorf("%s: %+v, want %+v", test.name, got, want)
		}
	}
}
