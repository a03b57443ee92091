package journaltest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"mozartosim/simulator/journal"
)

func listFilters(t *testing.T, j journal.Journal) {
	for i, psp := range []string{"PAYONE", "BRITE", "PAYONE", "PAYONE"} {
		status := []string{"pending", "approved"}[i%2]
		add(j, journal.Append{Company: "c", Stream: fmt.Sprint(i), Entries: entries(1, "a"), Labels: journal.Labels{
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
		same(t, fmt.Sprint(test.labels, "having psp"), test.want, ids(list(j, "c", journal.Query{Labels: test.labels, Having: "psp"})))
		same(t, fmt.Sprint(test.labels), test.want, ids(list(j, "c", journal.Query{Labels: test.labels})))
	}
}

// listHaving lists streams by a label that is not empty, whether or not a store has a column for it.
func listHaving(t *testing.T, j journal.Journal) {
	for i, value := range []string{"open", "", "done", "open"} {
		labels := journal.Labels{{Name: "deliveries", Value: value}, {Name: "other", Value: value}}
		add(j, journal.Append{Company: "c", Stream: fmt.Sprint(i), Entries: entries(1, "a"), Labels: labels})
	}
	for _, name := range []string{"deliveries", "other"} {
		same(t, "having "+name, []string{"3", "2", "0"}, ids(list(j, "c", journal.Query{Having: name})))
		same(t, "having "+name+", paged", []string{"2"}, ids(list(j, "c", journal.Query{Having: name, Before: 4, Limit: 1})))
		same(t, "open, having "+name, []string{"3", "0"}, ids(list(j, "c", journal.Query{Labels: journal.Labels{{Name: "other", Value: "open"}}, Having: name})))
	}
	add(j, journal.Append{Company: "c", Stream: "1", Seen: 1, Entries: entries(1, "b"), Labels: journal.Labels{{Name: "deliveries", Value: "done"}}})
	same(t, "having deliveries, changed", []string{"3", "2", "1", "0"}, ids(list(j, "c", journal.Query{Having: "deliveries"})))
	same(t, "having none", 0, len(list(j, "c", journal.Query{Having: "none"})))
}

func listPages(t *testing.T, j journal.Journal) {
	const streams = 250
	for i := range streams {
		parity := []string{"even", "odd"}[i%2]
		add(j, journal.Append{
			Company: "c", Stream: fmt.Sprint(i + 1), Entries: entries(1, "a"), Labels: journal.Labels{{Name: "parity", Value: parity}},
		})
	}
	// What is appended later doesn't make a stream newer.
	add(j, journal.Append{Company: "c", Stream: "1", Seen: 1, Entries: entries(1, "b")})
	for limit, want := range map[int]int{0: 100, 1: 1, 7: 7, 100: 100, 1000: streams} {
		got := list(j, "c", journal.Query{Limit: limit})
		same(t, fmt.Sprintf("streams with limit %d", limit), want, len(got))
		same(t, "the newest", "250", got[0].ID)
	}
	for _, filter := range []journal.Labels{nil, {{Name: "parity", Value: "odd"}}} {
		all := list(j, "c", journal.Query{Labels: filter, Limit: streams})
		var paged []journal.Stream
		for before := uint64(0); ; before = paged[len(paged)-1].Ordinal {
			page := list(j, "c", journal.Query{Labels: filter, Before: before, Limit: 9})
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
	same(t, "before the oldest", 0, len(list(j, "c", journal.Query{Before: 1})))
	same(t, "before one that is yet to come", "250", list(j, "c", journal.Query{Before: 1 << 40})[0].ID)
	same(t, "an unknown company", 0, len(list(j, "none", journal.Query{})))
}

func finds(t *testing.T, j journal.Journal) {
	labels := journal.Labels{{Name: "psp", Value: "PAYONE"}}
	add(j, journal.Append{Company: "c", Stream: "first", Entries: entries(1, "a")})
	add(j, journal.Append{Company: "c", Stream: "s", Entries: entries(2, "a"), Labels: labels, Keys: []string{"one", "two"}})
	add(j, journal.Append{Company: "c", Stream: "s", Seen: 2, Entries: entries(1, "b"), Keys: []string{"three"}})
	for _, key := range []string{"one", "two", "three"} {
		got := must(j.Find(context.Background(), key))
		same(t, key, journal.Stream{Company: "c", ID: "s", Ordinal: 2, Length: 3, Labels: labels}, got)
	}
	for _, key := range []string{"", "on", "One", "s"} {
		notFound(t, "key "+key)(j.Find(context.Background(), key))
	}
}

func isolates(t *testing.T, j journal.Journal) {
	add(j, journal.Append{Company: "c", Stream: "s", Entries: entries(2, "c")})
	add(j, journal.Append{Company: "d", Stream: "s", Entries: entries(1, "d")}) // the same id in another company
	same(t, "entries of d", 1, len(read(j, "d", "s")))
	same(t, "kind of d", "test.d", read(j, "d", "s")[0].Kind)
	same(t, "streams of c", 1, len(list(j, "c", journal.Query{})))
	refuse(t, j, journal.Append{Company: "d", Stream: "s", Seen: 2, Entries: entries(1, "x")}, journal.ErrConflict)
	for range 3 {
		must(j.Ordinal(context.Background(), "c", journal.AnyRev))
	}
	same(t, "d's first ordinal", uint64(1), must(j.Ordinal(context.Background(), "d", journal.AnyRev)))
}

func forgets(t *testing.T, j journal.Journal) {
	for _, company := range []string{"c", "d"} {
		add(j, journal.Append{Company: company, Stream: "s", Entries: entries(2, company), Keys: []string{"key of " + company}})
		must(j.Ordinal(context.Background(), company, journal.AnyRev))
	}
	for _, company := range []string{"c", "c", "never there"} {
		check(j.Forget(context.Background(), company))
	}
	notFound(t, "the stream")(j.Entries(context.Background(), "c", "s"))
	notFound(t, "the key")(j.Find(context.Background(), "key of c"))
	same(t, "list", 0, len(list(j, "c", journal.Query{})))
	stats := must(j.Stats(context.Background(), "c"))
	same(t, "stats", journal.Stats{}, stats)

	same(t, "entries of the other", 2, len(read(j, "d", "s")))
	same(t, "the owner of the other's key", "s", must(j.Find(context.Background(), "key of d")).ID)
	same(t, "the other's ordinal", uint64(2), must(j.Ordinal(context.Background(), "d", journal.AnyRev)))

	// All begins anew: ordinals, seq, stream numbers, keys.
	same(t, "the first ordinal afterwards", uint64(1), must(j.Ordinal(context.Background(), "c", journal.AnyRev)))
	add(j, journal.Append{Company: "c", Stream: "s", Entries: entries(1, "anew"), Keys: []string{"key of c"}})
	same(t, "seq", uint64(1), read(j, "c", "s")[0].Seq)
	same(t, "ordinal of the stream", uint64(1), list(j, "c", journal.Query{})[0].Ordinal)
}

func counts(t *testing.T, j journal.Journal) {
	stats := func(company string) journal.Stats {
		got := must(j.Stats(context.Background(), company))
		if (got.Bytes > 0) != (got.Entries > 0) {
			t.Fatalf("%d entries in %d bytes", got.Entries, got.Bytes)
		}
		got.Bytes = 0 // how a store counts them is its own business
		return got
	}
	same(t, "empty", journal.Stats{}, stats(""))
	add(j, journal.Append{Company: "c", Stream: "s", Entries: entries(2, "a")})
	add(j, journal.Append{Company: "c", Stream: "r", Entries: entries(1, "a")})
	add(j, journal.Append{Company: "d", Stream: "s", Entries: entries(4, "a")})
	refuse(t, j, journal.Append{Company: "d", Stream: "s", Entries: entries(9, "x")}, journal.ErrConflict)
	same(t, "c", journal.Stats{Streams: 2, Entries: 3}, stats("c"))
	same(t, "d", journal.Stats{Streams: 1, Entries: 4}, stats("d"))
	same(t, "all", journal.Stats{Streams: 3, Entries: 7}, stats(""))
	same(t, "an unknown company", journal.Stats{}, stats("none"))
}

func closes(t *testing.T, j journal.Journal) {
	add(j, journal.Append{Company: "c", Stream: "s", Entries: entries(1, "a"), Keys: []string{"key"}})
	check(j.Close())
	// Every call that returns an error, of a company, stream and key that are there and of others.
	methods := reflect.ValueOf(&j).Elem()
	for i := range methods.NumMethod() {
		name, call := methods.Type().Method(i).Name, methods.Method(i)
		results := call.Type().NumOut()
		if name == "Close" || results == 0 || call.Type().Out(results-1) != reflect.TypeFor[error]() {
			continue
		}
		for _, company := range []string{"c", "d"} {
			var args []reflect.Value
			for n := range call.Type().NumIn() {
				args = append(args, argument(call.Type().In(n), company))
			}
			answer := call.Call
			if call.Type().IsVariadic() {
				answer = call.CallSlice
			}
			if err, _ := answer(args)[results-1].Interface().(error); !errors.Is(err, journal.ErrClosed) {
				t.Errorf("%s of %s: got %v, want %v", name, company, err, journal.ErrClosed)
			}
		}
	}
}

// argument makes one of a call about a company.
func argument(of reflect.Type, company string) reflect.Value {
	for _, v := range []any{
		context.Background(), company, journal.Append{Company: company, Stream: "s", Seen: 1}, []journal.Job{{ID: "d"}}, Copy{},
		journal.Setting{Company: company, Name: "n", Data: []byte("1")},
	} {
		if reflect.TypeOf(v).AssignableTo(of) {
			return reflect.ValueOf(v)
		}
	}
	return reflect.Zero(of)
}
