package sqljournal

import (
	"bytes"
	"context"
	"slices"

	"mozartosim/simulator/journal"
)

// batch is a company's appends on their way into the database: what they touch is read in one round trip, each append is judged
// and changes what was read, and all is written in another.
type batch struct {
	w       *appender
	company *company
	calls   []*appending

	owners  map[digest]int64  // streams by their names
	streams map[int64]*stream // by number
	jobs    map[int64][]*job  // by stream
	oldest  candidates        // to be dropped
	dropped []journal.Drop
	gone    []int64 // the streams that were dropped

	changed []*stream // in the order in which they were changed first
	appends [][]any
	names   [][]any
	done    []int64 // numbers of jobs that are over
	soonest int64   // when the first of the new jobs is due
}

func (b *batch) write(ctx context.Context, t *tx) error {
	if err := b.load(ctx, t); err != nil {
		return err
	}
	accepted := false
	for _, p := range b.calls {
		p.held = nil // a transaction may be tried again
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
	if err := b.dropOver(ctx, t, func() string { return b.w.limits.Over(b.company.use()) }); err != nil {
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
		if len(p.Done) > 0 || len(p.Completed) > 0 || len(p.Jobs) > 0 {
			withJobs = append(withJobs, p.stream)
		}
	}
	jobs := named("jobs", "stream", jobColumns, distinct(withJobs)...)
	jobs.lock = true
	statements := []statement{
		scanCompanies(ask(selectCompanies+" WHERE name = $1", b.company.name), func(c *company) error {
			b.company = c
			return nil
		}),
		owners(distinct(all), b.owners),
		scanStreams(named("streams", "no", streamColumns, distinct(ids)...), func(s *stream) error {
			b.streams[s.no] = s
			return nil
		}),
		scanJobs(jobs, func(d job) error {
			b.jobs[d.stream] = append(b.jobs[d.stream], &d)
			return nil
		}),
	}
	if _, full := b.w.full.Load(b.company.name); full { // which saves a round trip
		statements = append(statements, b.oldest.read(b.company.name, 2*len(b.calls))...)
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
	var began, changed, moved, jobs, held [][]any
	for _, s := range b.changed {
		row := s.row()
		if s.fresh {
			began = append(began, row)
		} else {
			changed = append(changed, row[:changedColumns])
		}
		if s.moved && !s.fresh {
			moved = append(moved, append([]any{s.no}, row[changedColumns:]...))
		}
		for _, d := range b.jobs[s.no] {
			switch {
			case d.fresh && d.holder != 0:
				held = append(held, d.row())
			case d.fresh:
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
	if len(held) > 0 {
		t.later(b.w.others.insertHeld(held))
	}
	t.later(b.company.save())
}

func numbersOf(jobs []job) []int64 {
	nos := make([]int64, len(jobs))
	for i, d := range jobs {
		nos[i] = d.no
	}
	return nos
}

// insertOrdered inserts names in their order, so that two companies that want the same keys don't wait in a circle.
func insertOrdered(names [][]any) statement {
	slices.SortFunc(names, func(x, y []any) int {
		a, b := x[0].(digest), y[0].(digest)
		return bytes.Compare(a[:], b[:])
	})
	return statement{verb: insertNames, rows: names}
}
