package sqlite

import (
	"context"
	"fmt"
	"testing"
	"time"

	"mozartosim/simulator/journal"
)

// A file that lay for three days with ten thousand webhooks overdue hands them out in order, those that come in the meantime
// behind them by their time, and looks at none of them twice.
func TestOverdue(t *testing.T) {
	t.Parallel()
	const overdue = 10_000
	ctx, file := context.Background(), fresh(t)
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	c := journal.Copy{Began: overdue}
	for i := range overdue {
		id := fmt.Sprint(i)
		c.Streams = append(c.Streams, journal.StreamCopy{ID: id, Ordinal: uint64(i + 1)})
		at := noon.Add(time.Duration(i*7919%overdue) * time.Second)
		c.Jobs = append(c.Jobs, journal.Job{ID: id + "/attempt", Stream: id, At: at, Kind: "attempt"})
	}
	j := hasty(t, open(t, file, Options{}))
	if err := j.Import(ctx, "c", c); err != nil {
		t.Fatal(err)
	}
	shut(t, j)

	j = hasty(t, open(t, file, Options{}))
	now := noon.Add(72 * time.Hour)
	s := j.shelves["c"]
	var last journal.Job
	took, fresh := 0, 0
	for {
		due, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: now, Limit: 64})
		if err != nil {
			t.Fatal(err)
		}
		if len(due) == 0 {
			break
		}
		for _, d := range due {
			if d.At.Before(last.At) {
				t.Fatalf("%s of %v follows %v", d.ID, d.At, last.At)
			}
			last = d
		}
		took += len(due)
		if s.from.before(place{packTime(last.At), last.Seq}) {
			t.Fatalf("the next look begins at %v, behind which all was taken up to %v", s.from, last.At)
		}
		// Somebody pays meanwhile, and his webhook is due at once.
		if fresh < 50 {
			id := fmt.Sprint("new ", fresh)
			add(t, j, journal.Append{Company: "c", Stream: id, Jobs: []journal.Job{{ID: id + "/attempt", At: now, Kind: "attempt"}}})
			fresh++
		}
	}
	if took != overdue+fresh {
		t.Errorf("took %d of %d", took, overdue+fresh)
	}
	// None was settled: the next process has them all.
	shut(t, j)
	j = hasty(t, open(t, file, Options{}))
	if due, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: now, Limit: 2 * overdue}); err != nil || len(due) != overdue+fresh {
		t.Errorf("after a restart %d, %v", len(due), err)
	}
}

// New work that is due before what was taken is not passed over.
func TestEarlierWork(t *testing.T) {
	t.Parallel()
	ctx, j := context.Background(), open(t, fresh(t), Options{})
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	work := func(stream string, at time.Time) journal.Append {
		return journal.Append{Company: "c", Stream: stream, Jobs: []journal.Job{{ID: stream, At: at, Kind: "k"}}}
	}
	add(t, j, work("a", noon))
	if due, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: noon}); err != nil || len(due) != 1 {
		t.Fatalf("%v, %v", due, err)
	}
	add(t, j, work("b", noon.Add(-time.Hour)))
	if due, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: noon}); err != nil || len(due) != 1 || due[0].ID != "b" {
		t.Fatalf("%v, %v", due, err)
	}
	if of, err := j.PendingJobs(ctx, "c", journal.JobQuery{Stream: "a"}); err != nil || len(of) != 0 {
		t.Fatalf("taken work waits: %v, %v", of, err)
	}
}
