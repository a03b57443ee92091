package journal

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"slices"
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

// Companies implements Journal.
func (m *Memory) Companies(context.Context) ([]string, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return nil, ErrClosed
	}
	var names []string
	for name, s := range m.companies {
		s.mu.Lock()
		if s.ordinal > 0 || s.began > 0 {
			names = append(names, name)
		}
		s.mu.Unlock()
	}
	slices.Sort(names)
	return names, nil
}

// Walk implements Journal.
func (m *Memory) Walk(_ context.Context, company string, head func(Copy) error, each func(StreamCopy) error) error {
	s, err := m.locked(company, false)
	if err != nil {
		return err
	}
	if s == nil {
		return head(Copy{})
	}
	defer s.mu.Unlock()
	done := map[*stream]int{}
	for e := s.done.Front(); e != nil; e = e.Next() {
		done[e.Value.(*stream)] = len(done) + 1
	}
	if err := head(Copy{Ordinal: s.ordinal, Began: s.began, Seq: s.seq, Jobs: s.due.all()}); err != nil {
		return err
	}
	for _, st := range s.ordered {
		if st.gone {
			continue
		}
		err := each(StreamCopy{
			ID: st.id, Ordinal: st.ordinal, Labels: unpackLabels(st.labels), Keys: slices.Clone(st.keys), Final: done[st],
			Entries: unpackEntries(st.entries, st.length),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Check implements Journal: nothing happens to memory unnoticed.
func (m *Memory) Check(context.Context) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return ErrClosed
	}
	return nil
}

func compareSeq(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Import implements Journal.
func (m *Memory) Import(_ context.Context, company string, c Copy) error {
	if err := c.Check(m.maxPayments); err != nil {
		return err
	}
	fresh := companyLogOf(company, c)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	old := m.companies[company]
	if old != nil {
		old.mu.Lock()
		defer old.mu.Unlock()
	}
	if err := m.takeOver(fresh); err != nil {
		return err
	}
	if old != nil {
		old.gone = true
		for _, st := range old.streams {
			for _, key := range st.keys {
				m.keys.release(key, st)
			}
		}
		old.notify()
	}
	m.companies[company] = fresh
	return nil
}

// takeOver gives the new log's streams their keys, those of the company's old streams included, or changes nothing.
func (m *Memory) takeOver(fresh *companyLog) error {
	var undo []func()
	for _, st := range fresh.ordered {
		for _, key := range st.keys {
			owner, free := m.keys.claim(key, st)
			switch {
			case free:
				undo = append(undo, func() { m.keys.release(key, st) })
			case owner.company == st.company:
				m.keys.set(key, st)
				undo = append(undo, func() { m.keys.set(key, owner) })
			default:
				for _, back := range undo {
					back()
				}
				return fmt.Errorf("key %s: %w", key, ErrExists)
			}
		}
	}
	return nil
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

func newCompanyLog() *companyLog {
	return &companyLog{streams: map[string]*stream{}, done: list.New(), due: newJobQueue()}
}

// companyLogOf makes a company's log of a valid copy.
func companyLogOf(company string, c Copy) *companyLog {
	s := newCompanyLog()
	s.ordinal, s.began, s.seq = c.Ordinal, c.Began, c.Seq
	var done []*stream
	places := map[*stream]int{}
	for _, from := range c.Streams {
		st := &stream{company: company, id: from.ID, ordinal: from.Ordinal, keys: slices.Clone(from.Keys)}
		if from.Labels != nil {
			st.labels = packLabels(from.Labels)
		}
		for _, e := range from.Entries {
			s.marks = append(s.marks, feedMark{first: e.Seq, st: st, at: uint32(len(st.entries)), n: 1})
			st.entries = packEntries(st.entries, e.Seq-1, []Entry{e})
		}
		st.length = len(from.Entries)
		s.streams[st.id] = st
		s.ordered = append(s.ordered, st)
		s.entries += st.length
		s.bytes += len(st.entries)
		if from.Final > 0 {
			places[st] = from.Final
			done = append(done, st)
		}
	}
	slices.SortFunc(s.marks, func(a, b feedMark) int { return compareSeq(a.first, b.first) })
	slices.SortStableFunc(done, func(a, b *stream) int { return places[a] - places[b] })
	for _, st := range done {
		st.done = s.done.PushBack(st)
	}
	for _, d := range c.Jobs {
		s.due.add(s.streams[d.Stream], d)
	}
	return s
}
