package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/postgres"
)

// listed returns the ids of a company's streams, newest first.
func listed(t testing.TB, j journal.Journal, company string) (ids []string) {
	t.Helper()
	streams, err := j.List(context.Background(), company, journal.Query{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range streams {
		ids = append(ids, st.ID)
	}
	return ids
}

// When room is needed the oldest that is done goes, or the oldest of all, and never the newest.
func TestRoom(t *testing.T) {
	t.Parallel()
	type step struct {
		id   string
		done bool
	}
	for name, test := range map[string]struct {
		steps []step // into room for three
		want  []string
	}{
		"the oldest that is done":            {[]step{{"open", false}, {"done 1", true}, {"done 2", true}, {"new", false}}, []string{"new", "done 2", "open"}},
		"the oldest of all when none is":     {[]step{{"1", false}, {"2", false}, {"3", false}, {"4", false}}, []string{"4", "3", "2"}},
		"none too early":                     {[]step{{"1", true}, {"2", true}, {"3", true}}, []string{"3", "2", "1"}},
		"not the newest, though it is done":  {[]step{{"1", false}, {"2", false}, {"3", false}, {"4", true}}, []string{"4", "3", "2"}},
		"the order of being done is another": {[]step{{"1", false}, {"2", true}, {"1", true}, {"3", false}, {"4", false}}, []string{"4", "3", "1"}},
		"open again":                         {[]step{{"1", true}, {"1", false}, {"2", true}, {"3", false}, {"4", false}}, []string{"4", "3", "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, seen := open(t, server.URL(), postgres.Options{MaxPayments: 3, Conns: 2}), map[string]int{}
			for _, s := range test.steps {
				add(t, j, journal.Append{Company: "c", Stream: s.id, Seen: seen[s.id], Entries: entry("a"), Final: s.done})
				seen[s.id]++
			}
			equal(t, "kept", test.want, listed(t, j, "c"))
		})
	}
}

// With a stream goes all that belongs to it, and the sums know.
func TestDroppedIsGone(t *testing.T) {
	t.Parallel()
	ctx, j := context.Background(), open(t, server.URL(), postgres.Options{MaxPayments: 1, Conns: 2})
	for _, id := range []string{"old", "new"} {
		add(t, j, journal.Append{Company: "c", Stream: id, Entries: entry("a"), Keys: []string{id}, Jobs: work(id, 0), Final: true})
	}
	if _, err := j.Entries(ctx, "c", "old"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("entries of the dropped stream: %v", err)
	}
	if _, err := j.Find(ctx, "old"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("key of the dropped stream: %v", err)
	}
	if err := j.Append(ctx, journal.Append{Company: "c", Stream: "old", Seen: 1, Entries: entry("late")}); !errors.Is(err, journal.ErrConflict) {
		t.Errorf("whoever still knew it gets %v", err)
	}
	equal(t, "due", []string{"new"}, take(t, j, journal.ClaimQuery{Until: noon, Limit: 9}))
	if stats, err := j.Stats(ctx, "c"); err != nil || stats.Streams != 1 || stats.Entries != 1 || stats.Jobs != 1 || stats.Dropped != 1 {
		t.Errorf("stats are %+v, %v", stats, err)
	}
	add(t, j, journal.Append{Company: "d", Stream: "other", Keys: []string{"old"}}) // the key is free
}

// Two replicas at the same time keep within the room, and each company has its own.
func TestRoomIsKeptByAll(t *testing.T) {
	t.Parallel()
	url, o := server.URL(), postgres.Options{MaxPayments: 20, Conns: 4}
	r := []*postgres.Journal{open(t, url, o), open(t, url, o)}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 20 {
				id := fmt.Sprint(i, ".", n)
				if err := r[i%2].Append(context.Background(), payment("c", id, uint64(20*i+n))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	ids := listed(t, r[0], "c")
	stats, err := r[1].Stats(context.Background(), "c")
	if err != nil || len(ids) != 20 || stats.Streams != 20 || stats.Entries != 80 || stats.Jobs != 40 || stats.Dropped != 140 {
		t.Errorf("%d streams, stats %+v, %v", len(ids), stats, err)
	}
	waiting, err := r[1].PendingJobs(context.Background(), "c", journal.JobQuery{Limit: 1000})
	if err != nil || len(waiting) != 40 {
		t.Errorf("%d pieces of work, %v", len(waiting), err)
	}
	for _, d := range waiting {
		if !slices.Contains(ids, d.Stream) {
			t.Errorf("work %s of a stream that was dropped", d.ID)
		}
	}
}

// A stream may begin without entries, and have due work all the same; what names it again replaces it.
func TestBegunWithoutEntries(t *testing.T) {
	t.Parallel()
	j := open(t, server.URL(), postgres.Options{Conns: 2})
	for _, after := range []time.Duration{time.Hour, 0} {
		add(t, j, journal.Append{Company: "c", Stream: "s", Jobs: work("1", after)})
	}
	add(t, j, journal.Append{Company: "c", Stream: "s", Jobs: work("2", time.Hour), Completed: []string{"none"}})
	if stats, err := j.Stats(context.Background(), "c"); err != nil || stats.Jobs != 2 {
		t.Errorf("stats are %+v, %v", stats, err)
	}
	equal(t, "due", []string{"1"}, take(t, j, journal.ClaimQuery{Until: noon, Limit: 9}))
}
