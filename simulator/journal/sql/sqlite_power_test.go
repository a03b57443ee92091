package sqljournal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"mozartosim/simulator/journal"
)

// kept is an append that was answered, and how much SQLite had done then.
type kept struct {
	journal.Append
	length int // the stream's
	deeds  int
}

// writtenTo makes payments and decides them in a file whose every write is recorded, checkpoints in between. It returns what was
// answered, and how much had been done when the file was new.
func writtenTo(t *testing.T, setting string) (r *record, begun int, answers []kept) {
	t.Helper()
	file := aFile(t).file
	name, r := recording(filepath.Dir(file))
	j, err := OpenFile(context.Background(), file, Options{fileSystem: name})
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"wal_autocheckpoint = 40", setting} {
		if err := j.db.(*sqliteFile).conn.exec(context.Background(), "PRAGMA "+set); err != nil {
			t.Fatal(err)
		}
	}
	begun = r.len()
	for n := range int64(20) {
		made := payment("acme", n)
		add(t, j, made)
		answers = append(answers, kept{made, 3, r.len()})
		if n%2 == 0 {
			add(t, j, decided(made))
			answers = append(answers, kept{made, 4, r.len()})
		}
	}
	done := r.len()
	shut(t, j)
	r.all = r.all[:done] // to close is no power loss
	return r, begun, answers
}

// lostAt is what is missing, or is wrong, in a file after the power failed when so much had been done; "" = nothing.
func lostAt(t *testing.T, files map[string][]byte, deeds int, answers []kept) string {
	t.Helper()
	to := aFile(t).file
	for name, image := range files {
		if err := os.WriteFile(filepath.Join(filepath.Dir(to), name), image, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	j, err := OpenFile(ctx, to, Options{damageSearch: 1})
	if err != nil {
		return err.Error()
	}
	defer shut(t, j)
	if err := j.Check(ctx); err != nil {
		return err.Error()
	}
	for _, a := range answers {
		if a.deeds > deeds {
			break
		}
		entries, err := j.Entries(ctx, "acme", a.Stream)
		if err != nil || len(entries) < a.length || string(entries[1].Data) != string(a.Entries[1].Data) {
			return fmt.Sprintf("payment %s has %d entries of %d, %v", a.Stream, len(entries), a.length, err)
		}
	}
	return ""
}

// powerLosses has the power fail at so many moments, and returns how often something was lost, and what.
func powerLosses(t *testing.T, setting string, moments int) (lost int, what string) {
	t.Helper()
	r, begun, answers := writtenTo(t, setting)
	chance, k, tried := rand.New(rand.NewPCG(1, 2)), newDisk(), 0
	for n, d := range r.all {
		k.do(d)
		if n < begun || (n-begun+1)*moments/(len(r.all)-begun) == (n-begun)*moments/(len(r.all)-begun) {
			continue
		}
		tried++
		if found := lostAt(t, k.afterPowerLoss(chance), n+1, answers); found != "" {
			lost++
			what = fmt.Sprintf("after %d of %d writes and syncs: %s", n+1, len(r.all), found)
		}
	}
	if tried != moments {
		t.Fatalf("the power failed at %d moments of %d writes and syncs, want %d", tried, len(r.all)-begun, moments)
	}
	return lost, what
}

// Whenever the power fails, what was answered is there, and nothing by half: all that was not synced may be lost, or be there in
// part.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	if lost, what := powerLosses(t, "synchronous = FULL", 200); lost > 0 {
		t.Errorf("something was lost %d times of 200: %s", lost, what)
	}
}

// The same finds what is lost when nothing is synced.
func TestPowerLossIsFound(t *testing.T) {
	t.Parallel()
	if lost, _ := powerLosses(t, "synchronous = OFF", 20); lost < 10 {
		t.Errorf("without a sync something was lost %d times of 20 only", lost)
	}
}
