package journal

import (
	"cmp"
	"container/list"
	"context"
	"fmt"
	"slices"
	"sort"
	"sync"
)

// DefaultMaxPayments is how many streams a Memory keeps for each company unless told otherwise.
const DefaultMaxPayments = 100_000

// Memory is a Journal that lives as long as the process. It keeps a bounded number of streams for each company; when
// the limit is reached it drops the oldest final one, or the oldest of all when none is final.
type Memory struct {
	maxPayments int

	mu        sync.RWMutex
	companies map[string]*companyLog
	keys      *keyIndex
	closed    bool

	settings settingStore
}

// companyLog is one company's part; its lock is the only one that the hot path takes for writing.
type companyLog struct {
	mu      sync.Mutex
	gone    bool // forgotten: a caller that waited for the lock asks for the log again
	ordinal uint64
	seq     uint64
	began   uint64
	streams map[string]*stream
	ordered []*stream // by ordinal; dropped ones stay as gaps until they are many
	oldest  int       // no stream before this place in ordered is still here
	gaps    int
	done    *list.List // of *stream, in the order in which they were done
	entries int
	bytes   int
	dropped uint64
	due     jobQueue
	marks   []feedMark    // where the entries stand, in the order of their seq
	changed chan struct{} // closed by the next append; nil while none waits
}

// stream is kept packed, so that a hundred thousand of them are little work for the garbage collector.
type stream struct {
	company, id string
	ordinal     uint64
	length      int
	labels      []byte // packed
	entries     []byte // packed
	keys        []string
	done        *list.Element
	due         []*item
	gone        bool
}

func (st *stream) head() Stream {
	return Stream{Company: st.company, ID: st.id, Ordinal: st.ordinal, Length: st.length, Labels: unpackLabels(st.labels)}
}

// NewMemory makes an empty journal that keeps at most maxPayments streams for each company (0 = DefaultMaxPayments).
func NewMemory(maxPayments int) *Memory {
	if maxPayments <= 0 {
		maxPayments = DefaultMaxPayments
	}
	return &Memory{maxPayments: maxPayments, companies: map[string]*companyLog{}, keys: newKeyIndex(), settings: newSettingStore()}
}

// locked returns a company's log with its lock taken; nil when there is none and none shall be made.
func (m *Memory) locked(company string, make bool) (*companyLog, error) {
	for {
		s, err := m.companyLog(company, make)
		if s == nil || err != nil {
			return nil, err
		}
		s.mu.Lock()
		if !s.gone {
			return s, nil
		}
		s.mu.Unlock()
	}
}

