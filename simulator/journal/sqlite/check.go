package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
)

// look looks for damage until ctx ends: at the file's structure, and at what has no second place in it.
func (c *connection) look(ctx context.Context) error {
	err := c.query(ctx, "PRAGMA integrity_check(1)", nil, func(row []driver.Value) (bool, error) {
		if found := text(row[0]); found != "ok" {
			return false, fmt.Errorf("%w: %s", errDamaged, found)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, text := range []string{allKeys, allIDs} {
		if err := c.lookAt(ctx, text, nil); err != nil {
			return err
		}
	}
	return c.query(ctx, "SELECT company, at, seq, stream, body FROM due", nil, func(row []driver.Value) (bool, error) {
		_, err := readDue(number(row[0]), place{number(row[1]), uint64(number(row[2]))}, number(row[3]), blob(row[4]))
		return true, err
	})
}

const (
	allKeys = "SELECT key, stream, sum FROM keys"
	allIDs  = "SELECT id, stream, sum FROM ids"
)

// lookAt hands every key, or every id, to each, which may be nil.
func (c *connection) lookAt(ctx context.Context, query string, each func(key string, stream int64) error) error {
	return c.query(ctx, query, nil, func(row []driver.Value) (bool, error) {
		key, stream := text(row[0]), number(row[1])
		if keySum(key, stream) != number(row[2]) {
			return false, fmt.Errorf("key or id %q: %w", key, errDamaged)
		}
		if each == nil {
			return true, nil
		}
		return true, each(key, stream)
	})
}

// Check reads everything that is in the file and says what does not hold: its structure, the checksums, and whether streams,
// entries, keys, due work and the companies' counts belong together. It takes as long as it takes; nobody else is served.
func (j *Journal) Check(ctx context.Context) error {
	return j.reads("", func(*shelf) error {
		if err := j.conn.look(ctx); err != nil {
			return err
		}
		for _, s := range j.shelves {
			if err := j.checkShelf(ctx, s); err != nil {
				return fmt.Errorf("company %s: %w", s.name, err)
			}
		}
		if err := j.checkStrays(); err != nil {
			return err
		}
		err := j.conn.lookAt(ctx, allKeys, func(key string, stream int64) error {
			st, err := j.streamAt(stream)
			if err == nil && !slices.Contains(st.keys, key) {
				err = fmt.Errorf("key %q is not its stream's: %w", key, errDamaged)
			}
			return err
		})
		if err != nil {
			return err
		}
		return j.conn.lookAt(ctx, allIDs, func(id string, stream int64) error {
			st, err := j.streamAt(stream)
			if err == nil && st.id != id {
				err = fmt.Errorf("id %q is not its stream's: %w", id, errDamaged)
			}
			return err
		})
	})
}

// checkShelf holds a company's streams against its counts.
func (j *Journal) checkShelf(ctx context.Context, s *shelf) error {
	var found counters
	appends, keys, ids := uint64(0), uint64(0), uint64(0)
	text := "SELECT no, body FROM streams WHERE no >= ? AND no < ?"
	err := j.conn.query(ctx, text, []driver.Value{s.base(), s.end()}, func(row []driver.Value) (bool, error) {
		st, err := unpackStream(number(row[0]), blob(row[1]))
		if err != nil {
			return false, err
		}
		if _, err := j.entriesOf(s, st); err != nil {
			return false, err
		}
		for _, d := range st.due {
			if _, err := j.dueAt(s, st, d); err != nil {
				return false, err
			}
		}
		found.streams, found.entries, found.work = found.streams+1, found.entries+uint64(st.length), found.work+uint64(len(st.due))
		appends += uint64(len(st.firsts))
		if !s.isYoung(st) {
			keys, ids = keys+uint64(len(st.keys)), ids+1
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	for _, count := range []struct {
		what        string
		found, want uint64
	}{
		{"streams", found.streams, s.streams}, {"entries", found.entries, s.entries}, {"pieces of due work", found.work, s.work},
	} {
		if count.found != count.want {
			return fmt.Errorf("%d %s of %d: %w", count.found, count.what, count.want, errDamaged)
		}
	}
	return j.checkRows(s, appends, keys, ids)
}

// checkRows looks for rows that belong to no stream.
func (j *Journal) checkRows(s *shelf, appends, keys, ids uint64) error {
	for _, count := range []struct {
		text string
		args []driver.Value
		want uint64
	}{
		{"SELECT count(*) FROM appends WHERE no >= ? AND no < ?", []driver.Value{s.base(), s.end()}, appends},
		{"SELECT count(*) FROM keys WHERE stream >= ? AND stream < ?", []driver.Value{s.base(), s.end()}, keys},
		{"SELECT count(*) FROM ids WHERE company = ?", []driver.Value{s.no}, ids},
		{"SELECT count(*) FROM due WHERE company = ?", []driver.Value{s.no}, s.work},
	} {
		row, err := j.conn.row(count.text, count.args...)
		if err != nil {
			return err
		}
		if uint64(number(row[0])) != count.want {
			return fmt.Errorf("%s: %d of %d: %w", count.text, number(row[0]), count.want, errDamaged)
		}
	}
	return nil
}

// checkStrays looks for rows of companies that there aren't.
func (j *Journal) checkStrays() error {
	for _, text := range []string{
		"SELECT count(*) FROM streams WHERE no >> 40 NOT IN (SELECT no FROM companies)",
		"SELECT count(*) FROM appends WHERE no >> 40 NOT IN (SELECT no FROM companies)",
		"SELECT count(*) FROM due WHERE company NOT IN (SELECT no FROM companies)",
		"SELECT count(*) FROM ids WHERE company NOT IN (SELECT no FROM companies)",
	} {
		row, err := j.conn.row(text)
		if err != nil {
			return err
		}
		if n := number(row[0]); n > 0 {
			return fmt.Errorf("%d rows are of no company (%s): %w", n, text, errDamaged)
		}
	}
	return nil
}
