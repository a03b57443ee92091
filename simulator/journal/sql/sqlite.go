package sqljournal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"mozartosim/simulator/journal"
)

// sqliteFile is a SQLite file, which this process has for itself. It uses the driver's connection without database/sql around it,
// which costs more than most statements do.
type sqliteFile struct {
	file string

	mu       sync.Mutex // of all that follows
	closed   bool
	conn     driver.Conn
	prepared map[string]driver.Stmt
	bound    []driver.NamedValue // arguments of the statement that runs
	names    nameIndex
}

func (s *sqliteFile) read(ctx context.Context, c call, do func(context.Context, conn) error) error {
	if !c.long {
		ctx = context.Background() // what may be interrupted costs more than the call itself
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return journal.ErrClosed
	}
	return explain(s.file, do(ctx, s))
}

func (s *sqliteFile) write(_ context.Context, _ call, do func(context.Context, *tx) error) error {
	ctx, t := context.Background(), &tx{conn: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return journal.ErrClosed
	}
	err := s.exec("BEGIN IMMEDIATE")
	if err != nil {
		return explain(s.file, err)
	}
	if err = do(ctx, t); err == nil && t.writes {
		if err = t.run(ctx, ask("COMMIT")); err == nil {
			s.names.commit()
			return nil
		}
	}
	s.names.rollback()
	rolledBack := s.exec("ROLLBACK")
	if err != nil { // it says what is wrong; SQLite may have rolled back by itself
		return explain(s.file, err)
	}
	return explain(s.file, rolledBack)
}

func (s *sqliteFile) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return explain(s.file, s.closeConn())
}

func (s *sqliteFile) closeConn() error {
	var errs []error
	for _, prepared := range s.prepared {
		errs = append(errs, prepared.Close())
	}
	return errors.Join(append(errs, s.conn.Close())...)
}

// run implements conn.
func (s *sqliteFile) run(ctx context.Context, statements ...statement) error {
	for i := range statements {
		if err := s.one(ctx, &statements[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *sqliteFile) one(ctx context.Context, st *statement) error {
	switch st.verb {
	case query:
		return s.rows(ctx, st.text, st.args, st)
	case insertNames:
		for _, row := range st.rows {
			s.names.put(row[0].(digest), row[1].(int64))
		}
		return nil
	case removeNames:
		for _, d := range st.digests {
			s.names.remove(d)
		}
		return nil
	case findNames, findNamed:
		return s.find(ctx, st)
	}
	text := perRow(st)
	for _, row := range st.rows {
		if err := s.rows(ctx, text, row, st); err != nil {
			return err
		}
	}
	return nil
}

// perRow is the SQL of a statement for many rows, which runs for each of them.
func perRow(st *statement) string {
	names, _ := split(st.columns)
	switch st.verb {
	case removeRows:
		return "DELETE FROM " + st.text + " WHERE " + names[0] + " = $1"
	case updateRows:
		var set []string
		for i, name := range names[1:] {
			set = append(set, fmt.Sprintf("%s = $%d", name, i+2))
		}
		return "UPDATE " + st.text + " SET " + strings.Join(set, ", ") + " WHERE " + names[0] + " = $1"
	}
	return "INSERT INTO " + st.text + " (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")"
}

func (s *sqliteFile) find(ctx context.Context, st *statement) error {
	text := "SELECT " + st.columns + " FROM " + st.text + " WHERE " + st.key + " = $1 ORDER BY no"
	for _, d := range st.digests {
		no := s.names.all[d]
		if no == 0 {
			continue
		}
		if st.verb == findNamed {
			if err := s.rows(ctx, text, []any{no}, st); err != nil {
				return err
			}
			continue
		}
		*st.into[0].(*digest), *st.into[1].(*int64) = d, no
		if err := st.each(); err != nil {
			return err
		}
	}
	return nil
}

// exec runs a statement that is not kept and returns nothing.
func (s *sqliteFile) exec(text string) error {
	_, err := s.conn.(driver.ExecerContext).ExecContext(context.Background(), text, nil)
	return err
}

// prepare returns the prepared statement of a text; the texts are few.
func (s *sqliteFile) prepare(text string) (driver.Stmt, error) {
	if prepared := s.prepared[text]; prepared != nil {
		return prepared, nil
	}
	prepared, err := s.conn.Prepare(text)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", text, err)
	}
	s.prepared[text] = prepared
	return prepared, nil
}

// rows runs SQL and has the statement's each called for every row.
func (s *sqliteFile) rows(ctx context.Context, text string, args []any, st *statement) (err error) {
	prepared, err := s.prepare(text)
	if err != nil {
		return err
	}
	s.bound = s.bound[:0]
	for i, arg := range args {
		if n, isInt := arg.(int); isInt {
			arg = int64(n)
		}
		s.bound = append(s.bound, driver.NamedValue{Ordinal: i + 1, Value: arg})
	}
	if st.each == nil {
		_, err = prepared.(driver.StmtExecContext).ExecContext(ctx, s.bound)
		return err
	}
	found, err := prepared.(driver.StmtQueryContext).QueryContext(ctx, s.bound)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	values := make([]driver.Value, len(st.into))
	for {
		switch err := found.Next(values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		for i, v := range values {
			assign(st.into[i], v)
		}
		switch err := st.each(); {
		case errors.Is(err, errEnough):
			return nil
		case err != nil:
			return err
		}
	}
}

// assign puts a column's value where it goes; what a damaged file has there instead is zero.
func assign(into any, v driver.Value) {
	switch into := into.(type) {
	case *int64:
		*into, _ = v.(int64)
	case *string:
		*into, _ = v.(string)
	case *[]byte:
		*into, _ = v.([]byte)
	}
}

// nameIndex has the streams by their names. What a transaction changes can be taken back.
type nameIndex struct {
	all     map[digest]int64
	changed []nameChange
}

type nameChange struct {
	name   digest
	before int64 // 0 = it was not there
}

func (x *nameIndex) put(d digest, stream int64) {
	x.changed = append(x.changed, nameChange{d, x.all[d]})
	x.all[d] = stream
}

func (x *nameIndex) remove(d digest) {
	x.changed = append(x.changed, nameChange{d, x.all[d]})
	delete(x.all, d)
}

func (x *nameIndex) commit() { x.changed = x.changed[:0] }

func (x *nameIndex) rollback() {
	for i := len(x.changed) - 1; i >= 0; i-- {
		if c := x.changed[i]; c.before == 0 {
			delete(x.all, c.name)
		} else {
			x.all[c.name] = c.before
		}
	}
	x.commit()
}