func (m *Memory) companyLog(company string, make bool) (*companyLog, error) {
	m.mu.RLock()
	s, closed := m.companies[company], m.closed
	m.mu.RUnlock()
	switch {
	case closed:
		return nil, ErrClosed
	case s != nil || !make:
		return s, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	if s = m.companies[company]; s == nil {
		s = newCompanyLog()
		m.companies[company] = s
	}
	return s, nil
}

// Append implements Journal.
func (m *Memory) Append(_ context.Context, a Append) error {
	s, err := m.locked(a.Company, true)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	st := s.streams[a.Stream]
	if st == nil {
		st = &stream{company: a.Company, id: a.Stream}
	}
	if st.length != a.Seen {
		return fmt.Errorf("stream %s has %d entries, the writer knew %d: %w", a.Stream, st.length, a.Seen, ErrConflict)
	}
	if err := m.claim(st, a.Keys); err != nil {
		return err
	}
	s.add(st, a)
	if len(s.streams) > m.maxPayments {
		m.drop(s, st)
	}
	return nil
}

// claim takes all keys for the stream, or none.
func (m *Memory) claim(st *stream, keys []string) error {
	fresh := len(st.keys) // the stream's keys from here on are new
	for _, key := range keys {
		owner, free := m.keys.claim(key, st)
		switch {
		case free:
			st.keys = append(st.keys, key)
		case owner != st:
			for _, mine := range st.keys[fresh:] {
				m.keys.release(mine, st)
			}
			st.keys = st.keys[:fresh]
			return fmt.Errorf("key %s: %w", key, ErrExists)
		}
	}
	return nil
}

func (s *companyLog) add(st *stream, a Append) {
	if st.ordinal == 0 {
		s.began++
		st.ordinal = s.began
		s.streams[a.Stream] = st
		s.ordered = append(s.ordered, st)
	}
	before := len(st.entries)
	if len(a.Entries) > 0 {
		s.marks = append(s.marks, feedMark{first: s.seq + 1, st: st, at: uint32(before), n: uint32(len(a.Entries))})
	}
	st.entries = packEntries(st.entries, s.seq, a.Entries)
	st.length += len(a.Entries)
	s.seq += uint64(len(a.Entries))
	s.entries += len(a.Entries)
	s.bytes += len(st.entries) - before
	if a.Labels != nil {
		st.labels = packLabels(a.Labels)
	}
	for _, id := range a.Completed {
		s.due.remove(st, id)
	}
	for _, d := range a.Jobs {
		s.due.add(st, d)
	}
	switch {
	case a.Final && st.done == nil:
		st.done = s.done.PushBack(st)
	case !a.Final && st.done != nil:
		s.done.Remove(st.done)
		st.done = nil
	}
	s.notify()
}

// drop makes place for one stream: the oldest that is done goes, or the oldest of all, but not the newest, which somebody has
// just been answered about.
func (m *Memory) drop(s *companyLog, newest *stream) {
	var victim *stream
	if oldest := s.done.Front(); oldest != nil && oldest.Value.(*stream) != newest {
		victim = oldest.Value.(*stream)
		s.done.Remove(oldest)
	} else {
		for s.ordered[s.oldest].gone {
			s.oldest++
		}
		victim = s.ordered[s.oldest]
	}
	victim.gone = true
	s.due.removeAll(victim)
	delete(s.streams, victim.id)
	for _, key := range victim.keys {
		m.keys.release(key, victim)
	}
	s.entries -= victim.length
	s.bytes -= len(victim.entries)
	s.dropped++
	victim.entries, victim.labels, victim.keys = nil, nil, nil
	if s.gaps++; s.gaps > len(s.ordered)/2+64 {
		s.ordered = slices.DeleteFunc(s.ordered, func(st *stream) bool { return st.gone })
		s.marks = slices.DeleteFunc(s.marks, func(k feedMark) bool { return k.st.gone })
		s.gaps, s.oldest = 0, 0
	}
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

// atOnce is how many streams are looked at before the company's other callers have their turn.
const atOnce = 4096

// list adds to what was found, of the next so many streams; left is where to go on, 0 when there is nothing more to find. The
// caller holds the lock.
func (s *companyLog) list(found []Stream, q Query, sought [][]byte) (all []Stream, left uint64) {
	i := len(s.ordered)
	if q.Before > 0 {
		i = sort.Search(len(s.ordered), func(i int) bool { return s.ordered[i].ordinal >= q.Before })
	}
	for end := max(0, i-atOnce); i > end; {
		i--
		if st := s.ordered[i]; !st.gone && mayMatch(st.labels, sought) && matchLabels(st.labels, q.Labels) {
			if found = append(found, st.head()); len(found) == q.Limit {
				return found, 0
			}
		}
	}
	if i == 0 {
		return found, 0
	}
	return found, s.ordered[i].ordinal
}

// Claim implements Journal.
func (m *Memory) Claim(_ context.Context, company string, t ClaimQuery) ([]Job, error) {
	s, err := m.locked(company, false)
	if err != nil || s == nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return s.due.claim(t, s.streams[t.Stream]), nil
}

// Release implements Journal.
func (m *Memory) Release(_ context.Context, company string, ids ...string) error {
	s, err := m.locked(company, false)
	if err != nil || s == nil {
		return err
	}
	defer s.mu.Unlock()
	for _, id := range ids {
		s.due.release(id)
	}
	return nil
}

// PendingJobs implements Journal.
func (m *Memory) PendingJobs(_ context.Context, company string, q JobQuery) ([]Job, error) {
	s, err := m.locked(company, false)
	if err != nil || s == nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if q.Stream != "" {
		return s.streams[q.Stream].pendingJobs(q.Limit), nil
	}
	return s.due.next(q.Limit), nil
}

// pendingJobs returns the jobs of one stream, which may be nil.
func (st *stream) pendingJobs(limit int) (jobs []Job) {
	if st == nil {
		return nil
	}
	for _, it := range st.due {
		if !it.claimed {
			jobs = append(jobs, it.Job)
		}
	}
	slices.SortFunc(jobs, func(a, b Job) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq)) })
	if limit > 0 && len(jobs) > limit {
		jobs = jobs[:limit]
	}
	return jobs
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
	s.gone = true
	s.notify()
	for _, st := range s.streams {
		for _, key := range st.keys {
			m.keys.release(key, st)
		}
	}
	return nil
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
