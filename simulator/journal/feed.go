package journal

import (
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

// place returns the first mark whose entries go beyond seq.
func (s *companyLog) place(seq uint64) int {
	return sort.Search(len(s.marks), func(i int) bool { return s.marks[i].first+uint64(s.marks[i].n) > seq+1 })
}

// texts are the plain entries of streams that a search has come to: each is decompressed once.
type texts map[*stream][]byte

func (t texts) of(st *stream) []byte {
	if st.packed.dict == nil {
		return st.packed.text
	}
	text, known := t[st]
	if !known {
		text = st.packed.plain(0)
		t[st] = text
	}
	return text
}

func (s *companyLog) forward(r FeedQuery, limit int) (found []FeedEntry) {
	seen := texts{}
	for _, k := range s.marks[s.place(r.After):] {
		if r.Before > 0 && k.first >= r.Before {
			break
		}
		for _, h := range k.entries(seen) {
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
	seen := texts{}
	end := len(s.marks)
	if r.Before > 0 {
		end = sort.Search(len(s.marks), func(i int) bool { return s.marks[i].first >= r.Before })
	}
	for _, k := range slices.Backward(s.marks[:end]) {
		if k.first+uint64(k.n) <= r.After+1 {
			break
		}
		for _, h := range slices.Backward(k.entries(seen)) {
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
func (k feedMark) entries(seen texts) []FeedEntry {
	if k.st.gone {
		return nil
	}
	out := make([]FeedEntry, k.n)
	for i, e := range unpackEntries(seen.of(k.st)[k.at:], int(k.n)) {
		out[i] = FeedEntry{k.st.id, e}
	}
	return out
}
