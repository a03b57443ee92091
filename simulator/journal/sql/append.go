package sqljournal

import (
	"context"
	"fmt"
	"slices"

	"mozartosim/simulator/journal"
)

// appending is one call of Append.
type appending struct {
	journal.Append
	waiter
	stream digest
	keys   []digest
	err    error
}

// Append implements journal.Journal. An error that is none of the journal's own says whether the entries may have been kept
// nevertheless.
func (j *Journal) Append(ctx context.Context, a journal.Append) error {
	p := newAppending(a)
	if !j.appends.add(j.scope(a.Company), p) {
		return journal.ErrClosed
	}
	if err := j.await(ctx, &p.waiter); err != nil {
		return err
	}
	return p.err
}

func newAppending(a journal.Append) *appending {
	p := &appending{Append: a, waiter: newWaiter(), stream: streamDigest(a.Company, a.Stream)}
	for _, key := range a.Keys {
		p.keys = append(p.keys, keyDigest(key))
	}
	return p
}

// writeAppends writes a batch in one transaction, each append judged as if it came alone.
func (j *Journal) writeAppends(scope string, calls []*appending) {
	calls = slices.DeleteFunc(calls, func(p *appending) bool { return !p.begin() })
	if len(calls) == 0 {
		return
	}
	companies := byCompany(calls)
	err := j.db.write(context.Background(), call{what: "append", scope: scope}, func(ctx context.Context, t *tx) error {
		for _, its := range companies {
			if err := newBatch(j, its).run(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
	for _, its := range companies {
		j.appended(its, err)
	}
}

// byCompany groups appends, in the order in which they came.
func byCompany(calls []*appending) (groups [][]*appending) {
	places := map[string]int{}
	for _, p := range calls {
		i, known := places[p.Company]
		if !known {
			i = len(groups)
			places[p.Company] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], p)
	}
	return groups
}

// appended answers a company's appends.
func (j *Journal) appended(calls []*appending, err error) {
	kept := false
	for _, p := range calls {
		if err != nil {
			p.err = err
		}
		if p.err == nil {
			kept = true
			j.claims.drop(p.Company, p.Completed...)
			for _, d := range p.Jobs {
				j.claims.drop(p.Company, d.ID)
			}
		}
	}
	if kept {
		j.tell(calls[0].Company)
	}
	for _, p := range calls {
		p.finish()
	}
}

// batch is a company's appends on their way into the database.
type batch struct {
	j       *Journal
	company *company
	calls   []*appending

	owners map[digest]int64        // streams by their names
	heads  map[int64]*head         // streams by number
	jobs   map[int64][]*waitingJob // by stream, as far as they were read
	oldest []*stream
	asked  int // how many of the oldest were asked for

	changed []*head // in the order in which they were changed first
	appends [][]any
	names   [][]any
	done    []int64         // numbers of jobs that are over
	settled map[string]bool // ids of jobs that an append of this batch has completed or replaced
}

// head is a stream as the batch changes it.
type head struct {
	stream
	fresh, touched bool
	moved          bool // labels that have an index of their own have changed
}

// waitingJob is a job as the batch knows it.
type waitingJob struct {
	job
	fresh bool
}

func newBatch(j *Journal, calls []*appending) *batch {
	return &batch{
		j: j, calls: calls, company: &company{name: calls[0].Company}, owners: map[digest]int64{}, heads: map[int64]*head{},
		jobs: map[int64][]*waitingJob{}, settled: map[string]bool{},
	}
}

// run reads what the appends touch, judges them, and leaves what is to be written to the transaction.
func (b *batch) run(ctx context.Context, t *tx) error {
	if err := b.load(ctx, t); err != nil {
		return err
	}
	accepted := false
	for _, p := range b.calls {
		if p.err = b.judge(p); p.err == nil {
			b.accept(p)
			accepted = true
		}
	}
	if !accepted {
		return nil
	}
	if err := b.dropOldest(ctx, t); err != nil {
		return err
	}
	b.save(t)
	return nil
}

// load reads, in one round trip, all that the appends touch.
func (b *batch) load(ctx context.Context, t *tx) error {
	var ids, all, withJobs []digest
	for _, p := range b.calls {
		ids, all = append(ids, p.stream), append(append(all, p.stream), p.keys...)
		if len(p.Completed) > 0 || len(p.Jobs) > 0 && p.Seen > 0 { // a stream that begins has no jobs yet, mostly
			withJobs = append(withJobs, p.stream)
		}
	}
	statements := []statement{
		scanCompanies(ask("SELECT "+companyColumns+" FROM companies WHERE name = $1", b.company.name), func(c *company) error {
			b.company = c
			return nil
		}),
		findAll(distinct(all), b.owners),
		scanStreams(named("streams", "no", streamColumns, distinct(ids)...), func(s *stream) error {
			b.heads[s.no] = &head{stream: *s}
			return nil
		}),
	}
	if len(withJobs) > 0 {
		statements = append(statements, b.readJobs(distinct(withJobs)))
	}
	if _, full := b.j.full.Load(b.company.name); full { // which saves a round trip
		statements = append(statements, b.readOldest(2*len(b.calls))...)
	}
	if err := t.run(ctx, statements...); err != nil {
		return err
	}
	if b.company.no == 0 {
		return t.run(ctx, b.company.begin())
	}
	return b.loadMoreJobs(ctx, t)
}

func distinct(digests []digest) []digest {
	slices.SortFunc(digests, func(x, y digest) int { return slices.Compare(x[:], y[:]) })
	return slices.Compact(digests)
}

func (b *batch) readJobs(streams []digest) statement {
	s := named("jobs", "stream", jobColumns, streams...)
	s.lock = true
	return scanJobs(s, func(d job) error {
		b.jobs[d.stream] = append(b.jobs[d.stream], &waitingJob{job: d})
		return nil
	})
}

// loadMoreJobs reads the jobs of streams that an append meant to begin and that are there already, without entries.
func (b *batch) loadMoreJobs(ctx context.Context, t *tx) error {
	var more []digest
	for _, p := range b.calls {
		h := b.heads[b.owners[p.stream]]
		if h != nil && h.jobs > uint64(len(b.jobs[h.no])) && len(p.Jobs) > 0 {
			more = append(more, p.stream)
		}
	}
	if len(more) == 0 {
		return nil
	}
	return t.run(ctx, b.readJobs(distinct(more)))
}

// judge says why an append is refused, the ones before it being kept already.
func (b *batch) judge(p *appending) error {
	no := b.owners[p.stream]
	length := 0
	if h := b.heads[no]; h != nil {
		length = int(h.length)
	} else if no != 0 {
		return fmt.Errorf("stream %s is missing: %w", p.Stream, errDamaged)
	}
	if length != p.Seen {
		return fmt.Errorf("stream %s has %d entries, the writer knew %d: %w", p.Stream, length, p.Seen, journal.ErrConflict)
	}
	for i, key := range p.keys {
		if owner := b.owners[key]; owner != 0 && owner != no {
			return fmt.Errorf("key %s: %w", p.Keys[i], journal.ErrExists)
		}
	}
	for _, id := range p.Completed {
		if b.lost(no, id) {
			return fmt.Errorf("job %s: %w", id, journal.ErrLost)
		}
	}
	return nil
}

// lost says whether a job that this process has claimed was taken over by another one.
func (b *batch) lost(stream int64, id string) bool {
	claimed := b.j.claims.get(b.company.name, id)
	if claimed == 0 || b.j.others == nil || b.settled[id] {
		return false
	}
	d := b.job(stream, id)
	return d == nil || d.no != claimed || d.holder != 0 && d.holder != b.j.others.process()
}

func (b *batch) job(stream int64, id string) *waitingJob {
	for _, d := range b.jobs[stream] {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// accept notes what an append changes.
func (b *batch) accept(p *appending) {
	c, h := b.company, b.heads[b.owners[p.stream]]
	if h == nil {
		c.began++
		c.streams++
		h = &head{stream: stream{no: c.base() + int64(c.began), id: p.Stream}, fresh: true}
		b.heads[h.no] = h
		b.name(p.stream, h.no)
	}
	if !h.touched {
		h.touched = true
		b.changed = append(b.changed, h)
	}
	if n := uint64(len(p.Entries)); n > 0 {
		row, size := appendRow(c.base()+int64(c.seq)+1, &h.stream, p.Entries)
		b.appends = append(b.appends, row)
		c.seq, c.entries, c.bytes = c.seq+n, c.entries+n, c.bytes+size
		h.length, h.bytes = h.length+n, h.bytes+size
	}
	if p.Labels != nil {
		for _, name := range []string{"userId", "merchantReference"} {
			h.moved = h.moved || h.labels.Get(name) != p.Labels.Get(name)
		}
		h.labels = p.Labels
	}
	for i, key := range p.keys {
		if b.owners[key] == 0 {
			b.name(key, h.no)
			h.keys = append(h.keys, p.Keys[i])
		}
	}
	b.schedule(h, p)
	switch {
	case p.Final && h.final == 0:
		c.finalSeq++
		h.final = c.finalSeq
	case !p.Final:
		h.final = 0
	}
}

func (b *batch) name(d digest, stream int64) {
	b.owners[d] = stream
	b.names = append(b.names, []any{d, stream})
}

// schedule notes what becomes of jobs. A new one takes the place of one with its id.
func (b *batch) schedule(h *head, p *appending) {
	for _, id := range p.Completed {
		b.complete(h, id)
	}
	for _, d := range p.Jobs {
		b.complete(h, d.ID)
		b.company.jobs++
		h.jobs++
		d.Stream = p.Stream
		b.jobs[h.no] = append(b.jobs[h.no], &waitingJob{job: b.j.newJob(b.company, h.no, d), fresh: true})
	}
}

// newJob numbers a job of a stream.
func (j *Journal) newJob(c *company, stream int64, d journal.Job) job {
	c.jobSeq++
	made := job{no: c.base() + int64(c.jobSeq), stream: stream, Job: d}
	if j.others != nil {
		made.origin = j.others.process()
	}
	return made
}

func (b *batch) complete(h *head, id string) {
	b.settled[id] = true
	d := b.job(h.no, id)
	if d == nil {
		return
	}
	if !d.fresh {
		b.done = append(b.done, d.no)
	}
	b.jobs[h.no] = slices.DeleteFunc(b.jobs[h.no], func(other *waitingJob) bool { return other == d })
	b.company.jobs--
	h.jobs--
}

// save leaves what was accepted to the transaction.
func (b *batch) save(t *tx) {
	var began, changed, moved, jobs [][]any
	for _, h := range b.changed {
		row := h.row()
		switch {
		case h.fresh:
			began = append(began, row)
		default:
			changed = append(changed, row[:changedColumns])
			if h.moved {
				moved = append(moved, append([]any{h.no}, row[changedColumns:]...))
			}
		}
		for _, d := range b.jobs[h.no] {
			if d.fresh {
				jobs = append(jobs, d.row())
			}
		}
	}
	sortNames(b.names) // so that two companies that want the same keys don't wait in a circle
	for _, s := range []statement{
		insert("streams", writtenStreams, began...),
		update("streams", changedStreams, changed...),
		update("streams", "no bigint, user_id text, merchant_reference text", moved...),
		insert("appends", writtenAppends, b.appends...),
		{verb: insertNames, rows: b.names},
		remove("jobs", "no", b.done),
		insert("jobs", writtenJobs, jobs...),
	} {
		if len(s.rows) > 0 {
			t.later(s)
		}
	}
	t.later(b.company.save())
}

// mostDropped is how many streams a batch drops beyond those that it begins, when the limit has become lower.
const mostDropped = 64

// readOldest reads n of the streams that are dropped first: the oldest final ones, and then the oldest of all.
func (b *batch) readOldest(n int) []statement {
	b.oldest, b.asked = nil, n
	add := func(s *stream) error {
		if !slices.ContainsFunc(b.oldest, func(other *stream) bool { return other.no == s.no }) {
			b.oldest = append(b.oldest, s)
		}
		return nil
	}
	args := []any{b.company.name, int64(1 << shift), n}
	text := "SELECT " + streamColumns + " FROM streams WHERE %[1]s >= " + base + " AND %[1]s < " + base + " + $2 ORDER BY %[1]s LIMIT $3"
	return []statement{
		scanStreams(ask(fmt.Sprintf(text, "final"), args...), add),
		scanStreams(ask(fmt.Sprintf(text, "no"), args...), add),
	}
}

// dropOldest drops streams when there are more than the limit allows, but none of which a caller is just being answered about.
func (b *batch) dropOldest(ctx context.Context, t *tx) error {
	over := min(int(b.company.streams)-b.j.max, len(b.calls)+mostDropped)
	if over <= 0 {
		return nil
	}
	b.j.full.Store(b.company.name, true)
	if n := over + len(b.calls); n > b.asked {
		if err := t.run(ctx, b.readOldest(n)...); err != nil {
			return err
		}
	}
	dropped := slices.DeleteFunc(b.oldest, func(s *stream) bool { return b.heads[s.no] != nil && b.heads[s.no].touched })
	dropped = dropped[:min(over, len(dropped))]
	b.company.forget(t, dropped)
	b.company.dropped += uint64(len(dropped))
	return nil
}

// forget leaves it to the transaction to remove streams with all that belongs to them.
func (c *company) forget(t *tx, streams []*stream) {
	var nos []int64
	var names []digest
	for _, s := range streams {
		nos, names = append(nos, s.no), append(names, s.names(c.name)...)
		c.streams, c.entries, c.bytes, c.jobs = c.streams-1, c.entries-s.length, c.bytes-s.bytes, c.jobs-s.jobs
	}
	t.later(remove("streams", "no", nos), remove("appends", "stream", nos), remove("jobs", "stream", nos),
		statement{verb: removeNames, digests: names})
}
