package sqljournal

import (
	"context"
	"fmt"
	"sync"

	"mozartosim/simulator/journal"
)

// dropsAtOnce is how many streams are read at once that may have to be dropped, and dropRounds how often a batch does so at the
// most, when a limit has become much lower.
const (
	dropsAtOnce = 64
	dropRounds  = 16
)

// candidates are streams of a company that are dropped first: the oldest final ones, and then the oldest of all.
type candidates struct {
	final, all []*stream
	asked      int // how many of each
}

// read reads n of each.
func (x *candidates) read(company string, n int) []statement {
	*x = candidates{asked: n}
	args := []any{company, int64(1 << shift), n}
	text := "SELECT " + streamColumns + " FROM streams WHERE %[1]s >= " + base + " AND %[1]s < " + base + " + $2 ORDER BY %[1]s LIMIT $3"
	return []statement{
		scanStreams(ask(fmt.Sprintf(text, "final"), args...), appendTo(&x.final)),
		scanStreams(ask(fmt.Sprintf(text, "no"), args...), appendTo(&x.all)),
	}
}

// inOrder are the candidates in the order in which they are dropped, as far as it is known: after the final ones that were read
// there may be more.
func (x *candidates) inOrder() []*stream {
	if x.asked > 0 && len(x.final) == x.asked {
		return x.final
	}
	return append(x.final, x.all...)
}

// dropOver drops streams for as long as a limit is exceeded, but none of which a caller is just being answered about.
func (b *batch) dropOver(ctx context.Context, t *tx, over func() string) error {
	limit := over()
	if limit == "" {
		return nil
	}
	b.w.full.Store(b.company.name, true)
	for range dropRounds {
		if b.oldest.asked < len(b.calls) || b.oldest.asked == 0 {
			if err := t.run(ctx, b.oldest.read(b.company.name, len(b.calls)+dropsAtOnce)...); err != nil {
				return err
			}
		}
		var victims []*stream
		gone := map[int64]bool{}
		for _, s := range b.oldest.inOrder() {
			if over() == "" {
				break
			}
			newest := within(s.no) == b.company.began
			if h := b.streams[s.no]; !gone[s.no] && !newest && (h == nil || !h.touched) {
				gone[s.no], victims = true, append(victims, s)
				b.company.leave(s)
			}
		}
		b.oldest = candidates{}
		b.forget(t, limit, victims)
		if limit = over(); limit == "" || len(victims) == 0 {
			return nil
		}
	}
	return nil
}

// leave takes a stream off the company's counters.
func (c *company) leave(s *stream) {
	c.streams, c.entries, c.bytes, c.jobs = c.streams-1, c.entries-s.length, c.bytes-s.bytes, c.jobs-s.jobs
	c.dropped++
}

// forget leaves it to the transaction to drop streams with all that belongs to them.
func (b *batch) forget(t *tx, limit string, streams []*stream) {
	if len(streams) == 0 {
		return
	}
	var nos []int64
	var names []digest
	drop := journal.Drop{Company: b.company.name, Limit: limit, Payments: len(streams)}
	for _, s := range streams {
		nos, names = append(nos, s.no), append(names, s.names(b.company.name)...)
		drop.Jobs += int(s.jobs)
	}
	b.dropped, b.gone = append(b.dropped, drop), append(b.gone, nos...)
	t.later(remove("streams", "no", nos), remove("appends", "stream", nos), remove("jobs", "stream", nos),
		statement{verb: removeNames, digests: names})
}

// sizes are what the companies have, as far as this process knows: what it has written itself, and read of others.
type sizes struct {
	mu sync.Mutex
	journal.Uses
	age int // how often it was asked for since it was read; 0 = it has to be read
}

// use is how many streams a company has, and their bytes.
func (c *company) use() journal.Use { return journal.Use{Count: int(c.streams), Bytes: int(c.bytes)} }

// rereadAfter is how often sizes that other processes change are used before they are read again.
const rereadAfter = 256

// written notes what a company has; what is not known will be read.
func (x *sizes) written(company string, is journal.Use) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.age > 0 {
		x.Set(company, is)
	}
}

// forget has the sizes read again when they are needed.
func (x *sizes) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.age = 0
}

// over returns the limit of all companies that is exceeded, the largest company by what it counts, and what the others have.
func (x *sizes) over(l *journal.Limits) (limit, largest string, others journal.Use) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if limit = l.OverTotal(x.All); limit == "" {
		return "", "", journal.Use{}
	}
	largest = x.Largest(limit)
	its := x.Get(largest)
	return limit, largest, x.All.Plus(-its.Count, -its.Bytes)
}

// refresh reads the sizes when they are not known, or may have changed without this process.
func (w *appender) refresh() error {
	x := &w.sizes
	x.mu.Lock()
	x.age++
	fresh := x.age > 1 && (w.others == nil || x.age < rereadAfter)
	x.mu.Unlock()
	if fresh {
		return nil
	}
	return w.db.run(context.Background(), call{what: "sizes"}, func(ctx context.Context, c conn) error {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.Uses, x.age = journal.Uses{}, 1
		return c.run(ctx, scanCompanies(ask(selectCompanies), func(c *company) error {
			x.Set(c.name, c.use())
			return nil
		}))
	})
}

// dropOverTotal drops from the largest company what all together have too much. What can't be dropped now is dropped after a
// later append.
func (w *appender) dropOverTotal() error {
	if w.limits.TotalPayments == 0 && w.limits.TotalBytes == 0 {
		return nil
	}
	if err := w.refresh(); err != nil {
		return err
	}
	for {
		limit, largest, others := w.sizes.over(&w.limits)
		if limit == "" {
			return nil
		}
		var b *batch
		err := w.db.transact(context.Background(), call{what: "drop", scope: w.scope(largest)}, func(ctx context.Context, t *tx) error {
			b = w.batch(largest, nil)
			if err := b.load(ctx, t); err != nil || b.company.no == 0 {
				return err
			}
			c := b.company
			err := b.dropOver(ctx, t, func() string { return w.limits.OverTotal(others.Plus(int(c.streams), int(c.bytes))) })
			if len(b.dropped) > 0 {
				t.later(c.save())
			}
			return err
		})
		if err != nil {
			return err
		}
		if w.written(b); len(b.dropped) == 0 {
			return nil
		}
	}
}
