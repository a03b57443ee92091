package sqljournal

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"mozartosim/simulator/journal"
)

// atOnce is how many streams are in memory together while a company is copied, or fewer: atOnceBytes of entries at the most, but
// for a stream that has more.
const (
	atOnce      = 500
	atOnceBytes = 4 << 20
)

// Walk implements journal.Journal. SQLite serves nobody else meanwhile.
func (j *Journal) Walk(ctx context.Context, company string, to journal.Visitor) error {
	if j.signals.Over() {
		return journal.ErrClosed
	}
	w := walk{to: to}
	err := j.db.run(ctx, call{what: "export", long: true}, func(ctx context.Context, on conn) error { return w.all(ctx, on, j.ordinals, company) })
	return cmp.Or(w.theirs, err)
}

// walk is a company being copied.
type walk struct {
	to     journal.Visitor
	theirs error // of the visitor: it is none of the database
}

func (w *walk) all(ctx context.Context, on conn, ordinals *ordinals, name string) error {
	var n journal.Counters
	var c *company
	err := on.run(ctx, ordinals.last(name, &n.Ordinal), scanCompanies(ask(selectCompanies+" WHERE name = $1", name), func(found *company) error {
		c = found
		return nil
	}))
	if err != nil {
		return err
	}
	if c != nil {
		n.Began, n.Seq = c.began, c.seq
	}
	if w.theirs = w.to.Counters(n); w.theirs != nil || c == nil {
		return w.theirs
	}
	if err := w.streams(ctx, on, c); err != nil {
		return err
	}
	return w.jobs(ctx, on, c)
}

func (w *walk) streams(ctx context.Context, on conn, c *company) error {
	var final int64
	places := map[uint64]int{} // of final streams among them, by what their rows say
	err := on.run(ctx, ask("SELECT final FROM streams WHERE final >= $1 AND final < $2 ORDER BY final", c.base(), c.end()).scan(func() error {
		places[within(final)] = len(places) + 1
		return nil
	}, &final))
	if err != nil {
		return err
	}
	for from, found := c.base(), uint64(0); ; {
		page, entries, err := readStreams(ctx, on, from, c.end())
		if err != nil {
			return err
		}
		for _, st := range page {
			w.theirs = w.to.Stream(journal.StreamCopy{
				ID: st.id, Ordinal: within(st.no), Labels: st.labels, Keys: st.keys, Final: places[st.final], Entries: entries[st.no],
			})
			if w.theirs != nil {
				return w.theirs
			}
			from = st.no + 1
		}
		if found += uint64(len(page)); len(page) == 0 {
			return counted("streams of company "+c.name, found, c.streams)
		}
	}
}

func (w *walk) jobs(ctx context.Context, on conn, c *company) error {
	const text = "SELECT " + jobColumns + " FROM jobs WHERE no >= $1 AND no < $2 ORDER BY no LIMIT $3"
	for from, found := c.base(), uint64(0); ; {
		var page []job
		err := on.run(ctx, scanJobs(ask(text, from, c.end(), atOnce), appendTo(&page)))
		if err != nil {
			return err
		}
		for _, d := range page {
			if w.theirs = w.to.Job(d.Job); w.theirs != nil {
				return w.theirs
			}
			from = d.no + 1
		}
		if found += uint64(len(page)); len(page) < atOnce {
			return counted("jobs of company "+c.name, found, c.jobs)
		}
	}
}

// readStreams reads some streams from a number on, with their entries.
func readStreams(ctx context.Context, on conn, from, end int64) (page []*stream, entries map[int64][]journal.Entry, err error) {
	streams := ask("SELECT "+streamColumns+" FROM streams WHERE no >= $1 AND no < $2 ORDER BY no LIMIT $3", from, end, atOnce)
	err = on.run(ctx, scanStreams(streams, appendTo(&page)))
	if err != nil || len(page) == 0 {
		return nil, nil, err
	}
	for i, size := 0, uint64(0); i < len(page); i++ {
		if size += page[i].bytes; size > atOnceBytes {
			page = page[:max(i, 1)]
		}
	}
	ids := map[int64]string{}
	for _, st := range page {
		ids[st.no] = st.id
	}
	entries = map[int64][]journal.Entry{}
	appends := ask("SELECT "+appendColumns+" FROM appends WHERE stream >= $1 AND stream <= $2 ORDER BY stream, no",
		page[0].no, page[len(page)-1].no)
	err = on.run(ctx, scanAppends(appends, func(stream int64, id string, some []journal.Entry) error {
		if ids[stream] != id {
			return fmt.Errorf("entries of the stream %s are in another: %w", id, errDamaged)
		}
		entries[stream] = append(entries[stream], some...)
		return nil
	}))
	for _, st := range page {
		if err == nil {
			err = counted("entries of stream "+st.id, uint64(len(entries[st.no])), st.length)
		}
	}
	return page, entries, err
}

