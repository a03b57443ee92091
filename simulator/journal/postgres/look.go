package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// shelf is what a flight knows of its company, and what it makes of it. It holds the company's lock.
type shelf struct {
	no                          int32
	began, seq, doneSeq, dueSeq int64
	streams, entries, bytes     int64
	due, dropped                int64
	flight                      int64 // the last one of this process that was kept

	heads map[string]*head
	keys  map[[16]byte]*head // of other companies: nobody
	work  map[workID]kept    // due work as far as the batch may name it
	lost  map[workID]bool    // was taken from this process

	firstNew int64 // streams from this number on were begun by this flight
	out      writing
}

// head is a stream as a flight knows it.
type head struct {
	no, length, bytes int64
	done              int64 // 0 = it isn't
	fresh, touched    bool
	labels            []byte // nil = as they were
	tags              *string
}

// workID names due work.
type workID struct {
	of *head
	id string
}

// kept is due work as it lies in the database.
type kept struct {
	owner *int64 // who has taken it; nil = it waits
	row   string // where it lies
}

// nobody owns keys whose stream the flight does not name.
func nobody() *head { return &head{} }

// look begins the transaction, takes the company's lock and reads all that the batch touches, in one round trip.
func (f *flight) look(ctx context.Context, conn *pgx.Conn) (*shelf, error) {
	c, err := f.lookOnce(ctx, conn, true)
	if !errors.Is(err, pgx.ErrNoRows) {
		return c, err
	}
	if _, err := conn.Exec(ctx, "INSERT INTO companies (id) VALUES ($1) ON CONFLICT DO NOTHING", f.company); err != nil {
		return nil, err
	}
	return f.lookOnce(ctx, conn, false)
}

func (f *flight) lookOnce(ctx context.Context, conn *pgx.Conn, begin bool) (*shelf, error) {
	c := &shelf{heads: map[string]*head{}, keys: map[[16]byte]*head{}, work: map[workID]kept{}, lost: map[workID]bool{}}
	ids, digests, work := f.names()
	var b pgx.Batch
	if begin {
		b.Queue("begin")
	}
	b.Queue(`SELECT no, began, seq, done_seq, due_seq, streams, entries, bytes, due, dropped FROM companies WHERE id = $1 FOR UPDATE`, f.company)
	b.Queue(`SELECT no, id, length, bytes, coalesce(done, 0) FROM streams
		WHERE company = (SELECT no FROM companies WHERE id = $1) AND id = ANY($2)`, f.company, ids)
	if len(digests) > 0 {
		b.Queue(`SELECT k.digest, k.company, k.stream FROM keys k WHERE k.digest = ANY($1)`, digests)
	}
	if len(work) > 0 {
		b.Queue(`SELECT stream, id, owner, ctid::text FROM due WHERE company = (SELECT no FROM companies WHERE id = $1)
			AND stream = ANY (ARRAY(SELECT no FROM streams WHERE company = (SELECT no FROM companies WHERE id = $1) AND id = ANY($2)))
			AND id = ANY($3) ORDER BY stream, id FOR UPDATE`, f.company, ids, work)
		b.Queue(`SELECT stream, id FROM takeovers WHERE loser = ANY($2) AND company = (SELECT no FROM companies WHERE id = $1)`,
			f.company, f.owners)
	}
	if f.mayBeKept {
		b.Queue(`SELECT flight FROM flights WHERE company = (SELECT no FROM companies WHERE id = $1) AND writer = $2`, f.company, f.writer)
	}
	results := conn.SendBatch(ctx, &b)
	err := c.read(results, f, begin, len(digests) > 0, len(work) > 0)
	return c, errors.Join(err, results.Close())
}

// names lists the streams, keys and due work that the batch names.
func (f *flight) names() (ids []string, digests [][16]byte, work []string) {
	for _, p := range f.batch {
		ids = append(ids, p.Stream)
		digests = append(digests, p.digests...)
		work = append(work, p.Settled...)
		for _, d := range p.Due {
			work = append(work, d.ID)
		}
	}
	return ids, digests, work
}

func (c *shelf) read(results pgx.BatchResults, f *flight, begin, keys, work bool) error {
	if begin {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	err := results.QueryRow().Scan(&c.no, &c.began, &c.seq, &c.doneSeq, &c.dueSeq, &c.streams, &c.entries, &c.bytes, &c.due, &c.dropped)
	if err != nil {
		return err
	}
	c.firstNew = c.began + 1
	byNo := map[int64]*head{}
	rows, _ := results.Query()
	var id string
	var h head
	if _, err := pgx.ForEachRow(rows, []any{&h.no, &id, &h.length, &h.bytes, &h.done}, func() error {
		known := h
		c.heads[id], byNo[h.no] = &known, &known
		return nil
	}); err != nil {
		return err
	}
	if keys {
		if err := c.readKeys(results, byNo); err != nil {
			return err
		}
	}
	if work {
		if err := c.readWork(results, byNo); err != nil {
			return err
		}
	}
	if f.mayBeKept {
		if err := results.QueryRow().Scan(&c.flight); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
	}
	return nil
}

func (c *shelf) readKeys(results pgx.BatchResults, byNo map[int64]*head) error {
	rows, _ := results.Query()
	var digest [16]byte
	var company int32
	var stream int64
	_, err := pgx.ForEachRow(rows, []any{&digest, &company, &stream}, func() error {
		owner := byNo[stream]
		if company != c.no || owner == nil {
			owner = nobody()
		}
		c.keys[digest] = owner
		return nil
	})
	return err
}

func (c *shelf) readWork(results pgx.BatchResults, byNo map[int64]*head) error {
	rows, _ := results.Query()
	var stream int64
	var id, row string
	var owner *int64
	if _, err := pgx.ForEachRow(rows, []any{&stream, &id, &owner, &row}, func() error {
		c.work[workID{byNo[stream], id}] = kept{owner, row}
		return nil
	}); err != nil {
		return err
	}
	rows, _ = results.Query()
	_, err := pgx.ForEachRow(rows, []any{&stream, &id}, func() error {
		if h := byNo[stream]; h != nil {
			c.lost[workID{h, id}] = true
		}
		return nil
	})
	return err
}

// mine says whether taken work is this process's, or nobody's.
func mine(owner *int64, owners []int64) bool {
	if owner == nil {
		return true
	}
	for _, me := range owners {
		if *owner == me {
			return true
		}
	}
	return false
}
