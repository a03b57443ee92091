package journal

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/s2"
)

// A stream is kept as it was packed until so many others, or so many bytes, have come after it: until then it is likely to be read
// and appended to again. Then one in so many of all are compressed at once.
const (
	maxRecent      = 1024
	maxRecentBytes = 2 << 20
	oneIn          = 32
)

// A dictionary is made of the beginnings of streams. Once so many streams have been compressed with it, it is known how well it does.
const (
	maxWords   = 8 << 10 // of one stream
	tried      = 64
	dictMemory = s2.MaxDictSize + 32<<10 // its words and their index
)

// compressor makes a company's streams smaller once they have not been touched for a while. Payments resemble each other: a dictionary
// made of some leaves little of the others (130 of 2,200 bytes). When payments come to look otherwise, as when thousands of them are
// decided that the dictionary knows as they were opened, another one is made.
type compressor struct {
	recent []*stream // in the order in which they will be compressed
	size   int       // of their entries, in bytes
	dict   *dictionary
	room   []byte // to compress in

	streams, plain, small int     // that were compressed lately, and their bytes
	usual                 float64 // what of them the dictionary left at first; 0 = it is not known yet

	grown int // by how many bytes dictionaries have grown since it was counted

	last     *stream // the compressed one that was read last: it is likely to be appended to
	lastText []byte
}

// dictionary takes memory for as long as streams are compressed with it.
type dictionary struct {
	*s2.Dict
	users int
}

// packed are entries in their packed form, which may be compressed. Their bytes are never changed, only replaced or appended to.
type packed struct {
	text []byte
	dict *dictionary // with which they are compressed; nil = they aren't
}

// use counts who uses a dictionary: one more or one less.
func (c *compressor) use(d *dictionary, more int) {
	if d == nil {
		return
	}
	was := d.users
	if d.users += more; was == 0 {
		c.grown += dictMemory
	} else if d.users == 0 {
		c.grown -= dictMemory
	}
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

// usualRoom is what a job appends to its stream, with some to spare.
const usualRoom = 1024

// read returns a stream's entries as they were packed.
func (c *compressor) read(st *stream) []byte {
	if st.packed.dict == nil {
		return st.packed.text
	}
	if c.last != st {
		c.last, c.lastText = st, st.packed.plain(usualRoom)
	}
	return c.lastText
}

// forget lets go of what was read of a stream: it will be read otherwise.
func (c *compressor) forget(st *stream) {
	if c.last == st {
		c.last, c.lastText = nil, nil
	}
}

// touch appends entries, the first of them after seq, to a stream that is recent from then on. It returns where in the plain form
// they begin.
func (c *compressor) touch(st *stream, seq uint64, entries []Entry) (at uint32) {
	if !st.recent {
		text := c.read(st)
		c.forget(st)
		c.use(st.packed.dict, -1)
		st.recent, st.packed = true, packed{text: text}
		c.recent, c.size = append(c.recent, st), c.size+len(text)
	}
	before := len(st.packed.text)
	st.packed.text = packEntries(st.packed.text, seq, entries)
	c.size += len(st.packed.text) - before
	return uint32(before)
}

// full says whether streams are to be compressed.
func (c *compressor) full() bool { return len(c.recent) > maxRecent || c.size > maxRecentBytes }

// next takes a stream that has been recent for long enough; nil when there is none.
func (c *compressor) next() *stream {
	for len(c.recent) > 0 {
		st := c.recent[0]
		if !st.gone && len(c.recent) <= maxRecent-maxRecent/oneIn && c.size <= maxRecentBytes-maxRecentBytes/oneIn {
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

// drop says that a stream is gone.
func (c *compressor) drop(st *stream) {
	c.leave(st)
	c.forget(st)
	c.use(st.packed.dict, -1)
}

// compress returns plain entries compressed, or as they are where that would not make them smaller.
func (c *compressor) compress(plain []byte) packed {
	if c.dict == nil {
		c.learn(plain)
	}
	small := c.encode(plain)
	if len(small) >= len(plain) {
		return packed{text: bytes.Clone(plain)}
	}
	done := packed{bytes.Clone(small), c.dict}
	c.use(c.dict, 1)
	if c.streams++; c.streams < tried {
		c.plain, c.small = c.plain+len(plain), c.small+len(small)
		return done
	}
	left := float64(c.small) / float64(c.plain)
	switch {
	case c.usual == 0:
		c.usual = left
	case left > c.usual*1.5:
		c.learn(plain)
	}
	c.streams, c.plain, c.small = 0, 0, 0
	return done
}

// learn makes a dictionary of a stream that is to be compressed and of some that will be, evenly chosen.
func (c *compressor) learn(plain []byte) {
	words := append(make([]byte, 0, s2.MaxDictSize), plain[:min(len(plain), maxWords)]...)
	step := max(1, c.size/(s2.MaxDictSize-maxWords)) // one of so many streams is used
	for i := 0; i < len(c.recent); i += step {
		text := c.recent[i].packed.text
		if text = text[:min(len(text), maxWords)]; len(words)+len(text) <= s2.MaxDictSize {
			words = append(words, text...)
		}
	}
	if c.dict, c.usual = nil, 0; len(words) >= s2.MinDictSize {
		c.dict = &dictionary{Dict: s2.MakeDict(words, nil)}
	}
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
