package sqljournal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"mozartosim/simulator/journal"
)

// atOnce is how many streams are in memory together while a company is copied.
const atOnce = 500

// copier copies whole companies, and puts others in their place.
type copier struct {
	*store
	claims   *claims
	ordinals *ordinals
	appender *appender
}

// Walk implements journal.Journal. SQLite serves nobody else meanwhile.
func (p copier) Walk(ctx context.Context, name string, head func(journal.Copy) error, each func(journal.StreamCopy) error) error {
	if p.signals.over() {
		return journal.ErrClosed
	}
	var theirs error // an error of head or each is none of the database
	err := p.db.run(ctx, call{what: "export", long: true}, func(ctx context.Context, on conn) error {
		c, copied, places, err := p.copyHead(ctx, on, name)
		if err != nil {
			return err
		}
		if theirs = head(copied); theirs != nil || c == nil {
			return theirs
		}
		for from, found := c.base(), uint64(0); ; {
			page, err := copyStreams(ctx, on, from, c.end())
			if err != nil {
				return err
			}
			for _, st := range page {
				st.Final = places[st.final]
				if theirs = each(st.StreamCopy); theirs != nil {
					return theirs
				}
				from = st.no + 1
			}
			if found += uint64(len(page)); len(page) < atOnce {
				return counted("streams of company "+name, found, c.streams)
			}
		}
	})
	if theirs != nil {
		return theirs
	}
	return err
}

// copyHead copies all of a company but its streams. Places are those of final streams among them, by what their rows say.
func (p copier) copyHead(ctx context.Context, on conn, name string) (c *company, copied journal.Copy, places map[uint64]int, err error) {
	err = on.run(ctx, p.ordinals.last(name, &copied.Ordinal), scanCompanies(ask(findCompany, name), func(found *company) error {
		c = found
		return nil
	}))
	if err != nil || c == nil {
		return c, copied, nil, err
	}
	copied.Began, copied.Seq = c.began, c.seq
	var final int64
	places = map[uint64]int{}
	err = on.run(ctx,
		scanJobs(ask("SELECT "+jobColumns+" FROM jobs WHERE no >= $1 AND no < $2 ORDER BY no", c.base(), c.end()), func(d job) error {
			copied.Jobs = append(copied.Jobs, d.Job)
			return nil
		}),
		ask("SELECT final FROM streams WHERE final >= $1 AND final < $2 ORDER BY final", c.base(), c.end()).scan(func() error {
			places[within(final)] = len(places) + 1
			return nil
		}, &final))
	if err == nil {
		err = counted("jobs of company "+name, uint64(len(copied.Jobs)), c.jobs)
	}
	return c, copied, places, err
}

// streamCopy is a stream being copied.
type streamCopy struct {
	*stream
	journal.StreamCopy
}

// copyStreams copies some streams.
func copyStreams(ctx context.Context, on conn, from, end int64) (page []*streamCopy, err error) {
	byNo := map[int64]*streamCopy{}
	streams := ask("SELECT "+streamColumns+" FROM streams WHERE no >= $1 AND no < $2 ORDER BY no LIMIT $3", from, end, atOnce)
	err = on.run(ctx, scanStreams(streams, func(s *stream) error {
		byNo[s.no] = &streamCopy{s, journal.StreamCopy{ID: s.id, Ordinal: within(s.no), Labels: s.labels, Keys: s.keys}}
		page = append(page, byNo[s.no])
		return nil
	}))
	if err != nil || len(page) == 0 {
		return nil, err
	}
	appends := ask("SELECT "+appendColumns+" FROM appends WHERE stream >= $1 AND stream <= $2 ORDER BY stream, no",
		page[0].no, page[len(page)-1].no)
	err = on.run(ctx, scanAppends(appends, func(stream int64, id string, entries []journal.Entry) error {
		st := byNo[stream]
		if st == nil || st.id != id {
			return fmt.Errorf("entries of the stream %s are in another: %w", id, errDamaged)
		}
		st.Entries = append(st.Entries, entries...)
		return nil
	}))
	for _, st := range page {
		if err == nil {
			err = counted("entries of stream "+st.id, uint64(len(st.Entries)), st.length)
		}
	}
	return page, err
}

// Forget implements journal.Journal.
func (p copier) Forget(ctx context.Context, company string) error {
	return p.replace(ctx, "forget", company, func(context.Context, *tx) error { return nil })
}

