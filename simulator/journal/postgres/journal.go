package postgres

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
)

// Journal keeps streams in PostgreSQL. It is made by Open.
type Journal struct {
	options Options
	schema  string
	config  *pgx.ConnConfig // of all connections
	pool    *pgxpool.Pool
	wall    *clock.Clock // for pauses, never for rules

	writer  int64        // this process, for good
	me      atomic.Int64 // whom work is handed to: another one after this process was given up for dead
	ownersM sync.Mutex
	owners  []int64 // all that this process has been

	flights  atomic.Int64
	appends  *lanes[*appending]
	ordinals *lanes[*numbering]
	reading  *lanes[*noteReading]
	telling  *lanes[string]

	grabs   atomic.Int64
	unsure  unsure // calls for work whose outcome is unknown
	changes *changes
	locking *locking

	ended    chan struct{} // closed by Close
	closing  sync.Once
	stop     context.CancelFunc
	watching sync.WaitGroup
}

var _ journal.Journal = (*Journal)(nil)

// Open opens the journal in the database at url, and makes or updates its schema when there is none or an older one. The
// schema is that of the URL's parameter schema or search_path, or mozartosim. ctx bounds the opening alone. No error tells
// the URL's password. Close must be called.
func Open(ctx context.Context, url string, o Options) (*Journal, error) {
	o = o.orUsual()
	config, schema, err := parse(url, o)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	j := &Journal{
		options: o, schema: schema, config: config.ConnConfig, pool: pool, wall: clock.New(),
		changes: newChanges(), locking: newLocking(o.Locks), ended: make(chan struct{}),
	}
	// A flight that could begin more streams than there is room for would have to drop some of its own.
	j.appends = newLanes(min(256, max(1, o.MaxPayments/2)), j.flyAppends)
	j.ordinals = newLanes(1<<16, j.flyOrdinals)
	j.reading = newLanes(1<<16, j.flyNotes)
	j.telling = newLanes(1<<10, j.flyTold)
	first, err := j.begin(ctx)
	if err != nil {
		pool.Close()
		return nil, err
	}
	watching, stop := context.WithCancel(context.Background())
	j.stop = stop
	j.watching.Go(func() { j.watch(watching, first) })
	return j, nil
}

// begin brings the schema up to date, makes this process known, and listens. A server that is just starting is waited for.
func (j *Journal) begin(ctx context.Context) (listener *pgx.Conn, err error) {
	if err := j.try(ctx, "open", func(ctx context.Context, conn *pgx.Conn) error { return conn.Ping(ctx) }); err != nil {
		return nil, err
	}
	long, cancel := j.bounded(ctx, patience)
	defer cancel()
	err = j.keepTrying(long, "open", patience*j.options.Timeout, func(ctx context.Context, conn *pgx.Conn) error {
		if err := j.migrate(ctx, conn); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "DELETE FROM flights WHERE at < now() - interval '1 day'"); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, "DELETE FROM takeovers WHERE at < now() - interval '1 day'")
		return err
	})
	if err != nil {
		return nil, err
	}
	err = j.try(ctx, "open", func(ctx context.Context, conn *pgx.Conn) error {
		no, err := j.enrol(ctx, conn)
		j.writer = no
		return err
	})
	if err != nil {
		return nil, err
	}
	short, cancel := j.bounded(ctx, 1)
	defer cancel()
	listener, err = j.listen(short)
	return listener, j.failed("open", err)
}

// enrol makes this process an owner of work.
func (j *Journal) enrol(ctx context.Context, conn *pgx.Conn) (no int64, err error) {
	host, _ := os.Hostname()
	err = conn.QueryRow(ctx, `INSERT INTO owners (name, lease, alive_until)
		VALUES ($1, $2::bigint, clock_timestamp() + $2::bigint * interval '1 millisecond') RETURNING no`,
		fmt.Sprintf("%s:%d", host, os.Getpid()), j.options.Lease.Milliseconds(),
	).Scan(&no)
	if err != nil {
		return 0, err
	}
	j.ownersM.Lock()
	defer j.ownersM.Unlock()
	j.owners = append(j.owners, no)
	j.me.Store(no)
	return no, nil
}

// everyMe returns all owners that this process has been. It must not be changed.
func (j *Journal) everyMe() []int64 {
	j.ownersM.Lock()
	defer j.ownersM.Unlock()
	return j.owners[:len(j.owners):len(j.owners)]
}

func (j *Journal) isClosed() bool {
	select {
	case <-j.ended:
		return true
	default:
		return false
	}
}

// Shared implements journal.Journal: other processes may open the same schema.
func (*Journal) Shared() bool { return true }

// Close implements journal.Journal. Calls that are under way end first; work that this process has taken and not settled is
// free for others.
func (j *Journal) Close() error {
	var err error
	j.closing.Do(func() {
		j.appends.close()
		j.ordinals.close()
		j.reading.close()
		j.telling.close()
		j.stop()
		j.watching.Wait()
		err = j.leave()
		close(j.ended)
		j.changes.close()
		j.locking.close()
		j.pool.Close()
	})
	return err
}
