package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"

	"mozartosim/simulator/journal"
)

// Export implements journal.Journal.
func (j *Journal) Export(_ context.Context, company string) (c journal.Copy, err error) {
	err = j.reads(company, func(s *shelf) error {
		c.Ordinal = j.ordinals.last(company)
		if s == nil {
			return nil
		}
		c.Began, c.Seq = s.began, s.seq
		if c.Streams, err = j.exportStreams(s); err != nil {
			return err
		}
		c.Jobs, err = j.exportDue(s)
		return err
	})
	return c, err
}

// Walk hands out a company's streams one by one, behind everything else of it, so that they need not be in memory together.
// Nobody else is served meanwhile.
func (j *Journal) Walk(_ context.Context, company string, head func(journal.Copy) error, each func(journal.StreamCopy) error) error {
	var theirs error // what head or each said is no trouble of the file
	err := j.reads(company, func(s *shelf) (err error) {
		c := journal.Copy{Ordinal: j.ordinals.last(company)}
		if s == nil {
			theirs = head(c)
			return theirs
		}
		c.Began, c.Seq = s.began, s.seq
		if c.Jobs, err = j.exportDue(s); err != nil {
			return err
		}
		if theirs = head(c); theirs != nil {
			return theirs
		}
		return j.eachStream(s, func(st journal.StreamCopy) error {
			theirs = each(st)
			return theirs
		})
	})
	if theirs != nil {
		return theirs
	}
	return err
}

// Companies returns the names of the companies that have had a payment, or an ordinal.
func (j *Journal) Companies(context.Context) (names []string, err error) {
	err = j.reads("", func(*shelf) error {
		names = slices.Sorted(maps.Keys(j.shelves))
		return nil
	})
	return names, err
}

func (j *Journal) exportStreams(s *shelf) (all []journal.StreamCopy, err error) {
	err = j.eachStream(s, func(st journal.StreamCopy) error {
		all = append(all, st)
		return nil
	})
	countDone(all)
	return all, err
}

func (j *Journal) eachStream(s *shelf, each func(journal.StreamCopy) error) error {
	text := "SELECT no, body FROM streams WHERE no >= ? AND no < ? ORDER BY no"
	found := uint64(0)
	err := j.conn.query(context.Background(), text, []driver.Value{s.base(), s.end()}, func(row []driver.Value) (bool, error) {
		st, err := unpackStream(number(row[0]), blob(row[1]))
		if err != nil {
			return false, err
		}
		entries, err := j.entriesOf(s, st)
		if err != nil {
			return false, err
		}
		found++
		return true, each(journal.StreamCopy{
			ID: st.id, Ordinal: st.ordinal(), Labels: st.labels, Keys: st.keys, Final: int(st.done & (1<<shift - 1)), Entries: entries,
		})
	})
	if err == nil && found != s.streams {
		err = fmt.Errorf("company %s has %d streams of %d: %w", s.name, found, s.streams, errDamaged)
	}
	return err
}

// countDone makes places among the streams that are done, which have gaps, count from 1.
func countDone(all []journal.StreamCopy) {
	var done []*journal.StreamCopy
	for i := range all {
		if all[i].Final > 0 {
			done = append(done, &all[i])
		}
	}
	slices.SortFunc(done, func(a, b *journal.StreamCopy) int { return cmp.Compare(a.Final, b.Final) })
	for i, st := range done {
		st.Final = i + 1
	}
}

func (j *Journal) exportDue(s *shelf) (all []journal.Job, err error) {
	text := "SELECT at, seq, stream, body FROM due WHERE company = ?"
	err = j.conn.query(context.Background(), text, []driver.Value{s.no}, func(row []driver.Value) (bool, error) {
		d, err := readDue(s.no, place{number(row[0]), uint64(number(row[1]))}, number(row[2]), blob(row[3]))
		all = append(all, d)
		return true, err
	})
	slices.SortFunc(all, func(a, b journal.Job) int { return cmp.Compare(a.Seq, b.Seq) })
	if err == nil && uint64(len(all)) != s.work {
		err = fmt.Errorf("company %s has %d pieces of due work of %d: %w", s.name, len(all), s.work, errDamaged)
	}
	return all, err
}

