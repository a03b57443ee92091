package journal

import (
	"fmt"
	"maps"
	"sync"
	"time"
)

// companyLogs are the logs of all companies of a Memory.
type companyLogs struct {
	limits  Limits
	total   totals
	now     func() time.Time // the machine's, for leases
	signals *Signals

	mu        sync.RWMutex
	companies map[string]*companyLog
	keys      *keyIndex
}

// locked returns a company's log with its lock taken; nil when there is none and none shall be made.
func (m *companyLogs) locked(company string, make bool) (*companyLog, error) {
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

func (m *companyLogs) companyLog(company string, make bool) (*companyLog, error) {
	if m.signals.Over() {
		return nil, ErrClosed
	}
	m.mu.RLock()
	s := m.companies[company]
	m.mu.RUnlock()
	if s != nil || !make {
		return s, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if s = m.companies[company]; s == nil {
		s = newCompanyLog(&m.total)
		m.companies[company] = s
	}
	return s, nil
}

// everyLog returns what there is, so that a company's lock is waited for without that of all.
func (m *companyLogs) everyLog() (map[string]*companyLog, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.signals.Over() {
		return nil, ErrClosed
	}
	return maps.Clone(m.companies), nil
}

// replace puts an empty log, with its lock taken, in the place of a company's, of so many bytes, if no other company has a key of
// what will be in it.
func (m *companyLogs) replace(company string, with *Checked) (fresh *companyLog, freed int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.signals.Over() {
		return nil, 0, ErrClosed
	}
	if key, taken := m.keys.taken(with, company); taken {
		return nil, 0, fmt.Errorf("key %s: %w", key, ErrExists)
	}
	if old := m.companies[company]; old != nil {
		old.mu.Lock()
		defer old.mu.Unlock()
		old.end(m.keys)
		freed = old.bytes
	}
	fresh = newCompanyLog(&m.total)
	fresh.mu.Lock()
	m.companies[company] = fresh
	return fresh, freed, nil
}

func (m *companyLogs) append(a Append) (st *stream, dropped Drop, err error) {
	s, err := m.locked(a.Company, true)
	if err != nil {
		return nil, Drop{}, err
	}
	defer s.mu.Unlock()
	if st = s.streams[a.Stream]; st == nil {
		st = &stream{company: a.Company, streamJobs: streamJobs{id: a.Stream}}
	}
	if st.length != a.Seen {
		return nil, Drop{}, fmt.Errorf("stream %s has %d entries, the writer knew %d: %w", a.Stream, st.length, a.Seen, ErrConflict)
	}
	for _, d := range a.Done {
		if it := st.find(d.ID); it == nil || it.seq != d.Seq || it.at != Instant(d.At) {
			return nil, Drop{}, fmt.Errorf("job %s: %w", d.ID, ErrLost)
		}
	}
	if err := m.keys.claim(st, a.Keys); err != nil {
		return nil, Drop{}, err
	}
	s.add(st, a)
	if a.Hold {
		s.due.hold(&st.streamJobs, a.Jobs, m.now().Add(Lease))
	}
	return st, s.dropOver(func() string { return m.limits.Over(Use{len(s.streams), s.bytes}) }, st, m.keys), nil
}

// dropOverTotal drops from the largest company what all companies together have too much, but not the newest stream.
func (m *companyLogs) dropOverTotal(newest *stream) {
	for m.limits.OverTotal(m.total.use()) != "" {
		s := m.largest(m.limits.OverTotal(m.total.use()))
		if s == nil {
			return
		}
		s.mu.Lock()
		dropped := s.dropOver(func() string {
			if s.gone {
				return ""
			}
			return m.limits.OverTotal(m.total.use())
		}, newest, m.keys)
		gone := s.gone
		s.mu.Unlock()
		if m.limits.Tell(dropped); dropped.Payments == 0 && !gone { // it has the newest stream, and no other
			return
		}
	}
}

// largest returns the log with the most streams, or bytes, as the limit counts; of equal ones that of the first name.
func (m *companyLogs) largest(limit string) (largest *companyLog) {
	var uses Uses
	logs, _ := m.everyLog()
	for name, s := range logs {
		s.mu.Lock()
		uses.Set(name, Use{len(s.streams), s.bytes})
		s.mu.Unlock()
	}
	return logs[uses.Largest(limit)]
}
