package journaltest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"mozartosim/simulator/journal"
)

func listFilters(t *testing.T, j journal.Journal) {
	for i, psp := range []string{"PAYONE", "BRITE", "PAYONE", "PAYONE"} {
		status := []string{"pending", "approved"}[i%2]
		add(t, j, journal.Append{Company: "c", Stream: fmt.Sprint(i), Entries: entries(1, "a"), Labels: journal.Labels{
			{Name: "psp", Value: psp}, {Name: "status", Value: status}, {Name: "n", Value: fmt.Sprint(i)},
		}})
	}
	for _, test := range []struct {
		labels journal.Labels
		want   []string
	}{
		{nil, []string{"3", "2", "1", "0"}},
		{journal.Labels{{Name: "psp", Value: "PAYONE"}}, []string{"3", "2", "0"}},
		{journal.Labels{{Name: "psp", Value: "PAYONE"}, {Name: "status", Value: "pending"}}, []string{"2", "0"}}, // all must match
		{journal.Labels{{Name: "n", Value: "1"}}, []string{"1"}},
		{journal.Labels{{Name: "psp", Value: "payone"}}, nil}, // to the letter
		{journal.Labels{{Name: "psp", Value: "PAY"}}, nil},
		{journal.Labels{{Name: "none", Value: "x"}}, nil},
	} {
		same(t, fmt.Sprint(test.labels, "having psp"), test.want, ids(list(t, j, "c", journal.Query{Labels: test.labels, Having: "psp"})))
		same(t, fmt.Sprint(test.labels), test.want, ids(list(t, j, "c", journal.Query{Labels: test.labels})))
	}
}

// listHaving lists streams by a label that is not empty, whether or not a store has a column for it.
func listHaving(t *testing.T, j journal.Journal) {
	for i, value := range []string{"open", "", "done", "open"} {
		labels := journal.Labels{{Name: "deliveries", Value: value}, {Name: "other", Value: value}}
		add(t, j, journal.Append{Company: "c", Stream: fmt.Sprint(i), Entries: entries(1, "a"), Labels: labels})
	}
	for _, name := range []string{"deliveries", "other"} {
		same(t, "having "+name, []string{"3", "2", "0"}, ids(list(t, j, "c", journal.Query{Having: name})))
		same(t, "having "+name+", paged", []string{"2"}, ids(list(t, j, "c", journal.Query{Having: name, Before: 4, Limit: 1})))
		same(t, "open, having "+name, []string{"3", "0"}, ids(list(t, j, "c", journal.Query{Labels: journal.Labels{{Name: "other", Value: "open"}}, Having: name})))
	}
	add(t, j, journal.Append{Company: "c", Stream: "1", Seen: 1, Entries: entries(1, "b"), Labels: journal.Labels{{Name: "deliveries", Value: "done"}}})
	same(t, "having deliveries, changed", []string{"3", "2", "1", "0"}, ids(list(t, j, "c", journal.Query{Having: "deliveries"})))
	same(t, "having none", 0, len(list(t, j, "c", journal.Query{Having: "none"})))
}

func listPages(t *testing.T, j journal.Journal) {
	const streams = 250
	for i := range streams {
		parity := []string{"even", "odd"}[i%2]
		add(t, j, journal.Append{
			Company: "c", Stream: fmt.Sprint(i + 1), Entries: entries(1, "a"), Labels: journal.Labels{{Name: "parity", Value: parity}},
		})
	}
	// What is appended later doesn't make a stream newer.
	add(t, j, journal.Append{Company: "c", Stream: "1", Seen: 1, Entries: entries(1, "b")})
	for limit, want := range map[int]int{0: 100, 1: 1, 7: 7, 100: 100, 1000: streams} {
		got := list(t, j, "c", journal.Query{Limit: limit})
		same(t, fmt.Sprintf("streams with limit %d", limit), want, len(got))
		same(t, "the newest", "250", got[0].ID)
	}
	for _, filter := range []journal.Labels{nil, {{Name: "parity", Value: "odd"}}} {
		all := list(t, j, "c", journal.Query{Labels: filter, Limit: streams})
		var paged []journal.Stream
		for before := uint64(0); ; before = paged[len(paged)-1].Ordinal {
			page := list(t, j, "c", journal.Query{Labels: filter, Before: before, Limit: 9})
			paged = append(paged, page...)
			if len(page) < 9 {
				break
			}
		}
		same(t, "page by page", ids(all), ids(paged))
		for i := 1; i < len(all); i++ {
			if all[i].Ordinal >= all[i-1].Ordinal {
				t.Fatalf("ordinal %d follows %d", all[i].Ordinal, all[i-1].Ordinal)
			}
		}
	}
	same(t, "before the oldest", 0, len(list(t, j, "c", journal.Query{Before: 1})))
	same(t, "before one that is yet to come", "250", list(t, j, "c", journal.Query{Before: 1 << 40})[0].ID)
	same(t, "an unknown company", 0, len(list(t, j, "none", journal.Query{})))
}

