package journal

import (
	"context"
	"errors"
	"fmt"
)

// ErrBroken says that a copy does not hold together.
var ErrBroken = errors.New("the copy is broken")

// Copy is everything that a journal keeps of a company: Export makes it, Import puts it back.
type Copy struct {
	Ordinal uint64       // the last one that was given
	Began   uint64       // how many streams there have been
	Seq     uint64       // of the last entry
	Streams []StreamCopy // in their order
	Jobs    []Job        // in the order in which it began to wait; work that somebody has taken is among it
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

// Walker is the part of a Journal that Export reads.
type Walker interface {
	Walk(ctx context.Context, company string, head func(Copy) error, each func(StreamCopy) error) error
}

// Export copies everything of a company as it is at one moment.
func Export(ctx context.Context, j Walker, company string) (c Copy, err error) {
	var streams []StreamCopy
	err = j.Walk(ctx, company, func(head Copy) error {
		c = head
		return nil
	}, func(s StreamCopy) error {
		streams = append(streams, s)
		return nil
	})
	if err != nil {
		return Copy{}, err
	}
	c.Streams = streams
	return c, nil
}

// Check says what is not valid, so that Import is all or nothing: ErrBroken, or nil. maxPayments is how many streams a company may
// have.
func (c Copy) Check(maxPayments int) error {
	broken := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrBroken, fmt.Sprintf(format, args...))
	}
	if len(c.Streams) > maxPayments {
		return broken("it has %d streams, at most %d are allowed", len(c.Streams), maxPayments)
	}
	ids, keys, seqs := map[string]bool{}, map[string]bool{}, map[uint64]bool{}
	last := uint64(0)
	for _, st := range c.Streams {
		if st.ID == "" || ids[st.ID] {
			return broken("the stream %q is there twice, or has no id", st.ID)
		}
		if ids[st.ID] = true; st.Ordinal <= last || st.Ordinal > c.Began {
			return broken("the stream %s has the ordinal %d after %d, of %d", st.ID, st.Ordinal, last, c.Began)
		}
		last = st.Ordinal
		for _, key := range st.Keys {
			if keys[key] {
				return broken("the key %s is there twice", key)
			}
			keys[key] = true
		}
		before := uint64(0)
		for _, e := range st.Entries {
			if e.Seq <= before || e.Seq > c.Seq || seqs[e.Seq] {
				return broken("the stream %s has an entry %d out of order", st.ID, e.Seq)
			}
			before, seqs[e.Seq] = e.Seq, true
		}
	}
	work := map[string]bool{}
	for _, d := range c.Jobs {
		if d.ID == "" || work[d.ID] || !ids[d.Stream] {
			return broken("the due work %q is there twice, or belongs to no stream", d.ID)
		}
		work[d.ID] = true
	}
	return nil
}
