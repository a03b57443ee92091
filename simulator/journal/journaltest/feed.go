package journaltest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"mozartosim/simulator/journal"
)

// seqs puts what was read into a line: stream and seq.
func seqs(found []journal.FeedEntry) string {
	text := ""
	for _, h := range found {
		text += fmt.Sprintf(" %s%d", h.Stream, h.Seq)
	}
	return text
}

func feeds(t *testing.T, j journal.Journal) {
	add(j, journal.Append{Company: "c", Stream: "a", Entries: entries(3, "a")})          // 1-3
	add(j, journal.Append{Company: "d", Stream: "x", Entries: entries(5, "x")})          // another company's
	add(j, journal.Append{Company: "c", Stream: "b", Entries: entries(2, "b")})          // 4-5
	add(j, journal.Append{Company: "c", Stream: "a", Seen: 3, Entries: entries(2, "a")}) // 6-7
	add(j, journal.Append{Company: "c", Stream: "a", Seen: 5})                           // none
	for _, test := range []struct {
		journal.FeedQuery
		want string
	}{
		{journal.FeedQuery{}, " a1 a2 a3 b4 b5 a6 a7"},
		{journal.FeedQuery{Limit: 2}, " a1 a2"},
		{journal.FeedQuery{After: 2}, " a3 b4 b5 a6 a7"},
		{journal.FeedQuery{After: 3, Limit: 3}, " b4 b5 a6"},
		{journal.FeedQuery{After: 1, Before: 5}, " a2 a3 b4"},
		{journal.FeedQuery{After: 7}, ""},
		{journal.FeedQuery{After: 99}, ""},
		{journal.FeedQuery{Newest: true}, " a7 a6 b5 b4 a3 a2 a1"},
		{journal.FeedQuery{Newest: true, Limit: 1}, " a7"},
		{journal.FeedQuery{Newest: true, Before: 6, Limit: 3}, " b5 b4 a3"},
		{journal.FeedQuery{Newest: true, Before: 2}, " a1"},
		{journal.FeedQuery{Newest: true, Before: 1}, ""},
		{journal.FeedQuery{Newest: true, After: 5}, " a7 a6"},
	} {
		same(t, fmt.Sprintf("%+v", test.FeedQuery), test.want, seqs(feed(j, "c", test.FeedQuery)))
	}
	same(t, "an unknown company", "", seqs(feed(j, "none", journal.FeedQuery{})))
	same(t, "the entries themselves", read(j, "c", "b")[1], feed(j, "c", journal.FeedQuery{After: 4, Limit: 1})[0].Entry)
	for i := range 150 {
		add(j, journal.Append{Company: "c", Stream: "b", Seen: 2 + i, Entries: entries(1, "b")})
	}
	same(t, "as many as that without a limit", 100, len(feed(j, "c", journal.FeedQuery{})))
}

