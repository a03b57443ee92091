package journal

import (
	"errors"
	"fmt"
	"hash/maphash"
)

// Errors of copies.
var (
	// ErrBroken says that a copy does not hold together.
	ErrBroken = errors.New("the copy is broken")
	// ErrEmptied says that a copy could not be read to its end a second time, and that its company has nothing now.
	ErrEmptied = errors.New("nothing is left of the company's payments")
)

// Source is everything that a journal keeps of a company. It is read as often as needed, each time the same, so that it need not
// be in memory.
type Source interface {
	// Read returns the first error of to, as it is, or its own.
	Read(to Visitor) error
}

// Visitor gets a company piece by piece: the counters, then the streams in their order, then the jobs in the order in which they
// began to wait; work that somebody has taken is among them. What it gets must not be changed.
type Visitor struct {
	Counters func(Counters) error
	Stream   func(StreamCopy) error
	Job      func(Job) error
}

// Counters say how far a company has counted.
type Counters struct {
	Ordinal uint64 `json:"ordinal"` // the last one that was given
	Began   uint64 `json:"began"`   // how many streams there have been
	Seq     uint64 `json:"seq"`     // of the last entry
}

// StreamCopy is a stream with all that belongs to it.
type StreamCopy struct {
	ID      string
	Ordinal uint64
	Labels  Labels
	Keys    []string
	Final   int // its place among the streams that are done, from 1; 0 = it isn't
	Entries []Entry
}

// Checked is a source that holds together, with what was counted in it. What it remembers is a small part of the source.
type Checked struct {
	Source
	Counters
	Entries, Jobs int

	seed    [2]maphash.Seed
	streams map[digest]checkedStream
	keys    map[digest]struct{}
	jobs    map[digest]struct{}
	seqs    map[uint64]uint64 // a bit for each Seq: 64 of them under their number divided by 64
}

// digest stands for a name: a fifth of its size, and nothing for the garbage collector to follow.
type digest [2]uint64

func (c *Checked) digest(name string) digest {
	return digest{maphash.String(c.seed[0], name), maphash.String(c.seed[1], name)}
}

type checkedStream struct {
	ordinal uint64
	jobs    uint32
}

// Check reads a source and says what is not valid, so that Import is all or nothing: ErrBroken, or what the source returns. One
// that is Checked is not read again.
func Check(from Source) (*Checked, error) {
	if c, ok := from.(*Checked); ok {
		return c, nil
	}
	c := &Checked{
		Source: from, seed: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		streams: map[digest]checkedStream{}, keys: map[digest]struct{}{}, jobs: map[digest]struct{}{}, seqs: map[uint64]uint64{},
	}
	last := uint64(0)
	err := from.Read(Visitor{
		Counters: func(n Counters) error {
			c.Counters = n
			return nil
		},
		Stream: func(st StreamCopy) error {
			id := c.digest(st.ID)
			if _, twice := c.streams[id]; st.ID == "" || twice {
				return broken("the stream %q is there twice, or has no id", st.ID)
			}
			if st.Ordinal <= last || st.Ordinal > c.Began {
				return broken("the stream %s has the ordinal %d after %d, of %d", st.ID, st.Ordinal, last, c.Began)
			}
			last, c.streams[id] = st.Ordinal, checkedStream{ordinal: st.Ordinal}
			return c.stream(st)
		},
		Job: c.job,
	})
	c.jobs, c.seqs = nil, nil
	return c, err
}

// Streams is how many streams there are.
func (c *Checked) Streams() int { return len(c.streams) }

// Stream returns a stream's ordinal and how many jobs it has.
func (c *Checked) Stream(id string) (ordinal uint64, jobs int) {
	st := c.streams[c.digest(id)]
	return st.ordinal, int(st.jobs)
}

// has says whether a stream has a key.
func (c *Checked) has(key string) bool {
	_, has := c.keys[c.digest(key)]
	return has
}

// Within says whether a journal with these limits has room for it: nil, or ErrBroken.
func (c *Checked) Within(l *Limits) error {
	if len(c.streams) > l.Payments {
		return broken("it has %d streams, at most %d are allowed", len(c.streams), l.Payments)
	}
	return nil
}

func (c *Checked) stream(st StreamCopy) error {
	for _, key := range st.Keys {
		if c.has(key) {
			return broken("the key %s is there twice", key)
		}
		c.keys[c.digest(key)] = struct{}{}
	}
	before := uint64(0)
	for _, e := range st.Entries {
		bit := uint64(1) << (e.Seq % 64)
		if e.Seq <= before || e.Seq > c.Seq || c.seqs[e.Seq/64]&bit != 0 {
			return broken("the stream %s has an entry %d out of order", st.ID, e.Seq)
		}
		before = e.Seq
		c.seqs[e.Seq/64] |= bit
	}
	c.Entries += len(st.Entries)
	return nil
}

func (c *Checked) job(d Job) error {
	id, stream := c.digest(d.ID), c.digest(d.Stream)
	st, known := c.streams[stream]
	if _, twice := c.jobs[id]; d.ID == "" || twice || !known {
		return broken("the job %q is there twice, or belongs to no stream", d.ID)
	}
	st.jobs++
	c.jobs[id], c.streams[stream] = struct{}{}, st
	c.Jobs++
	return nil
}

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBroken, fmt.Sprintf(format, args...))
}
