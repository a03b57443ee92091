package postgres

import (
	"fmt"

	"mozartosim/simulator/journal"
)

// writing is what a flight will write: what its accepted appends come to, table by table.
type writing struct {
	streams []*head // in the order in which they were touched first
	ids     []string

	firsts, of, counts []int64 // appends
	packed             [][]byte

	keys []keyClaim

	work      map[workID]*journal.Job // what becomes of named work: nil = it is over
	workOrder []workID
}

type keyClaim struct {
	digest [16]byte
	key    string
	owner  *head
}

// judge gives each of the batch its verdict, in the order in which they came, as if the ones before it were kept already. It
// returns whether there is anything to write.
func (c *shelf) judge(f *flight) (any bool) {
	c.out = writing{work: map[workID]*journal.Job{}}
	for _, p := range f.batch {
		if p.err = c.verdict(f, p); p.err == nil {
			c.accept(p)
			any = true
		}
	}
	return any
}

func (c *shelf) verdict(f *flight, p *appending) error {
	h := c.heads[p.Stream]
	length := 0
	if h != nil {
		length = int(h.length)
	}
	if length != p.Seen {
		return fmt.Errorf("stream %s has %d entries, the writer knew %d: %w", p.Stream, length, p.Seen, journal.ErrConflict)
	}
	for i, digest := range p.digests {
		if owner := c.keys[digest]; owner != nil && owner != h {
			return fmt.Errorf("key %s: %w", p.Keys[i], journal.ErrExists)
		}
	}
	for _, id := range p.Completed {
		w := workID{h, id}
		if found, there := c.work[w]; c.lost[w] && !(there && mine(found.owner, f.owners)) {
			return fmt.Errorf("due work %s: %w", id, journal.ErrLost)
		}
	}
	return nil
}

// accept notes what an append changes.
func (c *shelf) accept(p *appending) {
	h := c.heads[p.Stream]
	if h == nil {
		c.began++
		c.streams++
		h = &head{no: c.began, fresh: true}
		c.heads[p.Stream] = h
	}
	if !h.touched {
		h.touched = true
		c.out.streams, c.out.ids = append(c.out.streams, h), append(c.out.ids, p.Stream)
	}
	if n := int64(len(p.Entries)); n > 0 {
		c.out.firsts, c.out.of = append(c.out.firsts, c.seq+1), append(c.out.of, h.no)
		c.out.counts, c.out.packed = append(c.out.counts, n), append(c.out.packed, p.packed)
		size := int64(len(p.packed))
		c.seq, c.entries, c.bytes = c.seq+n, c.entries+n, c.bytes+size
		h.length, h.bytes = h.length+n, h.bytes+size
	}
	if p.Labels != nil {
		hashes := tags(c.no, p.Labels)
		h.labels, h.tags = packLabels(p.Labels), &hashes
	}
	for i, digest := range p.digests {
		if c.keys[digest] == nil {
			c.keys[digest] = h
			c.out.keys = append(c.out.keys, keyClaim{digest, p.Keys[i], h})
		}
	}
	c.schedule(h, p)
	switch {
	case p.Final && h.done == 0:
		c.doneSeq++
		h.done = c.doneSeq
	case !p.Final:
		h.done = 0
	}
}

// schedule notes what becomes of due work.
func (c *shelf) schedule(h *head, p *appending) {
	for _, id := range p.Completed {
		c.becomes(workID{h, id}, nil)
	}
	for _, d := range p.Jobs {
		c.dueSeq++
		d.Seq = uint64(c.dueSeq)
		c.becomes(workID{h, d.ID}, &d)
	}
}

func (c *shelf) becomes(w workID, d *journal.Job) {
	if _, named := c.out.work[w]; !named {
		c.out.workOrder = append(c.out.workOrder, w)
	}
	c.out.work[w] = d
	// From here on the batch's own writing counts: nobody else has taken it.
	delete(c.lost, w)
}
