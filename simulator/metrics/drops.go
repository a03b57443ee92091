package metrics

import (
	"log/slog"
	"math/bits"
	"sync"

	"mozartosim/simulator/journal"
)

// Drops returns what counts payments, and their jobs, that were dropped because a limit was reached, and logs them: of each company
// and limit the first time, and whenever it is twice as much.
func (m *Metrics) Drops(log *slog.Logger) func(journal.Drop) {
	var mu sync.Mutex
	since := map[journal.Drop]dropSum{} // the start, by company and limit
	return func(d journal.Drop) {
		m.drops.WithLabelValues("payments", d.Limit).Add(float64(d.Payments))
		m.drops.WithLabelValues("jobs", d.Limit).Add(float64(d.Jobs))
		mu.Lock()
		defer mu.Unlock()
		key := journal.Drop{Company: d.Company, Limit: d.Limit}
		before := since[key]
		sum := dropSum{before.payments + d.Payments, before.jobs + d.Jobs}
		since[key] = sum
		if bits.Len(uint(sum.payments)) > bits.Len(uint(before.payments)) || bits.Len(uint(sum.jobs)) > bits.Len(uint(before.jobs)) {
			log.Warn("payments were dropped because a limit was reached", "limit", d.Limit, "company", d.Company,
				"payments", sum.payments, "jobs", sum.jobs)
		}
	}
}

type dropSum struct{ payments, jobs int }
