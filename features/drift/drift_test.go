package drift_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/features/drift"
	"mozartosim/features/evidence"
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

func simulated(t *testing.T, psp string) *evidence.Run {
	t.Helper()
	return record(t, "simulator", 1, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), psp, nil)
}

func sandbox(t *testing.T, psp string, change *deviation) *evidence.Run {
	t.Helper()
	return record(t, "sandbox", 2, time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC), psp, change)
}

// Against a stand-in that is faithful there is nothing to report, though every id, time and token is another one.
func TestFaithfulStandin(t *testing.T) {
	t.Parallel()
	a, b := simulated(t, ""), sandbox(t, "", nil)
	webhooks := 0
	for _, s := range a.Features[0].Scenarios {
		webhooks += len(s.Webhooks)
	}
	t.Logf("%d scenarios, %d webhooks", len(a.Features[0].Scenarios), webhooks)
	if webhooks < 20 {
		t.Errorf("only %d webhooks came", webhooks)
	}
	r := drift.Compare(a, b, contract(t))
	for _, f := range r.Findings {
		t.Errorf("%s at %s (%s): %s → %s, seen in %v", f.Kind, f.Where, f.Rule, f.A, f.B, f.Scenarios)
	}
	for _, n := range r.Notes {
		t.Errorf("note: %s", n)
	}
	for _, f := range drift.Against(b, contract(t)).Findings {
		t.Errorf("against the contract: %s at %s (%s): %s → %s, seen in %v", f.Kind, f.Where, f.Rule, f.A, f.B, f.Scenarios)
	}
}

// Each way in which the stand-in deviates is reported under its rule, once, and nothing else is; its patch applies, and a
// contract that was changed by it agrees with what was seen.
func TestDeviations(t *testing.T) {
	t.Parallel()
	all := deviations()
	if len(all) < 20 {
		t.Errorf("only %d deviations", len(all))
	}
	c := contract(t)
	baselines := map[string]func() *evidence.Run{}
	for _, d := range all {
		baselines[d.psp] = sync.OnceValue(func() *evidence.Run { return simulated(t, d.psp) })
	}
	for _, d := range all {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			seen := sandbox(t, d.psp, &d)
			r := drift.Compare(baselines[d.psp](), seen, c)
			left := slices.Clone(r.Findings)
			for _, w := range d.wants {
				left = w.check(t, d, left)
			}
			for _, f := range left {
				t.Errorf("reported beside it: %s at %s (%s): %s → %s, seen in %v", f.Kind, f.Where, f.Rule, f.A, f.B, f.Scenarios)
			}
			for _, n := range r.Notes {
				t.Errorf("note: %s", n)
			}
			if !d.unsettled {
				settles(t, r.Patch, seen, c)
			}
		})
	}
}

// check takes the finding that is wanted out of those that are left.
func (w want) check(t *testing.T, d deviation, left []drift.Finding) []drift.Finding {
	t.Helper()
	i := slices.IndexFunc(left, func(f drift.Finding) bool {
		return f.Kind == w.kind && f.Rule == w.rule && strings.HasSuffix(f.Where, w.path)
	})
	if i < 0 {
		t.Errorf("not reported: %s under %s", w.kind, w.rule)
		return left
	}
	f := left[i]
	if f.Provenance.Basis == "" || f.Fix == "" || len(f.Scenarios) == 0 {
		t.Errorf("lacks basis, fix or scenarios: %+v", f)
	}
	if f.Patch == "" && !d.unsettled {
		t.Errorf("no patch: %s", f.Fix)
	}
	if f.Patch != "" {
		apply(t, f.Patch)
	}
	return slices.Delete(left, i, i+1)
}

// settles checks that the contract, once changed by a patch, has nothing against what was seen, where it had before.
func settles(t *testing.T, patch string, seen *evidence.Run, c *openapi.Contract) {
	t.Helper()
	folder := apply(t, patch)
	merged, err := openapi.Merge(os.DirFS(filepath.Join(folder, "openapi")), "cashier.yaml")
	if err != nil {
		t.Fatal(err)
	}
	changed, err := openapi.Parse(merged)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the contract had %d findings before", len(drift.Against(seen, c).Findings))
	for _, f := range drift.Against(seen, changed).Findings {
		if f.Kind != drift.ChangedStatus && !strings.HasPrefix(f.Rule, "Error.") && !strings.Contains(f.Where, "header") {
			t.Errorf("not settled: %s at %s: %s, but is %s\n%s", f.Kind, f.Where, f.A, f.B, patch)
		}
	}
}

// apply applies a patch to a copy of the contract's files, and returns the folder that holds it.
func apply(t *testing.T, patch string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "openapi"), openapi.Sources()); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{{"apply", "--check", "-"}, {"apply", "-"}} {
		git := exec.Command("git", arguments...)
		git.Dir, git.Stdin = folder, strings.NewReader(patch)
		git.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(folder)) // never the repository around it
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s\n%s", arguments, err, out, patch)
		}
	}
	return folder
}
