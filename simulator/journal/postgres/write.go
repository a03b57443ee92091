package postgres

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
)

// write writes what was judged and commits, in one round trip. The order of the statements is that of the locks.
func (c *shelf) write(ctx context.Context, conn *pgx.Conn, f *flight) error {
	var b pgx.Batch
	c.writeStreams(&b)
	if len(c.out.firsts) > 0 {
		b.Queue(`INSERT INTO appends (company, first, stream, n, packed)
			SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[])`,
			c.no, c.out.firsts, c.out.of, c.out.counts, c.out.packed)
	}
	c.writeKeys(&b)
	c.writeWork(&b, f.me)
	b.Queue(`INSERT INTO flights (company, writer, flight, at) VALUES ($1, $2, $3, now())
		ON CONFLICT (company, writer) DO UPDATE SET flight = EXCLUDED.flight, at = EXCLUDED.at`, c.no, f.writer, f.no)
	b.Queue(`UPDATE companies SET began = $2, seq = $3, done_seq = $4, due_seq = $5, streams = $6, entries = $7, bytes = $8, due = $9
		WHERE no = $1`, c.no, c.began, c.seq, c.doneSeq, c.dueSeq, c.streams, c.entries, c.bytes, c.due)
	if over := c.streams - int64(f.room); over > 0 {
		b.Queue(dropOldest, c.no, over, c.firstNew)
	}
	b.Queue("commit")
	results := conn.SendBatch(ctx, &b)
	var err error
	for range b.Len() {
		tag, failed := results.Exec()
		if err = failed; err != nil {
			break
		}
		if tag.String() == "ROLLBACK" { // the answer to a commit of a transaction that had failed
			err = pgx.ErrTxCommitRollback
		}
	}
	return errors.Join(err, results.Close())
}

func (c *shelf) writeStreams(b *pgx.Batch) {
	var fresh, old streamRows
	for i, h := range c.out.streams {
		if h.fresh {
			fresh.add(c.out.ids[i], h)
		} else {
			old.add(c.out.ids[i], h)
		}
	}
	if len(fresh.nos) > 0 {
		b.Queue(`INSERT INTO streams (company, no, id, length, bytes, done, labels, tags)
			SELECT $1, no, id, length, bytes, nullif(done, 0), coalesce(labels, ''), coalesce(tags, '{}')::bigint[]
			FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[], $8::text[])
			AS w (no, id, length, bytes, done, labels, tags)`,
			c.no, fresh.nos, fresh.ids, fresh.lengths, fresh.bytes, fresh.dones, fresh.labels, fresh.tags)
	}
	if len(old.nos) > 0 {
		// By where they lie: the company's lock keeps everybody from moving them.
		b.Queue(`UPDATE streams s SET length = w.length, bytes = w.bytes, done = nullif(w.done, 0),
			labels = coalesce(w.labels, s.labels), tags = coalesce(w.tags::bigint[], s.tags)
			FROM unnest($1::text[]::tid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::text[])
			AS w (row, length, bytes, done, labels, tags) WHERE s.ctid = w.row`,
			old.rows, old.lengths, old.bytes, old.dones, old.labels, old.tags)
	}
}

// streamRows are streams column by column.
type streamRows struct {
	nos, lengths, bytes, dones []int64
	ids, rows                  []string
	labels                     [][]byte
	tags                       []*string
}

func (r *streamRows) add(id string, h *head) {
	r.nos, r.ids, r.lengths = append(r.nos, h.no), append(r.ids, id), append(r.lengths, h.length)
	r.bytes, r.dones = append(r.bytes, h.bytes), append(r.dones, h.done)
	r.labels, r.tags, r.rows = append(r.labels, h.labels), append(r.tags, h.tags), append(r.rows, h.row)
}

