package sqljournal

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/puddle/v2"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

// longTimes is how many times the usual Timeout a call may take that reads or writes much.
const longTimes = 12

// postgres is the connections to a PostgreSQL database.
type postgres struct {
	options Options
	schema  string
	pool    *pgxpool.Pool
	wall    *clock.Clock // for pauses, never for rules
	signals *journal.Signals
	number  int64          // of this process
	commits atomic.Int64   // counts transactions
	scopes  *journal.Locks // within this process
}

func (p *postgres) run(ctx context.Context, c call, do func(context.Context, conn) error) error {
	return p.try(ctx, c, func(ctx context.Context, on *pgx.Conn) error {
		if !c.long {
			return do(ctx, pgConn{on})
		}
		return pgx.BeginTxFunc(ctx, on, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(pgx.Tx) error {
			if err := (pgConn{on}).run(ctx, p.longer()); err != nil {
				return err
			}
			return do(ctx, pgConn{on})
		})
	})
}

// longer makes the server wait longer for a transaction.
func (p *postgres) longer() statement {
	return ask(`SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true),
		set_config('idle_in_transaction_session_timeout', $1, true)`, milliseconds(longTimes*p.options.Timeout))
}

// transact implements database. Each attempt but the first asks whether the one before was kept after all; it has the scope's
// lock then, so that one is over.
func (p *postgres) transact(ctx context.Context, c call, do func(context.Context, *tx) error) error {
	// The scope's last transaction is this one until its outcome is known.
	unlock, err := p.scopes.Take(ctx, c.scope)
	if err != nil {
		return p.failed(c.what, err)
	}
	defer unlock()
	no, mayBeKept := p.commits.Add(1), false // a commit was sent, and its answer never came
	err = p.try(ctx, c, func(ctx context.Context, on *pgx.Conn) error {
		t := &tx{conn: pgConn{on}, waiting: []statement{ask("begin")}}
		if c.long {
			t.waiting = append(t.waiting, p.longer())
		}
		t.waiting = append(t.waiting, ask("SELECT pg_advisory_xact_lock($1)", p.lockNumber("write", c.scope)))
		if mayBeKept {
			var last int64
			if err := t.run(ctx, ask("SELECT no FROM commits WHERE process = $1 AND scope = $2", p.number, c.scope).into(&last)); err != nil {
				return rollback(ctx, on, err)
			}
			mayBeKept = false
			if last == no {
				return rollback(ctx, on, nil)
			}
		}
		if err := do(ctx, t); err != nil || !t.writes {
			return rollback(ctx, on, err)
		}
		t.later(ask(`INSERT INTO commits (process, scope, no) VALUES ($1, $2, $3)
			ON CONFLICT (process, scope) DO UPDATE SET no = excluded.no`, p.number, c.scope, no))
		err := t.run(ctx, ask(commitText))
		if mayBeKept = err != nil && !rolledBack(err); err != nil {
			return rollback(ctx, on, err)
		}
		return nil
	})
	if err != nil && mayBeKept {
		return fmt.Errorf("whether it was kept is unknown: %w", err)
	}
	return err
}

// rollback ends the transaction, if the connection still can, and returns err.
func rollback(ctx context.Context, on *pgx.Conn, err error) error {
	if !on.IsClosed() {
		_, _ = on.Exec(ctx, "rollback")
	}
	return err
}

// try does something that may be done more than once until it succeeds, fails for good, or the time is over. Each attempt has a
// third of the time: what hangs on one connection may go through on another.
func (p *postgres) try(ctx context.Context, c call, do func(context.Context, *pgx.Conn) error) error {
	whole, each := p.options.Timeout, p.options.Timeout/3
	if c.long {
		whole, each = longTimes*whole, longTimes*whole
	}
	ctx, cancel := context.WithTimeout(ctx, whole)
	defer cancel()
	pause := time.Millisecond
	var last error
	for {
		err := p.once(ctx, each, do)
		switch {
		case err == nil:
			return nil
		case p.signals.Over():
			return journal.ErrClosed
		case !passing(err):
			return p.failed(c.what, err)
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		if _, err := p.wall.Hold(ctx, pause); err != nil {
			return p.failed(c.what, cause(ctx, last))
		}
		pause = min(2*pause, 250*time.Millisecond)
	}
}

// once borrows a connection for one attempt.
func (p *postgres) once(ctx context.Context, limit time.Duration, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c, err := p.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	return do(ctx, c.Conn())
}

// cause is what is told of a call that ran out of time: its caller's reason, or what PostgreSQL said last.
func cause(ctx context.Context, last error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case errors.Is(last, context.DeadlineExceeded):
		return errors.New("PostgreSQL did not answer in time")
	}
	return last
}

// lockNotGot is PostgreSQL's name for a lock that another session held for too long.
const lockNotGot = "55P03"

// passing says whether an error may be gone at the next try: the network, a server that restarts or is overloaded, a
// deadlock. What it did to a statement that was under way is another question.
func passing(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "40001", "40P01", // serialization failure, deadlock
			"23505",          // another process was first with a key; at the next try that is known
			"53300", "53400", // too many connections
			"57014", lockNotGot, "25P03", // our own timeouts, on the server
			"57P01", "57P02", "57P03", "57P05": // it shuts down, crashed, or starts
			return true
		}
		return strings.HasPrefix(refused.Code, "08")
	}
	var netErr net.Error
	var connecting *pgconn.ConnectError
	return errors.As(err, &netErr) || errors.As(err, &connecting) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err) || pgconn.SafeToRetry(err)
}

// rolledBack says that the server refused a statement and lives: its transaction is rolled back for certain.
func rolledBack(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Severity == "ERROR" || errors.Is(err, pgx.ErrTxCommitRollback)
}

// failed words an error of PostgreSQL; the journal's own errors stay as they are.
func (p *postgres) failed(what string, err error) error {
	switch {
	case err == nil || isOwn(err):
		return err
	case errors.Is(err, puddle.ErrClosedPool):
		return journal.ErrClosed
	}
	return journal.Unavailable(fmt.Errorf("postgres: %s: %w", what, err))
}

// lockNumber is the advisory lock of something that the schema's processes share.
func (p *postgres) lockNumber(what, name string) int64 {
	h := fnv.New64a()
	for _, part := range []string{"mozartosim", p.schema, what, name} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return int64(h.Sum64())
}