func finds(t *testing.T, j journal.Journal) {
	labels := journal.Labels{{Name: "psp", Value: "PAYONE"}}
	add(t, j, journal.Append{Company: "c", Stream: "first", Entries: entries(1, "a")})
	add(t, j, journal.Append{Company: "c", Stream: "s", Entries: entries(2, "a"), Labels: labels, Keys: []string{"one", "two"}})
	add(t, j, journal.Append{Company: "c", Stream: "s", Seen: 2, Entries: entries(1, "b"), Keys: []string{"three"}})
	for _, key := range []string{"one", "two", "three"} {
		got, err := j.Find(context.Background(), key)
		if err != nil {
			t.Fatal(err)
		}
		same(t, key, journal.Stream{Company: "c", ID: "s", Ordinal: 2, Length: 3, Labels: labels}, got)
	}
	for _, key := range []string{"", "on", "One", "s"} {
		_, err := j.Find(context.Background(), key)
		notFound(t, "key "+key, err)
	}
}

func isolates(t *testing.T, j journal.Journal) {
	add(t, j, journal.Append{Company: "c", Stream: "s", Entries: entries(2, "c")})
	add(t, j, journal.Append{Company: "d", Stream: "s", Entries: entries(1, "d")}) // the same id in another company
	same(t, "entries of d", 1, len(read(t, j, "d", "s")))
	same(t, "kind of d", "test.d", read(t, j, "d", "s")[0].Kind)
	same(t, "streams of c", 1, len(list(t, j, "c", journal.Query{})))
	refuse(t, j, journal.Append{Company: "d", Stream: "s", Seen: 2, Entries: entries(1, "x")}, journal.ErrConflict)
	for range 3 {
		if _, err := j.Ordinal(context.Background(), "c"); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := j.Ordinal(context.Background(), "d"); err != nil || n != 1 {
		t.Fatalf("d's first ordinal is %d, %v", n, err)
	}
}

func forgets(t *testing.T, j journal.Journal) {
	for _, company := range []string{"c", "d"} {
		add(t, j, journal.Append{Company: company, Stream: "s", Entries: entries(2, company), Keys: []string{"key of " + company}})
		if _, err := j.Ordinal(context.Background(), company); err != nil {
			t.Fatal(err)
		}
	}
	for _, company := range []string{"c", "c", "never there"} {
		if err := j.Forget(context.Background(), company); err != nil {
			t.Fatalf("forget %s: %v", company, err)
		}
	}
	_, err := j.Entries(context.Background(), "c", "s")
	notFound(t, "the stream", err)
	_, err = j.Find(context.Background(), "key of c")
	notFound(t, "the key", err)
	same(t, "list", 0, len(list(t, j, "c", journal.Query{})))
	stats, err := j.Stats(context.Background(), "c")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "stats", journal.Stats{}, stats)

	same(t, "entries of the other", 2, len(read(t, j, "d", "s")))
	if found, err := j.Find(context.Background(), "key of d"); err != nil || found.ID != "s" {
		t.Fatalf("key of the other: %+v, %v", found, err)
	}
	if n, err := j.Ordinal(context.Background(), "d"); err != nil || n != 2 {
		t.Fatalf("the other's ordinal is %d, %v", n, err)
	}

	// All begins anew: ordinals, seq, stream numbers, keys.
	if n, err := j.Ordinal(context.Background(), "c"); err != nil || n != 1 {
		t.Fatalf("the first ordinal afterwards is %d, %v", n, err)
	}
	add(t, j, journal.Append{Company: "c", Stream: "s", Entries: entries(1, "anew"), Keys: []string{"key of c"}})
	same(t, "seq", uint64(1), read(t, j, "c", "s")[0].Seq)
	same(t, "ordinal of the stream", uint64(1), list(t, j, "c", journal.Query{})[0].Ordinal)
}

