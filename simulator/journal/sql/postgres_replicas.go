package sqljournal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

const (
	now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
	// soon is the end of a lease: jobs that are claimed together are free together.
	soon = "(extract(epoch FROM statement_timestamp()) * 1000)::bigint + $2"
)

// replica is this process among those that share a PostgreSQL database.
type replica struct {
	*postgres
	config    *pgx.ConnConfig // of all connections
	lockers   *pgxpool.Pool   // a company's lock is a session's, so each that is held has a connection of its own
	claims    *jobs
	news      *batches[news]
	releasing atomic.Int64 // releases that are not written yet
	untold    atomic.Bool  // others could not be told of a change: they are told with the next sign of life

	stop     context.CancelFunc
	watching sync.WaitGroup
}

func openPostgres(ctx context.Context, url string, o Options, s *journal.Signals, k *jobs) (*replica, error) {
	config, schema, err := parse(url, o)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	locking := config.Copy()
	locking.MaxConns = int32(o.Locks)
	locking.ConnConfig.RuntimeParams["statement_timeout"] = "0" // lock_timeout counts
	p := &postgres{options: o, schema: schema, wall: clock.New(), signals: s, scopes: journal.NewLocks(s.Life().Done())}
	r := &replica{postgres: p, config: config.ConnConfig, claims: k}
	if p.pool, err = pgxpool.NewWithConfig(ctx, config); err == nil {
		r.lockers, err = pgxpool.NewWithConfig(ctx, locking)
	}
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	r.news = newBatches(1<<10, newsEvery, r.publish)
	r.news.steady = true
	listener, err := r.begin(ctx)
	if err != nil {
		r.closePools()
		return nil, err
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop = stop
	r.watching.Go(func() { r.watch(watching, listener) })
	return r, nil
}

// begin makes the schema when there is none, makes this process known, and listens. A server that is just starting is waited
// for.
func (r *replica) begin(ctx context.Context) (listener *pgx.Conn, err error) {
	if err := r.try(ctx, call{what: "open"}, func(ctx context.Context, c *pgx.Conn) error { return c.Ping(ctx) }); err != nil {
		return nil, err
	}
	if err := r.try(ctx, call{what: "open", long: true}, r.makeSchema); err != nil {
		return nil, err
	}
	err = r.try(ctx, call{what: "open"}, func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, "INSERT INTO processes (name, alive_until) VALUES ($1, "+soon+") RETURNING no",
			journal.ThisProcess(), r.options.Lease.Milliseconds()).Scan(&r.number)
	})
	if err != nil {
		return nil, err
	}
	short, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	listener, err = r.listen(short)
	return listener, r.failed("open", err)
}

// close frees the jobs that this process has claimed, and makes it known no longer.
func (r *replica) close() error {
	r.news.close()
	r.stop()
	r.watching.Wait()
	err := r.try(context.Background(), call{what: "close"}, func(ctx context.Context, c *pgx.Conn) error {
		var b pgx.Batch
		b.Queue("UPDATE jobs SET holder = NULL, lease_until = NULL WHERE holder = $1", r.number)
		b.Queue("DELETE FROM processes WHERE no = $1", r.number)
		b.Queue("SELECT pg_notify($1, $2)", r.channel(), message(r.number, aboutAll, ""))
		return c.SendBatch(ctx, &b).Close() // one transaction
	})
	r.closePools()
	return err
}

func (r *replica) closePools() {
	r.pool.Close()
	go r.lockers.Close() // which waits for the locks that are held
}

func (r *replica) process() int64 { return r.number }

