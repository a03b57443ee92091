package journal

import (
	"context"
	"slices"
	"time"
)

// SetNow lets leases go by another clock than the machine's; it is called before the journal is used.
func (m *Memory) SetNow(now func() time.Time) { m.now = now }

// Claim implements Journal.
func (m *Memory) Claim(_ context.Context, company string, t ClaimQuery) (claimed []Job, err error) {
	err = m.jobs(company, func(s *companyLog) { claimed = s.due.claim(t, s.jobsOf(t.Stream), m.now().Add(Lease)) })
	return claimed, err
}

// Renew implements Journal.
func (m *Memory) Renew(_ context.Context, company string, jobs ...Job) (lost []Job, err error) {
	lost = jobs // unless the company is there
	err = m.jobs(company, func(s *companyLog) {
		lost = slices.DeleteFunc(slices.Clone(jobs), func(d Job) bool { return s.due.renew(d, m.now().Add(Lease)) })
	})
	return lost, err
}

// Release implements Journal.
func (m *Memory) Release(_ context.Context, company string, jobs ...Job) error {
	err := m.jobs(company, func(s *companyLog) {
		for _, d := range jobs {
			s.due.release(d)
		}
	})
	m.signals.Tell(company)
	return err
}

// ReleaseHeld implements Journal. It frees every claimed job of the stream: none is held but where others share the journal, and there
// nobody claims jobs of a stream some of which are held.
func (m *Memory) ReleaseHeld(_ context.Context, company, stream string) error {
	err := m.jobs(company, func(s *companyLog) {
		if st := s.jobsOf(stream); st != nil {
			for _, it := range st.due {
				if it.lease != 0 {
					s.due.free(it)
				}
			}
		}
	})
	m.signals.Tell(company)
	return err
}

// Jobs implements Journal.
func (m *Memory) Jobs(_ context.Context, company string, q JobQuery) (found []Job, err error) {
	err = m.jobs(company, func(s *companyLog) {
		switch st := s.jobsOf(q.Stream); {
		case q.Stream == "":
			found = s.due.next(q)
		case st != nil:
			found = pick(st.due, q)
		}
	})
	return found, err
}

// jobs lets do work on a company's jobs, the lapsed leases of which have ended.
func (m *Memory) jobs(company string, do func(*companyLog)) error {
	s, err := m.locked(company, false)
	if err != nil || s == nil {
		return err
	}
	defer s.mu.Unlock()
	s.due.lapse(m.now())
	do(s)
	return nil
}
