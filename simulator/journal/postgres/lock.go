package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

// locking is what this process holds of the companies' locks. A lock is a session's, so each that is held has a connection
// of its own; within the process those who want the same one queue up here and cost none.
type locking struct {
	slots chan struct{} // full when all connections for locks are in use

	mu     sync.Mutex
	queues map[string]*queue
	idle   []*pgx.Conn
	closed bool
}

// queue is full while somebody of this process holds or awaits a company's lock.
type queue struct {
	turn  chan struct{}
	users int // who holds it or waits for it
}

func newLocking(most int) *locking {
	return &locking{slots: make(chan struct{}, most), queues: map[string]*queue{}}
}

func (l *locking) enter(company string) *queue {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queues[company]
	if q == nil {
		q = &queue{turn: make(chan struct{}, 1)}
		l.queues[company] = q
	}
	q.users++
	return q
}

func (l *locking) leave(company string, q *queue) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q.users--; q.users == 0 {
		delete(l.queues, company)
	}
}

// Lock implements journal.Journal. When this process dies the lock is free as soon as the server notices; should the
// connection be lost while the lock is held, its holder is not told.
func (j *Journal) Lock(ctx context.Context, company string) (unlock func(), err error) {
	if j.isClosed() {
		return nil, journal.ErrClosed
	}
	q := j.locking.enter(company)
	if err := j.await(ctx, q.turn); err != nil {
		j.locking.leave(company, q)
		return nil, err
	}
	free := func() {
		<-q.turn
		j.locking.leave(company, q)
	}
	if err := j.await(ctx, j.locking.slots); err != nil {
		free()
		return nil, err
	}
	number := lockNumber(j.schema, "company", company)
	conn, err := j.lockSession(ctx, number)
	if err != nil {
		<-j.locking.slots
		free()
		return nil, err
	}
	return sync.OnceFunc(func() {
		j.unlock(conn, number)
		<-j.locking.slots
		free()
	}), nil
}

// await puts something into a full channel.
func (j *Journal) await(ctx context.Context, turn chan struct{}) error {
	select {
	case turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-j.ended:
		return journal.ErrClosed
	}
}

// lockSession waits for the lock in slices: a connection that was cut while it waited is noticed at the end of one.
func (j *Journal) lockSession(ctx context.Context, number int64) (held *pgx.Conn, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-j.ended:
			stop()
		case <-ctx.Done():
		}
	}()
	well, pause := clock.Wall(), time.Millisecond // when the server was last known to be well
	for {
		slice, cancel := context.WithTimeout(ctx, j.options.Timeout+j.options.Timeout/4)
		held, err = j.lockOnce(slice, number)
		cancel()
		var refused *pgconn.PgError
		switch {
		case err == nil:
			return held, nil
		case j.isClosed():
			return nil, journal.ErrClosed
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &refused) && refused.Code == lockNotGot:
			well, pause = clock.Wall(), time.Millisecond // somebody else has it
			continue
		case !passing(err) || clock.Wall().Sub(well) > j.options.Timeout:
			return nil, j.failed("lock", err)
		}
		if _, err := j.wall.Hold(ctx, pause); err != nil {
			return nil, err
		}
		pause = min(2*pause, j.options.Timeout/20)
	}
}

// lockOnce waits until the server's lock_timeout, which is Timeout.
func (j *Journal) lockOnce(ctx context.Context, number int64) (*pgx.Conn, error) {
	conn, err := j.lockConn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err = conn.Exec(ctx, "SELECT pg_advisory_lock($1)", number); err != nil {
		j.keepConn(conn)
		return nil, err
	}
	return conn, nil
}

func (j *Journal) lockConn(ctx context.Context) (*pgx.Conn, error) {
	l := j.locking
	l.mu.Lock()
	for len(l.idle) > 0 {
		conn := l.idle[len(l.idle)-1]
		l.idle = l.idle[:len(l.idle)-1]
		if !conn.IsClosed() {
			l.mu.Unlock()
			return conn, nil
		}
	}
	l.mu.Unlock()
	config := j.config.Copy()
	config.RuntimeParams["statement_timeout"] = "0" // lock_timeout counts
	return pgx.ConnectConfig(ctx, config)
}

func (j *Journal) unlock(conn *pgx.Conn, number int64) {
	ctx, cancel := context.WithTimeout(context.Background(), j.options.Timeout/4)
	defer cancel()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", number); err != nil {
		_ = conn.Close(ctx) // the session's end frees it too
		return
	}
	j.keepConn(conn)
}

// keepConn keeps a connection for the next lock.
func (j *Journal) keepConn(conn *pgx.Conn) {
	l := j.locking
	l.mu.Lock()
	keep := !l.closed && !conn.IsClosed()
	if keep {
		l.idle = append(l.idle, conn)
	}
	l.mu.Unlock()
	if !keep {
		ctx, cancel := context.WithTimeout(context.Background(), j.options.Timeout/4)
		defer cancel()
		_ = conn.Close(ctx)
	}
}

func (l *locking) close() {
	l.mu.Lock()
	idle := l.idle
	l.idle, l.closed = nil, true
	l.mu.Unlock()
	for _, conn := range idle {
		_ = conn.Close(context.Background())
	}
}
