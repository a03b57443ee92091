package postgres

import (
	"cmp"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"mozartosim/simulator/journal"
)

// Entries implements journal.Journal.
func (j *Journal) Entries(ctx context.Context, company, stream string) (entries []journal.Entry, err error) {
	if plain(company, stream) != nil {
		return nil, journal.ErrNotFound
	}
	err = j.read(ctx, "entries", func(ctx context.Context, conn *pgx.Conn) error {
		entries = nil
		found := false
		rows, _ := conn.Query(ctx, `SELECT coalesce(a.first, 0), coalesce(a.n, 0), coalesce(a.packed, '') FROM streams s
			LEFT JOIN appends a ON a.company = s.company AND a.stream = s.no
			WHERE s.company = (SELECT no FROM companies WHERE id = $1) AND s.id = $2 ORDER BY a.first`, company, stream)
		var first uint64
		var n int
		var packed []byte
		_, err := pgx.ForEachRow(rows, []any{&first, &n, &packed}, func() (err error) {
			found = true
			entries, err = unpackEntries(entries, first, n, packed)
			return err
		})
		if err == nil && !found {
			return journal.ErrNotFound
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// read is try for calls that change nothing, and says first of all when the journal is closed.
func (j *Journal) read(ctx context.Context, what string, do func(context.Context, *pgx.Conn) error) error {
	if j.isClosed() {
		return journal.ErrClosed
	}
	return j.try(ctx, what, do)
}

// Find implements journal.Journal.
func (j *Journal) Find(ctx context.Context, key string) (st journal.Stream, err error) {
	var labels []byte
	err = j.read(ctx, "find", func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT c.id, s.id, s.no, s.length, s.labels FROM keys k
			JOIN companies c ON c.no = k.company JOIN streams s ON s.company = k.company AND s.no = k.stream
			WHERE k.digest = $1`, digestOf(key)).Scan(&st.Company, &st.ID, &st.Ordinal, &st.Length, &labels)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return journal.Stream{}, journal.ErrNotFound
	}
	if err == nil {
		st.Labels, err = unpackLabels(labels)
	}
	return st, err
}

// Feed implements journal.Journal.
func (j *Journal) Feed(ctx context.Context, company string, r journal.FeedQuery) (found []journal.FeedEntry, err error) {
	if plain(company) != nil {
		return nil, nil
	}
	before := uint64(1 << 62)
	if r.Before > 0 {
		before = min(before, r.Before)
	}
	// The append in which the first asked for lies begins before it, so one more than the limit is read; each has one entry
	// at least.
	sql := `SELECT (SELECT id FROM streams s WHERE s.company = a.company AND s.no = a.stream), a.first, a.n, a.packed FROM appends a
		WHERE a.company = (SELECT no FROM companies WHERE id = $1) AND a.first < $3 AND a.first + a.n > $2 + 1
		AND a.first >= coalesce((SELECT first FROM appends WHERE company = (SELECT no FROM companies WHERE id = $1) AND first <= $2 + 1
			ORDER BY first DESC LIMIT 1), 0)
		ORDER BY a.first `
	limit := cmp.Or(max(r.Limit, 0), 100)
	after := min(r.After, 1<<62)
	if r.Newest {
		sql += "DESC "
	}
	err = j.read(ctx, "feed", func(ctx context.Context, conn *pgx.Conn) error {
		found = nil
		rows, _ := conn.Query(ctx, sql+"LIMIT $4", company, after, before, limit+1)
		var stream string
		var first uint64
		var n int
		var packed []byte
		_, err := pgx.ForEachRow(rows, []any{&stream, &first, &n, &packed}, func() error {
			entries, err := unpackEntries(nil, first, n, packed)
			found = appendHappenings(found, stream, entries, r.Newest, after, before)
			return err
		})
		return err
	})
	return found[:min(len(found), limit)], err
}

// appendHappenings appends an append's entries between two numbers, from the newest or from the oldest.
func appendHappenings(
	found []journal.FeedEntry, stream string, entries []journal.Entry, newest bool, after, before uint64,
) []journal.FeedEntry {
	for i := range entries {
		e := entries[i]
		if newest {
			e = entries[len(entries)-1-i]
		}
		if e.Seq > after && e.Seq < before {
			found = append(found, journal.FeedEntry{Stream: stream, Entry: e})
		}
	}
	return found
}

// Stats implements journal.Journal: the companies' rows have the sums.
func (j *Journal) Stats(ctx context.Context, company string) (st journal.Stats, err error) {
	if plain(company) != nil {
		return st, nil
	}
	err = j.read(ctx, "stats", func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT coalesce(sum(streams), 0)::bigint, coalesce(sum(entries), 0)::bigint,
			coalesce(sum(bytes), 0)::bigint, coalesce(sum(due), 0)::bigint, coalesce(sum(dropped), 0)::bigint
			FROM companies WHERE $1 = '' OR id = $1`, company,
		).Scan(&st.Streams, &st.Entries, &st.Bytes, &st.Jobs, &st.Dropped)
	})
	return st, err
}
