package sqljournal

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
)

// BenchmarkAppend puts a file beside memory, in the same run, with 16 callers for each processor.
func BenchmarkAppend(b *testing.B) {
	for _, store := range []struct {
		name string
		open func() journal.Journal
	}{
		{"memory", func() journal.Journal { return journal.NewMemory(0) }},
		{"sqlite", func() journal.Journal { return aFile(b).journal(b, Options{}) }},
	} {
		b.Run(store.name, func(b *testing.B) {
			j := store.open()
			var n atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := j.Append(context.Background(), payment("acme", n.Add(1))); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// Two replicas on one database, 16 callers: payments as they are made, with all that follows, and when the limit is reached.
func BenchmarkReplicas(b *testing.B) {
	for name, how := range map[string]struct {
		all bool
		max int
	}{"made": {}, "made, decided, notified, delivered": {all: true}, "at the limit": {max: 1000}} {
		b.Run(name, func(b *testing.B) {
			r := replicated(b, 2, Options{Limits: journal.Limits{Payments: how.max}})
			ctx := context.Background()
			var left atomic.Int64
			left.Store(int64(b.N))
			var callers sync.WaitGroup
			b.ResetTimer()
			for i := range 16 {
				j := r[i%2]
				callers.Go(func() {
					for left.Add(-1) >= 0 {
						n, err := j.Ordinal(ctx, "acme", journal.AnyRev)
						if err != nil {
							b.Error(err)
							return
						}
						appends := []journal.Append{payment("acme", int64(n))}
						if how.all {
							appends = append(appends, later(appends[0])...)
						}
						for _, a := range appends {
							if err := j.Append(ctx, a); err != nil {
								b.Error(err)
								return
							}
						}
					}
				})
			}
			callers.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "payments/s")
		})
	}
}

// later is what the decision, the notification and the delivery of a payment append.
func later(first journal.Append) (all []journal.Append) {
	for i, status := range []string{"approved", "notified", "delivered"} {
		a := first
		a.Keys, a.Seen, a.Entries, a.Final = nil, len(first.Entries)+i, a.Entries[:1], i == 2
		a.Labels = append(journal.Labels{}, a.Labels...)
		a.Labels[2].Value = status
		a.Completed, a.Jobs = []string{first.Jobs[0].ID}, first.Jobs[:1]
		if i == 2 {
			a.Completed, a.Jobs = append(a.Completed, first.Jobs[1].ID), nil
		}
		all = append(all, a)
	}
	return all
}

// many is a company of 100,000 payments with 200,000 jobs.
func many() (c journaltest.Copy) {
	for n := range int64(journal.DefaultMaxPayments) {
		a := payment("acme", n)
		st := journal.StreamCopy{ID: a.Stream, Ordinal: uint64(n + 1), Labels: a.Labels, Keys: a.Keys, Final: int(n % 2 * n)}
		if n < journal.DefaultMaxPayments/2 {
			st.Labels[0].Value = "BRITE"
		}
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
	return c
}

// BenchmarkMany measures what must not take long with 100,000 payments.
func BenchmarkMany(b *testing.B) {
	ctx, c := context.Background(), many()
	for dialect, p := range map[string]place{"sqlite": aFile(b), "postgres": aSchema(b)} {
		j := p.journal(b, Options{Timeout: time.Minute})
		hasty(b, j)
		if err := j.Import(ctx, "acme", c); err != nil {
			b.Fatal(err)
		}
		shut(b, j)
		b.Run(dialect+"/start", func(b *testing.B) {
			for b.Loop() {
				j := p.journal(b, Options{})
				if _, err := j.Jobs(ctx, "acme", journal.JobQuery{Limit: 1}); err != nil {
					b.Fatal(err)
				}
				if _, err := j.List(ctx, "acme", journal.Query{}); err != nil {
					b.Fatal(err)
				}
				shut(b, j)
			}
		})
		j = p.journal(b, Options{})
		for name, labels := range map[string]journal.Labels{
			"all": nil, "half, not the newest": {{Name: "psp", Value: "BRITE"}}, "none, of providers": {{Name: "psp", Value: "NONE"}},
			"hundred, of users": {{Name: "userId", Value: "user-7"}}, "one, of references": {{Name: "merchantReference", Value: "order-70000"}},
			"none, of states": {{Name: "deliveries", Value: "exhausted"}}, "none, of users": {{Name: "userId", Value: "nobody"}}, "none, of amounts": {{Name: "amount", Value: "7"}},
		} {
			b.Run(dialect+"/list/"+name, func(b *testing.B) {
				for b.Loop() {
					if _, err := j.List(ctx, "acme", journal.Query{Labels: labels, Limit: 50}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		for name, call := range map[string]func() error{
			"find":   func() error { _, err := j.Find(ctx, payment("acme", 777).Keys[0]); return err },
			"feed":   func() error { _, err := j.Feed(ctx, "acme", journal.FeedQuery{After: 200_000}); return err },
			"export": func() error { _, err := journaltest.Export(ctx, j, "acme"); return err },
			"check":  func() error { return j.Check(ctx) },
		} {
			b.Run(dialect+"/"+name, func(b *testing.B) {
				for b.Loop() {
					if err := call(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkManyRequests measures the lists of 100,000 kept calls, every other one refused.
func BenchmarkManyRequests(b *testing.B) {
	ctx := context.Background()
	limits := journal.Limits{Requests: journal.RequestLimits{Count: 200_000, Bytes: 1 << 30, All: 1 << 30}}
	for name, open := range map[string]func() journal.Journal{
		"memory":   func() journal.Journal { return journal.NewMemoryWith(limits) },
		"sqlite":   func() journal.Journal { return aFile(b).journal(b, Options{Limits: limits, Timeout: time.Minute}) },
		"postgres": func() journal.Journal { return aSchema(b).journal(b, Options{Limits: limits, Timeout: time.Minute}) },
	} {
		j := open()
		q := j.Requests()
		for i := 0; i < 100_000; i += 1000 {
			var all []journal.Request
			for n := i; n < i+1000; n++ {
				r := journal.Request{
					Company: "acme", ID: fmt.Sprint("r-", n), At: noon, Status: 200, Payment: fmt.Sprint("p", n),
					Summary: make([]byte, 350), Details: make([]byte, 500),
				}
				if n%2 == 0 {
					r.Stage, r.Rule, r.Status, r.Payment = "validate", "rule", 400, ""
				}
				all = append(all, r)
			}
			if err := q.Add(ctx, all); err != nil {
				b.Fatal(err)
			}
		}
		for what, by := range map[string]journal.RequestQuery{
			"first page": {}, "refused": {Refused: true}, "no hit of stages": {Stage: "none"}, "no hit of statuses": {Status: 503},
			"no hit of payments": {Payment: "x"},
		} {
			b.Run(name+"/"+what, func(b *testing.B) {
				by.Limit = 51
				for b.Loop() {
					if _, err := q.List(ctx, "acme", by); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(name+"/one", func(b *testing.B) {
			for b.Loop() {
				if _, err := q.Get(ctx, "acme", "r-500"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDrain has two replicas claim and complete jobs, of which 10,000 and more are overdue.
func BenchmarkDrain(b *testing.B) {
	ctx, r := context.Background(), replicated(b, 2, Options{})
	n := max(b.N, 10_000)
	c := journaltest.Copy{Counters: journal.Counters{Began: uint64(n)}}
	for i := range n {
		id := fmt.Sprint("s", i)
		c.Streams = append(c.Streams, journal.StreamCopy{ID: id, Ordinal: uint64(i + 1)})
		c.Jobs = append(c.Jobs, journal.Job{ID: id, Stream: id, At: noon.Add(time.Duration(i)), Kind: "k"})
	}
	if err := r[0].Import(ctx, "c", c); err != nil {
		b.Fatal(err)
	}
	var done atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for _, j := range r {
		all.Go(func() {
			for done.Load() < int64(b.N) {
				jobs, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: noon.Add(time.Hour), Limit: 64, Skip: func(string) bool { return false }})
				if err != nil || len(jobs) == 0 {
					return
				}
				var each sync.WaitGroup
				for _, d := range jobs {
					each.Go(func() {
						a := journal.Append{Company: "c", Stream: d.Stream, Entries: entry("done"), Completed: []string{d.ID}}
						if err := j.Append(ctx, a); err != nil {
							b.Error(err)
						}
						done.Add(1)
					})
				}
				each.Wait()
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(done.Load())/b.Elapsed().Seconds(), "jobs/s")
}
