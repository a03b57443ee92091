package drift_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mozartosim/features/drift"
	"mozartosim/features/drift/patch"
	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// patched compares two runs and writes the patches of what differs.
func patched(t *testing.T, a, b *evidence.Run) *drift.Report {
	t.Helper()
	r := drift.Compare(a, b, contract(t))
	patch.Write(r, contract(t))
	return r
}

// agrees checks that the contract, changed by a patch, has nothing against what was observed.
func agrees(t *testing.T, patch string, seen *evidence.Run) {
	t.Helper()
	merged, err := openapi.Merge(os.DirFS(filepath.Join(apply(t, patch), "openapi")), "cashier.yaml")
	if err != nil {
		t.Fatal(err)
	}
	changed, err := openapi.Parse(merged)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range drift.Against(seen, changed).Findings {
		if f.Kind != drift.ChangedStatus && !strings.HasPrefix(f.Rule, "Error.") && !strings.Contains(f.Where, "header") {
			t.Errorf("the changed contract disagrees: %s at %s: %s, but is %s\n%s", f.Kind, f.Where, f.A, f.B, patch)
		}
	}
}

// apply applies a patch to a copy of the contract's files, and returns the folder of the copy.
func apply(t *testing.T, patch string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "openapi"), openapi.Sources()); err != nil {
		t.Fatal(err)
	}
	git := exec.Command("git", "apply", "-") // changes nothing when a hunk does not fit
	git.Dir, git.Stdin = folder, strings.NewReader(patch)
	git.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(folder)) // never the repository around it
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, patch)
	}
	return folder
}

// The mark of every assumed rule of the contract can be changed by a patch, or the report says that it must be done by hand;
// those that can't are few.
func TestEveryAssumptionCanBeConfirmed(t *testing.T) {
	t.Parallel()
	c := contract(t)
	s := evidence.Scenario{ID: "all", Name: "all", Status: evidence.Passed}
	for _, e := range c.Ledger() {
		if e.Provenance.Basis == "assumed" {
			s.Rules = append(s.Rules, e.ID)
		}
	}
	r := drift.Against(judged("sandbox", s), c)
	patch.Write(r, c)
	if len(r.Confirmed) != len(s.Rules) {
		t.Errorf("%d of %d confirmed", len(r.Confirmed), len(s.Rules))
	}
	byHand := 0
	for _, f := range r.Confirmed {
		if f.Patch == "" {
			byHand++
			t.Logf("%s: %s", f.Rule, f.Fix)
		}
	}
	if byHand > 15 {
		t.Errorf("%d of %d marks can't be changed by a patch", byHand, len(r.Confirmed))
	}
	apply(t, r.Patch)
}

// What the terminal doesn't show isn't written: the patches of confirmed assumptions and of everything.
func TestPatchesOfFindingsAlone(t *testing.T) {
	t.Parallel()
	const rule = "PayonePayInAnswer.data.transaction_status"
	before := judged("simulator", bears("one", evidence.Passed), bears("two", evidence.Passed))
	after := judged("sandbox", bears("one", evidence.Passed, rule), bears("two", evidence.Failed, "rule-status"))
	whole, r := patched(t, before, after), drift.Compare(before, after, contract(t))
	patch.WriteFindings(r, contract(t))
	if len(r.Findings) != 1 || r.Findings[0].Patch == "" || r.Findings[0].Patch != whole.Findings[0].Patch || r.Findings[0].Fix == "" {
		t.Errorf("the finding is not patched as among all: %+v", r.Findings)
	}
	if len(r.Confirmed) != 1 || r.Confirmed[0].Patch != "" || r.Patch != "" || whole.Patch == "" {
		t.Errorf("more than the findings is patched: %+v and %q", r.Confirmed, r.Patch)
	}
}

// Seen from the other side, the same things differ, and the patch is the same: it follows the run that is not the simulator's.
func TestReversed(t *testing.T) {
	t.Parallel()
	d := deviation{psp: "TRUST", answer: accepted(func(_ *answer, data map[string]any) {
		data["expiresIn"] = "300"
		rename(data, "paymentUrl", "url")
		delete(data, "amount")
	})}
	a, b := simulated(t, "TRUST"), deviating(t, d)
	there, back := patched(t, a, b), patched(t, b, a)
	if there.Patch == "" || there.Patch != back.Patch {
		t.Errorf("patches differ:\n%s\n%s", there.Patch, back.Patch)
	}
	for _, kinds := range []struct {
		r    *drift.Report
		want []drift.Kind
	}{{there, []drift.Kind{drift.Renamed, drift.Missing, drift.Added}}, {back, []drift.Kind{drift.Renamed, drift.Missing, drift.Added}}} {
		if len(kinds.r.Findings) != 3 {
			t.Errorf("got %+v", kinds.r.Findings)
		}
		for i, f := range kinds.r.Findings {
			if f.Kind != kinds.want[i] {
				t.Errorf("finding %d is %s: %+v", i, f.Kind, f)
			}
		}
	}
	agrees(t, back.Patch, b)
}

// A run against the simulator alone is no reason to change the contract.
func TestNoPatchForTheSimulator(t *testing.T) {
	t.Parallel()
	d := deviation{psp: "TRUST", answer: accepted(func(_ *answer, data map[string]any) { delete(data, "amount") })}
	b := deviating(t, d)
	b.Target = "simulator"
	r := patched(t, simulated(t, "TRUST"), b)
	if len(r.Findings) != 1 || r.Findings[0].Patch != "" || r.Patch != "" || !strings.Contains(r.Findings[0].Fix, "simulator") {
		t.Errorf("got %+v", r.Findings)
	}
}

// A text is written into a patch so that it means itself, whatever YAML would make of it.
func TestTextsInPatches(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Pending": "Pending", "Awaiting approval": "Awaiting approval", "yes: no": "'yes: no'", "true": "'true'", "null": "'null'", "12": "'12'", "": "''",
		"it's": "'it''s'", "a\nb": `"a\nb"`, "- a": "'- a'", " a": "' a'",
	} {
		d := deviation{psp: "GIGADAT", flow: "PAYOUT", answer: accepted(func(a *answer, _ map[string]any) { a.body["message"] = text })}
		r := patched(t, simulated(t, "GIGADAT"), deviating(t, d))
		if !strings.Contains(r.Patch, "message: {type: string, enum: ["+want+"]}") {
			t.Errorf("%q is not written as %s:\n%s", text, want, r.Patch)
		}
	}
}
