package postgres

import (
	"cmp"
	"context"

	"github.com/jackc/pgx/v5"

	"mozartosim/simulator/journal"
)

// newestLooked is how many of the newest streams are looked at one by one before the index of labels is asked: what people
// look for is mostly there, and a common label's share of the index is large.
const newestLooked = 2000

// List implements journal.Journal.
func (j *Journal) List(ctx context.Context, company string, q journal.Query) (found []journal.Stream, err error) {
	if plain(company) != nil {
		return nil, nil
	}
	limit := cmp.Or(max(q.Limit, 0), 100)
	err = j.read(ctx, "list", func(ctx context.Context, conn *pgx.Conn) error {
		found = nil
		no, began, err := companyNo(ctx, conn, company)
		if err != nil || no == 0 {
			return err
		}
		l := &listing{company: company, no: no, labels: q.Labels, limit: limit, before: began + 1}
		if q.Before > 0 {
			l.before = int64(min(q.Before, uint64(l.before)))
		}
		err = l.list(ctx, conn)
		found = l.found
		return err
	})
	return found, err
}

// companyNo returns a company's number, 0 when there is no such company, and how many streams it has begun.
func companyNo(ctx context.Context, conn *pgx.Conn, company string) (no int32, began int64, err error) {
	err = conn.QueryRow(ctx, "SELECT coalesce(max(no), 0), coalesce(max(began), 0) FROM companies WHERE id = $1", company).Scan(&no, &began)
	return no, began, err
}

// listing is a List on its way from the newest stream to the oldest.
type listing struct {
	company string
	no      int32
	labels  journal.Labels
	limit   int
	before  int64
	found   []journal.Stream
}

func (l *listing) list(ctx context.Context, conn *pgx.Conn) error {
	var hashes []int64 // of all labels that say something; one that is empty or absent has none
	for _, label := range l.labels {
		if label.Value != "" {
			hashes = append(hashes, tag(l.no, label))
		}
	}
	switch {
	case len(l.labels) == 0:
		return l.pages(ctx, conn, l.limit, `SELECT no, id, length, labels FROM streams WHERE company = $1 AND no < $2
			ORDER BY no DESC LIMIT $3`)
	case len(hashes) == 0:
		return l.pages(ctx, conn, newestLooked, `SELECT no, id, length, labels FROM streams WHERE company = $1 AND no < $2
			ORDER BY no DESC LIMIT $3`)
	}
	old := l.before - newestLooked
	if err := l.pages(ctx, conn, l.limit, `SELECT no, id, length, labels FROM
		(SELECT * FROM streams WHERE company = $1 AND no < $2 AND no >= $5 OFFSET 0) newest
		WHERE tags @> $4 ORDER BY no DESC LIMIT $3`, hashes, old); err != nil {
		return err
	}
	l.before = min(l.before, old)
	// The sums keep the planner from the index of numbers, which would give it everything; the hashes alone are selective.
	return l.pages(ctx, conn, l.limit, `WITH hits AS MATERIALIZED (
			SELECT no FROM streams WHERE tags @> $4 AND company + 0 = $1 AND no + 0 < $2
		), newest AS MATERIALIZED (SELECT no FROM hits ORDER BY no DESC LIMIT $3)
		SELECT s.* FROM newest n CROSS JOIN LATERAL (SELECT no, id, length, labels FROM streams
			WHERE company = $1 AND no = n.no OFFSET 0) s ORDER BY n.no DESC`, hashes)
}

// pages reads page by page until there is enough or nothing more.
func (l *listing) pages(ctx context.Context, conn *pgx.Conn, size int, sql string, more ...any) error {
	for len(l.found) < l.limit {
		n, err := l.page(ctx, conn, sql, append([]any{l.no, l.before, size}, more...)...)
		if err != nil || n < size {
			return err
		}
	}
	return nil
}

// page reads a page and keeps the streams that have all labels, since different ones may have the same hash. n counts all.
func (l *listing) page(ctx context.Context, conn *pgx.Conn, sql string, args ...any) (n int, err error) {
	rows, _ := conn.Query(ctx, sql, args...)
	st := journal.Stream{Company: l.company}
	var labels []byte
	_, err = pgx.ForEachRow(rows, []any{&st.Ordinal, &st.ID, &st.Length, &labels}, func() error {
		n++
		l.before = int64(st.Ordinal)
		if st.Labels, err = unpackLabels(labels); err != nil {
			return err
		}
		if len(l.found) < l.limit && hasAll(st.Labels, l.labels) {
			l.found = append(l.found, st)
		}
		return nil
	})
	return n, err
}

// hasAll says whether labels have all wanted ones; an absent label counts as empty.
func hasAll(labels, wanted journal.Labels) bool {
	for _, want := range wanted {
		if labels.Get(want.Name) != want.Value {
			return false
		}
	}
	return true
}
