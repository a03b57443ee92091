package journaltest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"mozartosim/simulator/journal"
)

func keepsOrder(t *testing.T, j journal.Journal) {
	first, second := entries(3, "first"), entries(2, "second")
	second[1].Data = nil
	add(j, journal.Append{Company: "c", Stream: "s", Entries: first})
	add(j, journal.Append{Company: "c", Stream: "s", Seen: 3, Entries: second})
	add(j, journal.Append{Company: "c", Stream: "s", Seen: 5}) // no entries: labels or Done alone may change
	want := slices.Concat(first, second)
	for i := range want {
		want[i].Seq = uint64(i + 1) // given by the journal, from 1
	}
	same(t, "entries", want, read(j, "c", "s"))
	notFound(t, "an unknown stream")(j.Entries(context.Background(), "c", "none"))
	notFound(t, "an unknown company")(j.Entries(context.Background(), "none", "s"))
}

func refusesStaleWriters(t *testing.T, j journal.Journal) {
	a := journal.Append{Company: "c", Stream: "s", Entries: entries(2, "a")}
	refuse(t, j, journal.Append{Company: "c", Stream: "s", Seen: 1, Entries: entries(1, "x")}, journal.ErrConflict)
	add(j, a)
	for _, seen := range []int{0, 1, 3, -1} {
		stale := journal.Append{
			Company: "c", Stream: "s", Seen: seen, Entries: entries(1, "x"),
			Labels: journal.Labels{{Name: "status", Value: "x"}}, Keys: []string{"key"},
		}
		refuse(t, j, stale, journal.ErrConflict)
	}
	same(t, "length", 2, len(read(j, "c", "s")))
	same(t, "labels", journal.Labels{}, list(j, "c", journal.Query{})[0].Labels)
	notFound(t, "the key of a refused append")(j.Find(context.Background(), "key"))
	add(j, journal.Append{Company: "c", Stream: "s", Seen: 2, Entries: entries(1, "b")})
	same(t, "seq after refusals", uint64(3), read(j, "c", "s")[2].Seq)
}

func isAllOrNothing(t *testing.T, j journal.Journal) {
	add(j, journal.Append{Company: "c", Stream: "owner", Entries: entries(1, "a"), Keys: []string{"taken"}})
	refuse(t, j, journal.Append{
		Company: "c", Stream: "new", Entries: entries(1, "b"), Keys: []string{"one", "taken", "two"},
	}, journal.ErrExists)
	for _, key := range []string{"one", "two"} {
		notFound(t, "the key "+key)(j.Find(context.Background(), key))
	}
	notFound(t, "the stream")(j.Entries(context.Background(), "c", "new"))
	same(t, "streams", []string{"owner"}, ids(list(j, "c", journal.Query{})))
	// The keys that were taken for a moment are free for others, and so is the stream.
	add(j, journal.Append{Company: "d", Stream: "other", Entries: entries(1, "c"), Keys: []string{"one"}})
	add(j, journal.Append{Company: "c", Stream: "new", Entries: entries(1, "b"), Keys: []string{"two"}})
}

func keepsKeys(t *testing.T, j journal.Journal) {
	add(j, journal.Append{Company: "c", Stream: "s", Entries: entries(1, "a"), Keys: []string{"mine"}})
	add(j, journal.Append{Company: "c", Stream: "other", Entries: entries(1, "a"), Keys: []string{"taken"}})
	// A stream may name a key that it has already, and keeps it when another key of the same append is taken.
	add(j, journal.Append{Company: "c", Stream: "s", Seen: 1, Entries: entries(1, "b"), Keys: []string{"mine"}})
	refuse(t, j, journal.Append{
		Company: "c", Stream: "s", Seen: 2, Entries: entries(1, "c"), Keys: []string{"mine", "fresh", "taken"},
	}, journal.ErrExists)
	same(t, "mine", journal.Stream{Company: "c", ID: "s", Ordinal: 1, Length: 2}, must(j.Find(context.Background(), "mine")))
	notFound(t, "fresh")(j.Find(context.Background(), "fresh"))
	refuse(t, j, journal.Append{Company: "d", Stream: "thief", Keys: []string{"mine"}}, journal.ErrExists)
}

func countsEntries(t *testing.T, j journal.Journal) {
	last := uint64(0)
	for i := range 10 {
		for _, stream := range []string{"a", "b"} {
			add(j, journal.Append{Company: "c", Stream: stream, Seen: 2 * i, Entries: entries(2, stream)})
			for _, e := range read(j, "c", stream)[2*i:] {
				if e.Seq != last+1 {
					t.Fatalf("seq %d follows %d", e.Seq, last)
				}
				last = e.Seq
			}
		}
		// Another company counts for itself.
		add(j, journal.Append{Company: "d", Stream: "a", Seen: i, Entries: entries(1, "d")})
		same(t, "seq of the other company", uint64(i+1), read(j, "d", "a")[i].Seq)
	}
}

func replacesLabels(t *testing.T, j journal.Journal) {
	labels := func() journal.Labels { return list(j, "c", journal.Query{})[0].Labels }
	first := journal.Labels{{Name: "status", Value: "pending"}, {Name: "psp", Value: "PAYONE"}, {Name: "userId", Value: ""}}
	add(j, journal.Append{Company: "c", Stream: "s", Entries: entries(1, "a"), Labels: first})
	same(t, "as set", first, labels())
	add(j, journal.Append{Company: "c", Stream: "s", Seen: 1, Entries: entries(1, "b")})
	same(t, "nil leaves them", first, labels())
	second := journal.Labels{{Name: "status", Value: "approved"}}
	add(j, journal.Append{Company: "c", Stream: "s", Seen: 2, Entries: entries(1, "c"), Labels: second})
	same(t, "replaced whole", second, labels())
	add(j, journal.Append{Company: "c", Stream: "s", Seen: 3, Labels: journal.Labels{}})
	same(t, "none", journal.Labels{}, labels())
	if got := first.Get("psp") + first.Get("none"); got != "PAYONE" {
		t.Fatalf("Get returns %q", got)
	}
}

func returnsCopies(t *testing.T, j journal.Journal) {
	add(j, journal.Append{
		Company: "c", Stream: "s", Entries: entries(3, "a"), Labels: journal.Labels{{Name: "n", Value: "v"}}, Keys: []string{"key"},
	})
	before := read(j, "c", "s")
	heads := list(j, "c", journal.Query{})
	// Appending to what was returned must not reach the next reader, and later entries must not reach what was returned.
	_ = append(before[:1], journal.Entry{Kind: "forged"})
	_ = append(before[2].Data, "forged"...)
	_ = append(heads[0].Labels, journal.Label{Name: "forged"})
	for i := range 50 {
		add(j, journal.Append{Company: "c", Stream: "s", Seen: 3 + i, Entries: entries(1, fmt.Sprint("later", i))})
	}
	after := read(j, "c", "s")
	same(t, "length", 53, len(after))
	for i, want := range entries(3, "a") {
		same(t, "data", string(want.Data), string(after[i].Data))
		same(t, "kind", want.Kind, after[i].Kind)
	}
	same(t, "labels", journal.Labels{{Name: "n", Value: "v"}}, list(j, "c", journal.Query{})[0].Labels)
}
