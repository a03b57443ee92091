package journal

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// put begins a stream with one entry and one key, each named as the stream.
func put(t *testing.T, m *Memory, id string, done bool) {
	t.Helper()
	err := m.Append(context.Background(), Append{
		Company: "c", Stream: id, Entries: []Entry{{Kind: "test", Data: []byte(`{}`)}}, Keys: []string{id}, Final: done,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// kept returns the ids of the streams that are still there, newest first.
func kept(t *testing.T, m *Memory) []string {
	t.Helper()
	streams, err := m.List(context.Background(), "c", Query{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, s := range streams {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestMemoryDrops(t *testing.T) {
	t.Parallel()
	type step struct {
		id   string
		done bool
	}
	tests := []struct {
		name  string
		steps []step // four streams with a limit of three
		want  []string
	}{
		{"the oldest that is done", []step{{"open", false}, {"done 1", true}, {"done 2", true}, {"new", false}}, []string{"new", "done 2", "open"}},
		{"the oldest of all when none is done", []step{{"1", false}, {"2", false}, {"3", false}, {"4", false}}, []string{"4", "3", "2"}},
		{"none too early", []step{{"1", true}, {"2", true}, {"3", true}}, []string{"3", "2", "1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := NewMemory(3)
			for _, s := range test.steps {
				put(t, m, s.id, s.done)
			}
			if diff := cmp.Diff(test.want, kept(t, m)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Done is what the last append says, and the order of being done decides.
func TestMemoryDropsInTheOrderOfBeingDone(t *testing.T) {
	t.Parallel()
	m := NewMemory(3)
	for _, id := range []string{"1", "2", "3"} {
		put(t, m, id, false)
	}
	change := func(id string, seen int, done bool) {
		t.Helper()
		if err := m.Append(context.Background(), Append{Company: "c", Stream: id, Seen: seen, Entries: []Entry{{Kind: "test"}}, Final: done}); err != nil {
			t.Fatal(err)
		}
	}
	change("3", 1, true)
	change("2", 1, true)
	change("1", 1, true)
	change("3", 2, false) // a late approval: it is open again
	change("2", 2, true)  // done still, in its old place
	for i, want := range [][]string{{"4", "3", "1"}, {"5", "4", "3"}, {"6", "5", "4"}} {
		put(t, m, fmt.Sprint(i+4), false)
		if diff := cmp.Diff(want, kept(t, m)); diff != "" {
			t.Errorf("after stream %d: %s", i+4, diff)
		}
	}
}

func TestMemoryForgetsWhatItDropped(t *testing.T) {
	t.Parallel()
	ctx, m := context.Background(), NewMemory(1)
	put(t, m, "old", true)
	put(t, m, "new", true)
	if _, err := m.Entries(ctx, "c", "old"); !errors.Is(err, ErrNotFound) {
		t.Errorf("entries of the dropped stream: %v", err)
	}
	if _, err := m.Find(ctx, "old"); !errors.Is(err, ErrNotFound) {
		t.Errorf("key of the dropped stream: %v", err)
	}
	err := m.Append(ctx, Append{Company: "c", Stream: "old", Seen: 1, Entries: []Entry{{Kind: "late"}}})
	if !errors.Is(err, ErrConflict) {
		t.Errorf("a caller that still knew the dropped stream gets %v", err)
	}
	if err := m.Append(ctx, Append{Company: "d", Stream: "other", Keys: []string{"old"}}); err != nil {
		t.Errorf("the dropped stream's key is not free: %v", err)
	}
	stats, err := m.Stats(ctx, "c")
	if err != nil || stats.Streams != 1 || stats.Entries != 1 || stats.Dropped != 1 {
		t.Errorf("stats are %+v, %v", stats, err)
	}
	// The same id may begin again.
	if err := m.Append(ctx, Append{Company: "c", Stream: "old", Entries: []Entry{{Kind: "test"}}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"old"}, kept(t, m)); diff != "" {
		t.Error(diff)
	}
}

// Each company has a limit of its own.
func TestMemoryRoomIsPerCompany(t *testing.T) {
	t.Parallel()
	ctx, m := context.Background(), NewMemory(2)
	put(t, m, "c's", true)
	for i := range 10 {
		if err := m.Append(ctx, Append{Company: "d", Stream: fmt.Sprint(i), Entries: []Entry{{Kind: "test"}}}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"c's"}, kept(t, m)); diff != "" {
		t.Error(diff)
	}
	if stats, err := m.Stats(ctx, ""); err != nil || stats.Streams != 3 || stats.Dropped != 8 {
		t.Errorf("stats are %+v, %v", stats, err)
	}
}

// However much is appended, what is kept stays within the limit, the bookkeeping included.
func TestMemoryStaysBounded(t *testing.T) {
	t.Parallel()
	for name, done := range map[string]func(i int) bool{
		"all done":   func(int) bool { return true },
		"none done":  func(int) bool { return false },
		"every 10th": func(i int) bool { return i%10 == 0 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const limit = 1000
			m := NewMemory(limit)
			for i := range 3 * limit {
				put(t, m, fmt.Sprint(i), done(i))
				if i < limit {
					continue
				}
				// A page in the middle of dropping holds what it should.
				if got, err := m.List(context.Background(), "c", Query{Before: uint64(i), Limit: 3}); err != nil || len(got) != 3 {
					t.Fatalf("page of %d streams, %v", len(got), err)
				}
			}
			stats, err := m.Stats(context.Background(), "c")
			if err != nil || stats.Streams != limit || stats.Entries != limit || stats.Dropped != 2*limit {
				t.Errorf("stats are %+v, %v", stats, err)
			}
			if got := len(kept(t, m)); got != limit {
				t.Errorf("%d streams are listed", got)
			}
			keys := len(m.keys.owners)
			s := m.companies["c"]
			if keys != limit || len(s.ordered) > 2*limit+130 || len(s.compressor.recent) > maxRecent || s.done.Len() > limit {
				t.Errorf("%d keys, %d places, %d recent, %d done", keys, len(s.ordered), len(s.compressor.recent), s.done.Len())
			}
		})
	}
}

func TestMemoryDefaultRoom(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, -1} {
		if m := NewMemory(limit); m.limits.Payments != DefaultMaxPayments {
			t.Errorf("limit %d became %d", limit, m.limits.Payments)
		}
	}
}
