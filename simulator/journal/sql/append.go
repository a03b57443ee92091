package sqljournal

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"mozartosim/simulator/journal"
)

// appending is one call of Append.
type appending struct {
	journal.Append
	stream digest
	keys   []digest
	held   []job // which this process holds from the beginning
	err    error
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
	claims  *claims
	batches *batches[*appending]
	limits  journal.Limits
	full    sync.Map // companies that have reached one
	sizes   sizes
	log     *slog.Logger
}

func newAppender(s *store, k *claims, o Options) *appender {
	patience := time.Millisecond // SQLite's transactions wait for the disk one after the other
	if s.others != nil {
		patience = 0
	}
	w := &appender{store: s, claims: k, limits: o.Limits, log: o.Log}
	// A batch that began more streams than the limit allows would have to drop some of its own.
	w.batches = newBatches(min(256, max(1, o.Limits.Payments/2)), patience, w.write)
	return w
}

func (w *appender) close() { w.batches.close() }

// Append implements journal.Journal. An error that is none of the journal's own says whether the entries may have been kept
// nevertheless.
func (w *appender) Append(ctx context.Context, a journal.Append) error {
	p := newAppending(a)
	done := w.batches.add(w.scope(a.Company), p)
	if done == nil {
		return journal.ErrClosed
	}
	if err := await(ctx, done); err != nil {
		return err
	}
	return p.err
}

// write writes a batch in one transaction, each append judged as if it came alone.
func (w *appender) write(scope string, calls []*appending) {
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
	for _, its := range companies {
		w.appended(its, err)
	}
	if err != nil {
		return
	}
	for _, b := range all {
		w.written(b)
	}
	if err := w.dropOverTotal(); err != nil {
		w.log.Error("payments over the limit of all companies could not be dropped", "error", err)
	}
}

func (w *appender) batch(name string, calls []*appending) *batch {
	return &batch{
		w: w, calls: calls, company: &company{name: name}, owners: map[digest]int64{}, heads: map[int64]*head{},
		jobs: map[int64][]*batchJob{},
	}
}

// written notes what a batch has left, and tells what it has dropped.
func (w *appender) written(b *batch) {
	w.claims.dropOf(b.gone)
	w.sizes.set(b.company.name, size{int(b.company.streams), int(b.company.bytes)})
	for _, d := range b.dropped {
		w.limits.Tell(d)
	}
	if len(b.dropped) > 0 && len(b.calls) == 0 {
		w.tell(b.company.name)
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

// appended ends a company's appends.
func (w *appender) appended(calls []*appending, err error) {
	kept := false
	for _, p := range calls {
		if err != nil {
			p.err = err
		}
		if p.err != nil {
			continue
		}
		kept = true
		for _, id := range p.Completed {
			w.claims.drop(p.Company, id)
		}
		for _, d := range slices.Concat(p.Done, p.Jobs) {
			w.claims.drop(p.Company, d.ID)
		}
		w.claims.add(p.Company, p.held)
	}
	if kept {
		w.tell(calls[0].Company)
	}
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
	for _, done := range p.Done {
		d := b.job(no, done.ID)
		if d == nil || within(d.no) != done.Seq || d.holder != 0 && d.holder != b.w.process() {
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

func (b *batch) job(stream int64, id string) *batchJob {
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
	case !p.Final || h.jobs > 0:
		h.final = 0
	case h.final == 0:
		c.finalSeq++
		h.final = c.finalSeq
	}
}

func (b *batch) name(d digest, stream int64) {
	b.owners[d] = stream
	b.names = append(b.names, []any{d, stream})
}

// schedule notes what becomes of jobs. A new one takes the place of one with its id.
func (b *batch) schedule(h *head, p *appending) {
	for _, d := range p.Done {
		b.complete(h, d.ID)
	}
	for _, id := range p.Completed {
		b.complete(h, id)
	}
	for _, d := range p.Jobs {
		b.complete(h, d.ID)
		b.company.jobs++
		h.jobs++
		d.Stream = p.Stream
		made := newJob(b.company, b.w.process(), h.no, d)
		b.jobs[h.no] = append(b.jobs[h.no], &batchJob{job: made, fresh: true})
		if p.Hold && b.w.others != nil {
			p.held = append(p.held, made)
		}
	}
}

func (b *batch) complete(h *head, id string) {
	d := b.job(h.no, id)
	if d == nil {
		return
	}
	if !d.fresh {
		b.done = append(b.done, d.no)
	}
	b.jobs[h.no] = slices.DeleteFunc(b.jobs[h.no], func(other *batchJob) bool { return other == d })
	b.company.jobs--
	h.jobs--
}