func counts(t *testing.T, j journal.Journal) {
	stats := func(company string) journal.Stats {
		got, err := j.Stats(context.Background(), company)
		if err != nil {
			t.Fatal(err)
		}
		if (got.Bytes > 0) != (got.Entries > 0) {
			t.Fatalf("%d entries in %d bytes", got.Entries, got.Bytes)
		}
		got.Bytes = 0 // how a store counts them is its own business
		return got
	}
	same(t, "empty", journal.Stats{}, stats(""))
	add(t, j, journal.Append{Company: "c", Stream: "s", Entries: entries(2, "a")})
	add(t, j, journal.Append{Company: "c", Stream: "r", Entries: entries(1, "a")})
	add(t, j, journal.Append{Company: "d", Stream: "s", Entries: entries(4, "a")})
	refuse(t, j, journal.Append{Company: "d", Stream: "s", Entries: entries(9, "x")}, journal.ErrConflict)
	same(t, "c", journal.Stats{Streams: 2, Entries: 3}, stats("c"))
	same(t, "d", journal.Stats{Streams: 1, Entries: 4}, stats("d"))
	same(t, "all", journal.Stats{Streams: 3, Entries: 7}, stats(""))
	same(t, "an unknown company", journal.Stats{}, stats("none"))
}

func closes(t *testing.T, j journal.Journal) {
	add(t, j, journal.Append{Company: "c", Stream: "s", Entries: entries(1, "a"), Keys: []string{"key"}})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for name, call := range map[string]func() error{
		"append":                       func() error { return j.Append(ctx, journal.Append{Company: "c", Stream: "s", Seen: 1}) },
		"append of an unknown company": func() error { return j.Append(ctx, journal.Append{Company: "d", Stream: "s"}) },
		"ordinal":                      func() error { _, err := j.Ordinal(ctx, "c"); return err },
		"entries":                      func() error { _, err := j.Entries(ctx, "c", "s"); return err },
		"entries of an unknown stream": func() error { _, err := j.Entries(ctx, "d", "s"); return err },
		"list":                         func() error { _, err := j.List(ctx, "c", journal.Query{}); return err },
		"list of an unknown company":   func() error { _, err := j.List(ctx, "d", journal.Query{}); return err },
		"find":                         func() error { _, err := j.Find(ctx, "key"); return err },
		"find of an unknown key":       func() error { _, err := j.Find(ctx, "none"); return err },
		"forget":                       func() error { return j.Forget(ctx, "c") },
		"forget of an unknown company": func() error { return j.Forget(ctx, "d") },
		"put setting": func() error {
			_, err := j.PutSetting(ctx, journal.Setting{Company: "c", Name: "n", Data: []byte("1")})
			return err
		},
		"settings":  func() error { _, err := j.Settings(ctx, journal.SettingQuery{}); return err },
		"lock":      func() error { _, err := j.Lock(ctx, "c"); return err },
		"claim":     func() error { _, err := j.Claim(ctx, "c", journal.ClaimQuery{}); return err },
		"renew":     func() error { _, err := j.Renew(ctx, "c", journal.Job{ID: "d"}); return err },
		"release":   func() error { return j.Release(ctx, "c", journal.Job{ID: "d"}) },
		"jobs":      func() error { _, err := j.Jobs(ctx, "c", journal.JobQuery{Limit: 1}); return err },
		"feed":      func() error { _, err := j.Feed(ctx, "c", journal.FeedQuery{}); return err },
		"walk":      func() error { _, err := Export(ctx, j, "c"); return err },
		"companies": func() error { _, err := j.Companies(ctx); return err },
		"check":     func() error { return j.Check(ctx) },
		"import":    func() error { return j.Import(ctx, "c", Copy{}) },
		"ready":     func() error { return j.Ready(ctx) },
		"stats":     func() error { _, err := j.Stats(ctx, ""); return err },
	} {
		if err := call(); !errors.Is(err, journal.ErrClosed) {
			t.Errorf("%s: got %v, want %v", name, err, journal.ErrClosed)
		}
	}
}
