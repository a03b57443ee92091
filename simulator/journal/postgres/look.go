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
	row               string // where it lies
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
	for errors.Is(err, pgx.ErrNoRows) { // again only when the company is forgotten at that very moment
		if _, err := conn.Exec(ctx, "INSERT INTO companies (id) VALUES ($1) ON CONFLICT DO NOTHING", f.company); err != nil {
			return nil, err
		}
		c, err = f.lookOnce(ctx, conn, false)
	}
	return c, err
}

func (f *flight) lookOnce(ctx context.Context, conn *pgx.Conn, begin bool) (*shelf, error) {
	c := &shelf{heads: map[string]*head{}, keys: map[[16]byte]*head{}, work: map[workID]kept{}, lost: map[workID]bool{}}
	ids, digests, work := f.names()
	var b pgx.Batch
	if begin {
		b.Queue("begin")
	}
	b.Queue(`SELECT no, began, seq, done_seq, due_seq, streams, entries, bytes, due, dropped FROM companies WHERE id = $1 FOR UPDATE`, f.company)
	b.Queue(`SELECT s.* FROM unnest($2::text[]) AS w (id) CROSS JOIN LATERAL (
			SELECT no, id, length, bytes, coalesce(done, 0), ctid::text FROM streams
			WHERE company = (SELECT no FROM companies WHERE id = $1) AND id = w.id OFFSET 0) s`, f.company, ids)
	if len(digests) > 0 {
		b.Queue(`SELECT k.digest, k.company, k.stream FROM keys k WHERE k.digest = ANY($1)`, digests)
	}
	if work.any() {
		b.Queue(`SELECT d.* FROM unnest($2::text[], $3::text[]) AS w (stream, id)
			CROSS JOIN LATERAL (SELECT company, no FROM streams
				WHERE company = (SELECT no FROM companies WHERE id = $1) AND id = w.stream OFFSET 0) s
			CROSS JOIN LATERAL (SELECT stream, id, owner, ctid::text FROM due
				WHERE company = s.company AND stream = s.no AND id = w.id FOR UPDATE) d`, f.company, work.streams, work.ids)
	}
	if work.settles {
		b.Queue(`SELECT stream, id FROM takeovers WHERE loser = ANY($2) AND company = (SELECT no FROM companies WHERE id = $1)`,
			f.company, f.owners)
	}
	if f.mayBeKept {
		b.Queue(`SELECT flight FROM flights WHERE company = (SELECT no FROM companies WHERE id = $1) AND writer = $2`, f.company, f.writer)
	}
	results := conn.SendBatch(ctx, &b)
	err := c.read(results, f, begin, len(digests) > 0, work)
	return c, errors.Join(err, results.Close())
}

// named is the due work that a batch names, by the streams' ids and its own.
type named struct {
	streams, ids []string
	settles      bool // some of it is over, and not only begins
}

func (n *named) any() bool { return len(n.ids) > 0 }

func (n *named) add(stream, id string) {
	n.streams, n.ids = append(n.streams, stream), append(n.ids, id)
}

// begins says that an append is the first of its stream, as far as it knows: there should be no due work yet.
func (p *appending) begins() bool { return p.Seen == 0 && len(p.Completed) == 0 }

// beganBefore says whether a stream that an append means to begin is there already, without entries: it may have due work.
func (c *shelf) beganBefore(f *flight) bool {
	for _, p := range f.batch {
		if h := c.heads[p.Stream]; h != nil && h.length == 0 && p.begins() && len(p.Jobs) > 0 {
			return true
		}
	}
	return false
}

// names lists the streams, keys and due work that the batch names.
func (f *flight) names() (ids []string, digests [][16]byte, work named) {
	seen := map[string]bool{}
	for _, p := range f.batch {
		if !seen[p.Stream] {
			seen[p.Stream], ids = true, append(ids, p.Stream)
		}
		digests = append(digests, p.digests...)
		if p.begins() && !f.thorough {
			continue
		}
		for _, id := range p.Completed {
			work.add(p.Stream, id)
			work.settles = true
		}
		for _, d := range p.Jobs {
			work.add(p.Stream, d.ID)
		}
	}
	return ids, digests, work
}

func (c *shelf) read(results pgx.BatchResults, f *flight, begin, keys bool, work named) error {
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
	if _, err := pgx.ForEachRow(rows, []any{&h.no, &id, &h.length, &h.bytes, &h.done, &h.row}, func() error {
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
	if work.any() {
		if err := c.readWork(results, byNo); err != nil {
			return err
		}
	}
	if work.settles {
		if err := c.readLost(results, byNo); err != nil {
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
	_, err := pgx.ForEachRow(rows, []any{&stream, &id, &owner, &row}, func() error {
		c.work[workID{byNo[stream], id}] = kept{owner, row}
		return nil
	})
	return err
}

func (c *shelf) readLost(results pgx.BatchResults, byNo map[int64]*head) error {
	rows, _ := results.Query()
	var stream int64
	var id string
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
