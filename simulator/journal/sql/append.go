package sqljournal

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"

	"mozartosim/simulator/journal"
)

// appending is one call of Append.
type appending struct {
	journal.Append
	stream digest
	keys   []digest
	held   []job // which this process claims from the beginning
	err    error // for which it was refused
}

func newAppending(a journal.Append) *appending {
	p := &appending{Append: a, stream: streamDigest(a.Company, a.Stream)}
	for _, key := range a.Keys {
		p.keys = append(p.keys, keyDigest(key))
	}
	return p
}

// appender writes appends.
type appender struct {
	*store
	jobs    *jobs
	batches *batches[*appending]
	limits  journal.Limits
	full    sync.Map // companies that have reached one
	sizes   sizes
	log     *slog.Logger
}

func newAppender(s *store, k *jobs, o Options) *appender {
	w := &appender{store: s, jobs: k, limits: o.Limits, log: o.Log}
	// A batch that began more streams than the limit allows would have to drop some of its own.
	w.batches = newBatches(min(256, max(1, o.Limits.Payments/2)), patience, w.write)
	return w
}

func (w *appender) close() { w.batches.close() }

// Append implements journal.Journal. An error that is none of the journal's own says whether the entries may have been kept
// nevertheless.
func (w *appender) Append(ctx context.Context, a journal.Append) error {
	p := newAppending(a)
	if err := w.batches.do(ctx, w.scope(a.Company), p); err != nil {
		return err
	}
	return p.err
}

// write writes a batch in one transaction, each append judged as if it came alone.
func (w *appender) write(scope string, calls []*appending) error {
	companies := byCompany(calls)
	var all []*batch
	err := w.db.transact(context.Background(), call{what: "append", scope: scope}, func(ctx context.Context, t *tx) error {
		all = nil
		for _, its := range companies {
			b := w.batch(its[0].Company, its)
			if err := b.write(ctx, t); err != nil {
				return err
			}
			all = append(all, b)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, b := range all {
		w.written(b)
	}
	if err := w.dropOverTotal(); err != nil {
		w.log.Error("payments over the limit of all companies could not be dropped", "error", err)
	}
	return nil
}

func (w *appender) batch(name string, calls []*appending) *batch {
	return &batch{
		w: w, calls: calls, company: &company{name: name}, owners: map[digest]int64{}, streams: map[int64]*stream{},
		jobs: map[int64][]*job{}, soonest: math.MaxInt64,
	}
}

// written notes what a batch has left, and tells what it has changed and dropped.
func (w *appender) written(b *batch) {
	name := b.company.name
	w.jobs.appended(name, b.done, b.gone, b.soonest)
	w.sizes.written(name, b.company.use())
	changed := len(b.dropped) > 0
	for _, p := range b.calls {
		if p.err == nil {
			changed = true
			w.jobs.hold(name, p.Stream, p.held)
		}
	}
	for _, d := range b.dropped {
		w.limits.Tell(d)
	}
	if changed {
		w.tell(name)
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

// judge says why an append is refused, the ones before it being kept already.
func (b *batch) judge(p *appending) error {
	no := b.owners[p.stream]
	length := 0
	if s := b.streams[no]; s != nil {
		length = int(s.length)
	} else if no != 0 {
		return fmt.Errorf("stream %s is missing: %w", p.Stream, errDamaged)
	}
	if length != p.Seen {
		return fmt.Errorf("stream %s has %d entries, the writer knew %d: %w", p.Stream, length, p.Seen, journal.ErrConflict)
	}
	for _, done := range p.Done {
		d := b.job(no, done.ID)
		if d == nil || within(d.no) != done.Seq || !d.At.Equal(done.At) || d.holder != 0 && d.holder != b.w.process() {
			return fmt.Errorf("job %s: %w", done.ID, journal.ErrLost)
		}
	}
	for i, key := range p.keys {
		if owner := b.owners[key]; owner != 0 && owner != no {
			return fmt.Errorf("key %s: %w", p.Keys[i], journal.ErrExists)
		}
	}
	return nil
}

func (b *batch) job(stream int64, id string) *job {
	for _, d := range b.jobs[stream] {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// accept notes what an append changes.
func (b *batch) accept(p *appending) {
	c, s := b.company, b.streams[b.owners[p.stream]]
	if s == nil {
		c.began++
		c.streams++
		s = &stream{no: c.base() + int64(c.began), id: p.Stream, fresh: true}
		b.streams[s.no] = s
		b.name(p.stream, s.no)
	}
	if !s.touched {
		s.touched = true
		b.changed = append(b.changed, s)
	}
	if n := uint64(len(p.Entries)); n > 0 {
		row, size := appendRow(c.base()+int64(c.seq)+1, s, p.Entries)
		b.appends = append(b.appends, row)
		c.seq, c.entries, c.bytes = c.seq+n, c.entries+n, c.bytes+size
		s.length, s.bytes = s.length+n, s.bytes+size
	}
	if p.Labels != nil {
		for _, name := range []string{"userId", "merchantReference"} {
			s.moved = s.moved || s.labels.Get(name) != p.Labels.Get(name)
		}
		s.labels = p.Labels
	}
	for i, key := range p.keys {
		if b.owners[key] == 0 {
			b.name(key, s.no)
			s.keys = append(s.keys, p.Keys[i])
		}
	}
	b.schedule(s, p)
	switch {
	case !p.Final || s.jobs > 0:
		s.final = 0
	case s.final == 0:
		c.finalSeq++
		s.final = c.finalSeq
	}
}

func (b *batch) name(d digest, stream int64) {
	b.owners[d] = stream
	b.names = append(b.names, []any{d, stream})
}

// schedule notes what becomes of jobs. A new one takes the place of one with its id.
func (b *batch) schedule(s *stream, p *appending) {
	for _, d := range p.Done {
		b.complete(s, d.ID)
	}
	for _, id := range p.Completed {
		b.complete(s, id)
	}
	for _, d := range p.Jobs {
		b.complete(s, d.ID)
		b.company.jobs++
		s.jobs++
		d.Stream = p.Stream
		made := newJob(b.company, b.w.process(), s.no, d)
		made.fresh = true
		if p.Hold && b.w.others != nil {
			made.holder = b.w.process()
			p.held = append(p.held, made)
		}
		b.jobs[s.no] = append(b.jobs[s.no], &made)
		b.soonest = min(b.soonest, journal.Instant(d.At))
	}
}

func (b *batch) complete(s *stream, id string) {
	d := b.job(s.no, id)
	if d == nil {
		return
	}
	if !d.fresh {
		b.done = append(b.done, d.no)
	}
	b.jobs[s.no] = slices.DeleteFunc(b.jobs[s.no], func(other *job) bool { return other == d })
	b.company.jobs--
	s.jobs--
}