// Import implements journal.Journal.
func (p copier) Import(ctx context.Context, name string, copied journal.Copy) error {
	if err := copied.Check(p.appender.limits.Payments); err != nil && !p.signals.over() {
		return err
	}
	return p.replace(ctx, "import", name, func(ctx context.Context, t *tx) error {
		i := importing{process: p.process(), t: t, company: &company{name: name}, from: copied, numbers: map[string]int64{}, jobs: map[string]uint64{}}
		return i.all(ctx)
	})
}

// replace removes everything of a company but its settings, and puts something else there.
func (p copier) replace(ctx context.Context, what, name string, put func(context.Context, *tx) error) error {
	err := p.transact(ctx, call{what: what, scope: p.scope(name), long: true}, func(ctx context.Context, t *tx) error {
		if err := removeAll(ctx, t, name); err != nil {
			return err
		}
		return put(ctx, t)
	})
	if err == nil {
		p.ordinals.stock.put(name, reserved{})
		p.claims.dropAll(name)
		p.appender.sizes.forget()
		p.tell(name)
	}
	return err
}

func removeAll(ctx context.Context, t *tx, name string) error {
	var digests []digest
	streams := ask("SELECT "+streamColumns+" FROM streams WHERE no >= "+base+" AND no < "+base+" + $2", name, int64(1<<shift))
	err := t.run(ctx, scanStreams(streams, func(s *stream) error {
		digests = append(digests, s.names(name)...)
		return nil
	}))
	for part := range slices.Chunk(digests, 10_000) {
		t.later(statement{verb: removeNames, digests: part})
	}
	for _, table := range []string{"jobs", "appends", "streams"} {
		t.later(ask("DELETE FROM "+table+" WHERE no >= "+base+" AND no < "+base+" + $2", name, int64(1<<shift)))
	}
	t.later(ask("DELETE FROM companies WHERE name = $1", name), ask("DELETE FROM ordinals WHERE company = $1", name))
	return err
}

// importing is a copy, which was checked, being written into a company that is empty.
type importing struct {
	process int64 // this one
	t       *tx
	company *company
	from    journal.Copy
	numbers map[string]int64  // of streams, by id
	jobs    map[string]uint64 // how many each has
}

func (i *importing) all(ctx context.Context) error {
	c, ordinal := i.company, int64(i.from.Ordinal)
	if err := i.t.run(ctx, c.begin()); err != nil {
		return err
	}
	for _, d := range i.from.Jobs {
		i.jobs[d.Stream]++
	}
	c.began, c.seq, c.streams, c.jobs = i.from.Began, i.from.Seq, uint64(len(i.from.Streams)), uint64(len(i.from.Jobs))
	for part := range slices.Chunk(i.from.Streams, atOnce) {
		if err := i.streams(ctx, part); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(i.from.Jobs, 10*atOnce) {
		var rows [][]any
		for _, d := range part {
			made := newJob(c, i.process, i.numbers[d.Stream], d)
			rows = append(rows, made.row())
		}
		if err := i.t.run(ctx, insert("jobs", writtenJobs, rows...)); err != nil {
			return err
		}
	}
	i.t.later(ask("INSERT INTO ordinals (company, last, inverse) VALUES ($1, $2, $3)", c.name, ordinal, -ordinal), c.save())
	return nil
}

// streams writes some streams with their entries and names.
func (i *importing) streams(ctx context.Context, part []journal.StreamCopy) error {
	var rows, appends, names [][]any
	keys, taken := map[digest]string{}, map[digest]int64{}
	c := i.company
	for _, from := range part {
		s := &stream{
			no: c.base() + int64(from.Ordinal), id: from.ID, length: uint64(len(from.Entries)), jobs: i.jobs[from.ID],
			final: uint64(from.Final), labels: from.Labels, keys: from.Keys,
		}
		for _, run := range runs(from.Entries) {
			row, size := appendRow(c.base()+int64(run[0].Seq), s, run)
			appends = append(appends, row)
			s.bytes += size
		}
		i.numbers[s.id], rows = s.no, append(rows, s.row())
		c.entries, c.bytes, c.finalSeq = c.entries+s.length, c.bytes+s.bytes, max(c.finalSeq, s.final)
		for _, d := range s.names(c.name) {
			names = append(names, []any{d, s.no})
		}
		for _, key := range s.keys {
			keys[keyDigest(key)] = key
		}
	}
	if err := i.t.run(ctx, owners(slices.Collect(maps.Keys(keys)), taken)); err != nil {
		return err
	}
	for d := range taken {
		return fmt.Errorf("key %s: %w", keys[d], journal.ErrExists)
	}
	return i.t.run(ctx, insert("streams", writtenStreams, rows...), insert("appends", writtenAppends, appends...), insertOrdered(names))
}

// runs cuts entries where others are between them.
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