// writeKeys claims keys in their order, so that two companies that want the same ones wait for each other, not in a circle.
func (c *shelf) writeKeys(b *pgx.Batch) {
	if len(c.out.keys) == 0 {
		return
	}
	slices.SortFunc(c.out.keys, func(x, y keyClaim) int { return bytes.Compare(x.digest[:], y.digest[:]) })
	var digests [][16]byte
	var streams []int64
	var keys [][]byte
	for _, k := range c.out.keys {
		digests, streams, keys = append(digests, k.digest), append(streams, k.owner.no), append(keys, []byte(k.key))
	}
	b.Queue(`INSERT INTO keys (company, digest, stream, key) SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::bytea[])`,
		c.no, digests, streams, keys)
}

// writeWork takes away what is settled or replaced, and puts down what begins to wait.
func (c *shelf) writeWork(b *pgx.Batch, me int64) {
	var gone []string // where it lies; it is locked, so nobody moves it
	var fresh workRows
	for _, w := range c.out.workOrder {
		if found, there := c.work[w]; there {
			gone = append(gone, found.row)
			c.due--
		}
		if d := c.out.work[w]; d != nil {
			fresh.streams, fresh.ids = append(fresh.streams, w.of.no), append(fresh.ids, w.id)
			fresh.ats, fresh.seqs = append(fresh.ats, instant(d.At)), append(fresh.seqs, int64(d.Seq))
			fresh.kinds, fresh.data = append(fresh.kinds, d.Kind), append(fresh.data, append([]byte{}, d.Data...))
			c.due++
		}
	}
	if len(gone) > 0 {
		b.Queue("DELETE FROM due WHERE ctid = ANY($1::text[]::tid[])", gone)
	}
	if len(fresh.ids) > 0 {
		b.Queue(insertWork, c.no, me, fresh.streams, fresh.ids, fresh.ats, fresh.seqs, fresh.kinds, fresh.data)
	}
}

// workRows are due work column by column.
type workRows struct {
	streams, ats, seqs []int64
	ids, kinds         []string
	data               [][]byte
}

const insertWork = `INSERT INTO due (company, origin, stream, id, at, seq, kind, data)
	SELECT $1, $2, * FROM unnest($3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::bytea[])`

// dropOldest makes room for $2 streams: those that were done first go, and then the oldest, but none that begin at $3.
const dropOldest = `
	WITH done AS MATERIALIZED (
		SELECT no, length, bytes, ctid AS row FROM streams WHERE company = $1 AND done IS NOT NULL AND no < $3 ORDER BY done LIMIT $2
	), old AS MATERIALIZED (
		SELECT no, length, bytes, ctid AS row FROM streams WHERE company = $1 AND no < $3 AND no <> ALL (ARRAY(SELECT no FROM done))
		ORDER BY no LIMIT $2 - (SELECT count(*) FROM done)
	), victims AS MATERIALIZED (SELECT * FROM done UNION ALL SELECT * FROM old),
	s AS (DELETE FROM streams WHERE ctid = ANY (ARRAY(SELECT row FROM victims))),
	a AS (DELETE FROM appends WHERE ctid = ANY (ARRAY(SELECT x.row FROM victims v
		CROSS JOIN LATERAL (SELECT ctid AS row FROM appends WHERE company = $1 AND stream = v.no OFFSET 0) x))),
	k AS (DELETE FROM keys WHERE ctid = ANY (ARRAY(SELECT x.row FROM victims v
		CROSS JOIN LATERAL (SELECT ctid AS row FROM keys WHERE company = $1 AND stream = v.no OFFSET 0) x))),
	d AS (DELETE FROM due WHERE ctid = ANY (ARRAY(SELECT x.row FROM victims v
		CROSS JOIN LATERAL (SELECT ctid AS row FROM due WHERE company = $1 AND stream = v.no FOR UPDATE) x)) RETURNING 1)
	UPDATE companies SET
		streams = streams - (SELECT count(*) FROM victims), dropped = dropped + (SELECT count(*) FROM victims),
		entries = entries - (SELECT coalesce(sum(length), 0) FROM victims), bytes = bytes - (SELECT coalesce(sum(bytes), 0) FROM victims),
		due = due - (SELECT count(*) FROM d)
	WHERE no = $1`
