package sqlite

import (
	"context"
	"sync/atomic"
	"testing"

	"mozartosim/simulator/journal"
)

// BenchmarkAppend puts the file beside memory, in the same run, with 16 callers.
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
			b.SetParallelism(8)
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
