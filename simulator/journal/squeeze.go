package journal

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/s2"
)

// The streams of a company that are kept as they were packed: those that were touched last, which are likely to be read and
// appended to again.
const (
	mostLoose      = 1024
	mostLooseBytes = 2 << 20
)

// squeezer makes a company's streams smaller once they have not been touched for a while. Payments resemble each other: a dictionary
// made of some leaves little of the others (230 of 2,200 bytes).
type squeezer struct {
	loose []*stream // in the order in which they will be squeezed
	size  int       // of their entries, in bytes
	words []byte    // the dictionary's; it grows by the streams that it didn't help with
	dict  *s2.Dict  // nil = there are no words yet
	room  []byte    // to squeeze in
}

// packed are entries in their packed form, which may be squeezed. Their bytes are never changed, only replaced or appended to.
type packed struct {
	text []byte
	dict *s2.Dict // with which they are squeezed; nil = they aren't
}

// plain returns the entries as they were packed, with room for so many bytes more if they are squeezed.
func (p packed) plain(room int) []byte {
	if p.dict == nil {
		return p.text
	}
	size, err := s2.DecodedLen(p.text)
	if err != nil {
		panic(fmt.Errorf("what was squeezed can't be read: %w", err)) // memory is broken
	}
	text, err := p.dict.Decode(make([]byte, 0, size+room), p.text)
	if err != nil {
		panic(fmt.Errorf("what was squeezed can't be read: %w", err)) // memory is broken
	}
	return text
}

func (p packed) entries(n int) []Entry { return unpackEntries(p.plain(0), n) }

// touch appends entries, the first of them after seq, to a stream that is loose from then on. It returns where in the plain form
// they begin.
func (q *squeezer) touch(st *stream, seq uint64, entries []Entry) (at uint32) {
	if !st.loose {
		st.loose, st.packed = true, packed{text: st.packed.plain(packedSize(entries))}
		q.loose, q.size = append(q.loose, st), q.size+len(st.packed.text)
	}
	before := len(st.packed.text)
	st.packed.text = packEntries(st.packed.text, seq, entries)
	q.size += len(st.packed.text) - before
	return uint32(before)
}

// next takes a stream that has been loose for long enough; nil when there is none.
func (q *squeezer) next() *stream {
	for len(q.loose) > 0 {
		st := q.loose[0]
		if !st.gone && len(q.loose) <= mostLoose && q.size <= mostLooseBytes {
			return nil
		}
		q.loose[0] = nil // its memory is free before the slice moves
		q.loose = q.loose[1:]
		if !st.gone {
			q.leave(st)
			return st
		}
	}
	return nil
}

// leave says that a stream is loose no longer.
func (q *squeezer) leave(st *stream) {
	if st.loose {
		st.loose = false
		q.size -= len(st.packed.text)
	}
}

// squeeze returns plain entries squeezed, or as they are where that would not make them smaller.
func (q *squeezer) squeeze(plain []byte) packed {
	small := q.encode(plain)
	if len(small) > len(plain)/3 && len(q.words)+len(plain) <= s2.MaxDictSize {
		q.words = append(bytes.Clone(q.words), plain...) // the old dictionary keeps the old ones
		q.dict = s2.MakeDict(q.words, nil)
		small = q.encode(plain)
	}
	if len(small) >= len(plain) {
		return packed{text: bytes.Clone(plain)}
	}
	return packed{text: bytes.Clone(small), dict: q.dict}
}

// encode returns squeezed entries that are valid until the next call; without a dictionary, the entries themselves.
func (q *squeezer) encode(plain []byte) []byte {
	if q.dict == nil {
		return plain
	}
	if need := s2.MaxEncodedLen(len(plain)); need > cap(q.room) {
		q.room = make([]byte, need)
	}
	small := q.dict.Encode(q.room[:0], plain)
	if cap(q.room) > 64<<10 {
		q.room = nil // a large stream is rare
	}
	return small
}
