package journal

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"mozartosim/simulator/clock"
)

// Memory is a Journal that lives as long as the process.
type Memory struct {
	*companyLogs
	*memorySettings
	requests *memoryRequests
	signals  *Signals
}

// NewMemory makes an empty journal that keeps at most maxPayments streams for each company (0 = DefaultMaxPayments).
func NewMemory(maxPayments int) *Memory {
	return NewMemoryWith(Limits{Payments: maxPayments})
}

// NewMemoryWith is NewMemory with other limits of the payments and the requests that it keeps.
func NewMemoryWith(limits Limits) *Memory {
	signals := NewSignals()
	return &Memory{
		companyLogs: &companyLogs{
			limits: limits.OrUsual(), now: clock.Wall, signals: signals, companies: map[string]*companyLog{}, keys: newKeyIndex(),
		},
		memorySettings: &memorySettings{signals: signals, locks: NewLocks(signals.Life().Done()), all: map[[2]string]Setting{}},
		requests:       newMemoryRequests(limits.Requests, signals),
		signals:        signals,
	}
}

// Append implements Journal.
func (m *Memory) Append(_ context.Context, a Append) error {
	st, dropped, err := m.append(a)
	if err != nil {
		return err
	}
	m.signals.Tell(a.Company)
	m.limits.Tell(dropped)
	m.dropOverTotal(st)
	return nil
}

// Ordinal implements Journal.
func (m *Memory) Ordinal(_ context.Context, company string, known uint64) (uint64, error) {
	if m.putSince(known) {
		return 0, ErrOutdated
	}
	s, err := m.locked(company, true)
	if err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	s.ordinal++
	return s.ordinal, nil
}

// Entries implements Journal.
func (m *Memory) Entries(_ context.Context, company, id string) ([]Entry, error) {
	s, err := m.locked(company, false)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, ErrNotFound
	}
	defer s.mu.Unlock()
	st := s.streams[id]
	if st == nil {
		return nil, ErrNotFound
	}
	return unpackEntries(s.compressor.read(st), st.length), nil
}

// List implements Journal.
func (m *Memory) List(_ context.Context, company string, q Query) ([]Stream, error) {
	if q.Limit <= 0 {
		q.Limit = 100
	}
	var found []Stream
	for {
		s, err := m.locked(company, false)
		if err != nil || s == nil {
			return found, err
		}
		found, q.Before = s.list(found, q)
		s.mu.Unlock()
		if q.Before == 0 {
			return found, nil
		}
	}
}

// Find implements Journal.
func (m *Memory) Find(_ context.Context, key string) (Stream, error) {
	company := ""
	st := m.keys.owner(key)
	if st != nil {
		company = st.company
	}
	s, err := m.locked(company, false)
	if err != nil {
		return Stream{}, err
	}
	if s == nil {
		return Stream{}, ErrNotFound
	}
	defer s.mu.Unlock()
	if s.streams[st.id] != st { // dropped in the meantime, or never begun for want of another key
		return Stream{}, ErrNotFound
	}
	return st.head(), nil
}

// Forget implements Journal.
func (m *Memory) Forget(_ context.Context, company string) error {
	if m.signals.Over() {
		return ErrClosed
	}
	m.mu.Lock()
	s := m.companies[company]
	delete(m.companies, company)
	m.mu.Unlock()
	if s == nil {
		return nil
	}
	s.mu.Lock()
	s.end(m.keys)
	s.mu.Unlock()
	m.signals.Tell(company)
	return nil
}

// Feed implements Journal.
func (m *Memory) Feed(_ context.Context, company string, r FeedQuery) ([]FeedEntry, error) {
	s, err := m.locked(company, false)
	if err != nil || s == nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if r.Limit <= 0 {
		r.Limit = 100
	}
	return s.feed(r), nil
}

// Changed implements Journal.
func (m *Memory) Changed(company string) <-chan struct{} { return m.signals.Changed(company) }

// Companies implements Journal.
func (m *Memory) Companies(context.Context) ([]string, error) {
	logs, err := m.everyLog()
	var names []string
	for name, s := range logs {
		s.mu.Lock()
		if s.ordinal > 0 || s.began > 0 {
			names = append(names, name)
		}
		s.mu.Unlock()
	}
	slices.Sort(names)
	return names, err
}

// Walk implements Journal. Others don't wait for the visitor.
func (m *Memory) Walk(_ context.Context, company string, to Visitor) error {
	s, err := m.locked(company, false)
	if err != nil {
		return err
	}
	if s == nil {
		return to.Counters(Counters{})
	}
	n, streams, jobs := s.view()
	s.mu.Unlock()
	if err := to.Counters(n); err != nil {
		return err
	}
	for _, st := range streams {
		if err := to.Stream(st.copied()); err != nil {
			return err
		}
	}
	for _, d := range jobs {
		if err := to.Job(d); err != nil {
			return err
		}
	}
	return nil
}

// Check implements Journal: nothing happens to memory unnoticed.
func (m *Memory) Check(ctx context.Context) error { return m.Ready(ctx) }

// collectAbove is how many bytes of a company that is replaced are worth a collection.
const collectAbove = 16 << 20

// Import implements Journal. What was there goes before the copy is read, so that both are never in memory together; other calls
// of the company wait meanwhile.
func (m *Memory) Import(_ context.Context, company string, from Source) error {
	checked, err := Check(from)
	if err != nil {
		return err
	}
	if err := checked.Within(&m.limits); err != nil {
		return err
	}
	fresh, freed, err := m.replace(company, checked)
	if err != nil {
		return err
	}
	if freed > collectAbove {
		runtime.GC() // what was there goes before the copy comes
	}
	if err = fresh.fill(company, checked, m.keys); err != nil {
		fresh.end(m.keys)
	}
	fresh.mu.Unlock()
	m.signals.Tell(company)
	if err == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.companies[company] == fresh {
		delete(m.companies, company)
	}
	return fmt.Errorf("%w: %w", ErrEmptied, err)
}

// Requests implements Journal.
func (m *Memory) Requests() Requests { return m.requests }

// Ready implements Journal.
func (m *Memory) Ready(context.Context) error {
	if m.signals.Over() {
		return ErrClosed
	}
	return nil
}

// Stats implements Journal.
func (m *Memory) Stats(_ context.Context, company string) (total Stats, err error) {
	logs, err := m.everyLog()
	for name, s := range logs {
		if company == "" || company == name {
			s.addTo(&total, m.now())
		}
	}
	return total, err
}

// Close implements Journal.
func (m *Memory) Close() error {
	m.signals.Close()
	return nil
}
