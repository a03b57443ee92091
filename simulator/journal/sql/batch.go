package sqljournal

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// batch is a company's appends on their way into the database: what they touch is read in one round trip, each append is judged
// and changes what was read, and all is written in another.
type batch struct {
	w       *appender
	company *company
	calls   []*appending

	owners map[digest]int64      // streams by their names
	heads  map[int64]*head       // streams by number
	jobs   map[int64][]*batchJob // by stream
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

// batchJob is a job as the batch knows it.
type batchJob struct {
	job
	fresh bool
}

func (b *batch) write(ctx context.Context, t *tx) error {
	if err := b.load(ctx, t); err != nil {
		return err
	}
	accepted := false
	for _, p := range b.calls {
		if p.err = b.judge(p); p.err != nil {
			continue
		}
		if err := b.begin(ctx, t); err != nil {
			return err
		}
		b.accept(p)
		accepted = true
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

// load reads all that the appends touch.
func (b *batch) load(ctx context.Context, t *tx) error {
	var ids, all, withJobs []digest
	for _, p := range b.calls {
		ids, all = append(ids, p.stream), append(append(all, p.stream), p.keys...)
		if len(p.Completed) > 0 || len(p.Jobs) > 0 {
			withJobs = append(withJobs, p.stream)
		}
	}
	jobs := named("jobs", "stream", jobColumns, distinct(withJobs)...)
	jobs.lock = true
	statements := []statement{
		scanCompanies(ask(findCompany, b.company.name), func(c *company) error {
			b.company = c
			return nil
		}),
		owners(distinct(all), b.owners),
		scanStreams(named("streams", "no", streamColumns, distinct(ids)...), func(s *stream) error {
			b.heads[s.no] = &head{stream: *s}
			return nil
		}),
		scanJobs(jobs, func(d job) error {
			b.jobs[d.stream] = append(b.jobs[d.stream], &batchJob{job: d})
			return nil
		}),
	}
	if _, full := b.w.full.Load(b.company.name); full { // which saves a round trip
		statements = append(statements, b.readOldest(2*len(b.calls))...)
	}
	return t.run(ctx, statements...)
}

// begin gives a new company its row, not before an append to it is accepted: a row without one would stay behind, empty.
func (b *batch) begin(ctx context.Context, t *tx) error {
	if b.company.no != 0 {
		return nil
	}
	return t.run(ctx, b.company.begin())
}

func distinct(digests []digest) []digest {
	slices.SortFunc(digests, func(x, y digest) int { return bytes.Compare(x[:], y[:]) })
	return slices.Compact(digests)
}

// save leaves what was accepted to the transaction.
func (b *batch) save(t *tx) {
	var began, changed, moved, jobs [][]any
	for _, h := range b.changed {
		row := h.row()
		if h.fresh {
			began = append(began, row)
		} else {
			changed = append(changed, row[:changedColumns])
		}
		if h.moved && !h.fresh {
			moved = append(moved, append([]any{h.no}, row[changedColumns:]...))
		}
		for _, d := range b.jobs[h.no] {
			if d.fresh {
				jobs = append(jobs, d.row())
			}
		}
	}
	for _, s := range []statement{
		insert("streams", writtenStreams, began...),
		update("streams", changedStreams, changed...),
		update("streams", "no bigint, user_id text, merchant_reference text", moved...),
		insert("appends", writtenAppends, b.appends...),
		insertOrdered(b.names),
		remove("jobs", "no", b.done),
		insert("jobs", writtenJobs, jobs...),
	} {
		if len(s.rows) > 0 {
			t.later(s)
		}
	}
	t.later(b.company.save())
}

// insertOrdered inserts names in their order, so that two companies that want the same keys don't wait in a circle.
func insertOrdered(names [][]any) statement {
	slices.SortFunc(names, func(x, y []any) int {
		a, b := x[0].(digest), y[0].(digest)
		return bytes.Compare(a[:], b[:])
	})
	return statement{verb: insertNames, rows: names}
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
	over := min(int(b.company.streams)-b.w.most, len(b.calls)+mostDropped)
	if over <= 0 {
		return nil
	}
	b.w.full.Store(b.company.name, true)
	if n := over + len(b.calls); n > b.asked {
		if err := t.run(ctx, b.readOldest(n)...); err != nil {
			return err
		}
	}
	dropped := slices.DeleteFunc(b.oldest, func(s *stream) bool { return b.heads[s.no] != nil && b.heads[s.no].touched })
	b.company.forget(t, dropped[:min(over, len(dropped))])
	return nil
}

// forget leaves it to the transaction to drop streams with all that belongs to them.
func (c *company) forget(t *tx, streams []*stream) {
	var nos []int64
	var names []digest
	for _, s := range streams {
		nos, names = append(nos, s.no), append(names, s.names(c.name)...)
		c.streams, c.entries, c.bytes, c.jobs = c.streams-1, c.entries-s.length, c.bytes-s.bytes, c.jobs-s.jobs
	}
	c.dropped += uint64(len(streams))
	t.later(remove("streams", "no", nos), remove("appends", "stream", nos), remove("jobs", "stream", nos),
		statement{verb: removeNames, digests: names})
}
