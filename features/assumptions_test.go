package features_test

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/openapi"
)

// renumber gives the files under assumptions the numbers that the ledger's order asks for.
var renumber = flag.Bool("renumber", false, "rename the features under assumptions into the ledger's order")

// assumption is a file under assumptions with what is tagged in it.
type assumption struct {
	evidence.Feature
	own       []string // ids that the feature is tagged with
	scenarios []runner.Listed
}

// assumed reads the files under assumptions, in the order of their names.
func assumed(t *testing.T) []*assumption {
	t.Helper()
	var all []*assumption
	everyScenario(t, func(f evidence.Feature, s runner.Listed) {
		if path.Dir(f.URI) != "assumptions" {
			return
		}
		if len(all) == 0 || all[len(all)-1].URI != f.URI {
			all = append(all, &assumption{Feature: f, own: rulesOf(f.Tags)})
		}
		last := all[len(all)-1]
		last.scenarios = append(last.scenarios, s)
	})
	return all
}

// rulesOf returns what @assumes tags name.
func rulesOf(tags []string) []string {
	var ids []string
	for _, tag := range tags {
		if id, found := strings.CutPrefix(tag, "@assumes:"); found {
			ids = append(ids, id)
		}
	}
	return ids
}

// assumptions returns the ledger's assumed entries: those with a mark of their own in the ledger's order, and of each field
// without one the entry whose mark it has.
func assumptions(t *testing.T) (own []string, inherited map[string]string) {
	t.Helper()
	inherited = map[string]string{}
	for _, e := range contract(t).Ledger() {
		switch {
		case e.Provenance.Basis != openapi.Assumed:
		case !e.Inherited:
			own = append(own, e.ID)
		default:
			above := e.ID
			for !slices.Contains(own, above) && strings.Contains(above, ".") {
				above = above[:strings.LastIndexByte(above, '.')]
			}
			inherited[e.ID] = above
		}
	}
	return own, inherited
}

// stem is a rule's id as a file is named by it.
func stem(id string) string {
	id = regexp.MustCompile(`([a-z0-9])([A-Z])`).ReplaceAllString(id, "$1-$2")
	return strings.ToLower(strings.Trim(regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(id, "-"), "-"))
}

// Each assumed rule with a mark of its own has one file, numbered in the ledger's order without gaps; and nothing else lies
// there. With -renumber the files are renamed instead.
func TestEveryAssumptionHasItsFeature(t *testing.T) {
	t.Parallel()
	files := map[string][]string{} // by the rule
	for _, a := range assumed(t) {
		if len(a.own) != 1 {
			t.Errorf("%s must be tagged with one rule's @assumes, but has %q", a.URI, a.own)
			continue
		}
		files[a.own[0]] = append(files[a.own[0]], a.URI)
	}
	own, _ := assumptions(t)
	for i, id := range own {
		wanted := fmt.Sprintf("assumptions/%04d-%s.feature", i+1, stem(id))
		switch found := files[id]; {
		case len(found) == 0:
			t.Errorf("the ledger assumes %s: write %s", id, wanted)
		case len(found) > 1:
			t.Errorf("%s has several features: %q", id, found)
		case found[0] != wanted && *renumber:
			if err := os.Rename(filepath.FromSlash(found[0]), filepath.FromSlash(wanted)); err != nil {
				t.Error(err)
			}
		case found[0] != wanted:
			t.Errorf("%s must be named %s: go test ./features -run %s -renumber", found[0], wanted, t.Name())
		}
		delete(files, id)
	}
	for id, found := range files {
		t.Errorf("%q: the ledger does not assume %s: take the feature away, or into its capability", found, id)
	}
}

// Each field that has the mark of its schema is tagged in that schema's feature, at the scenarios that bear on it, and in no
// other; and every tag @assumes, wherever it stands, names something that is assumed.
func TestEveryAssumedFieldIsTagged(t *testing.T) {
	t.Parallel()
	own, inherited := assumptions(t)
	tagged := map[string][]string{} // by the rule: the rules of the files
	for _, a := range assumed(t) {
		for _, s := range a.scenarios {
			for _, id := range rulesOf(s.Tags) {
				if !slices.Contains(a.own, id) && !slices.Contains(tagged[id], strings.Join(a.own, " ")) {
					tagged[id] = append(tagged[id], strings.Join(a.own, " "))
				}
			}
		}
	}
	for id, above := range inherited {
		if !slices.Equal(tagged[id], []string{above}) {
			t.Errorf("%s is assumed because %s is: it must be tagged in that feature alone, and is in %q", id, above, tagged[id])
		}
	}
	everyScenario(t, func(f evidence.Feature, s runner.Listed) {
		for _, id := range rulesOf(s.Tags) {
			if _, below := inherited[id]; !below && !slices.Contains(own, id) {
				t.Errorf("%s:%d: the ledger does not assume %s", f.URI, s.Line, id)
			}
		}
	})
}

// Each says first, in words of its own, what the vendor's documents leave open and what is assumed instead, and then shows it
// by scenarios that can fail.
func TestAssumptionsCanBeRefuted(t *testing.T) {
	t.Parallel()
	notes, said := map[string]string{}, map[string]string{}
	for _, e := range contract(t).Ledger() {
		notes[e.ID] = e.Provenance.Note
	}
	for _, a := range assumed(t) {
		if len(strings.Fields(a.Description)) < 15 || strings.Count(a.Description, ".") < 2 && !strings.Contains(a.Description, ":") {
			t.Errorf("%s must say what the documents leave open, and what is assumed: %q", a.URI, a.Description)
		}
		if note := notes[strings.Join(a.own, "")]; note != "" && strings.EqualFold(strings.Trim(a.Description, "."), note) {
			t.Errorf("%s only repeats the ledger", a.URI)
		}
		for _, text := range []string{a.Name, a.Description} {
			if other := said[text]; other != "" {
				t.Errorf("%s says the same as %s: %q", a.URI, other, text)
			}
			said[text] = a.URI
		}
		for _, s := range a.scenarios {
			if !slices.ContainsFunc(s.Steps, func(step evidence.Step) bool { return step.Keyword == "Then " }) {
				t.Errorf("%s:%d can't fail: it has no Then", a.URI, s.Line)
			}
		}
	}
}