// Forget implements journal.Journal.
func (j *Journal) Forget(ctx context.Context, company string) error {
	return j.replace(ctx, "forget", company, func(context.Context, *tx) error { return nil })
}

// Import implements journal.Journal.
func (j *Journal) Import(ctx context.Context, name string, from journal.Source) error {
	if j.signals.Over() {
		return journal.ErrClosed
	}
	checked, err := journal.Check(from)
	if err != nil {
		return err
	}
	if err := checked.Within(&j.appender.limits); err != nil {
		return err
	}
	return j.replace(ctx, "import", name, func(ctx context.Context, t *tx) error {
		return (&importing{ctx: ctx, process: j.process(), t: t, company: &company{name: name}, from: checked}).all()
	})
}

// replace removes everything of a company but its settings, and puts something else there.
func (j *Journal) replace(ctx context.Context, what, name string, put func(context.Context, *tx) error) error {
	err := j.transact(ctx, call{what: what, scope: j.scope(name), long: true}, func(ctx context.Context, t *tx) error {
		if err := removeAll(ctx, t, name); err != nil {
			return err
		}
		return put(ctx, t)
	})
	if err == nil {
		j.ordinals.put(name, reserved{})
		j.locked(name, func(k *claims) {
			clear(k.all)
			k.free()
		})
		j.appender.sizes.forget()
		j.tell(name)
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
	ctx     context.Context
	process int64 // this one
	t       *tx
	company *company
	from    *journal.Checked
	page    []journal.StreamCopy // not written yet
	bytes   int                  // of its entries
	jobs    [][]any              // not written yet
}

func (i *importing) all() error {
	c, ordinal := i.company, int64(i.from.Ordinal)
	if err := i.t.run(i.ctx, c.begin()); err != nil {
		return err
	}
	c.began, c.seq, c.streams, c.jobs = i.from.Began, i.from.Seq, uint64(i.from.Streams()), uint64(i.from.Jobs)
	err := i.from.Read(journal.Visitor{Counters: func(journal.Counters) error { return nil }, Stream: i.stream, Job: i.job})
	if err == nil {
		err = i.flush()
	}
	i.t.later(ask("INSERT INTO ordinals (company, last, inverse) VALUES ($1, $2, $3)", c.name, ordinal, -ordinal), c.save())
	return err
}

func (i *importing) stream(st journal.StreamCopy) error {
	i.page = append(i.page, st)
	for _, e := range st.Entries {
		i.bytes += len(e.Data)
	}
	if len(i.page) < atOnce && i.bytes < atOnceBytes {
		return nil
	}
	return i.flush()
}

func (i *importing) job(d journal.Job) error {
	ordinal, _ := i.from.Stream(d.Stream)
	made := newJob(i.company, i.process, i.company.base()+int64(ordinal), d)
	if i.jobs = append(i.jobs, made.row()); len(i.jobs) < atOnce {
		return nil
	}
	return i.flush()
}

// flush writes what waits.
func (i *importing) flush() error {
	if len(i.page) > 0 {
		if err := i.streams(); err != nil {
			return err
		}
		i.page, i.bytes = i.page[:0], 0
	}
	if len(i.jobs) == 0 {
		return nil
	}
	rows := i.jobs
	i.jobs = nil
	return i.t.run(i.ctx, insert("jobs", writtenJobs, rows...))
}

// streams writes some streams with their entries and names.
func (i *importing) streams() error {
	var rows, appends, names [][]any
	keys, taken := map[digest]string{}, map[digest]int64{}
	c := i.company
	for _, from := range i.page {
		_, jobs := i.from.Stream(from.ID)
		s := &stream{
			no: c.base() + int64(from.Ordinal), id: from.ID, length: uint64(len(from.Entries)), jobs: uint64(jobs),
			final: uint64(from.Final), labels: from.Labels, keys: from.Keys,
		}
		for _, run := range runs(from.Entries) {
			row, size := appendRow(c.base()+int64(run[0].Seq), s, run)
			appends = append(appends, row)
			s.bytes += size
		}
		rows = append(rows, s.row())
		c.entries, c.bytes, c.finalSeq = c.entries+s.length, c.bytes+s.bytes, max(c.finalSeq, s.final)
		for _, d := range s.names(c.name) {
			names = append(names, []any{d, s.no})
		}
		for _, key := range s.keys {
			keys[keyDigest(key)] = key
		}
	}
	if err := i.t.run(i.ctx, owners(slices.Collect(maps.Keys(keys)), taken)); err != nil {
		return err
	}
	for d := range taken {
		return fmt.Errorf("key %s: %w", keys[d], journal.ErrExists)
	}
	return i.t.run(i.ctx, insert("streams", writtenStreams, rows...), insert("appends", writtenAppends, appends...), insertOrdered(names))
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
