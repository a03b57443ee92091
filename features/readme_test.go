package features_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"mozartosim/features/evidence"
	"mozartosim/features/runner"
	"mozartosim/features/steps"
	"mozartosim/features/target"
)

// block returns a fenced block of README.md.
func block(t *testing.T, language string) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(text)
	if found == nil {
		t.Fatalf("README.md has no block of %s", language)
	}
	return string(found[1])
}

// The feature that README.md teaches with holds.
func TestReadmeFeatureHolds(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"greeting.feature": &fstest.MapFile{Data: []byte(block(t, "gherkin"))}}
	seen, err := runner.Run(t.Context(), runner.Config{Features: files, Target: simulated(t)})
	if err != nil {
		t.Fatal(err)
	}
	if c := seen.Count(); c != (evidence.Counts{Passed: 2}) {
		t.Errorf("%+v: %+v", c, seen.Features[0].Scenarios)
	}
	if seen.Features[0].Capability != "greeting" {
		t.Errorf("the capability of a file that lies in no folder is %q", seen.Features[0].Capability)
	}
}

// The profile that README.md shows can be read, and shows every field.
func TestReadmeProfileIsRead(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "contract.yaml")
	if err := os.WriteFile(file, []byte(block(t, "yaml")), 0o600); err != nil {
		t.Fatal(err)
	}
	set := func(name string) (string, bool) { return "value-of-" + name, strings.HasPrefix(name, "SHOP_") }
	p, err := target.ReadProfile(file, set, nil)
	if err != nil || p.CompanyToken != "value-of-SHOP_COMPANY_TOKEN" || p.Shopper != "person" || len(p.PSPs) != 2 || len(p.Users) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

// Every step of the vocabulary is used by some feature, so that none is taught that was never run.
func TestEveryStepIsUsed(t *testing.T) {
	t.Parallel()
	vocabulary, err := steps.New()
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	everyScenario(t, func(_ evidence.Feature, s runner.Listed) {
		used = append(used, s.Patterns...)
	})
	for _, s := range vocabulary.Steps() {
		if !slices.Contains(used, s.Pattern) {
			t.Errorf("no feature uses %q", s.Pattern)
		}
	}
}
