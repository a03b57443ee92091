package sqljournal

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"mozartosim/simulator/journal"
)

// walkedAtOnce is how many streams are in memory together while a company is copied.
const walkedAtOnce = 500

// Walk implements journal.Journal. SQLite serves nobody else meanwhile.
func (j *Journal) Walk(ctx context.Context, name string, head func(journal.Copy) error, each func(journal.StreamCopy) error) error {
	if j.signals.over() {
		return journal.ErrClosed
	}
	var theirs error // an error of head or each is none of the database
	err := j.db.read(ctx, call{what: "export", long: true}, func(ctx context.Context, c conn) error {
		w := walk{conn: c, company: &company{name: name}, each: each}
		copied, err := w.head(ctx, j)
		if err != nil {
			return err
		}
		if theirs = head(copied); theirs != nil {
			return theirs
		}
		err = w.streams(ctx)
		theirs = w.theirs
		return err
	})
	if theirs != nil {
		return theirs
	}
	return err
}

// walk is a company being copied.
type walk struct {
	conn    conn
	company *company
	each    func(journal.StreamCopy) error
	theirs  error
	places  map[uint64]int // of final streams among them, by what their rows say
}

// head reads everything but the streams.
func (w *walk) head(ctx context.Context, j *Journal) (copied journal.Copy, err error) {
	var finals []uint64
	var final int64
	err = w.conn.run(ctx, j.lastOrdinal(w.company.name, &copied.Ordinal),
		scanCompanies(ask("SELECT "+companyColumns+" FROM companies WHERE name = $1", w.company.name), func(c *company) error {
			w.company = c
			return nil
		}))
	if err != nil || w.company.no == 0 {
		return copied, err
	}
	c := w.company
	err = w.conn.run(ctx,
		scanJobs(ask("SELECT "+jobColumns+" FROM jobs WHERE no >= $1 AND no < $2 ORDER BY no", c.base(), c.end()), func(d job) error {
			copied.Jobs = append(copied.Jobs, d.Job)
			return nil
		}),
		ask("SELECT final FROM streams WHERE final >= $1 AND final < $2 ORDER BY final", c.base(), c.end()).scan(func() error {
			finals = append(finals, within(final))
			return nil
		}, &final))
	w.places = make(map[uint64]int, len(finals))
	for i, final := range finals {
		w.places[final] = i + 1
	}
	if err == nil {
		err = counted("jobs of company "+c.name, uint64(len(copied.Jobs)), c.jobs)
	}
	copied.Began, copied.Seq = c.began, c.seq
	return copied, err
}

// streams hands out all streams.
func (w *walk) streams(ctx context.Context) error {
	return w.pages(ctx, func(page []*walked) error {
		for _, st := range page {
			copied := journal.StreamCopy{
				ID: st.id, Ordinal: within(st.no), Labels: st.labels, Keys: st.keys, Final: w.places[st.final], Entries: st.entries,
			}
			if w.theirs = w.each(copied); w.theirs != nil {
				return w.theirs
			}
		}
		return nil
	})
}

// walked is a stream with its entries.
type walked struct {
	*stream
	entries []journal.Entry
}

// pages reads all streams of the company, some at a time.
func (w *walk) pages(ctx context.Context, each func([]*walked) error) error {
	c, found := w.company, uint64(0)
	for from := c.base(); ; {
		page, err := w.page(ctx, from)
		if err == nil && len(page) > 0 {
			from = page[len(page)-1].no + 1
			err = each(page)
		}
		if err != nil {
			return err
		}
		if found += uint64(len(page)); len(page) < walkedAtOnce {
			return counted("streams of company "+c.name, found, c.streams)
		}
	}
}

func (w *walk) page(ctx context.Context, from int64) (page []*walked, err error) {
	byNo := map[int64]*walked{}
	s := ask("SELECT "+streamColumns+" FROM streams WHERE no >= $1 AND no < $2 ORDER BY no LIMIT $3", from, w.company.end(), walkedAtOnce)
	err = w.conn.run(ctx, scanStreams(s, func(s *stream) error {
		byNo[s.no] = &walked{stream: s}
		page = append(page, byNo[s.no])
		return nil
	}))
	if err != nil || len(page) == 0 {
		return nil, err
	}
	a := ask("SELECT "+appendColumns+" FROM appends WHERE stream >= $1 AND stream <= $2 ORDER BY stream, no", page[0].no, page[len(page)-1].no)
	err = w.conn.run(ctx, scanAppends(a, func(stream int64, id string, entries []journal.Entry) error {
		st := byNo[stream]
		if st == nil || st.id != id {
			return fmt.Errorf("entries of the stream %s are in another: %w", id, errDamaged)
		}
		st.entries = append(st.entries, entries...)
		return nil
	}))
	for _, st := range page {
		if err == nil {
			err = counted("entries of stream "+st.id, uint64(len(st.entries)), st.length)
		}
	}
	return page, err
}

// counted says whether as many of something were found as there should be.
func counted(what string, found, want uint64) error {
	if found != want {
		return fmt.Errorf("there are %d %s, which counts %d: %w", found, what, want, errDamaged)
	}
	return nil
}

// Forget implements journal.Journal.
func (j *Journal) Forget(ctx context.Context, company string) error {
	return j.replace(ctx, "forget", company, func(context.Context, *tx) error { return nil })
}

