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
}

// NewMemory makes an empty journal that keeps at most maxPayments streams for each company (0 = DefaultMaxPayments).
func NewMemory(maxPayments int) *Memory {
	return NewMemoryWith(Limits{Payments: maxPayments})
}

// NewMemoryWith is NewMemory with other limits of the payments and the requests that it keeps.
func NewMemoryWith(limits Limits) *Memory {
	logs := &companyLogs{limits: limits.OrUsual(), now: clock.Wall, companies: map[string]*companyLog{}, keys: newKeyIndex()}
	m := &Memory{companyLogs: logs, memorySettings: newMemorySettings(logs)}
	m.requests = newMemoryRequests(limits.Requests, m.tell)
	return m
}

// Append implements Journal.
func (m *Memory) Append(_ context.Context, a Append) error {
	st, dropped, err := m.append(a)
	if err != nil {
		return err
	}
	m.limits.Tell(dropped)
	m.dropOverTotal(st)
	return nil
}

// Ordinal implements Journal.
func (m *Memory) Ordinal(_ context.Context, company string) (uint64, error) {
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
	m.mu.Lock()
	s, closed := m.companies[company], m.closed
	delete(m.companies, company)
	m.mu.Unlock()
	switch {
	case closed:
		return ErrClosed
	case s == nil:
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(m.keys)
	return nil
}

// Feed implements Journal.
func (m *Memory) Feed(_ context.Context, company string, r FeedQuery) ([]FeedEntry, error) {
	s, err := m.locked(company, false)
	if err != nil || s == nil {
		return nil, err
	}
	defer s.mu.Unlock()
	limit := r.Limit
	if limit <= 0 {
		limit = 100
	}
	if r.Newest {
		return s.backward(r, limit), nil
	}
	return s.forward(r, limit), nil
}

// Changed implements Journal.
func (m *Memory) Changed(company string) <-chan struct{} {
	if company == "" {
		return m.memorySettings.changes()
	}
	s, err := m.locked(company, true)
	if err != nil {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

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
func (m *Memory) Check(context.Context) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return ErrClosed
	}
	return nil
}

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
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
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
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.memorySettings.close()
	for _, s := range m.companies {
		s.mu.Lock()
		s.notify()
		s.mu.Unlock()
	}
	return nil
}
