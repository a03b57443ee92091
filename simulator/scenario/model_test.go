package scenario

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"mozartosim/openapi"
	"mozartosim/simulator/condition"
	"mozartosim/simulator/random"
)

// model is a Set as one would write it down without a thought for speed: it remembers every call, and counts anew.
type model struct {
	list      []*Scenario
	calls     []Request
	applied   map[*Scenario]int
	overrides []*Scenario
}

func amountOf(q Request) string { return string(q.Document.Fields["baseamount"].(json.Number)) }

// holds is psp, type and when; every `when` here is baseamount == N.
func (m *model) holds(sc *Scenario, q Request) bool {
	match := sc.Match
	return (match.PSP == "" || match.PSP == q.PSP) && (match.Type == "" || match.Type == q.Type) &&
		(match.When == nil || match.When.String() == "baseamount == "+amountOf(q))
}

func (m *model) choose(q Request, draw *random.Stream) string {
	if q.Header != "" {
		for _, sc := range m.list {
			if sc.Name == q.Header && (sc.Match.PSP != "" && sc.Match.PSP != q.PSP || sc.Match.Type != "" && sc.Match.Type != q.Type) {
				return "mismatch"
			}
		}
	}
	m.calls = append(m.calls, q)
	for i, sc := range m.overrides {
		if m.holds(sc, q) {
			m.overrides = append(append([]*Scenario{}, m.overrides[:i]...), m.overrides[i+1:]...)
			return sc.Name + " override"
		}
	}
	switch {
	case q.Header != "":
		return q.Header + " header"
	case q.HasTestData:
		return "-"
	}
	for _, sc := range m.list {
		nth := 0
		for _, call := range m.calls {
			if m.holds(sc, call) {
				nth++
			}
		}
		switch {
		case sc.Match.Named, !m.holds(sc, q), sc.Match.Nth > 0 && sc.Match.Nth != nth, sc.Times > 0 && m.applied[sc] >= sc.Times:
		case sc.Chance > 0 && sc.Chance < 1 && draw.Float64() >= sc.Chance:
		default:
			m.applied[sc]++
			return sc.Name + " match"
		}
	}
	return "-"
}

func drawScenario(t *rapid.T, i int) *Scenario {
	sc := &Scenario{Name: fmt.Sprintf("s%d", i)}
	sc.Match.PSP = rapid.SampledFrom([]string{"", "PAYONE", "TRUST"}).Draw(t, "psp")
	sc.Match.Type = rapid.SampledFrom([]string{"", "", "PAYIN", "PAYOUT"}).Draw(t, "type")
	sc.Match.Named = rapid.IntRange(0, 4).Draw(t, "named") == 0
	if rapid.Bool().Draw(t, "when") {
		when, err := condition.Compile(fmt.Sprintf("baseamount == %d", rapid.IntRange(1, 2).Draw(t, "amount")))
		if err != nil {
			t.Fatal(err)
		}
		sc.Match.When = when
	}
	sc.Match.Nth = rapid.SampledFrom([]int{0, 0, 1, 2, 3}).Draw(t, "nth")
	sc.Times = rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "times")
	sc.Chance = rapid.SampledFrom([]float64{0, 0, 0.5, 1}).Draw(t, "chance")
	return sc
}

// The set and the naive model give every call the same.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &model{applied: map[*Scenario]int{}}
		for i := range rapid.IntRange(0, 6).Draw(t, "scenarios") {
			m.list = append(m.list, drawScenario(t, i))
		}
		set := NewSet(m.list)
		seed := rapid.Uint64().Draw(t, "seed")
		for i := range rapid.IntRange(1, 30).Draw(t, "calls") {
			if len(m.list) > 0 && rapid.IntRange(0, 5).Draw(t, "override") == 0 {
				sc := rapid.SampledFrom(m.list).Draw(t, "which")
				m.overrides = append(m.overrides, sc)
				if err := overrideNamed(set, sc.Name); err != nil {
					t.Fatal(err)
				}
			}
			if len(m.list) > 0 && rapid.IntRange(0, 9).Draw(t, "unset") == 0 {
				name := rapid.SampledFrom(m.list).Draw(t, "whose").Name
				if rapid.Bool().Draw(t, "all") {
					name = ""
				}
				var left []*Scenario
				for _, sc := range m.overrides {
					if name != "" && sc.Name != name {
						left = append(left, sc)
					}
				}
				if got, want := set.Unset(name), len(m.overrides)-len(left); got != want {
					t.Fatalf("unset %q takes back %d, want %d", name, got, want)
				}
				m.overrides = left
			}
			if rapid.IntRange(0, 9).Draw(t, "reload") == 0 {
				set.Replace(append([]*Scenario{}, m.list...))
			}
			q := drawCall(t, m.list)
			name := fmt.Sprint(i)
			want := m.choose(q, random.New(seed, name))
			if got := outcome(set.Choose(q, random.New(seed, name))); got != want {
				t.Fatalf("call %d gets %s, want %s", i+1, got, want)
			}
		}
	})
}

func drawCall(t *rapid.T, list []*Scenario) Request {
	q := Request{
		PSP:         rapid.SampledFrom([]string{"PAYONE", "TRUST", "BRITE"}).Draw(t, "psp"),
		Type:        rapid.SampledFrom([]string{"PAYIN", "PAYOUT"}).Draw(t, "type"),
		HasTestData: rapid.IntRange(0, 9).Draw(t, "magic") == 0,
	}
	amount := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "amount")
	q.Document = openapi.Document{Fields: map[string]any{"baseamount": json.Number(amount)}}
	if len(list) > 0 && rapid.IntRange(0, 5).Draw(t, "header") == 0 {
		q.Header = rapid.SampledFrom(list).Draw(t, "named").Name
	}
	return q
}

func outcome(chosen *Scenario, why string, err error) string {
	switch {
	case err != nil:
		return "mismatch"
	case chosen == nil:
		return "-"
	}
	return chosen.Name + " " + why
}