func isChanged(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func tellsOfChanges(t *testing.T, j journal.Journal) {
	before, other := j.Changed("c"), j.Changed("d") // neither has anything yet
	if isChanged(before) {
		t.Fatal("nothing has happened")
	}
	add(j, journal.Append{Company: "c", Stream: "s", Entries: entries(1, "a")})
	if !isChanged(before) || isChanged(other) {
		t.Fatal("the append was not told, or to the wrong one")
	}
	next := j.Changed("c")
	refuse(t, j, journal.Append{Company: "c", Stream: "s", Entries: entries(1, "a")}, journal.ErrConflict)
	if isChanged(next) {
		t.Fatal("a refused append was told")
	}
	if check(j.Forget(context.Background(), "c")); !isChanged(next) {
		t.Fatal("forgetting was not told")
	}
	next = j.Changed("c")
	if check(j.Import(context.Background(), "c", Copy{})); !isChanged(next) {
		t.Fatal("an import was not told")
	}
	next = j.Changed("c")
	if check(j.Close()); !isChanged(next) || !isChanged(j.Changed("c")) {
		t.Fatal("closing was not told")
	}
}

// library is a company with a bit of everything.
func library(j journal.Journal) {
	for range 4 {
		must(j.Ordinal(context.Background(), "c", journal.AnyRev))
	}
	labels := journal.Labels{{Name: "psp", Value: "PAYONE"}}
	add(j, journal.Append{Company: "c", Stream: "a", Entries: entries(3, "a"), Labels: labels, Keys: []string{"key"}, Jobs: []journal.Job{
		{ID: "late", At: noon.Add(2), Kind: "k", Data: []byte(`{"n":1}`)}, {ID: "first", At: noon, Kind: "k"}, {ID: "second", At: noon, Kind: "k"},
	}})
	add(j, journal.Append{Company: "c", Stream: "b", Entries: entries(2, "b"), Final: true})
	add(j, journal.Append{Company: "c", Stream: "a", Seen: 3, Entries: entries(1, "c")})
	add(j, journal.Append{Company: "d", Stream: "a", Entries: entries(1, "d"), Keys: []string{"key of d"}})
}

func restores(t *testing.T, j journal.Journal) {
	ctx := context.Background()
	library(j)
	must(j.Claim(ctx, "c", journal.ClaimQuery{Until: noon, Limit: 1})) // claimed jobs are in the copy
	before := export(j, "c")
	same(t, "what is exported", []int{4, 2, 6, 2, 3}, []int{int(before.Ordinal), int(before.Began), int(before.Seq), len(before.Streams), len(before.Jobs)})
	add(j, journal.Append{Company: "c", Stream: "b", Seen: 2, Entries: entries(5, "later"), Keys: []string{"later"}, Completed: []string{"late"}})
	add(j, journal.Append{Company: "c", Stream: "new", Entries: entries(1, "new")})
	check(j.Import(ctx, "c", before))
	same(t, "after the import", before, export(j, "c"))
	same(t, "the feed", " a1 a2 a3 b4 b5 a6", seqs(feed(j, "c", journal.FeedQuery{})))
	same(t, "the other company", 1, len(read(j, "d", "a")))
	same(t, "key", journal.Stream{Company: "c", ID: "a", Ordinal: 1, Length: 4, Labels: journal.Labels{{Name: "psp", Value: "PAYONE"}}}, must(j.Find(ctx, "key")))
	notFound(t, "a key that came later")(j.Find(ctx, "later"))
	same(t, "due", "first second", names(claim(j, journal.ClaimQuery{Until: noon.Add(1), Limit: 9})))
	// It goes on where it stood.
	same(t, "the next ordinal", uint64(5), must(j.Ordinal(ctx, "c", journal.AnyRev)))
	add(j, journal.Append{Company: "c", Stream: "new", Entries: entries(1, "new")})
	same(t, "the next seq", uint64(7), read(j, "c", "new")[0].Seq)
	same(t, "the next stream", uint64(3), list(j, "c", journal.Query{})[0].Ordinal)
	same(t, "an unknown company", Copy{}, export(j, "none"))
}

func refusesBrokenCopies(t *testing.T, j journal.Journal) {
	library(j)
	before := export(j, "c")
	entry := func(seq uint64) journal.Entry { return journal.Entry{Seq: seq, At: noon, Kind: "k"} }
	good := func() Copy {
		return Copy{
			Counters: journal.Counters{Began: 2, Seq: 3}, Jobs: []journal.Job{{ID: "d", Stream: "r", At: noon}},
			Streams: []journal.StreamCopy{
				{ID: "r", Ordinal: 1, Entries: []journal.Entry{entry(1), entry(3)}}, {ID: "s", Ordinal: 2, Entries: []journal.Entry{entry(2)}},
			},
		}
	}
	for name, spoil := range map[string]func(*Copy){
		"a stream twice":        func(c *Copy) { c.Streams[1].ID = "r" },
		"no id":                 func(c *Copy) { c.Streams[1].ID = "" },
		"ordinals":              func(c *Copy) { c.Streams[1].Ordinal = 1 },
		"an ordinal too high":   func(c *Copy) { c.Began = 1 },
		"seqs in a stream":      func(c *Copy) { c.Streams[0].Entries[1].Seq = 1 },
		"seqs across streams":   func(c *Copy) { c.Streams[1].Entries[0].Seq = 3 },
		"a seq too high":        func(c *Copy) { c.Seq = 2 },
		"a key twice":           func(c *Copy) { c.Streams[0].Keys, c.Streams[1].Keys = []string{"k"}, []string{"k"} },
		"a job of no stream":    func(c *Copy) { c.Jobs[0].Stream = "x" },
		"a job twice":           func(c *Copy) { c.Jobs = append(c.Jobs, c.Jobs[0]) },
		"a job without a name":  func(c *Copy) { c.Jobs[0].ID = "" },
		"another company's key": func(c *Copy) { c.Streams[0].Keys = []string{"fresh", "key", "key of d"} },
	} {
		c := good()
		spoil(&c)
		err := j.Import(context.Background(), "c", c)
		if !errors.Is(err, journal.ErrBroken) && !errors.Is(err, journal.ErrExists) {
			t.Errorf("%s: %v", name, err)
		}
		same(t, "after a refusal, "+name, before, export(j, "c"))
	}
	same(t, "the owner of key", "a", must(j.Find(context.Background(), "key")).ID)
	notFound(t, "a key of a refused copy")(j.Find(context.Background(), "fresh"))
	check(j.Import(context.Background(), "c", good()))
}
