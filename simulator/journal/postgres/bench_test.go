package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/postgres"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// payment is an append as a payment's first one is: its entries, labels, key and due work.
func payment(company, id string, n uint64) journal.Append {
	body := fmt.Appendf(nil, `{"id":%q,"amount":"10.00","currency":"EUR","url":"https://example.com/%d","text":"%0120d"}`, id, n, n)
	a := journal.Append{
		Company: company, Stream: id, Keys: []string{"session/" + id},
		Labels: journal.Labels{
			{Name: "psp", Value: "PAYONE"}, {Name: "type", Value: "PAYIN"}, {Name: "status", Value: "pending"},
			{Name: "userId", Value: fmt.Sprint("user-", n%1000)}, {Name: "merchantReference", Value: fmt.Sprint("order-", n)},
			{Name: "currency", Value: "EUR"}, {Name: "amount", Value: "10.00"}, {Name: "deliveries", Value: "none"},
		},
		Jobs: []journal.Job{
			{ID: id + "/decision", At: noon.Add(time.Duration(n) * time.Millisecond), Kind: "decision", Data: []byte(`{"action":"approve"}`)},
			{ID: id + "/expiry", At: noon.Add(time.Hour), Kind: "expiry", Data: []byte(`{}`)},
		},
	}
	for _, kind := range []string{"opened", "asked", "answered", "planned"} {
		a.Entries = append(a.Entries, journal.Entry{At: noon, Kind: kind, Data: body})
	}
	return a
}

// later is what the decision, the notice and the delivery of a payment append.
func later(company, id string, n uint64) (all []journal.Append) {
	for i, status := range []string{"approved", "told", "delivered"} {
		a := payment(company, id, n)
		a.Keys, a.Seen, a.Entries, a.Final = nil, 4+i, a.Entries[:1], i == 2
		a.Labels = append(journal.Labels{}, a.Labels...)
		a.Labels[2].Value = status
		a.Completed, a.Jobs = []string{a.Jobs[0].ID}, a.Jobs[:1]
		if i == 2 {
			a.Completed, a.Jobs = append(a.Completed, id+"/expiry"), nil
		}
		all = append(all, a)
	}
	return all
}

// Two replicas on one database, 16 callers: payments as they are made, with all that follows, and into a room that is full.
func BenchmarkPayments(b *testing.B) {
	for name, how := range map[string]struct {
		all  bool
		room int
	}{"made": {}, "made, decided, told, delivered": {all: true}, "room is full": {room: 1000}} {
		b.Run(name, func(b *testing.B) {
			url, o := server.URL(), postgres.Options{MaxPayments: how.room}
			replicas := []*postgres.Journal{open(b, url, o), open(b, url, o)}
			ctx := context.Background()
			var left atomic.Int64
			left.Store(int64(b.N))
			var callers sync.WaitGroup
			b.ResetTimer()
			for i := range 16 {
				j := replicas[i%2]
				callers.Go(func() {
					for left.Add(-1) >= 0 {
						n, err := j.Ordinal(ctx, "demo")
						if err != nil {
							b.Error(err)
							return
						}
						id := fmt.Sprintf("%024x", n)
						appends := []journal.Append{payment("demo", id, n)}
						if how.all {
							appends = append(appends, later("demo", id, n)...)
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

// BenchmarkList looks for payments among 100,000: what everybody has, what a few have, what one has, what none has.
func BenchmarkList(b *testing.B) {
	ctx, j := context.Background(), open(b, server.URL(), postgres.Options{Timeout: time.Minute})
	const payments = 100_000
	copied := journal.Copy{Began: payments, Seq: 4 * payments}
	for n := range uint64(payments) {
		a := payment("demo", fmt.Sprintf("%024x", n), n)
		st := journal.StreamCopy{ID: a.Stream, Ordinal: n + 1, Labels: a.Labels, Keys: a.Keys, Entries: a.Entries}
		if st.Labels[2].Value = "approved"; n%1000 == 0 {
			st.Labels[2].Value = "pending"
		}
		if st.Labels[0].Value = "PAYONE"; n < payments/2 {
			st.Labels[0].Value = "BRITE"
		}
		for i := range st.Entries {
			st.Entries[i].Seq = 4*n + uint64(i) + 1
		}
		copied.Streams = append(copied.Streams, st)
	}
	if err := j.Import(ctx, "demo", copied); err != nil {
		b.Fatal(err)
	}
	for name, labels := range map[string]journal.Labels{
		"all": nil, "half, not the newest": {{Name: "psp", Value: "BRITE"}}, "hundred": {{Name: "status", Value: "pending"}, {Name: "type", Value: "PAYIN"}},
		"one": {{Name: "merchantReference", Value: "order-777"}}, "none": {{Name: "userId", Value: "nobody"}}, "empty": {{Name: "psp", Value: ""}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := j.List(ctx, "demo", journal.Query{Labels: labels}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("find", func(b *testing.B) {
		for b.Loop() {
			if _, err := j.Find(ctx, fmt.Sprintf("session/%024x", 777)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("feed", func(b *testing.B) {
		for b.Loop() {
			if _, err := j.Feed(ctx, "demo", journal.FeedQuery{After: 2 * payments}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("export", func(b *testing.B) {
		for b.Loop() {
			if c, err := j.Export(ctx, "demo"); err != nil || len(c.Streams) != payments {
				b.Fatal(len(c.Streams), err)
			}
		}
	})
}

// BenchmarkDrain has two replicas take and settle work, of which 10,000 pieces and more are overdue.
func BenchmarkDrain(b *testing.B) {
	ctx, url := context.Background(), server.URL()
	replicas := []*postgres.Journal{open(b, url, postgres.Options{}), open(b, url, postgres.Options{})}
	n := max(b.N, 10_000)
	copied := journal.Copy{Began: uint64(n)}
	for i := range n {
		id := fmt.Sprint("s", i)
		copied.Streams = append(copied.Streams, journal.StreamCopy{ID: id, Ordinal: uint64(i + 1)})
		copied.Jobs = append(copied.Jobs, journal.Job{ID: id, Stream: id, At: noon.Add(time.Duration(i)), Kind: "k"})
	}
	if err := replicas[0].Import(ctx, "c", copied); err != nil {
		b.Fatal(err)
	}
	var done atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for _, j := range replicas {
		all.Go(func() {
			for done.Load() < int64(b.N) {
				due, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: noon.Add(time.Hour), Limit: 64, Skip: func(string) bool { return false }})
				if err != nil || len(due) == 0 {
					return
				}
				var each sync.WaitGroup
				for _, d := range due {
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
	b.ReportMetric(float64(done.Load())/b.Elapsed().Seconds(), "pieces/s")
}
