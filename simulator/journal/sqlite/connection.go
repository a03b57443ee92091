package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"modernc.org/sqlite"
)

// connection is the driver's connection without database/sql around it, which costs more than the statements themselves.
// Whoever uses it holds the journal's lock.
type connection struct {
	conn     driver.Conn
	prepared map[string]driver.Stmt
	args     []driver.NamedValue // of the statement being run
}

func connect(file string) (*connection, error) {
	conn, err := (&sqlite.Driver{}).Open(file)
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn, prepared: map[string]driver.Stmt{}}, nil
}

func (c *connection) close() error {
	var errs []error
	for _, stmt := range c.prepared {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, c.conn.Close())...)
}

// statement returns the prepared statement of a text; the texts are few and fixed.
func (c *connection) statement(text string) (driver.Stmt, error) {
	if stmt := c.prepared[text]; stmt != nil {
		return stmt, nil
	}
	stmt, err := c.conn.Prepare(text)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", text, err)
	}
	c.prepared[text] = stmt
	return stmt, nil
}

// bound are args as the driver wants them, valid until the next statement.
func (c *connection) bound(args []driver.Value) []driver.NamedValue {
	c.args = c.args[:0]
	for i, arg := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: arg})
	}
	return c.args
}

// exec runs a statement that returns no rows. Args are int64, string, []byte or nil.
func (c *connection) exec(text string, args ...driver.Value) error {
	stmt, err := c.statement(text)
	if err != nil {
		return err
	}
	_, err = stmt.(driver.StmtExecContext).ExecContext(context.Background(), c.bound(args))
	return err
}

// once runs a statement that is not kept.
func (c *connection) once(text string) error {
	_, err := c.conn.(driver.ExecerContext).ExecContext(context.Background(), text, nil)
	return err
}

// query hands each row's values to each until it returns false or an error; they may be kept.
func (c *connection) query(ctx context.Context, text string, args []driver.Value, each func([]driver.Value) (bool, error)) (err error) {
	stmt, err := c.statement(text)
	if err != nil {
		return err
	}
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, c.bound(args))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(values); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if more, err := each(values); err != nil || !more {
			return err
		}
	}
}

// row returns the values of the only row, nil when there is none.
func (c *connection) row(text string, args ...driver.Value) (found []driver.Value, err error) {
	err = c.query(context.Background(), text, args, func(values []driver.Value) (bool, error) {
		found = values
		return false, nil
	})
	return found, err
}

// all returns every row; the texts are such that they are few.
func (c *connection) all(text string, args ...driver.Value) (found [][]driver.Value, err error) {
	err = c.query(context.Background(), text, args, func(values []driver.Value) (bool, error) {
		found = append(found, append([]driver.Value(nil), values...))
		return true, nil
	})
	return found, err
}

// number, text and blob read a column whatever a damaged file says that it is.
func number(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}

func text(v driver.Value) string {
	s, _ := v.(string)
	return s
}

func blob(v driver.Value) []byte {
	b, _ := v.([]byte)
	return b
}
