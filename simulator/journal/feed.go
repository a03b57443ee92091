package journal

import (
	"context"
	"slices"
	"sort"
)

// FeedQuery picks a company's entries across its streams.
type FeedQuery struct {
	After  uint64 // only entries with a higher Seq
	Before uint64 // only entries with a lower Seq; 0 = up to the newest
	Newest bool   // from the newest to the oldest; otherwise as they were appended
	Limit  int    // at most so many; 0 = 100
}

// FeedEntry is an entry and the stream that it belongs to.
type FeedEntry struct {
	Stream string
	Entry
}

// feedMark says where an append's entries stand: the log's marks, in order, are its entries across all streams.
type feedMark struct {
	first uint64 // seq of the first entry
	st    *stream
	at    uint32 // where the entries begin in the stream's packed form
	n     uint32
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

// place returns the first mark whose entries go beyond seq.
func (s *companyLog) place(seq uint64) int {
	return sort.Search(len(s.marks), func(i int) bool { return s.marks[i].first+uint64(s.marks[i].n) > seq+1 })
}

func (s *companyLog) forward(r FeedQuery, limit int) (found []FeedEntry) {
	for _, k := range s.marks[s.place(r.After):] {
		if r.Before > 0 && k.first >= r.Before {
			break
		}
		for _, h := range k.entries() {
			if h.Seq <= r.After || r.Before > 0 && h.Seq >= r.Before {
				continue
			}
			if found = append(found, h); len(found) == limit {
				return found
			}
		}
	}
	return found
}

func (s *companyLog) backward(r FeedQuery, limit int) (found []FeedEntry) {
	end := len(s.marks)
	if r.Before > 0 {
		end = sort.Search(len(s.marks), func(i int) bool { return s.marks[i].first >= r.Before })
	}
	for _, k := range slices.Backward(s.marks[:end]) {
		if k.first+uint64(k.n) <= r.After+1 {
			break
		}
		for _, h := range slices.Backward(k.entries()) {
			if h.Seq <= r.After || r.Before > 0 && h.Seq >= r.Before {
				continue
			}
			if found = append(found, h); len(found) == limit {
				return found
			}
		}
	}
	return found
}

// entries are none when the stream was dropped.
func (k feedMark) entries() []FeedEntry {
	if k.st.gone {
		return nil
	}
	out := make([]FeedEntry, k.n)
	for i, e := range unpackEntries(k.st.entries[k.at:], int(k.n)) {
		out[i] = FeedEntry{k.st.id, e}
	}
	return out
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

// notify wakes up all who wait for a change. The caller holds the lock.
func (s *companyLog) notify() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}
