package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/scheduler"
	"mozartosim/simulator/webhook"
)

// bench opens a simulator for a benchmark and returns a function that makes n Payone pay-ins of the demo company.
func bench(b testing.TB, change func(*Config)) (s *Simulator, company *backoffice.Company, pay func(n int)) {
	b.Helper()
	config := Default()
	config.PublicAddr, config.AdminAddr = "127.0.0.1:0", ""
	change(&config)
	s, err := New(config)
	if err != nil {
		b.Fatal(err)
	}
	public, err := s.Public()
	if err != nil {
		b.Fatal(err)
	}
	company, _ = s.Company("")
	token, _ := identity.CompanyToken(company.Credentials.APIKey, company.Credentials.SecretKey, start, time.Time{}, time.Time{})
	claims, _ := company.Claims("")
	user, _ := identity.UserToken(claims, "unchecked")
	text, _ := s.contract.Example("PayonePayInRequest")
	return s, company, func(n int) {
		for range n {
			r := httptest.NewRequest(http.MethodPost, openapi.CashierPath, strings.NewReader(string(text)))
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("X-User-Token", "Bearer "+user)
			for name, value := range sent {
				r.Header.Set(name, value)
			}
			w := &sink{header: http.Header{}}
			public.ServeHTTP(w, r)
			if w.status != http.StatusOK {
				b.Fatal(w.status)
			}
		}
	}
}

// sent are the headers that clients send beside the tokens.
var sent = map[string]string{
	"Accept": "application/json", "Accept-Encoding": "gzip", "Content-Length": "1234", "Content-Type": "application/json",
	"User-Agent": "shop/1.0 (linux; payments)", "Traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}

// 10,000 payments, each with a decision, a notice and a webhook to come, are taken 30 days ahead.
func BenchmarkAdvance30Days(b *testing.B) {
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		s, company, pay := bench(b, func(c *Config) { c.Clock, c.ClockStart = clock.Manual, start })
		pay(10_000)
		b.StartTimer()
		began := processorTime(b)
		happened, err := s.scheduler.Advance(b.Context(), company.ID, scheduler.Advance{By: 30 * 24 * time.Hour})
		b.StopTimer()
		used += processorTime(b) - began
		if err != nil || len(happened) != 20_000 {
			b.Fatalf("%d pieces of work, %v", len(happened), err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(used.Microseconds())/float64(b.N)/10_000, "cpu-µs/payment")
}

// TestAllocationsOfAWebhook bounds what a payment's decision and its webhook allocate, from their jobs to the record of the inbox's
// answer: a figure that no other load on the machine changes. It is not parallel, since every goroutine's allocations count.
func TestAllocationsOfAWebhook(t *testing.T) { //nolint:paralleltest // see above
	const payments, atMost = 200, 210 // measured: 114, some more under the race detector
	s, company, pay := bench(t, func(c *Config) { c.Clock, c.ClockStart = clock.Manual, start })
	t.Cleanup(func() { _ = s.Close() })
	pay(payments)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	done, err := s.scheduler.Advance(t.Context(), company.ID, scheduler.Advance{By: time.Hour})
	runtime.ReadMemStats(&after)
	if err != nil || len(done) != 2*payments {
		t.Fatal(len(done), err)
	}
	if each := (after.Mallocs - before.Mallocs) / payments; each > atMost {
		t.Errorf("a decision and its webhook make %d allocations, at most %d are allowed", each, atMost)
	}
}

// What each of 100,000 pending timers costs when the worker wakes up and finds nothing due.
func BenchmarkWakeWith100kPending(b *testing.B) {
	const pending = 100_000
	j := journal.NewMemory(2 * pending)
	for i := range pending {
		id := fmt.Sprint("p", i)
		err := j.Append(b.Context(), journal.Append{
			Company: "c", Stream: id, Jobs: []journal.Job{{ID: id, At: start.Add(time.Duration(i) * time.Second)}},
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if due, err := j.Claim(b.Context(), "c", journal.ClaimQuery{Until: start.Add(-time.Hour), Limit: 64}); err != nil || due != nil {
			b.Fatal(due, err)
		}
		if next, err := j.Jobs(b.Context(), "c", journal.JobQuery{Limit: 1}); err != nil || len(next) != 1 {
			b.Fatal(next, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/pending, "ns/timer")
}

// Webhooks to a local sink on a real clock: how many a second, next to a bare client loop in the same run, and how late.
func BenchmarkDeliveries(b *testing.B) {
	const webhooks = 5_000
	var got atomic.Int64
	all := make(chan struct{}, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if got.Add(1)%webhooks == 0 {
			all <- struct{}{}
		}
	}))
	defer receiver.Close()
	for b.Loop() {
		s, company, _ := bench(b, func(c *Config) { c.WebhookURL = receiver.URL })
		t := s.runtimes.Get(company.ID)
		for i := range webhooks {
			seedDelivery(b, s, company, i, t.Clock.Now(), receiver.URL)
		}
		ctx, stop := context.WithCancel(b.Context())
		var worker sync.WaitGroup
		began := time.Now()
		worker.Go(func() { s.scheduler.Work(ctx, t) })
		<-all
		ours := float64(webhooks) / time.Since(began).Seconds()
		stop()
		worker.Wait()
		_ = s.stop()
		_ = s.Close()
		bare := bareLoop(b, receiver.URL, webhooks)
		<-all
		b.ReportMetric(ours, "webhooks/s")
		b.ReportMetric(ours/bare, "of-a-bare-loop")
	}
}

// bareLoop posts n bodies with as many clients as a lane has workers, and returns posts per second.
func bareLoop(b *testing.B, url string, n int) float64 {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: webhook.DefaultPerTarget}}
	defer client.CloseIdleConnections()
	var left atomic.Int64
	left.Store(int64(n))
	var group sync.WaitGroup
	began := time.Now()
	for range webhook.DefaultPerTarget {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				answer, err := client.Post(url, "application/json", strings.NewReader(strings.Repeat("x", 300)))
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}
		})
	}
	group.Wait()
	return float64(n) / time.Since(began).Seconds()
}