// claim takes jobs for as long as this process gives signs of life. It may be done again: what it has claimed already it claims
// once more.
func (r *replica) claim(ctx context.Context, jobs []int64) (claimed []int64, err error) {
	err = r.run(context.WithoutCancel(ctx), call{what: "claim"}, func(ctx context.Context, c conn) error {
		claimed = nil
		var no int64
		return c.run(ctx, ask("UPDATE jobs SET holder = $1, lease_until = "+soon+` WHERE no = ANY (ARRAY(
			SELECT no FROM jobs WHERE no = ANY ($3) AND (holder IS NULL OR holder = $1) FOR UPDATE SKIP LOCKED)) RETURNING no`,
			r.number, r.options.Lease.Milliseconds(), jobs).scan(func() error {
			claimed = append(claimed, no)
			return nil
		}, &no))
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

func (r *replica) insertHeld(rows [][]any) statement {
	s := insert("jobs", writtenJobs, rows...)
	s.also, s.as, s.args = "holder, lease_until", "$1, "+soon, []any{r.number, r.options.Lease.Milliseconds()}
	return s
}

// news is what other processes are told, and the jobs of a company that are free again; with neither, it only waits for the news
// before it.
type news struct {
	company, message string
	jobs             []int64
}

// newsEvery is how often a process tells something at the most: what it tells costs every process.
const newsEvery = 5 * time.Millisecond

// release frees jobs, with what else is to be told. It need not be on the disk at once: where it is lost, the jobs' leases lapse.
func (r *replica) release(company string, jobs []int64, awaited bool) (written <-chan error) {
	r.releasing.Add(1)
	return r.news.put("", news{company, message(r.number, aboutCompany, company), jobs}, awaited)
}

// settled leaves it to who asks for jobs to find what could not be released as it is: held until its lease lapses.
func (r *replica) settled(ctx context.Context) error {
	if r.releasing.Load() == 0 || r.signals.Over() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	written := r.news.put("", news{}, true)
	if written == nil {
		return journal.ErrClosed
	}
	select {
	case <-written: //nolint:errcheck // it is of the release
		return nil
	case <-ctx.Done():
		return r.failed("release", cause(ctx, ctx.Err()))
	}
}

// watch listens, gives signs of life and frees the jobs of dead processes until ctx ends. After a fault it connects again.
func (r *replica) watch(ctx context.Context, c *pgx.Conn) {
	for {
		err := r.watchOn(ctx, c)
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.options.Timeout/4)
		_ = c.Close(closing)
		cancel()
		if ctx.Err() != nil {
			return
		}
		r.options.Log.Warn("the connection to PostgreSQL was lost", "error", err)
		if c = r.listenAgain(ctx); c == nil {
			return
		}
		r.options.Log.Info("connected to PostgreSQL again")
		r.signals.Hear("") // what was told meanwhile was missed
	}
}

// watchOn does it on one connection, until that fails.
func (r *replica) watchOn(ctx context.Context, c *pgx.Conn) error {
	since := clock.Wall()
	for {
		began := clock.Wall()
		if err := r.beat(ctx, c, began.Sub(since)); err != nil {
			return err
		}
		for {
			left := r.options.Beat - clock.Wall().Sub(began)
			if left <= 0 {
				break
			}
			waiting, cancel := context.WithTimeout(ctx, left)
			n, err := c.WaitForNotification(waiting)
			over := waiting.Err() != nil
			cancel()
			switch {
			case err == nil:
				r.hear(n)
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
func (r *replica) beat(ctx context.Context, c *pgx.Conn, steady time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, max(r.options.Timeout/3, time.Millisecond))
	defer cancel()
	lease := r.options.Lease.Milliseconds()
	alive := ask("INSERT INTO processes (no, name, alive_until) VALUES ($1, '', "+soon+") "+
		"ON CONFLICT (no) DO UPDATE SET alive_until = excluded.alive_until", r.number, lease)
	r.options.Log.Debug("a sign of life is given", "process", r.number)
	if r.untold.Swap(false) {
		r.tell("", aboutAll)
	}
	extend := ask("UPDATE jobs SET lease_until = "+soon+" WHERE holder = $1 AND no = ANY ($3)", r.number, lease, r.claims.claimed(""))
	if err := (pgConn{c}).run(ctx, alive, extend); err != nil || steady < r.options.Lease {
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
	r.options.Log.Warn("a process has given no sign of life: its jobs are pending again", "processes", dead, "jobs", freed)
	r.signals.Hear("") // what it did last it may not have told
	r.tell("", aboutAll)
	return nil
}

func message(from int64, about topic, company string) string {
	if len(company) > 2000 { // PostgreSQL allows 8000 bytes
		company, about = "", aboutAll
	}
	return fmt.Sprintf("%d %c %q", from, about, company)
}

// tell sends a message on its way. It needs no answer: the change itself is durable, and those who miss the message, because a
// connection broke, are told to look for themselves.
func (r *replica) tell(company string, about topic) {
	r.news.add("", news{message: message(r.number, about, company)})
}

// publish frees the jobs and sends the messages that have gathered, each message once, in one transaction.
func (r *replica) publish(_ string, all []news) error {
	var jobs []int64
	var messages, released []string
	for _, n := range all {
		if n.jobs != nil {
			jobs, released = append(jobs, n.jobs...), append(released, n.company)
		}
		if n.message != "" && !slices.Contains(messages, n.message) {
			messages = append(messages, n.message)
		}
	}
	defer r.releasing.Add(-int64(len(released)))
	if len(messages) == 0 {
		return nil
	}
	statements := []statement{ask("SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, m) FROM unnest($2::text[]) AS w (m)", r.channel(), messages)}
	if len(jobs) > 0 {
		statements = append(statements, ask("UPDATE jobs SET holder = NULL, lease_until = NULL WHERE no = ANY ($1) AND holder = $2", jobs, r.number))
	}
	err := r.run(context.Background(), call{what: "tell others"}, func(ctx context.Context, c conn) error { return c.run(ctx, statements...) })
	if err != nil && !r.signals.Over() {
		r.untold.Store(true)
		r.options.Log.Warn("other processes could not be told of a change; jobs are held until their leases lapse", "jobs", len(jobs), "error", err)
	}
	if err == nil {
		r.signals.Tell(released...)
	}
	return err
}

func (r *replica) channel() string { return "mozartosim_" + r.schema }

// hear passes on what another process has told.
func (r *replica) hear(n *pgconn.Notification) {
	var from int64
	var about topic
	var company string
	if _, err := fmt.Sscanf(n.Payload, "%d %c %q", &from, &about, &company); err != nil || from == r.number {
		return
	}
	switch about {
	case aboutAll:
		r.signals.Hear("")
	case aboutSettings:
		r.signals.Tell("", company)
	case aboutRequests:
		r.signals.Tell(company)
	default:
		r.signals.Hear(company)
	}
}

// listen makes the connection that hears what others change.
func (r *replica) listen(ctx context.Context) (*pgx.Conn, error) {
	c, err := pgx.ConnectConfig(ctx, r.config.Copy())
	if err != nil {
		return nil, err
	}
	if _, err := c.Exec(ctx, "LISTEN "+pgx.Identifier{r.channel()}.Sanitize()); err != nil {
		return nil, errors.Join(err, c.Close(ctx))
	}
	return c, nil
}

// listenAgain tries until it succeeds, or ctx ends: nil.
func (r *replica) listenAgain(ctx context.Context) *pgx.Conn {
	for pause := time.Millisecond; ; pause = min(2*pause, time.Second) {
		if _, err := r.wall.Hold(ctx, pause); err != nil {
			return nil
		}
		trying, cancel := context.WithTimeout(ctx, r.options.Timeout)
		c, err := r.listen(trying)
		cancel()
		if err == nil {
			return c
		}
	}
}

// lock implements replicas.
func (r *replica) lock(ctx context.Context, company string) (unlock func(), err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(r.signals.Life(), stop)()
	number := r.lockNumber("company", company)
	well, pause := clock.Wall(), time.Millisecond // when the server was last known to be well
	for {
		c, err := r.lockOnce(ctx, number)
		var refused *pgconn.PgError
		switch {
		case err == nil:
			return sync.OnceFunc(func() { r.unlock(context.WithoutCancel(ctx), c, number) }), nil
		case r.signals.Over():
			return nil, journal.ErrClosed
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &refused) && refused.Code == lockNotGot:
			well, pause = clock.Wall(), time.Millisecond // another process has it
			continue
		case !passing(err) || clock.Wall().Sub(well) > r.options.Timeout:
			return nil, r.failed("lock", err)
		}
		if _, err := r.wall.Hold(ctx, pause); err != nil {
			return nil, err
		}
		pause = min(2*pause, r.options.Timeout/20)
	}
}

// lockOnce waits until the server's lock_timeout, which is Timeout: a connection that was cut is noticed then.
func (r *replica) lockOnce(ctx context.Context, number int64) (*pgxpool.Conn, error) {
	c, err := r.lockers.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	slice, cancel := context.WithTimeout(ctx, r.options.Timeout+r.options.Timeout/4)
	defer cancel()
	if _, err := c.Exec(slice, "SELECT pg_advisory_lock($1)", number); err != nil {
		c.Release()
		return nil, err
	}
	return c, nil
}

// unlock frees a lock; the session's end frees it too.
func (r *replica) unlock(ctx context.Context, c *pgxpool.Conn, number int64) {
	ctx, cancel := context.WithTimeout(ctx, r.options.Timeout/4)
	defer cancel()
	if _, err := c.Exec(ctx, "SELECT pg_advisory_unlock($1)", number); err != nil {
		_ = c.Conn().Close(ctx)
	}
	c.Release()
}
