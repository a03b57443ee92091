package runner

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"mozartosim/features/evidence"
	"mozartosim/features/target"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// folder makes a file system of one feature.
func folder(text string) fs.FS {
	return fstest.MapFS{"shop/test.feature": &fstest.MapFile{Data: []byte(text)}}
}

// simulated starts a simulator for a test.
func simulated(t *testing.T) *target.Target {
	t.Helper()
	target, err := target.Simulator("test")
	if err != nil {
		t.Fatal(err)
	}
	closed(t, target)
	return target
}

func closed(t *testing.T, target *target.Target) {
	t.Helper()
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
}

// ran runs features and insists that they could be run.
func ran(t *testing.T, c Config) *evidence.Run {
	t.Helper()
	seen, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// only returns the one scenario of a run.
func only(t *testing.T, seen *evidence.Run) evidence.Scenario {
	t.Helper()
	if len(seen.Features) != 1 || len(seen.Features[0].Scenarios) != 1 {
		t.Fatalf("not one scenario, but %+v", seen.Count())
	}
	return seen.Features[0].Scenarios[0]
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("not as in %s (- golden, + now); -update writes it anew:\n%s", file, diff)
	}
}
