package sqljournal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"

	"mozartosim/simulator/journal"
)

// sqliteFile is a SQLite file, which this process has for itself.
type sqliteFile struct {
	name string

	mu     sync.Mutex // of all that follows
	conn   *sqliteConn
	opened os.FileInfo
	closed bool
}

// inPlace says whether the file is still the one that was opened: SQLite would go on writing to one that nobody finds any more.
func (f *sqliteFile) inPlace() error {
	there, err := os.Stat(f.name)
	switch {
	case err == nil && os.SameFile(there, f.opened):
		return nil
	case err == nil || errors.Is(err, fs.ErrNotExist):
		return fileError(f.name, ErrGone, "")
	}
	return explain(f.name, err)
}

func (f *sqliteFile) run(ctx context.Context, c call, do func(context.Context, conn) error) error {
	if !c.long {
		ctx = context.Background() // to be able to interrupt a statement costs more than most statements do
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return journal.ErrClosed
	}
	return explain(f.name, do(ctx, f.conn))
}

func (f *sqliteFile) transact(_ context.Context, _ call, do func(context.Context, *tx) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return journal.ErrClosed
	}
	if err := f.inPlace(); err != nil {
		return err
	}
	return explain(f.name, f.conn.transact(context.Background(), do))
}

func (f *sqliteFile) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	return explain(f.name, f.conn.close())
}

// sqliteConn is the driver's connection without database/sql around it, which costs more than most statements do, and the
// names of streams, which are in memory.
type sqliteConn struct {
	conn     driver.Conn
	prepared map[string]driver.Stmt
	bound    []driver.NamedValue // arguments of the statement that runs
	names    map[digest]int64    // the streams by their names
	before   map[digest]int64    // what a transaction has changed of them, as it was; 0 = it was not there
}

func (c *sqliteConn) close() error {
	var errs []error
	for _, prepared := range c.prepared {
		errs = append(errs, prepared.Close())
	}
	return errors.Join(append(errs, c.conn.Close())...)
}

func (c *sqliteConn) transact(ctx context.Context, do func(context.Context, *tx) error) error {
	t := &tx{conn: c}
	if err := c.run(ctx, ask("BEGIN IMMEDIATE")); err != nil {
		return err
	}
	err := do(ctx, t)
	if err == nil && t.writes {
		if err = t.run(ctx, ask("COMMIT")); err == nil {
			c.before = map[digest]int64{}
			return nil
		}
	}
	for name, stream := range c.before {
		c.put(name, stream)
	}
	c.before = map[digest]int64{}
	if rolledBack := c.run(ctx, ask("ROLLBACK")); err == nil { // otherwise SQLite may have done it by itself
		err = rolledBack
	}
	return err
}

// run implements conn.
func (c *sqliteConn) run(ctx context.Context, statements ...statement) error {
	for i := range statements {
		if err := c.one(ctx, &statements[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *sqliteConn) one(ctx context.Context, s *statement) error {
	switch s.verb {
	case query:
		return c.rows(ctx, s.text, s, s.args)
	case insertNames:
		for _, row := range s.rows {
			c.put(row[0].(digest), row[1].(int64))
		}
		return nil
	case removeNames:
		for _, d := range s.digests {
			c.put(d, 0)
		}
		return nil
	case findNames, findNamed:
		return c.find(ctx, s)
	}
	text, n := "", 0
	for rows := s.rows; len(rows) > 0; rows = rows[n:] {
		if fit := together(s.verb, len(rows)); fit != n {
			text, n = forRows(s, fit), fit
		}
		if err := c.rows(ctx, text, s, rows[:n]...); err != nil {
			return err
		}
	}
	return nil
}

// together is how many of so many rows are written at once. Only some numbers of them, since each has a prepared statement.
func together(v verb, rows int) int {
	switch {
	case v != insertRows || rows < 4:
		return 1
	case rows < 16:
		return 4
	}
	return 16
}

// forRows is the SQL of a statement that writes so many rows at once. When one of them fails the transaction is rolled back: to
// fail at it costs less than to be ready to undo those before it, which SQLite otherwise is.
func forRows(s *statement, rows int) string {
	names, _ := split(s.columns)
	switch s.verb {
	case removeRows:
		return "DELETE FROM " + s.text + " WHERE " + names[0] + " = $1"
	case updateRows:
		var set []string
		for i, name := range names[1:] {
			set = append(set, fmt.Sprintf("%s = $%d", name, i+2))
		}
		return "UPDATE " + s.text + " SET " + strings.Join(set, ", ") + " WHERE " + names[0] + " = $1"
	}
	row := ", (?" + strings.Repeat(", ?", len(names)-1) + ")"
	return "INSERT OR FAIL INTO " + s.text + " (" + strings.Join(names, ", ") + ") VALUES " + strings.Repeat(row, rows)[2:]
}

func (c *sqliteConn) find(ctx context.Context, s *statement) error {
	text := "SELECT " + s.columns + " FROM " + s.text + " WHERE " + s.key + " = $1 ORDER BY no"
	for _, d := range s.digests {
		no := c.names[d]
		if no == 0 {
			continue
		}
		if s.verb == findNamed {
			if err := c.rows(ctx, text, s, []any{no}); err != nil {
				return err
			}
			continue
		}
		*s.targets[0].(*digest), *s.targets[1].(*int64) = d, no
		if err := s.each(); err != nil {
			return err
		}
	}
	return nil
}

// exec runs a statement that is not kept and returns nothing.
func (c *sqliteConn) exec(ctx context.Context, text string) error {
	_, err := c.conn.(driver.ExecerContext).ExecContext(ctx, text, nil)
	return err
}

// prepare returns the prepared statement of a text; the texts are few.
func (c *sqliteConn) prepare(text string) (driver.Stmt, error) {
	if prepared := c.prepared[text]; prepared != nil {
		return prepared, nil
	}
	prepared, err := c.conn.Prepare(text)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", text, err)
	}
	c.prepared[text] = prepared
	return prepared, nil
}

// rows runs SQL with one list of arguments after the other, and has the statement's each called for every row.
func (c *sqliteConn) rows(ctx context.Context, text string, s *statement, lists ...[]any) (err error) {
	prepared, err := c.prepare(text)
	if err != nil {
		return err
	}
	c.bound = c.bound[:0]
	for _, args := range lists {
		for _, arg := range args {
			if n, isInt := arg.(int); isInt {
				arg = int64(n)
			}
			c.bound = append(c.bound, driver.NamedValue{Ordinal: len(c.bound) + 1, Value: arg})
		}
	}
	if s.each == nil {
		_, err = prepared.(driver.StmtExecContext).ExecContext(ctx, c.bound)
		return err
	}
	found, err := prepared.(driver.StmtQueryContext).QueryContext(ctx, c.bound)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	values := make([]driver.Value, len(s.targets))
	for {
		switch err := found.Next(values); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		for i, v := range values {
			assign(s.targets[i], v)
		}
		if err := s.each(); err != nil {
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
	case *any:
		*into = v
	}
}

// put gives a name to a stream; 0 takes it away.
func (c *sqliteConn) put(name digest, stream int64) {
	if _, changed := c.before[name]; !changed {
		c.before[name] = c.names[name]
	}
	if c.names[name] = stream; stream == 0 {
		delete(c.names, name)
	}
}
