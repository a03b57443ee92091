package sqljournal

import (
	"context"
	"fmt"
	"slices"

	"mozartosim/simulator/journal"
)

// Check implements journal.Journal: it reads everything that is there and says what does not match: checksums, whether
// streams, entries, names, jobs and the companies' counts belong together, and the database's own structure.
func (j *Journal) Check(ctx context.Context) error {
	if j.signals.over() {
		return journal.ErrClosed
	}
	return j.db.read(ctx, call{what: "check", long: true}, func(ctx context.Context, c conn) error {
		var all []*company
		err := c.run(ctx, scanCompanies(ask("SELECT "+companyColumns+" FROM companies"), func(c *company) error {
			all = append(all, c)
			return nil
		}))
		names := 0
		for _, its := range all {
			if err != nil {
				return err
			}
			k := checking{walk: walk{conn: c, company: its}, jobs: map[string]uint64{}}
			err = k.all(ctx, j)
			names += k.names
		}
		if err == nil {
			err = checkStrays(ctx, c)
		}
		if err == nil {
			err = j.db.check(ctx, c, names)
		}
		return err
	})
}

// checking is a company being checked.
type checking struct {
	walk
	jobs           map[string]uint64 // of each stream
	entries, bytes uint64
	names          int
}

func (k *checking) all(ctx context.Context, j *Journal) error {
	copied, err := k.head(ctx, j)
	if err != nil {
		return err
	}
	for _, d := range copied.Jobs {
		k.jobs[d.Stream]++
	}
	if err := k.pages(ctx, func(page []*walked) error { return k.check(ctx, page) }); err != nil {
		return err
	}
	if err := counted("entries of company "+k.company.name, k.entries, k.company.entries); err != nil {
		return err
	}
	return counted("bytes of company "+k.company.name, k.bytes, k.company.bytes)
}

// check checks some streams beyond their checksums and entries.
func (k *checking) check(ctx context.Context, page []*walked) error {
	var digests []digest
	owners, want := map[digest]int64{}, map[digest]int64{}
	byNo := map[int64]*walked{}
	for _, st := range page {
		k.entries, k.bytes = k.entries+st.length, k.bytes+st.bytes
		byNo[st.no] = st
		for _, d := range st.names(k.company.name) {
			digests, want[d] = append(digests, d), st.no
		}
		if err := counted("jobs of stream "+st.id, k.jobs[st.id], st.jobs); err != nil {
			return err
		}
	}
	k.names += len(digests)
	var no, final int64
	var columns [6]string
	err := k.conn.run(ctx, findAll(digests, owners), ask("SELECT no, coalesce(final, 0), coalesce(psp, ''), coalesce(type, ''), coalesce(status, ''), "+
		"coalesce(deliveries, ''), coalesce(user_id, ''), coalesce(merchant_reference, '') FROM streams WHERE no >= $1 AND no <= $2",
		page[0].no, page[len(page)-1].no).scan(func() error {
		return byNo[no].compare(final, columns)
	}, &no, &final, &columns[0], &columns[1], &columns[2], &columns[3], &columns[4], &columns[5]))
	for d, no := range want {
		if err == nil && owners[d] != no {
			err = fmt.Errorf("a name of the stream %s leads elsewhere: %w", byNo[no].id, errDamaged)
		}
	}
	return err
}

// compare compares the columns by which a stream is found with its data.
func (st *walked) compare(final int64, columns [6]string) error {
	row := st.row()
	row = append(row[1:6:6], row[changedColumns:]...)
	if row[0] == nil {
		row[0] = int64(0)
	}
	found := []any{final}
	for i, text := range columns {
		found = append(found, text)
		if row[i+1] == nil {
			row[i+1] = ""
		}
	}
	if !slices.Equal(found, row) {
		return fmt.Errorf("stream %s has the columns %v, its data say %v: %w", st.id, found, row, errDamaged)
	}
	return nil
}

// checkStrays looks for rows that belong to nothing.
func checkStrays(ctx context.Context, c conn) error {
	for _, text := range []string{
		"SELECT count(*) FROM streams WHERE NOT EXISTS (SELECT 1 FROM companies WHERE companies.no = streams.no >> 40)",
		"SELECT count(*) FROM appends WHERE NOT EXISTS (SELECT 1 FROM streams WHERE streams.no = appends.stream)",
		"SELECT count(*) FROM jobs WHERE NOT EXISTS (SELECT 1 FROM streams WHERE streams.no = jobs.stream)",
	} {
		var n int64
		if err := c.run(ctx, ask(text).first(&n)); err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%d rows belong to nothing (%s): %w", n, text, errDamaged)
		}
	}
	return nil
}
