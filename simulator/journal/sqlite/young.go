package sqlite

import (
	"context"
	"database/sql/driver"
	"slices"
	"strings"
)

// young are the streams that are not in the tables of ids and keys yet. Ids and keys are scattered, so that each would cost a
// page of its own; many together share theirs. After a crash the young are known by their ordinals, which are beyond the
// company's indexed, and read from their own rows.
type young struct {
	ids  map[streamID]int64
	keys map[string]int64
}

// manyYoung is how many streams are put into the tables together.
const manyYoung = 4096

func newYoung() young { return young{map[streamID]int64{}, map[string]int64{}} }

func (y *young) add(st *stream) {
	y.ids[st.key()] = st.no
	for _, key := range st.keys {
		y.keys[key] = st.no
	}
}

// isYoung says whether a stream's id and keys are not in the tables yet.
func (s *shelf) isYoung(st *stream) bool { return st.ordinal() > s.indexed }

// loadYoung reads a company's young streams, and what the others' ids go up to.
func (j *Journal) loadYoung(s *shelf) error {
	row, err := j.conn.row("SELECT max(id) FROM ids WHERE company = ?", s.no)
	if err != nil {
		return err
	}
	s.lastID = text(row[0])
	query := "SELECT no, body FROM streams WHERE no > ? AND no < ?"
	args := []driver.Value{s.base() + int64(s.indexed), s.end()}
	return j.conn.query(context.Background(), query, args, func(row []driver.Value) (bool, error) {
		st, err := unpackStream(number(row[0]), blob(row[1]))
		if err == nil {
			j.young.add(st)
		}
		return true, err
	})
}

// ageWhenMany puts the young into the tables when they are many.
func (j *Journal) ageWhenMany() error {
	if len(j.young.ids) < manyYoung {
		return nil
	}
	return j.age()
}

// age puts the young into the tables, in the tables' order.
func (j *Journal) age() error {
	ids := make([]streamID, 0, len(j.young.ids))
	for id := range j.young.ids {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b streamID) int {
		if a.company != b.company {
			return int(a.company - b.company)
		}
		return strings.Compare(a.id, b.id)
	})
	for _, id := range ids {
		no := j.young.ids[id]
		if err := j.conn.exec("INSERT INTO ids (company, id, stream, sum) VALUES (?, ?, ?, ?)", id.company, id.id, no, keySum(id.id, no)); err != nil {
			return err
		}
	}
	keys := make([]string, 0, len(j.young.keys))
	for key := range j.young.keys {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if err := j.conn.keepKey(key, j.young.keys[key]); err != nil {
			return err
		}
	}
	for _, s := range j.shelves {
		if s.indexed != s.began {
			s.indexed = s.began
			j.touch(s)
		}
	}
	for _, id := range ids {
		if s := j.shelfAt(id.company); s != nil {
			s.lastID = max(s.lastID, id.id)
		}
	}
	j.young = newYoung()
	return nil
}

// shelfAt returns the company of a number.
func (j *Journal) shelfAt(no int64) *shelf {
	for _, s := range j.shelves {
		if s.no == no {
			return s
		}
	}
	return nil
}

// keepKey writes a key with its checksum.
func (c *connection) keepKey(key string, stream int64) error {
	return c.exec("INSERT INTO keys (key, stream, sum) VALUES (?, ?, ?)", key, stream, keySum(key, stream))
}

func keySum(key string, stream int64) int64 { return int64(sum([]byte(key), []int64{stream})) }

// owner returns the number of the stream that has a key, 0 when none has.
func (j *Journal) owner(key string) (int64, error) {
	if no := j.young.keys[key]; no != 0 {
		return no, nil
	}
	row, err := j.conn.row("SELECT stream FROM keys WHERE key = ?", key)
	if err != nil || row == nil {
		return 0, err
	}
	return number(row[0]), nil
}

// unlist takes a stream's id and keys out of the tables, or away from the young.
func (j *Journal) unlist(s *shelf, st *stream) error {
	if s.isYoung(st) {
		delete(j.young.ids, st.key())
		for _, key := range st.keys {
			delete(j.young.keys, key)
		}
		return nil
	}
	for _, key := range st.keys {
		if err := j.conn.exec("DELETE FROM keys WHERE key = ?", key); err != nil {
			return err
		}
	}
	return j.conn.exec("DELETE FROM ids WHERE company = ? AND id = ?", s.no, st.id)
}
