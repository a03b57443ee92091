package sqljournal

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

const (
	now  = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
	soon = now + " + $2" // the end of a lease
)

// claim takes jobs for as long as this process gives signs of life. It may be done again: what it has claimed already it claims
// once more.
func (p *postgres) claim(ctx context.Context, jobs []int64) (claimed []int64, err error) {
	err = p.run(context.WithoutCancel(ctx), call{what: "claim"}, func(ctx context.Context, c conn) error {
		claimed = nil
		var no int64
		return c.run(ctx, ask("UPDATE jobs SET holder = $1, lease_until = "+soon+` WHERE no = ANY (ARRAY(
			SELECT no FROM jobs WHERE no = ANY ($3) AND (holder IS NULL OR holder = $1) FOR UPDATE SKIP LOCKED)) RETURNING no`,
			p.number, p.options.Lease.Milliseconds(), jobs).scan(func() error {
			claimed = append(claimed, no)
			return nil
		}, &no))
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

func (p *postgres) release(ctx context.Context, jobs []int64) error {
	return p.run(ctx, call{what: "release"}, func(ctx context.Context, c conn) error {
		return c.run(ctx, ask("UPDATE jobs SET holder = NULL, lease_until = NULL WHERE no = ANY ($1) AND holder = $2", jobs, p.number))
	})
}

// watch listens, gives signs of life and frees the jobs of dead processes until ctx ends. After a fault it connects again.
func (p *postgres) watch(ctx context.Context, c *pgx.Conn) {
	for {
		err := p.watchOn(ctx, c)
		closing, cancel := context.WithTimeout(context.Background(), p.options.Timeout/4)
		_ = c.Close(closing)
		cancel()
		if ctx.Err() != nil {
			return
		}
		p.options.Log.Warn("the connection to PostgreSQL was lost", "error", err)
		if c = p.listenAgain(ctx); c == nil {
			return
		}
		p.options.Log.Info("connected to PostgreSQL again")
		p.signals.tellAll() // what was told meanwhile was missed
	}
}

// watchOn does it on one connection, until that fails.
func (p *postgres) watchOn(ctx context.Context, c *pgx.Conn) error {
	since := clock.Wall()
	for {
		began := clock.Wall()
		if err := p.beat(ctx, c, began.Sub(since)); err != nil {
			return err
		}
		for {
			left := p.options.Beat - clock.Wall().Sub(began)
			if left <= 0 {
				break
			}
			waiting, cancel := context.WithTimeout(ctx, left)
			n, err := c.WaitForNotification(waiting)
			over := waiting.Err() != nil
			cancel()
			switch {
			case err == nil:
				p.hear(n)
			case ctx.Err() != nil:
				return ctx.Err()
			case !over || c.IsClosed():
				return err
			}
		}
	}
}

// beat says that this process lives, extends the leases of its jobs, and ends those that have run out. Steady is for how long
// the connection has been up: a process that was cut off can't tell whether the others are dead or were cut off too, and waits
// for a lease first.
func (p *postgres) beat(ctx context.Context, c *pgx.Conn, steady time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, max(p.options.Timeout/3, time.Millisecond))
	defer cancel()
	lease := p.options.Lease.Milliseconds()
	alive := ask("INSERT INTO processes (no, name, alive_until) VALUES ($1, '', "+soon+") "+
		"ON CONFLICT (no) DO UPDATE SET alive_until = excluded.alive_until", p.number, lease)
	extend := ask("UPDATE jobs SET lease_until = "+soon+" WHERE holder = $1 AND no = ANY ($3)", p.number, lease, p.claims.numbers())
	if err := (pgConn{c}).run(ctx, alive, extend); err != nil || steady < p.options.Lease {
		return err
	}
	var dead, freed, no int64
	err := (pgConn{c}).run(ctx,
		ask("DELETE FROM processes WHERE alive_until < "+now+" RETURNING no").scan(func() error { dead++; return nil }, &no),
		ask("UPDATE jobs SET holder = NULL, lease_until = NULL WHERE holder IS NOT NULL AND lease_until < "+now+" RETURNING no").
			scan(func() error { freed++; return nil }, &no))
	if err != nil || dead+freed == 0 {
		return err
	}
	p.options.Log.Warn("a process has given no sign of life: its jobs are pending again", "processes", dead, "jobs", freed)
	p.signals.tellAll() // what it did last it may not have told
	p.tell("", aboutAll)
	return nil
}

// topic is what a message to other processes is about.
type topic byte

const (
	aboutCompany  topic = 'c'
	aboutSettings topic = 's' // a company's
	aboutAll      topic = '*'
)

func message(from int64, about topic, company string) string {
	if len(company) > 2000 { // PostgreSQL allows 8000 bytes
		company, about = "", aboutAll
	}
	return fmt.Sprintf("%d %c %q", from, about, company)
}

// tell sends a message on its way. It needs no answer: the change itself is durable, and those who miss the message, because a
// connection broke, are told to look for themselves.
func (p *postgres) tell(company string, about topic) {
	p.tells.add("", message(p.number, about, company))
}

// notify sends what has gathered in one statement, each message once.
func (p *postgres) notify(_ string, messages []string) {
	err := p.run(context.Background(), call{what: "tell others"}, func(ctx context.Context, c conn) error {
		return c.run(ctx, ask("SELECT pg_notify($1, m) FROM (SELECT DISTINCT m FROM unnest($2::text[]) AS w (m)) AS w", p.channel(), messages))
	})
	if err != nil && !p.signals.over() {
		p.options.Log.Warn("other processes could not be told of a change", "error", err)
	}
}

func (p *postgres) channel() string { return "mozartosim_" + p.schema }

// hear passes on what another process has told.
func (p *postgres) hear(n *pgconn.Notification) {
	var from int64
	var about topic
	var company string
	if _, err := fmt.Sscanf(n.Payload, "%d %c %q", &from, &about, &company); err != nil || from == p.number {
		return
	}
	switch about {
	case aboutAll:
		p.signals.tellAll()
	case aboutSettings:
		p.signals.tell("", company)
	default:
		p.signals.tell(company)
	}
}

// listen makes the connection that hears what others change.
func (p *postgres) listen(ctx context.Context) (*pgx.Conn, error) {
	c, err := pgx.ConnectConfig(ctx, p.config.Copy())
	if err != nil {
		return nil, err
	}
	if _, err := c.Exec(ctx, "LISTEN "+pgx.Identifier{p.channel()}.Sanitize()); err != nil {
		return nil, errors.Join(err, c.Close(ctx))
	}
	return c, nil
}

// listenAgain tries until it succeeds, or ctx ends: nil.
func (p *postgres) listenAgain(ctx context.Context) *pgx.Conn {
	for pause := time.Millisecond; ; pause = min(2*pause, time.Second) {
		if _, err := p.wall.Hold(ctx, pause); err != nil {
			return nil
		}
		trying, cancel := context.WithTimeout(ctx, p.options.Timeout)
		c, err := p.listen(trying)
		cancel()
		if err == nil {
			return c
		}
	}
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

// lock implements replicas. A lock is a session's, so each that is held has a connection of its own.
func (p *postgres) lock(ctx context.Context, company string) (unlock func(), err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(p.signals.life, stop)()
	number := p.lockNumber("company", company)
	well, pause := clock.Wall(), time.Millisecond // when the server was last known to be well
	for {
		c, err := p.lockOnce(ctx, number)
		var refused *pgconn.PgError
		switch {
		case err == nil:
			return sync.OnceFunc(func() { p.unlock(c, number) }), nil
		case p.signals.over():
			return nil, journal.ErrClosed
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &refused) && refused.Code == lockNotGot:
			well, pause = clock.Wall(), time.Millisecond // another process has it
			continue
		case !passing(err) || clock.Wall().Sub(well) > p.options.Timeout:
			return nil, p.failed("lock", err)
		}
		if _, err := p.wall.Hold(ctx, pause); err != nil {
			return nil, err
		}
		pause = min(2*pause, p.options.Timeout/20)
	}
}

// lockOnce waits until the server's lock_timeout, which is Timeout: a connection that was cut is noticed then.
func (p *postgres) lockOnce(ctx context.Context, number int64) (*pgxpool.Conn, error) {
	c, err := p.lockers.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	slice, cancel := context.WithTimeout(ctx, p.options.Timeout+p.options.Timeout/4)
	defer cancel()
	if _, err := c.Exec(slice, "SELECT pg_advisory_lock($1)", number); err != nil {
		c.Release()
		return nil, err
	}
	return c, nil
}

// unlock frees a lock; the session's end frees it too.
func (p *postgres) unlock(c *pgxpool.Conn, number int64) {
	ctx, cancel := context.WithTimeout(context.Background(), p.options.Timeout/4)
	defer cancel()
	if _, err := c.Exec(ctx, "SELECT pg_advisory_unlock($1)", number); err != nil {
		_ = c.Conn().Close(ctx)
	}
	c.Release()
}
