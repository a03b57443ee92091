package journal

import (
	"cmp"
	"context"
	"slices"
)

// PendingJobsOf returns the work of one stream that nobody has taken, in order, however much waits before it. It is beside
// Journal: who has it spares its readers a look through all work.
func (m *Memory) PendingJobsOf(_ context.Context, company, stream string) ([]Job, error) {
	s, err := m.locked(company, false)
	if err != nil || s == nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var due []Job
	if st := s.streams[stream]; st != nil {
		for _, it := range st.due {
			if !it.taken {
				due = append(due, it.Job)
			}
		}
	}
	slices.SortFunc(due, func(a, b Job) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq)) })
	return due, nil
}
