package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"mozartosim/simulator/journal"
)

// PostgreSQL's names for what went wrong, as far as we tell them apart.
const (
	lockNotGot = "55P03"
)

// passing says whether an error may be gone at the next try: the network, a server that restarts or is overloaded, a
// deadlock. What it did to a statement that was under way is another question.
func passing(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "40001", "40P01", // serialization failure, deadlock
			"23505",          // somebody else was first with a key; at the next try that is known
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

// bounded gives a call so many times the usual Timeout, within what its own context allows.
func (j *Journal) bounded(ctx context.Context, times int) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, time.Duration(times)*j.options.Timeout)
}

// try does something that may be done more than once until it succeeds, fails for good, or the time is over.
func (j *Journal) try(ctx context.Context, what string, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := j.bounded(ctx, 1)
	defer cancel()
	return j.keepTrying(ctx, what, j.options.Timeout/3, do)
}

// keepTrying is try within ctx alone, an attempt having so much time: what hangs on one connection may go through on another.
func (j *Journal) keepTrying(ctx context.Context, what string, each time.Duration, do func(context.Context, *pgx.Conn) error) error {
	pause := time.Millisecond
	var last error
	for {
		err := j.once(ctx, each, do)
		switch {
		case err == nil:
			return nil
		case j.isClosed():
			return journal.ErrClosed
		case !passing(err):
			return j.failed(what, err)
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		if _, err := j.wall.Hold(ctx, pause); err != nil {
			return j.failed(what, j.cause(ctx, last))
		}
		pause = min(2*pause, 250*time.Millisecond)
	}
}

// cause is what is told of a call that ran out of time: its caller's reason, or what PostgreSQL said last.
func (*Journal) cause(ctx context.Context, last error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case last == nil || errors.Is(last, context.DeadlineExceeded):
		return errNoAnswer
	}
	return last
}

// once borrows a connection for one attempt.
func (j *Journal) once(ctx context.Context, each time.Duration, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, each)
	defer cancel()
	conn, err := j.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return do(ctx, conn.Conn())
}

// failed words an error of PostgreSQL; the journal's own errors stay as they are.
func (j *Journal) failed(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, puddle.ErrClosedPool):
		return journal.ErrClosed
	case errors.Is(err, journal.ErrConflict), errors.Is(err, journal.ErrExists), errors.Is(err, journal.ErrNotFound),
		errors.Is(err, journal.ErrClosed), errors.Is(err, journal.ErrBroken), errors.Is(err, errText):
		return err
	}
	return fmt.Errorf("postgres: %s: %w", what, err)
}

// ordinary says that the server refused a statement and lives: its transaction is rolled back for certain.
func ordinary(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Severity == "ERROR" || errors.Is(err, pgx.ErrTxCommitRollback)
}

// errNoAnswer says that the time of a call is over.
var errNoAnswer = errors.New("PostgreSQL did not answer in time")

// errText says that a name can't be kept.
var errText = errors.New("a name in the journal must be UTF-8 without NUL characters")
