package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"mozartosim/simulator/journal"
)

// importing is a copy, which holds, being put in the place of a company that is empty.
type importing struct {
	tx      pgx.Tx
	company string
	me      int64
	from    journal.Copy

	no      int32
	numbers map[string]int64 // of the streams
	entries int64
	bytes   int64
}

func (i *importing) all(ctx context.Context) error {
	// The row is there as soon as it is inserted, so whoever wants to append waits for this transaction's end.
	err := i.tx.QueryRow(ctx, "INSERT INTO companies (id) VALUES ($1) RETURNING no", i.company).Scan(&i.no)
	if err != nil {
		return err
	}
	for _, part := range []func(context.Context) error{i.streams, i.appends, i.keys, i.due} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	if _, err := i.tx.Exec(ctx, "INSERT INTO ordinals (company, last) VALUES ($1, $2)", i.company, i.from.Ordinal); err != nil {
		return err
	}
	_, err = i.tx.Exec(ctx, `UPDATE companies SET began = $2, seq = $3, done_seq = $4, streams = $4, due_seq = $5, due = $5,
		entries = $6, bytes = $7 WHERE no = $1`, i.no, i.from.Began, i.from.Seq, len(i.from.Streams), len(i.from.Jobs), i.entries, i.bytes)
	return err
}

func (i *importing) streams(ctx context.Context) error {
	i.numbers = map[string]int64{}
	places := i.doneOrder()
	rows := make([][]any, len(i.from.Streams))
	for n, st := range i.from.Streams {
		i.numbers[st.ID] = int64(st.Ordinal)
		size := 0
		for _, run := range runs(st.Entries) {
			size += len(packEntries(run))
		}
		var hashes []int64
		for _, l := range st.Labels {
			if l.Value != "" {
				hashes = append(hashes, tag(i.no, l))
			}
		}
		rows[n] = []any{
			i.no, int64(st.Ordinal), st.ID, int32(len(st.Entries)), int64(size), places[n],
			packLabels(st.Labels), append([]int64{}, hashes...),
		}
		i.entries, i.bytes = i.entries+int64(len(st.Entries)), i.bytes+int64(size)
	}
	return i.copyIn(ctx, "streams", []string{"company", "no", "id", "length", "bytes", "done", "labels", "tags"}, rows)
}

// doneOrder numbers the streams that are done; the others have none.
func (i *importing) doneOrder() []*int64 {
	var done []int
	for n, st := range i.from.Streams {
		if st.Final > 0 {
			done = append(done, n)
		}
	}
	slices.SortStableFunc(done, func(a, b int) int { return i.from.Streams[a].Final - i.from.Streams[b].Final })
	places := make([]*int64, len(i.from.Streams))
	for order, n := range done {
		place := int64(order + 1)
		places[n] = &place
	}
	return places
}

// runs cuts entries where others lie between them.
func runs(entries []journal.Entry) (all [][]journal.Entry) {
	from := 0
	for n := range entries {
		if n+1 == len(entries) || entries[n+1].Seq != entries[n].Seq+1 {
			all = append(all, entries[from:n+1])
			from = n + 1
		}
	}
	return all
}

func (i *importing) appends(ctx context.Context) error {
	var rows [][]any
	for _, st := range i.from.Streams {
		for _, run := range runs(st.Entries) {
			rows = append(rows, []any{i.no, int64(run[0].Seq), int64(st.Ordinal), int32(len(run)), packEntries(run)})
		}
	}
	return i.copyIn(ctx, "appends", []string{"company", "first", "stream", "n", "packed"}, rows)
}

// keys claims the streams' keys; one that belongs to another company is an error.
func (i *importing) keys(ctx context.Context) error {
	var claims []keyClaim
	for _, st := range i.from.Streams {
		for _, key := range st.Keys {
			claims = append(claims, keyClaim{digestOf(key), key, &head{no: int64(st.Ordinal)}})
		}
	}
	slices.SortFunc(claims, func(x, y keyClaim) int { return bytes.Compare(x.digest[:], y.digest[:]) })
	for part := range slices.Chunk(claims, 10_000) {
		var digests [][16]byte
		var streams []int64
		var keys [][]byte
		for _, c := range part {
			digests, streams, keys = append(digests, c.digest), append(streams, c.owner.no), append(keys, []byte(c.key))
		}
		var taken []byte
		err := i.tx.QueryRow(ctx, `WITH fresh AS (INSERT INTO keys (company, digest, stream, key)
			SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::bytea[]) ON CONFLICT DO NOTHING RETURNING digest)
			SELECT key FROM unnest($2::uuid[], $4::bytea[]) AS w (digest, key) WHERE digest NOT IN (SELECT digest FROM fresh) LIMIT 1`,
			i.no, digests, streams, keys).Scan(&taken)
		if err == nil {
			return fmt.Errorf("key %s: %w", taken, journal.ErrExists)
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
	}
	return nil
}

func (i *importing) due(ctx context.Context) error {
	rows := make([][]any, len(i.from.Jobs))
	for n, d := range i.from.Jobs {
		rows[n] = []any{i.no, i.numbers[d.Stream], d.ID, instant(d.At), int64(n + 1), d.Kind, append([]byte{}, d.Data...), i.me}
	}
	return i.copyIn(ctx, "due", []string{"company", "stream", "id", "at", "seq", "kind", "data", "origin"}, rows)
}

func (i *importing) copyIn(ctx context.Context, table string, columns []string, rows [][]any) error {
	_, err := i.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
	return err
}
