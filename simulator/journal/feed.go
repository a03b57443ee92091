package journal

import (
	"iter"
	"slices"
	"sort"
)

// feedMark says where an append's entries stand: the log's marks, in order, are its entries across all streams.
type feedMark struct {
	first uint64 // seq of the first entry
	st    *stream
	at    uint32 // where the entries begin in the stream's packed form
	n     uint32
}

func (k feedMark) end() uint64 { return k.first + uint64(k.n) }

// feed returns entries across all streams. The caller holds the lock.
func (s *companyLog) feed(q FeedQuery) (found []FeedEntry) {
	from, to := sort.Search(len(s.marks), func(i int) bool { return s.marks[i].end()-1 > q.After }), len(s.marks)
	if q.Before > 0 {
		to = max(from, sort.Search(to, func(i int) bool { return s.marks[i].first >= q.Before }))
	}
	plain := map[*stream][]byte{} // of those that are compressed: each is decompressed once
	for _, k := range inOrder(s.marks[from:to], q.Newest) {
		if k.st.gone {
			continue
		}
		text, known := plain[k.st]
		if !known {
			if text = k.st.packed.plain(0); k.st.packed.dict != nil {
				plain[k.st] = text
			}
		}
		for _, e := range inOrder(unpackEntries(text[k.at:], int(k.n)), q.Newest) {
			if e.Seq <= q.After || q.Before > 0 && e.Seq >= q.Before {
				continue
			}
			if found = append(found, FeedEntry{k.st.id, e}); len(found) == q.Limit {
				return found
			}
		}
	}
	return found
}

func inOrder[E any](all []E, backward bool) iter.Seq2[int, E] {
	if backward {
		return slices.Backward(all)
	}
	return slices.All(all)
}
