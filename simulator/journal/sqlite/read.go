package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"mozartosim/simulator/journal"
)

// atATime is how many are returned when no limit is set.
const atATime = 100

// streamAt returns the stream of a number, which is there.
func (j *Journal) streamAt(no int64) (*stream, error) {
	if st := j.cache.get(no); st != nil {
		return st, nil
	}
	row, err := j.conn.row("SELECT body FROM streams WHERE no = ?", no)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, fmt.Errorf("stream %d is missing: %w", no, errDamaged)
	}
	st, err := unpackStream(no, blob(row[0]))
	if err == nil {
		j.cache.put(st)
	}
	return st, err
}

// streamOf returns a company's stream by its id, nil when there is none.
func (j *Journal) streamOf(s *shelf, id string) (*stream, error) {
	if st := j.cache.find(s.no, id); st != nil {
		return st, nil
	}
	no := j.young.ids[streamID{s.no, id}]
	if no == 0 && id > s.lastID {
		return nil, nil
	}
	if no == 0 {
		row, err := j.conn.row("SELECT stream FROM ids WHERE company = ? AND id = ?", s.no, id)
		if err != nil || row == nil {
			return nil, err
		}
		no = number(row[0])
	}
	st, err := j.streamAt(no)
	if err == nil && st.id != id {
		return nil, fmt.Errorf("stream %s: %w", id, errDamaged)
	}
	return st, err
}

// Entries implements journal.Journal.
func (j *Journal) Entries(_ context.Context, company, id string) (found []journal.Entry, err error) {
	err = j.reads(company, func(s *shelf) error {
		if s == nil {
			return journal.ErrNotFound
		}
		st, err := j.streamOf(s, id)
		if err != nil {
			return err
		}
		if st == nil {
			return journal.ErrNotFound
		}
		found, err = j.entriesOf(s, st)
		return err
	})
	return found, err
}

func (j *Journal) entriesOf(s *shelf, st *stream) ([]journal.Entry, error) {
	found := make([]journal.Entry, 0, st.length)
	for _, first := range st.firsts {
		no := s.base() + int64(first)
		row, err := j.conn.row("SELECT body FROM appends WHERE no = ?", no)
		if err != nil {
			return nil, err
		}
		if row == nil {
			return nil, fmt.Errorf("stream %s: entry %d is missing: %w", st.id, first, errDamaged)
		}
		some, err := readAppend(no, st.no, blob(row[0]))
		if err != nil {
			return nil, fmt.Errorf("stream %s: entry %d: %w", st.id, first, err)
		}
		found = append(found, some...)
	}
	if len(found) != st.length {
		return nil, fmt.Errorf("stream %s has %d entries of %d: %w", st.id, len(found), st.length, errDamaged)
	}
	return found, nil
}

func readAppend(no, stream int64, sealed []byte) ([]journal.Entry, error) {
	body, err := unseal(sealed, no, stream)
	if err != nil {
		return nil, err
	}
	return unpackEntries(body, uint64(no&(1<<shift-1)))
}

// Find implements journal.Journal.
func (j *Journal) Find(_ context.Context, key string) (found journal.Stream, err error) {
	err = j.reads("", func(*shelf) error {
		owner, err := j.owner(key)
		if err != nil {
			return err
		}
		if owner == 0 {
			return journal.ErrNotFound
		}
		st, err := j.streamAt(owner)
		if err != nil {
			return err
		}
		for name, s := range j.shelves {
			if s.no == st.no>>shift && slices.Contains(st.keys, key) {
				found = st.head(name)
				return nil
			}
		}
		return fmt.Errorf("key %s is not its stream's: %w", key, errDamaged)
	})
	return found, err
}

// List implements journal.Journal. Labels that are columns are found by their indexes; others are looked for one by one.
func (j *Journal) List(_ context.Context, company string, q journal.Query) (found []journal.Stream, err error) {
	if q.Limit <= 0 {
		q.Limit = atATime
	}
	err = j.reads(company, func(s *shelf) error {
		if s == nil {
			return nil
		}
		found, err = j.list(s, q)
		return err
	})
	return found, err
}

func (j *Journal) list(s *shelf, q journal.Query) (found []journal.Stream, err error) {
	text, args, exact := listing(s, q)
	err = j.conn.query(context.Background(), text, args, func(row []driver.Value) (bool, error) {
		st, err := j.listed(row)
		if err != nil {
			return false, err
		}
		matches := !slices.ContainsFunc(q.Labels, func(l journal.Label) bool { return st.labels.Get(l.Name) != l.Value })
		switch {
		case matches:
			found = append(found, st.head(s.name))
		case exact:
			return false, fmt.Errorf("stream %s is not what the index says: %w", st.id, errDamaged)
		}
		return len(found) < q.Limit, nil
	})
	return found, err
}

