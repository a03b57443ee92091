package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"mozartosim/simulator/journal"
)

// patience is how many times the usual Timeout a call may take that reads or writes everything of a company.
const patience = 12

// patient makes the server wait longer for a transaction.
func (j *Journal) patient(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true),
		set_config('idle_in_transaction_session_timeout', $1, true)`, milliseconds(patience*j.options.Timeout))
	return err
}

// Export implements journal.Journal: everything is read in one snapshot.
func (j *Journal) Export(ctx context.Context, company string) (c journal.Copy, err error) {
	if j.isClosed() {
		return c, journal.ErrClosed
	}
	if plain(company) != nil {
		return c, nil
	}
	ctx, cancel := j.bounded(ctx, patience)
	defer cancel()
	err = j.keepTrying(ctx, "export", patience*j.options.Timeout, func(ctx context.Context, conn *pgx.Conn) error {
		return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			if err := j.patient(ctx, tx); err != nil {
				return err
			}
			e := exporting{tx: tx, company: company}
			c, err = e.all(ctx)
			return err
		})
	})
	return c, err
}

// exporting is a copy being made.
type exporting struct {
	tx      pgx.Tx
	company string
	no      int32
	copied  journal.Copy
	places  map[int64]int // of the streams in the copy, by number
}

func (e *exporting) all(ctx context.Context) (journal.Copy, error) {
	err := e.tx.QueryRow(ctx, `SELECT coalesce(max(no), 0), coalesce(max(began), 0), coalesce(max(seq), 0),
		coalesce((SELECT last FROM ordinals WHERE company = $1), 0) FROM companies WHERE id = $1`, e.company,
	).Scan(&e.no, &e.copied.Began, &e.copied.Seq, &e.copied.Ordinal)
	if err != nil || e.no == 0 {
		return e.copied, err
	}
	for _, part := range []func(context.Context) error{e.streams, e.entries, e.keys, e.due} {
		if err := part(ctx); err != nil {
			return journal.Copy{}, err
		}
	}
	return e.copied, nil
}

func (e *exporting) streams(ctx context.Context) error {
	e.places = map[int64]int{}
	type done struct {
		order int64
		place int
	}
	var dones []done
	rows, _ := e.tx.Query(ctx, "SELECT no, id, coalesce(done, 0), labels FROM streams WHERE company = $1 ORDER BY no", e.no)
	var no, order int64
	var st journal.StreamCopy
	var labels []byte
	_, err := pgx.ForEachRow(rows, []any{&no, &st.ID, &order, &labels}, func() (err error) {
		st.Ordinal = uint64(no)
		if st.Labels, err = unpackLabels(labels); err != nil {
			return err
		}
		e.places[no] = len(e.copied.Streams)
		if order > 0 {
			dones = append(dones, done{order, len(e.copied.Streams)})
		}
		e.copied.Streams = append(e.copied.Streams, st)
		return nil
	})
	slices.SortFunc(dones, func(a, b done) int { return int(a.order - b.order) })
	for i, d := range dones {
		e.copied.Streams[d.place].Final = i + 1
	}
	return err
}

func (e *exporting) entries(ctx context.Context) error {
	rows, _ := e.tx.Query(ctx, "SELECT stream, first, n, packed FROM appends WHERE company = $1 ORDER BY stream, first", e.no)
	var stream int64
	var first uint64
	var n int
	var packed []byte
	_, err := pgx.ForEachRow(rows, []any{&stream, &first, &n, &packed}, func() (err error) {
		st := &e.copied.Streams[e.places[stream]]
		st.Entries, err = unpackEntries(st.Entries, first, n, packed)
		packed = nil
		return err
	})
	return err
}

func (e *exporting) keys(ctx context.Context) error {
	rows, _ := e.tx.Query(ctx, "SELECT stream, key FROM keys WHERE company = $1 ORDER BY stream, key", e.no)
	var stream int64
	var key []byte
	_, err := pgx.ForEachRow(rows, []any{&stream, &key}, func() error {
		st := &e.copied.Streams[e.places[stream]]
		st.Keys = append(st.Keys, string(key))
		return nil
	})
	return err
}

func (e *exporting) due(ctx context.Context) error {
	rows, _ := e.tx.Query(ctx, `SELECT d.stream, (SELECT id FROM streams s WHERE s.company = d.company AND s.no = d.stream),
		d.id, d.at, d.seq, d.kind, d.data FROM due d WHERE d.company = $1 ORDER BY d.seq`, e.no)
	found, err := scanWork(rows)
	for _, c := range found {
		e.copied.Jobs = append(e.copied.Jobs, c.Job)
	}
	return err
}

// Import implements journal.Journal.
func (j *Journal) Import(ctx context.Context, company string, c journal.Copy) error {
	if j.isClosed() {
		return journal.ErrClosed
	}
	if err := c.Check(j.options.MaxPayments); err != nil {
		return err
	}
	for _, st := range c.Streams {
		if err := plain(company, st.ID); err != nil {
			return fmt.Errorf("%w: %w", journal.ErrBroken, err)
		}
	}
	for _, d := range c.Jobs {
		if err := plain(d.ID, d.Kind); err != nil {
			return fmt.Errorf("%w: %w", journal.ErrBroken, err)
		}
	}
	return j.replace(ctx, "import", company, func(ctx context.Context, tx pgx.Tx) error {
		i := importing{tx: tx, company: company, me: j.me.Load(), from: c}
		return i.all(ctx)
	})
}

// Forget implements journal.Journal.
func (j *Journal) Forget(ctx context.Context, company string) error {
	if j.isClosed() {
		return journal.ErrClosed
	}
	if plain(company) != nil {
		return nil
	}
	return j.replace(ctx, "forget", company, nil)
}

// replace takes everything of a company away, and puts something else there. What is certain not to have been kept is tried
// again.
func (j *Journal) replace(ctx context.Context, what, company string, put func(context.Context, pgx.Tx) error) error {
	ctx, cancel := j.bounded(ctx, patience)
	defer cancel()
	mayBeKept := false
	err := j.keepTrying(ctx, what, patience*j.options.Timeout, func(ctx context.Context, conn *pgx.Conn) error {
		tx, err := conn.Begin(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
		if err = j.patient(ctx, tx); err == nil {
			err = empty(ctx, tx, company)
		}
		if err == nil && put != nil {
			err = put(ctx, tx)
		}
		if err != nil {
			return err
		}
		if err = tx.Commit(ctx); err != nil && !ordinary(err) {
			mayBeKept = true
			return &unknown{err}
		}
		return err
	})
	if err == nil || mayBeKept {
		j.tell(company)
	}
	return err
}

// unknown is an error after which nobody knows whether a commit happened. It hides the cause from passing: it is not to be
// tried again.
type unknown struct{ cause error }

func (e *unknown) Error() string {
	return "the connection broke while it was kept, so that it may have been, or not: " + e.cause.Error()
}

// empty deletes everything of a company but its notes.
func empty(ctx context.Context, tx pgx.Tx, company string) error {
	var no int32
	err := tx.QueryRow(ctx, "SELECT no FROM companies WHERE id = $1 FOR UPDATE", company).Scan(&no)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	var b pgx.Batch
	if err == nil {
		for _, table := range []string{"due", "keys", "appends", "streams", "flights", "takeovers"} {
			b.Queue("DELETE FROM "+table+" WHERE company = $1", no)
		}
		b.Queue("DELETE FROM companies WHERE no = $1", no)
	}
	b.Queue("DELETE FROM ordinals WHERE company = $1", company)
	return tx.SendBatch(ctx, &b).Close()
}
