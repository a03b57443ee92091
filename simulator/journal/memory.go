package journal

import (
	"context"
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
	m := &Memory{companyLogs: logs, memorySettings: &memorySettings{logs: logs, settings: newSettingStore()}}
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
	return unpackEntries(st.entries, st.length), nil
}

// List implements Journal.
func (m *Memory) List(_ context.Context, company string, q Query) ([]Stream, error) {
	if q.Limit <= 0 {
		q.Limit = 100
	}
	found, sought := []Stream(nil), seek(q.Labels)
	for {
		s, err := m.locked(company, false)
		if err != nil || s == nil {
			return found, err
		}
		found, q.Before = s.list(found, q, sought)
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
		return m.settings.changes()
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
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return nil, ErrClosed
	}
	var names []string
	for name, s := range m.companies {
		s.mu.Lock()
		if s.ordinal > 0 || s.began > 0 {
			names = append(names, name)
		}
		s.mu.Unlock()
	}
	slices.Sort(names)
	return names, nil
}

// Walk implements Journal.
func (m *Memory) Walk(_ context.Context, company string, head func(Copy) error, each func(StreamCopy) error) error {
	s, err := m.locked(company, false)
	if err != nil {
		return err
	}
	if s == nil {
		return head(Copy{})
	}
	defer s.mu.Unlock()
	return s.walk(head, each)
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

// Import implements Journal.
func (m *Memory) Import(_ context.Context, company string, c Copy) error {
	if err := c.Check(m.limits.Payments); err != nil {
		return err
	}
	fresh := companyLogOf(company, c, &m.total)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	old := m.companies[company]
	if old != nil {
		old.mu.Lock()
		defer old.mu.Unlock()
	}
	if err := m.keys.takeOver(fresh.ordered); err != nil {
		return err
	}
	if old != nil {
		old.end(m.keys)
	}
	m.companies[company] = fresh
	fresh.total.add(len(fresh.streams), fresh.bytes)
	return nil
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
func (m *Memory) Stats(_ context.Context, company string) (Stats, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return Stats{}, ErrClosed
	}
	var total Stats
	for name, s := range m.companies {
		if company != "" && company != name {
			continue
		}
		s.addTo(&total, m.now())
	}
	return total, nil
}

// Close implements Journal.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.settings.close()
	for _, s := range m.companies {
		s.mu.Lock()
		s.notify()
		s.mu.Unlock()
	}
	return nil
}
