package journal

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/s2"
)

// A stream is kept as it was packed until so many others, or so many bytes, have come after it: until then it is likely to be read
// and appended to again.
const (
	maxRecent      = 1024
	maxRecentBytes = 2 << 20
)

// compressor makes a company's streams smaller once they have not been touched for a while. Payments resemble each other: a dictionary
// made of some leaves little of the others (230 of 2,200 bytes).
type compressor struct {
	recent []*stream // in the order in which they will be compressed
	size   int       // of their entries, in bytes
	words  []byte    // the dictionary's; it grows by the streams that it didn't help with
	dict   *s2.Dict  // nil = there are no words yet
	room   []byte    // to compress in
}

// packed are entries in their packed form, which may be compressed. Their bytes are never changed, only replaced or appended to.
type packed struct {
	text []byte
	dict *s2.Dict // with which they are compressed; nil = they aren't
}

// plain returns the entries as they were packed, with room for so many bytes more if they are compressed.
func (p packed) plain(room int) []byte {
	if p.dict == nil {
		return p.text
	}
	size, err := s2.DecodedLen(p.text)
	if err != nil {
		panic(fmt.Errorf("what was compressed can't be read: %w", err)) // memory is broken
	}
	text, err := p.dict.Decode(make([]byte, 0, size+room), p.text)
	if err != nil {
		panic(fmt.Errorf("what was compressed can't be read: %w", err)) // memory is broken
	}
	return text
}

func (p packed) entries(n int) []Entry { return unpackEntries(p.plain(0), n) }

// touch appends entries, the first of them after seq, to a stream that is recent from then on. It returns where in the plain form
// they begin.
func (c *compressor) touch(st *stream, seq uint64, entries []Entry) (at uint32) {
	if !st.recent {
		st.recent, st.packed = true, packed{text: st.packed.plain(packedSize(entries))}
		c.recent, c.size = append(c.recent, st), c.size+len(st.packed.text)
	}
	before := len(st.packed.text)
	st.packed.text = packEntries(st.packed.text, seq, entries)
	c.size += len(st.packed.text) - before
	return uint32(before)
}

// next takes a stream that has been recent for long enough; nil when there is none.
func (c *compressor) next() *stream {
	for len(c.recent) > 0 {
		st := c.recent[0]
		if !st.gone && len(c.recent) <= maxRecent && c.size <= maxRecentBytes {
			return nil
		}
		c.recent[0] = nil // its memory is free before the slice moves
		c.recent = c.recent[1:]
		if !st.gone {
			c.leave(st)
			return st
		}
	}
	return nil
}

// leave says that a stream is recent no longer.
func (c *compressor) leave(st *stream) {
	if st.recent {
		st.recent = false
		c.size -= len(st.packed.text)
	}
}

// compress returns plain entries compressed, or as they are where that would not make them smaller.
func (c *compressor) compress(plain []byte) packed {
	small := c.encode(plain)
	if len(small) > len(plain)/3 && len(c.words)+len(plain) <= s2.MaxDictSize {
		c.words = append(bytes.Clone(c.words), plain...) // the old dictionary keeps the old ones
		c.dict = s2.MakeDict(c.words, nil)
		small = c.encode(plain)
	}
	if len(small) >= len(plain) {
		return packed{text: bytes.Clone(plain)}
	}
	return packed{text: bytes.Clone(small), dict: c.dict}
}

// encode returns compressed entries that are valid until the next call; without a dictionary, the entries themselves.
func (c *compressor) encode(plain []byte) []byte {
	if c.dict == nil {
		return plain
	}
	if need := s2.MaxEncodedLen(len(plain)); need > cap(c.room) {
		c.room = make([]byte, need)
	}
	small := c.dict.Encode(c.room[:0], plain)
	if cap(c.room) > 64<<10 {
		c.room = nil // a large stream is rare
	}
	return small
}