// Import implements journal.Journal.
func (j *Journal) Import(ctx context.Context, name string, copied journal.Copy) error {
	if err := copied.Check(j.max); err != nil && !j.signals.over() {
		return err
	}
	return j.replace(ctx, "import", name, func(ctx context.Context, t *tx) error {
		i := importing{j: j, t: t, company: &company{name: name}, from: copied}
		return i.all(ctx)
	})
}

// replace removes everything of a company, and puts something else there.
func (j *Journal) replace(ctx context.Context, what, name string, put func(context.Context, *tx) error) error {
	if j.signals.over() {
		return journal.ErrClosed
	}
	err := j.db.write(ctx, call{what: what, scope: j.scope(name), long: true}, func(ctx context.Context, t *tx) error {
		t.later(ask("DELETE FROM ordinals WHERE company = $1", name))
		if err := removeAll(ctx, t, name); err != nil {
			return err
		}
		return put(ctx, t)
	})
	if err == nil {
		j.stock.drop(name)
		j.claims.dropAll(name)
		j.tell(name)
	}
	return err
}

// removeAll removes everything of a company but its settings.
func removeAll(ctx context.Context, t *tx, name string) error {
	var c *company
	err := t.run(ctx, scanCompanies(ask("SELECT "+companyColumns+" FROM companies WHERE name = $1", name), func(found *company) error {
		c = found
		return nil
	}))
	if err != nil || c == nil {
		return err
	}
	var digests []digest
	s := ask("SELECT "+streamColumns+" FROM streams WHERE no >= $1 AND no < $2", c.base(), c.end())
	if err := t.run(ctx, scanStreams(s, func(s *stream) error {
		digests = append(digests, s.names(name)...)
		return nil
	})); err != nil {
		return err
	}
	for part := range slices.Chunk(digests, 10_000) {
		t.later(statement{verb: removeNames, digests: part})
	}
	for _, table := range []string{"jobs", "appends", "streams"} {
		t.later(ask("DELETE FROM "+table+" WHERE no >= $1 AND no < $2", c.base(), c.end()))
	}
	t.later(ask("DELETE FROM companies WHERE no = $1", c.no))
	return nil
}

// importing is a copy, which was checked, being written into a company that is empty.
type importing struct {
	j       *Journal
	t       *tx
	company *company
	from    journal.Copy
	numbers map[string]int64 // of streams, by id
	jobs    map[string]uint64
}

func (i *importing) all(ctx context.Context) error {
	c := i.company
	if err := i.t.run(ctx, c.begin()); err != nil {
		return err
	}
	i.numbers, i.jobs = map[string]int64{}, map[string]uint64{}
	for _, d := range i.from.Jobs {
		i.jobs[d.Stream]++
	}
	c.began, c.seq, c.streams, c.jobs = i.from.Began, i.from.Seq, uint64(len(i.from.Streams)), uint64(len(i.from.Jobs))
	for part := range slices.Chunk(i.from.Streams, 1000) {
		if err := i.streams(ctx, part); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(i.from.Jobs, 1000) {
		var rows [][]any
		for _, d := range part {
			made := i.j.newJob(c, i.numbers[d.Stream], d)
			rows = append(rows, made.row())
		}
		if err := i.t.run(ctx, insert("jobs", writtenJobs, rows...)); err != nil {
			return err
		}
	}
	ordinal := int64(i.from.Ordinal)
	i.t.later(ask("INSERT INTO ordinals (company, last, inverse) VALUES ($1, $2, $3)", c.name, ordinal, -ordinal), c.save())
	return nil
}

// streams writes some streams with their entries and names.
func (i *importing) streams(ctx context.Context, part []journal.StreamCopy) error {
	var rows, appends, names [][]any
	var digests []digest
	keys := map[digest]string{}
	for _, from := range part {
		s := &stream{
			no: i.company.base() + int64(from.Ordinal), id: from.ID, length: uint64(len(from.Entries)), jobs: i.jobs[from.ID],
			final: uint64(from.Final), labels: from.Labels, keys: from.Keys,
		}
		for _, run := range runs(from.Entries) {
			row, size := appendRow(i.company.base()+int64(run[0].Seq), s, run)
			appends = append(appends, row)
			s.bytes += size
		}
		i.numbers[s.id] = s.no
		i.company.entries, i.company.bytes = i.company.entries+s.length, i.company.bytes+s.bytes
		i.company.finalSeq = max(i.company.finalSeq, s.final)
		rows = append(rows, s.row())
		for n, d := range s.names(i.company.name) {
			digests, names = append(digests, d), append(names, []any{d, s.no})
			if n > 0 {
				keys[d] = from.Keys[n-1]
			}
		}
	}
	owners := map[digest]int64{}
	if err := i.t.run(ctx, findAll(digests, owners)); err != nil {
		return err
	}
	for d := range owners {
		return fmt.Errorf("key %s: %w", keys[d], journal.ErrExists)
	}
	sortNames(names)
	return i.t.run(ctx, insert("streams", writtenStreams, rows...), insert("appends", writtenAppends, appends...),
		statement{verb: insertNames, rows: names})
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

func sortNames(rows [][]any) {
	slices.SortFunc(rows, func(x, y []any) int {
		a, b := x[0].(digest), y[0].(digest)
		return cmp.Compare(string(a[:]), string(b[:]))
	})
}
