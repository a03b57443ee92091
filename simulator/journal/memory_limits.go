package journal

// dropOverTotal drops from the largest company what all companies together have too much, but not the newest stream.
func (m *Memory) dropOverTotal(newest *stream) {
	for m.total.over(&m.limits) != "" {
		s := m.largest(m.total.over(&m.limits))
		if s == nil {
			return
		}
		s.mu.Lock()
		dropped := s.dropOver(func() string {
			if s.gone {
				return ""
			}
			return m.total.over(&m.limits)
		}, newest, m.keys)
		gone := s.gone
		s.mu.Unlock()
		if m.limits.Tell(dropped); dropped.Payments == 0 && !gone { // it has the newest stream, and no other
			return
		}
	}
}

// largest returns the log with the most streams, or bytes, as the limit counts; of equal ones that of the first name.
func (m *Memory) largest(limit string) (largest *companyLog) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	most, first := 0, ""
	for name, s := range m.companies {
		s.mu.Lock()
		size := s.bytes
		if limit == MaxTotalPayments {
			size = len(s.streams)
		}
		s.mu.Unlock()
		if size > most || size == most && name < first {
			most, first, largest = size, name, s
		}
	}
	return largest
}
