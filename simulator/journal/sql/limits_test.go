package sqljournal

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"mozartosim/simulator/journal"
)

// drops gathers what limits have dropped.
type drops struct {
	mu  sync.Mutex
	all []journal.Drop
}

func (d *drops) of(l journal.Limits) Options {
	l.Dropped = func(drop journal.Drop) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.all = append(d.all, drop)
	}
	return Options{Limits: l, Conns: 2}
}

// fill begins a stream of about a thousand bytes, with so many jobs.
func fill(t testing.TB, j journal.Journal, company, id string, final bool, jobs int) {
	t.Helper()
	a := journal.Append{Company: company, Stream: id, Final: final, Entries: entry("a")}
	a.Entries[0].Data = []byte(strings.Repeat("x", 1000))
	for i := range jobs {
		a.Jobs = append(a.Jobs, aJob(fmt.Sprint(id, i), 0)...)
	}
	add(t, j, a)
}

// Bytes are a limit as payments are; final payments with jobs go no sooner than open ones; what is dropped is told.
func TestBytesAreBounded(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		var dropped drops
		j := make(t).journal(t, dropped.of(journal.Limits{Bytes: 4500}))
		fill(t, j, "c", "open", false, 2)
		fill(t, j, "c", "undelivered", true, 1)
		fill(t, j, "c", "delivered", true, 0)
		fill(t, j, "c", "new", false, 0)
		fill(t, j, "c", "newer", false, 0)
		same(t, "the final one without jobs goes", []string{"newer", "new", "undelivered", "open"}, listed(t, j, "c"))
		fill(t, j, "c", "newest", false, 0)
		same(t, "then the oldest", []string{"newest", "newer", "new", "undelivered"}, listed(t, j, "c"))
		add(t, j, journal.Append{Company: "c", Stream: "undelivered", Seen: 1, Completed: []string{"undelivered0"}, Final: true})
		fill(t, j, "c", "last", false, 0)
		same(t, "without its job it goes first", []string{"last", "newest", "newer", "new"}, listed(t, j, "c"))
		same(t, "told", []journal.Drop{{Company: "c", Limit: "max-bytes", Payments: 1}, {Company: "c", Limit: "max-bytes", Payments: 1, Jobs: 2},
			{Company: "c", Limit: "max-bytes", Payments: 1}}, dropped.all)
		large := journal.Append{Company: "c", Stream: "large", Entries: entry("a")}
		large.Entries[0].Data = bytes.Repeat([]byte("x"), 9000)
		add(t, j, large)
		same(t, "one that is larger than the limit", []string{"large"}, listed(t, j, "c"))
		sound(t, j)
	})
}

// The limits of all companies together drop from the largest one, whoever has written it.
func TestAllCompaniesAreBounded(t *testing.T) {
	t.Parallel()
	for limit, l := range map[string]journal.Limits{"max-total-payments": {TotalPayments: 5}, "max-total-bytes": {TotalBytes: 5500}} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
				var dropped drops
				p := make(t)
				j := p.journal(t, Options{Conns: 2})
				for i := range 4 {
					fill(t, j, "large", fmt.Sprint(i), false, 1)
				}
				shut(t, j)
				j = p.journal(t, dropped.of(l))
				fill(t, j, "small", "1", false, 0)
				fill(t, j, "small", "2", false, 0)
				same(t, "dropped", []journal.Drop{{Company: "large", Limit: limit, Payments: 1, Jobs: 1}}, dropped.all)
				same(t, "kept", []string{"3", "2", "1"}, listed(t, j, "large"))
				if err := j.Forget(context.Background(), "large"); err != nil {
					t.Fatal(err)
				}
				for i := range 3 { // there is room again
					fill(t, j, "small", fmt.Sprint("more ", i), false, 0)
				}
				same(t, "no more", 1, len(dropped.all))
				fill(t, j, "small", "one more", false, 0)
				same(t, "of the only company", []string{"one more", "more 2", "more 1", "more 0", "2"}, listed(t, j, "small"))
				sound(t, j)
			})
		})
	}
}
