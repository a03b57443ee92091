package journal

import "context"

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
		s.mu.Lock()
		total.Streams += len(s.streams)
		total.Entries += s.entries
		total.Bytes += s.bytes
		total.Dropped += s.dropped
		total.Jobs += s.due.size()
		s.mu.Unlock()
	}
	return total, nil
}
