package sqlite

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"mozartosim/simulator/journal"
)

// BenchmarkAppend puts the file beside memory, in the same run, with 16 callers for each processor.
func BenchmarkAppend(b *testing.B) {
	for _, store := range []struct {
		name string
		open func() journal.Journal
	}{
		{"memory", func() journal.Journal { return journal.NewMemory(0) }},
		{"sqlite", func() journal.Journal { return open(b, fresh(b), Options{}) }},
	} {
		b.Run(store.name, func(b *testing.B) {
			j := store.open()
			var n atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := j.Append(context.Background(), payment(n.Add(1))); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// large makes a file of a hundred thousand payments with two hundred thousand pieces of due work.
func large(b *testing.B) string {
	b.Helper()
	file, c := fresh(b), journal.Copy{}
	for n := range int64(100_000) {
		a := payment(n)
		st := journal.StreamCopy{ID: a.Stream, Ordinal: uint64(n + 1), Labels: a.Labels, Keys: a.Keys, Final: int(n % 2)}
		for _, e := range a.Entries {
			c.Seq++
			e.Seq = c.Seq
			st.Entries = append(st.Entries, e)
		}
		for _, d := range a.Jobs {
			d.Stream = a.Stream
			c.Jobs = append(c.Jobs, d)
		}
		c.Began, c.Ordinal, c.Streams = st.Ordinal, st.Ordinal, append(c.Streams, st)
	}
	j := hasty(b, open(b, file, Options{}))
	if err := j.Import(context.Background(), "acme", c); err != nil {
		b.Fatal(err)
	}
	shut(b, j)
	return file
}

// BenchmarkLarge measures what must not take long with a hundred thousand payments.
func BenchmarkLarge(b *testing.B) {
	ctx, file := context.Background(), large(b)
	b.Run("open, due work, list, close", func(b *testing.B) {
		for b.Loop() {
			j := open(b, file, Options{})
			if _, err := j.PendingJobs(ctx, "acme", journal.JobQuery{Limit: 1}); err != nil {
				b.Fatal(err)
			}
			if _, err := j.List(ctx, "acme", journal.Query{}); err != nil {
				b.Fatal(err)
			}
			shut(b, j)
		}
	})
	j := open(b, file, Options{})
	label := func(name, value string) journal.Label { return journal.Label{Name: name, Value: value} }
	for _, labels := range []journal.Labels{
		nil,
		{label("psp", "PAYONE")},
		{label("psp", "BRITE")},
		{label("psp", "PAYONE"), label("type", "PAYIN"), label("status", "declined"), label("deliveries", "open")},
		{label("userId", "user-7")},
		{label("userId", "user-7"), label("status", "declined")},
		{label("merchantReference", "order-70000")},
		{label("amount", "7")},
	} {
		b.Run(fmt.Sprint("list ", labels), func(b *testing.B) {
			for b.Loop() {
				if _, err := j.List(ctx, "acme", journal.Query{Labels: labels, Limit: 50}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
