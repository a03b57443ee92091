package drift_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
	"mozartosim/features/observe"
	"mozartosim/openapi"
	"mozartosim/openapi/observed"
)

func contract(t testing.TB) *openapi.Contract {
	t.Helper()
	c, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// noDifference checks that a report has no findings and no notes.
func noDifference(t *testing.T, r *drift.Report) {
	t.Helper()
	for _, f := range r.Findings {
		t.Errorf("%s at %s (%s): %s → %s, in %v", f.Kind, f.Where, f.Rule, f.A, f.B, f.Scenarios)
	}
	for _, n := range r.Notes {
		t.Errorf("note: %s", n)
	}
}

// A Sandbox that is like the simulator has no differences, though every id, time and token is another one.
func TestNoDeviation(t *testing.T) {
	t.Parallel()
	a, b := simulated(t), undeviating(t)
	webhooks := 0
	for _, s := range a.Features[0].Scenarios {
		webhooks += len(s.Webhooks)
	}
	t.Logf("%d scenarios, %d webhooks", len(a.Features[0].Scenarios), webhooks)
	if webhooks < 20 {
		t.Errorf("only %d webhooks came", webhooks)
	}
	noDifference(t, drift.Compare(a, b, contract(t)))
	noDifference(t, drift.Against(b, contract(t)))
}

// What the simulator answers on its own behalf, while its data is unavailable, is no difference to anything.
func TestOwnAnswers(t *testing.T) {
	t.Parallel()
	a, b := simulated(t, "PAYONE"), undeviating(t, "PAYONE")
	for i := range a.Features[0].Scenarios[0].Exchanges {
		answer := &a.Features[0].Scenarios[0].Exchanges[i].Answer
		answer.Status, answer.Body, answer.Headers = 503, `{"status":"error"}`, map[string]string{"Mozartosim-Error": "data-unavailable"}
	}
	for _, r := range []*drift.Report{drift.Compare(a, b, contract(t)), drift.Against(a, contract(t))} {
		for _, f := range r.Findings {
			t.Errorf("%s at %s (%s): %s → %s", f.Kind, f.Where, f.Rule, f.A, f.B)
		}
	}
}

// Each deviation is reported under its rule, once, and nothing else is; its finding has the observations that are learned of it, and a
// contract with all of them agrees with what was observed. Deviations of different providers are tested together.
func TestDeviations(t *testing.T) {
	t.Parallel()
	all := deviations()
	if len(all) < 20 {
		t.Errorf("only %d deviations", len(all))
	}
	for i, together := range rounds(all) {
		t.Run(fmt.Sprint("round ", i+1), func(t *testing.T) {
			t.Parallel()
			seen := deviating(t, together...)
			before := simulated(t, pspsOf(together)...)
			r := explained(t, before, seen)
			reported(t, r, together)
			all := agrees(t, r, seen, together[0].unsaid)
			learned, _ := learnedFrom(t, before, observed.File{}, seen)
			if want := texts(learned.File); !slices.Equal(all, want) {
				t.Errorf("the findings have the observations %q, learned are %q", all, want)
			}
		})
	}
}

// explained compares two runs, and says what is learned of what differs.
func explained(t *testing.T, a, b *evidence.Run) *drift.Report {
	t.Helper()
	r := drift.Compare(a, b, contract(t))
	observe.Explain(r, contract(t))
	return r
}

// agrees checks that the contract with a report's observations has nothing against what was observed, unless no document can say it,
// and returns them.
func agrees(t *testing.T, r *drift.Report, seen *evidence.Run, unsaid bool) []string {
	t.Helper()
	var all observed.File
	for _, f := range r.Findings {
		all.Observations = append(all.Observations, f.Observations...)
	}
	changed, err := observed.Apply(contract(t), all)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range drift.Against(seen, changed).Findings {
		if !unsaid && f.Kind != drift.ChangedStatus && !strings.HasPrefix(f.Rule, "Error.") && !strings.Contains(f.Where, "header") {
			t.Errorf("the changed contract disagrees: %s at %s: %s, but is %s", f.Kind, f.Where, f.A, f.B)
		}
	}
	return texts(all)
}

// texts are what observations say, each once.
func texts(f observed.File) (all []string) {
	for i := range f.Observations {
		all = append(all, f.Observations[i].Rule+": "+f.Observations[i].Says())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// rounds groups the deviations: at most one of a provider in each group, and those that no document can say apart.
func rounds(all []deviation) [][]deviation {
	var groups [][]deviation
	for _, d := range all {
		i := slices.IndexFunc(groups, func(group []deviation) bool {
			return group[0].unsaid == d.unsaid && !slices.Contains(pspsOf(group), d.psp)
		})
		if i < 0 {
			i = len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], d)
	}
	return groups
}

// reported checks that a report has the findings of all deviations and no others.
func reported(t *testing.T, r *drift.Report, changes []deviation) {
	t.Helper()
	left := slices.Clone(r.Findings)
	for _, d := range changes {
		for _, w := range d.wants {
			left = w.check(t, d, left)
		}
	}
	noDifference(t, &drift.Report{Findings: left, Notes: r.Notes})
}

// check takes the finding that is wanted out of those that are left.
func (w want) check(t *testing.T, d deviation, left []drift.Finding) []drift.Finding {
	t.Helper()
	i := slices.IndexFunc(left, func(f drift.Finding) bool {
		return f.Kind == w.kind && f.Rule == w.rule && strings.HasSuffix(f.Where, w.path)
	})
	if i < 0 {
		t.Errorf("%s is not reported: %s under %s", d.name, w.kind, w.rule)
		return left
	}
	f := left[i]
	if f.Provenance.Basis == "" || len(f.Scenarios) == 0 {
		t.Errorf("%s: the finding lacks basis or scenarios: %+v", d.name, f)
	}
	return slices.Delete(left, i, i+1)
}
