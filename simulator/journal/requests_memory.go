package journal

import (
	"context"
	"maps"
	"slices"
	"sort"
	"sync"
)

// memoryRequests are the Requests of a Memory.
type memoryRequests struct {
	signals *Signals

	mu        sync.Mutex
	last      uint64
	limits    RequestLimits
	use       Uses
	companies map[string][]*Request // in their order
}

func newMemoryRequests(limits RequestLimits, signals *Signals) *memoryRequests {
	return &memoryRequests{signals: signals, limits: limits.OrUsual(), companies: map[string][]*Request{}}
}

// Add implements Requests.
func (m *memoryRequests) Add(_ context.Context, all []Request) error {
	told := map[string]bool{}
	m.mu.Lock()
	for _, r := range all {
		m.last++
		r.No = m.last
		m.companies[r.Company] = append(m.companies[r.Company], &r)
		m.use.Set(r.Company, m.use.Get(r.Company).Plus(1, r.Size()))
		told[r.Company] = true
	}
	for written := range told {
		for company, excess, over := m.limits.Over(&m.use, written); over; company, excess, over = m.limits.Over(&m.use, written) {
			m.drop(company, excess)
		}
	}
	m.mu.Unlock()
	m.signals.Tell(slices.Collect(maps.Keys(told))...)
	return nil
}

// drop drops so much of a company's oldest requests.
func (m *memoryRequests) drop(company string, excess Use) {
	kept, use := m.companies[company], m.use.Get(company)
	for len(kept) > 0 && (excess.Count > 0 || excess.Bytes > 0) {
		size := kept[0].Size()
		kept[0] = nil // its memory is free before the slice moves
		kept = kept[1:]
		use, excess = use.Plus(-1, -size), excess.Plus(-1, -size)
	}
	m.companies[company] = kept
	m.use.Set(company, use)
}

// List implements Requests. Others have their turn now and then.
func (m *memoryRequests) List(_ context.Context, company string, q RequestQuery) (found []Request, err error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 100
	}
	for picked := m.pick(company, &q); len(picked) > 0; picked = m.pick(company, &q) {
		for _, r := range picked {
			if !q.Matches(r) {
				continue
			}
			brief := *r
			brief.Details = nil
			if found = append(found, brief); len(found) == limit {
				return found, nil
			}
		}
	}
	return found, nil
}

// pick returns the next requests to look at, in q's order, and moves q past them.
func (m *memoryRequests) pick(company string, q *RequestQuery) []*Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := m.companies[company]
	to := len(kept)
	if q.Before > 0 {
		to = sort.Search(to, func(i int) bool { return kept[i].No >= q.Before })
	}
	from := min(to, sort.Search(len(kept), func(i int) bool { return kept[i].No > q.After }))
	if from == to {
		return nil
	}
	if q.Oldest {
		to = min(to, from+atOnce)
		q.After = kept[to-1].No
	} else {
		from = max(from, to-atOnce)
		q.Before = kept[from].No
	}
	picked := slices.Clone(kept[from:to])
	if !q.Oldest {
		slices.Reverse(picked)
	}
	return picked
}

// Get implements Requests. It looks at all of a company's, so that keeping one costs no index.
func (m *memoryRequests) Get(_ context.Context, company, id string) (Request, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.companies[company] {
		if r.ID == id {
			return *r, nil
		}
	}
	return Request{}, ErrNotFound
}

// Forget implements Requests.
func (m *memoryRequests) Forget(_ context.Context, company string) error {
	m.mu.Lock()
	delete(m.companies, company)
	m.use.Forget(company)
	m.mu.Unlock()
	m.signals.Tell(company)
	return nil
}
