package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"mozartosim/simulator/journal"
)

// together runs n calls of do at the same time and waits for them.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-begin
			do(i)
		})
	}
	close(begin)
	all.Wait()
}

func givesOrdinals(t *testing.T, j journal.Journal) {
	const callers = 1000
	var seen [callers + 1]atomic.Bool
	together(callers, func(int) {
		n, err := j.Ordinal(context.Background(), "c", journal.AnyRev)
		switch {
		case err != nil:
			t.Error(err)
		case n < 1 || n > callers:
			t.Errorf("ordinal %d among %d callers", n, callers)
		case seen[n].Swap(true):
			t.Errorf("ordinal %d was given twice", n)
		}
	})
}

// For each length of a stream exactly one of those who saw it appends.
func letsOneWin(t *testing.T, j journal.Journal) {
	const rounds, writers = 20, 16
	for round := range rounds {
		var won atomic.Int32
		together(writers, func(i int) {
			err := j.Append(context.Background(), journal.Append{
				Company: "c", Stream: "s", Seen: 2 * round, Entries: entries(2, fmt.Sprintf("%d.%d", round, i)),
			})
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, journal.ErrConflict):
				t.Error(err)
			}
		})
		same(t, "winners", int32(1), won.Load())
	}
	got := read(j, "c", "s")
	same(t, "entries", 2*rounds, len(got))
	for i := 0; i < len(got); i += 2 {
		if got[i].Kind != got[i+1].Kind {
			t.Fatalf("an append was torn apart: %s, %s", got[i].Kind, got[i+1].Kind)
		}
	}
}

// Of many streams that want the same key, in many companies, one gets it and the others are not begun.
func givesKeyToOne(t *testing.T, j journal.Journal) {
	const claimants = 32
	var won atomic.Int32
	together(claimants, func(i int) {
		company := fmt.Sprint("company ", i%4)
		err := j.Append(context.Background(), journal.Append{
			Company: company, Stream: fmt.Sprint(i), Entries: entries(1, "a"), Keys: []string{fmt.Sprint("own ", i), "wanted"},
		})
		if err != nil && !errors.Is(err, journal.ErrExists) {
			t.Error(err)
		}
		if err == nil {
			won.Add(1)
		}
	})
	same(t, "winners", int32(1), won.Load())
	owner := must(j.Find(context.Background(), "wanted"))
	for i := range claimants {
		if own := fmt.Sprint("own ", i); fmt.Sprint(i) != owner.ID {
			notFound(t, "the other key of a loser")(j.Find(context.Background(), own))
		} else {
			must(j.Find(context.Background(), own))
		}
	}
	same(t, "streams", 1, must(j.Stats(context.Background(), "")).Streams)
}

// A company may be forgotten while it is written to: afterwards a key leads to a stream that is there, or to none, and a
// key that leads to none is free.
func forgetsUnderLoad(t *testing.T, j journal.Journal) {
	ctx := context.Background()
	const rounds, writers, each = 100, 4, 5
	for round := range rounds {
		id := func(writer, n int) string { return fmt.Sprintf("%d.%d.%d", round, writer, n) }
		add(j, journal.Append{Company: "c", Stream: fmt.Sprint(round), Entries: entries(1, "a")})
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				for n := range each {
					if err := j.Append(ctx, journal.Append{Company: "c", Stream: id(i, n), Keys: []string{id(i, n)}}); err != nil {
						t.Error(err)
					}
					if found, err := j.Find(ctx, id(i, n)); err == nil && found.ID != id(i, n) {
						t.Errorf("the key %s leads to %s", id(i, n), found.ID)
					}
				}
			})
		}
		all.Go(func() { // last, so that it meets writers on their way
			if err := j.Forget(ctx, "c"); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		for i := range writers * each {
			id := id(i/each, i%each)
			_, missing := j.Entries(ctx, "c", id)
			_, lost := j.Find(ctx, id)
			if errors.Is(missing, journal.ErrNotFound) != errors.Is(lost, journal.ErrNotFound) {
				t.Fatalf("stream %s: %v; its key: %v", id, missing, lost)
			}
			if missing != nil {
				add(j, journal.Append{Company: "d", Stream: id, Keys: []string{id}})
			}
		}
		for _, company := range []string{"c", "d"} {
			check(j.Forget(ctx, company))
		}
	}
}