// Forget implements journal.Journal.
func (j *Journal) Forget(_ context.Context, company string) error {
	return j.write(&op{
		run: func() error { return j.remove(company) },
		after: func() {
			j.ordinals.forget(company)
			j.signals.tell(company)
		},
	})
}

// remove takes everything of a company away.
func (j *Journal) remove(company string) error {
	s := j.shelves[company]
	if s == nil {
		return nil
	}
	delete(j.shelves, company)
	if err := j.unlistAll(s); err != nil {
		return err
	}
	j.cache.clear()
	for _, text := range []string{"DELETE FROM appends WHERE no >= ? AND no < ?", "DELETE FROM streams WHERE no >= ? AND no < ?"} {
		if err := j.conn.exec(text, s.base(), s.end()); err != nil {
			return err
		}
	}
	if err := j.conn.exec("DELETE FROM due WHERE company = ?", s.no); err != nil {
		return err
	}
	return j.conn.exec("DELETE FROM companies WHERE no = ?", s.no)
}

func (j *Journal) unlistAll(s *shelf) error {
	text := "SELECT no, body FROM streams WHERE no >= ? AND no < ?"
	return j.conn.query(context.Background(), text, []driver.Value{s.base(), s.end()}, func(row []driver.Value) (bool, error) {
		st, err := unpackStream(number(row[0]), blob(row[1]))
		if err != nil {
			return false, err
		}
		return true, j.unlist(s, st)
	})
}

// Import implements journal.Journal.
func (j *Journal) Import(_ context.Context, company string, c journal.Copy) error {
	if err := c.Check(j.room); err != nil {
		if j.isClosed() {
			return journal.ErrClosed
		}
		return err
	}
	reserved := c.Ordinal + block
	return j.write(&op{
		alone: true,
		run:   func() error { return j.replace(company, c, reserved) },
		after: func() {
			j.ordinals.set(company, c.Ordinal, reserved)
			j.signals.tell(company)
		},
	})
}

// replace puts a copy in the place of everything of a company.
func (j *Journal) replace(company string, c journal.Copy, reserved uint64) error {
	if err := j.remove(company); err != nil {
		return err
	}
	s, err := j.shelf(company)
	if err != nil {
		return err
	}
	s.began, s.seq, s.reserved = c.Began, c.Seq, reserved
	streams := map[string]*stream{}
	for _, from := range c.Streams {
		if streams[from.ID], err = j.importStream(s, from); err != nil {
			return err
		}
	}
	for _, d := range c.Jobs {
		if err := j.keepDue(s, streams[d.Stream], d); err != nil {
			return err
		}
	}
	for _, st := range streams {
		if err := j.keepStream(st, nil); err != nil {
			return err
		}
	}
	return j.age()
}

// importStream writes all of a stream but its row.
func (j *Journal) importStream(s *shelf, from journal.StreamCopy) (*stream, error) {
	st := &stream{no: s.base() + int64(from.Ordinal), id: from.ID, labels: slices.Clip(from.Labels), keys: slices.Clone(from.Keys)}
	s.streams++
	for entries := from.Entries; len(entries) > 0; {
		n := 1
		for n < len(entries) && entries[n].Seq == entries[0].Seq+uint64(n) {
			n++
		}
		if err := j.keepEntries(s, st, entries[0].Seq, entries[:n]); err != nil {
			return nil, err
		}
		entries = entries[n:]
	}
	if from.Final > 0 {
		st.done = s.base() + int64(from.Final)
		s.doneSeq = max(s.doneSeq, uint64(from.Final))
	}
	for _, key := range from.Keys {
		owner, err := j.owner(key)
		if err != nil {
			return nil, err
		}
		if owner != 0 {
			return nil, fmt.Errorf("key %s: %w", key, journal.ErrExists)
		}
	}
	j.young.add(st)
	return st, nil
}