// listed is the stream of a row that has its number and, unless an index said all, its body. A look at all streams leaves
// the cache alone.
func (j *Journal) listed(row []driver.Value) (*stream, error) {
	no := number(row[0])
	if len(row) == 1 {
		return j.streamAt(no)
	}
	return unpackStream(no, blob(row[1]))
}

// listing is the statement that finds streams, newest first: their numbers when exact, else numbers and bodies, of which
// some may not be wanted.
func listing(s *shelf, q journal.Query) (text string, args []driver.Value, exact bool) {
	before := s.end()
	if q.Before > 0 && s.base()+int64(q.Before) < before && q.Before < 1<<shift {
		before = s.base() + int64(q.Before)
	}
	where, index := "", "streams_facets"
	args = []driver.Value{s.base(), before}
	exact = len(q.Labels) > 0
	for _, l := range q.Labels {
		if !slices.Contains(columnNames()[:6], l.Name) {
			return "SELECT no, body FROM streams WHERE no >= ? AND no < ? ORDER BY no DESC", args[:2:2], false
		}
		if ownIndex(l.Name) && l.Value == "" {
			where += " AND " + l.Name + " IS NULL"
			index = "streams"
			continue
		}
		if ownIndex(l.Name) {
			index = "streams_" + l.Name
		}
		where += " AND " + l.Name + " = ?"
		args = append(args, l.Value)
	}
	if !exact {
		return "SELECT no, body FROM streams WHERE no >= ? AND no < ? ORDER BY no DESC", args, false
	}
	hint := " INDEXED BY " + index
	if index == "streams" {
		hint = " NOT INDEXED"
	}
	return "SELECT no FROM streams" + hint + " WHERE no >= ? AND no < ?" + where + " ORDER BY no DESC", args, true
}

// ownIndex says whether a label, of many values, has an index of its own.
func ownIndex(label string) bool { return label == "userId" || label == "merchantReference" }

// Feed implements journal.Journal.
func (j *Journal) Feed(_ context.Context, company string, r journal.FeedQuery) (found []journal.FeedEntry, err error) {
	if r.Limit <= 0 {
		r.Limit = atATime
	}
	err = j.reads(company, func(s *shelf) error {
		if s == nil || r.After >= s.seq {
			return nil
		}
		found, err = j.feed(s, r)
		return err
	})
	return found, err
}

func (j *Journal) feed(s *shelf, r journal.FeedQuery) (found []journal.FeedEntry, err error) {
	low, high := s.base()+int64(r.After)+1, s.end()
	if r.Before > 0 && r.Before <= s.seq {
		high = s.base() + int64(r.Before)
	}
	// The entry behind r.After may stand in the middle of an append.
	row, err := j.conn.row("SELECT no FROM appends WHERE no >= ? AND no <= ? ORDER BY no DESC LIMIT 1", s.base(), low)
	if err != nil {
		return nil, err
	}
	if row != nil {
		low = number(row[0])
	}
	text := "SELECT no, stream, body FROM appends WHERE no >= ? AND no < ? ORDER BY no"
	if r.Newest {
		text += " DESC"
	}
	err = j.conn.query(context.Background(), text, []driver.Value{low, high}, func(row []driver.Value) (bool, error) {
		some, err := j.happenings(s, number(row[0]), number(row[1]), blob(row[2]))
		if r.Newest {
			slices.Reverse(some)
		}
		for _, h := range some {
			if h.Seq > r.After && (r.Before == 0 || h.Seq < r.Before) && len(found) < r.Limit {
				found = append(found, h)
			}
		}
		return len(found) < r.Limit, err
	})
	return found, err
}

// happenings are the entries of one append.
func (j *Journal) happenings(s *shelf, no, stream int64, sealed []byte) ([]journal.FeedEntry, error) {
	entries, err := readAppend(no, stream, sealed)
	if err != nil {
		return nil, fmt.Errorf("entry %d of company %s: %w", no&(1<<shift-1), s.name, err)
	}
	st, err := j.streamAt(stream)
	if err != nil {
		return nil, err
	}
	some := make([]journal.FeedEntry, len(entries))
	for i, e := range entries {
		some[i] = journal.FeedEntry{Stream: st.id, Entry: e}
	}
	return some, nil
}