// How late due webhooks are at 1,000 a second on a real clock: from their due time to the handler's door.
func BenchmarkLateness(b *testing.B) {
	const webhooks = 2_000
	var mu sync.Mutex
	var arrivals []time.Time
	all := make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if arrivals = append(arrivals, time.Now()); len(arrivals)%webhooks == 0 {
			all <- struct{}{}
		}
	}))
	defer receiver.Close()
	for b.Loop() {
		arrivals = nil
		s, company, _ := bench(b, func(c *Config) { c.WebhookURL = receiver.URL })
		t := s.runtimes.Get(company.ID)
		first := t.Clock.Now().Add(time.Second)
		var due []time.Time
		for i := range webhooks {
			at := first.Add(time.Duration(i) * time.Millisecond)
			due = append(due, at)
			seedDelivery(b, s, company, i, at, receiver.URL)
		}
		ctx, stop := context.WithCancel(b.Context())
		var worker sync.WaitGroup
		worker.Go(func() { s.scheduler.Work(ctx, t) })
		<-all
		stop()
		worker.Wait()
		_ = s.stop()
		_ = s.Close()
		slices.SortFunc(arrivals, time.Time.Compare)
		var late []time.Duration
		for i := range arrivals {
			late = append(late, arrivals[i].Sub(due[i]))
		}
		slices.Sort(late)
		b.ReportMetric(float64(late[len(late)/2].Microseconds())/1000, "ms-p50")
		b.ReportMetric(float64(late[len(late)*99/100].Microseconds())/1000, "ms-p99")
	}
}

// seedDelivery makes a payment whose one webhook is due at an instant.
func seedDelivery(b *testing.B, s *Simulator, company *backoffice.Company, i int, at time.Time, url string) {
	b.Helper()
	now := at.Add(-time.Minute)
	terms := payment.Terms{ID: fmt.Sprintf("%024x", i), Company: company.ID, Ordinal: uint64(i + 1), PSP: "PAYONE", Type: "PAYIN", Session: fmt.Sprint(i)}
	p, opened := payment.Open(terms, now)
	tx := &payments.Tx{Payment: &p, Company: company, Provider: s.providers["PAYONE"], Now: now}
	delivery := adminapi.Delivery{ID: p.ID + "-1", Notification: 1, URL: url, Body: "{}", Due: at}
	data := payments.AttemptData{Target: webhook.PoolKey(company.ID, url)}
	tx.Record(opened)
	tx.Record(p.Deliver(delivery, now))
	err := errors.Join(
		tx.Schedule(payments.Attempt, payments.AttemptJob(delivery.ID), at, data), s.payments.Append(b.Context(), tx),
	)
	if err != nil {
		b.Fatal(err)
	}
}
