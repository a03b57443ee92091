package sqljournal

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"mozartosim/simulator/journal"
)

// usualLimit is how many are returned when no limit is set.
const usualLimit = 100

// Entries implements journal.Journal.
func (s *store) Entries(ctx context.Context, company, id string) (entries []journal.Entry, err error) {
	name := streamDigest(company, id)
	err = s.run(ctx, "entries", func(ctx context.Context, c conn) error {
		var st *stream
		entries = nil
		err := c.run(ctx,
			scanStreams(named("streams", "no", streamColumns, name), func(found *stream) error {
				st = found
				return nil
			}),
			scanAppends(named("appends", "stream", appendColumns, name), func(_ int64, _ string, some []journal.Entry) error {
				entries = append(entries, some...)
				return nil
			}))
		switch {
		case err != nil:
			return err
		case st == nil:
			return journal.ErrNotFound
		case s.others == nil: // and so none can have written in between
			return counted("entries of stream "+id, uint64(len(entries)), st.length)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// Find implements journal.Journal.
func (s *store) Find(ctx context.Context, key string) (found journal.Stream, err error) {
	err = s.run(ctx, "find", func(ctx context.Context, c conn) error {
		var company string
		var no, encoding int64
		var data []byte
		const columns = "(SELECT name FROM companies WHERE companies.no = streams.no >> 40), " + streamColumns
		err := c.run(ctx, named("streams", "no", columns, keyDigest(key)).into(&company, &no, &encoding, &data))
		if err != nil {
			return err
		}
		if no == 0 {
			return journal.ErrNotFound
		}
		st, err := unpackStream(no, encoding, data)
		if err == nil && !slices.Contains(st.keys, key) {
			err = fmt.Errorf("key %s is not its stream's: %w", key, errDamaged)
		}
		if err == nil {
			found = st.head(company)
		}
		return err
	})
	return found, err
}

// pageSize is how many streams are read at once when some of them may not have the labels that are looked for.
const pageSize = 2000

// List implements journal.Journal. Labels that have columns are looked for by the database, the others here.
func (s *store) List(ctx context.Context, company string, q journal.Query) (found []journal.Stream, err error) {
	limit := cmp.Or(max(q.Limit, 0), usualLimit)
	where, args, size := "", []any{company, nil, nil}, limit
	from, indexed := "streams", false
	for _, l := range q.Labels {
		column, value := columnOf(l.Name), searched(l.Value)
		switch {
		case column == "":
			size = max(size, pageSize)
		case value == nil:
			where += " AND " + column + " IS NULL"
		default:
			args = append(args, value)
			where += fmt.Sprintf(" AND %s = $%d", column, len(args))
			indexed = indexed || column == "user_id" || column == "merchant_reference"
		}
	}
	switch column := columnOf(q.Having); {
	case column != "":
		where += " AND " + column + " IS NOT NULL"
	case q.Having != "":
		size = max(size, pageSize)
	}
	if where != "" && !indexed && s.others == nil {
		from += " INDEXED BY streams_labels"
	}
	text := "SELECT " + streamColumns + " FROM " + from + " WHERE no >= " + base + " AND no < " + base + " + $2" + where + " ORDER BY no DESC LIMIT $3"
	args[1], args[2] = int64(min(cmp.Or(q.Before, 1<<shift), 1<<shift)), size
	err = s.run(ctx, "list", func(ctx context.Context, c conn) error {
		found = nil
		for rows := size; rows == size && len(found) < limit; {
			rows = 0
			err := c.run(ctx, scanStreams(ask(text, args...), func(s *stream) error {
				rows++
				args[1] = int64(within(s.no))
				if len(found) < limit && hasAll(s.labels, q) {
					found = append(found, s.head(company))
				}
				return nil
			}))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// hasAll says whether labels have all wanted ones; an absent label counts as empty.
func hasAll(labels journal.Labels, q journal.Query) bool {
	return (q.Having == "" || labels.Get(q.Having) != "") &&
		!slices.ContainsFunc(q.Labels, func(l journal.Label) bool { return labels.Get(l.Name) != l.Value })
}

// Feed implements journal.Journal.
func (s *store) Feed(ctx context.Context, company string, q journal.FeedQuery) (found []journal.FeedEntry, err error) {
	limit, order := cmp.Or(max(q.Limit, 0), usualLimit), ""
	after, before := min(q.After, 1<<shift-2), min(cmp.Or(q.Before, 1<<shift), 1<<shift)
	if q.Newest {
		order = " DESC"
	}
	// The first entry may stand in the middle of an append, so one append more than the limit is read; each has one entry at
	// least.
	text := "SELECT " + appendColumns + " FROM appends WHERE no >= coalesce((SELECT max(no) FROM appends WHERE no > " + base +
		" AND no <= " + base + " + $2), " + base + ") AND no < " + base + " + $3 ORDER BY no" + order + " LIMIT $4"
	err = s.run(ctx, "feed", func(ctx context.Context, c conn) error {
		found = nil
		s := ask(text, company, int64(after)+1, int64(before), limit+1)
		return c.run(ctx, scanAppends(s, func(_ int64, stream string, entries []journal.Entry) error {
			if q.Newest {
				slices.Reverse(entries)
			}
			for _, e := range entries {
				if e.Seq > after && e.Seq < before && len(found) < limit {
					found = append(found, journal.FeedEntry{Stream: stream, Entry: e})
				}
			}
			return nil
		}))
	})
	return found, err
}

// Companies implements journal.Journal.
func (s *store) Companies(ctx context.Context) (names []string, err error) {
	err = s.run(ctx, "companies", func(ctx context.Context, c conn) error {
		names = nil
		var name string
		return c.run(ctx, ask("SELECT name FROM companies UNION SELECT company FROM ordinals ORDER BY 1").scan(func() error {
			names = append(names, name)
			return nil
		}, &name))
	})
	return names, err
}
