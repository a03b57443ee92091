package journal

import (
	"bytes"
	"cmp"
	"iter"
	"math"
	"slices"
	"strings"
	"time"
)

// jobQueue is a company's jobs: a heap of the pending ones, and those that are claimed. Each stream has the list of its own, which
// is short. A job that is removed, or claimed out of turn, leaves a stale place in the heap; such places are passed over when
// they come up, and swept out when they are many.
type jobQueue struct {
	seq     uint64
	heap    []place
	stale   int              // places whose job is gone
	claimed map[uint64]claim // by seq
	lapses  time.Time        // no lease ends earlier
	usual   map[string]*work // what was last to be done of each kind
}

// place is where an item waits. It holds what the heap compares, so that comparing follows no pointers.
type place struct {
	at   int64 // nanoseconds
	seq  uint64
	it   *item
	turn uint32 // the item's when it began to wait here
}

// item is a job as it is kept. Hundreds of thousands may wait: what it has in common with others it doesn't hold itself.
type item struct {
	of      *streamJobs
	work    *work
	at      time.Time
	seq     uint64
	turn    uint32 // counts how often it stopped to wait
	claimed bool
}

// work is what is to be done, the same for most jobs of a kind: only the stream's id, with which theirs begin, tells them apart.
type work struct {
	name   string // the job's ID, without the stream's
	inName bool   // the ID doesn't begin with the stream's: it is the name
	kind   string
	data   []byte
}

// claim is a job that is claimed, and when the claim lapses.
type claim struct {
	*item
	lease time.Time
}

func (it *item) id() string {
	if it.work.inName {
		return it.work.name
	}
	return it.of.id + it.work.name
}

// is says whether an item has an ID.
func (it *item) is(id string) bool {
	name, within := strings.CutPrefix(id, it.of.id)
	return name == it.work.name && within != it.work.inName
}

func (it *item) job() Job {
	return Job{ID: it.id(), Stream: it.of.id, At: it.at, Seq: it.seq, Kind: it.work.kind, Data: it.work.data}
}

// streamJobs are the jobs of one stream.
type streamJobs struct {
	id  string // the stream's
	due []*item
}

func newJobQueue() jobQueue {
	return jobQueue{claimed: map[uint64]claim{}, usual: map[string]*work{}}
}

// instant is a time in nanoseconds since 1970, which count from 1678 to 2261; earlier and later times are the first and the last.
func instant(t time.Time) int64 {
	switch {
	case t.Year() < 1678:
		return math.MinInt64
	case t.Year() > 2261:
		return math.MaxInt64
	}
	return t.UnixNano()
}

func (p place) stale() bool { return p.turn != p.it.turn }

func (p place) before(q place) bool { return p.at < q.at || p.at == q.at && p.seq < q.seq }

// size counts all work, taken or not.
func (a *jobQueue) size() int { return len(a.heap) - a.stale + len(a.claimed) }

// add begins to wait; an id that the stream has already is replaced.
func (a *jobQueue) add(st *streamJobs, d Job) {
	a.remove(st, d.ID)
	a.seq++
	it := &item{of: st, work: a.workOf(st, d), at: d.At, seq: a.seq}
	st.due = append(st.due, it)
	a.push(it)
}

func (a *jobQueue) workOf(st *streamJobs, d Job) *work {
	name, within := strings.CutPrefix(d.ID, st.id)
	w := a.usual[d.Kind]
	if w == nil || w.name != name || w.inName == within || !bytes.Equal(w.data, d.Data) {
		w = &work{strings.Clone(name), !within, d.Kind, d.Data}
		a.usual[d.Kind] = w
	}
	return w
}

func (a *jobQueue) remove(st *streamJobs, id string) {
	i := slices.IndexFunc(st.due, func(it *item) bool { return it.is(id) })
	if i < 0 {
		return
	}
	a.forget(st.due[i])
	st.due = slices.Delete(st.due, i, i+1)
}

func (a *jobQueue) removeAll(st *streamJobs) {
	for _, it := range st.due {
		a.forget(it)
	}
	st.due = nil
}

// forget takes an item off the queue; the stream's list is the caller's business.
func (a *jobQueue) forget(it *item) {
	if it.claimed {
		delete(a.claimed, it.seq)
		return
	}
	a.leave(it)
}

// leave makes an item's place stale.
func (a *jobQueue) leave(it *item) {
	it.turn++
	a.stale++
	if a.stale > len(a.heap)/2+64 {
		a.heap = slices.DeleteFunc(a.heap, place.stale)
		a.stale = 0
		for i := len(a.heap)/2 - 1; i >= 0; i-- {
			a.down(i)
		}
	}
}

// all returns all jobs, claimed or not, in the order in which they were added.
func (a *jobQueue) all() []Job {
	all := make([]Job, 0, a.size())
	for it := range a.items() {
		all = append(all, it.job())
	}
	slices.SortFunc(all, func(x, y Job) int { return cmp.Compare(x.Seq, y.Seq) })
	return all
}

// claim hands out what is due, until a lease ends; of is the stream whose jobs alone are asked for, or nil.
func (a *jobQueue) claim(t ClaimQuery, of *streamJobs, lease time.Time) []Job {
	if t.Stream != "" {
		return a.claimOf(t, of, lease)
	}
	var due []Job
	var skipped []*item
	for len(due) < max(1, t.Limit) {
		first := a.first()
		if first == nil || first.at.After(t.Until) {
			break
		}
		a.pop()
		first.turn++
		if t.Skip != nil && t.Skip(first.of.id) {
			skipped = append(skipped, first)
			continue
		}
		a.hand(first, lease)
		due = append(due, first.job())
	}
	for _, it := range skipped {
		a.push(it)
	}
	return due
}

// claimOf hands out jobs of one stream.
func (a *jobQueue) claimOf(t ClaimQuery, st *streamJobs, lease time.Time) []Job {
	if st == nil {
		return nil
	}
	var due []Job
	for _, d := range pick(st.due, JobQuery{}) {
		if len(due) < max(1, t.Limit) && !d.At.After(t.Until) {
			it := st.job(d)
			a.leave(it)
			a.hand(it, lease)
			due = append(due, d)
		}
	}
	return due
}

// hand marks an item that waits no longer as claimed.
func (a *jobQueue) hand(it *item, lease time.Time) {
	if len(a.claimed) == 0 || lease.Before(a.lapses) {
		a.lapses = lease
	}
	it.claimed, a.claimed[it.seq] = true, claim{it, lease}
}

// hold claims jobs of a stream that have just been added.
func (a *jobQueue) hold(st *streamJobs, jobs []Job, lease time.Time) {
	for _, d := range jobs {
		for _, it := range st.due {
			if it.is(d.ID) && !it.claimed {
				a.leave(it)
				a.hand(it, lease)
			}
		}
	}
}

// renew puts off the end of a job's lease; false means that the job is not claimed.
func (a *jobQueue) renew(d Job, lease time.Time) bool {
	held, ok := a.claimed[d.Seq]
	if ok = ok && held.is(d.ID); ok {
		a.claimed[d.Seq] = claim{held.item, lease}
	}
	return ok
}

func (a *jobQueue) release(d Job) {
	if held, ok := a.claimed[d.Seq]; ok && held.is(d.ID) {
		delete(a.claimed, d.Seq)
		held.claimed = false
		a.push(held.item)
	}
}

// lapse ends the leases that nobody has renewed in time.
func (a *jobQueue) lapse(now time.Time) {
	if len(a.claimed) == 0 || !now.After(a.lapses) {
		return
	}
	a.lapses = now.Add(Lease)
	for _, held := range a.claimed {
		if now.After(held.lease) {
			a.release(held.job())
		} else if held.lease.Before(a.lapses) {
			a.lapses = held.lease
		}
	}
}

// job returns a stream's job, claimed or not, nil when it is gone; st may be new.
func (st *streamJobs) job(d Job) *item {
	for _, it := range st.due {
		if it.seq == d.Seq && it.is(d.ID) {
			return it
		}
	}
	return nil
}

// next returns the first jobs, in order. Of the pending ones only those are popped off the heap, and pushed back, that may be among
// them: its cost is that of the limit and of what is claimed, not of all jobs.
func (a *jobQueue) next(q JobQuery) []Job {
	if q.Limit <= 0 {
		return pick(slices.Collect(a.items()), q)
	}
	var first []*item
	for len(first) < q.Limit {
		it := a.first()
		if it == nil {
			break
		}
		first = append(first, it)
		if q.Limit == 1 {
			break
		}
		a.pop()
		it.turn++
	}
	if q.Limit > 1 {
		for _, it := range first {
			a.push(it)
		}
	}
	if q.Claimed {
		for _, held := range a.claimed {
			first = append(first, held.item)
		}
	}
	return pick(first, q)
}

// items are all, claimed or not, in no order.
func (a *jobQueue) items() iter.Seq[*item] {
	return func(yield func(*item) bool) {
		for _, p := range a.heap {
			if !p.stale() && !yield(p.it) {
				return
			}
		}
		for _, held := range a.claimed {
			if !yield(held.item) {
				return
			}
		}
	}
}

// pick returns the jobs of items that a query asks for, in order.
func pick(items []*item, q JobQuery) (jobs []Job) {
	for _, it := range items {
		d := it.job()
		if it.claimed {
			d.Holder = ThisProcess()
		}
		if q.Claimed || !it.claimed {
			jobs = append(jobs, d)
		}
	}
	slices.SortFunc(jobs, func(x, y Job) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Seq, y.Seq)) })
	if q.Limit > 0 && len(jobs) > q.Limit {
		jobs = jobs[:q.Limit]
	}
	return jobs
}

// first returns the item at the head of the heap, nil when nothing waits.
func (a *jobQueue) first() *item {
	for len(a.heap) > 0 && a.heap[0].stale() {
		a.pop()
		a.stale--
	}
	if len(a.heap) == 0 {
		return nil
	}
	return a.heap[0].it
}

func (a *jobQueue) push(it *item) {
	a.heap = append(a.heap, place{instant(it.at), it.seq, it, it.turn})
	for i := len(a.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !a.heap[i].before(a.heap[parent]) {
			break
		}
		a.heap[i], a.heap[parent] = a.heap[parent], a.heap[i]
		i = parent
	}
}

// pop takes the head off the heap.
func (a *jobQueue) pop() {
	last := len(a.heap) - 1
	a.heap[0], a.heap[last] = a.heap[last], place{}
	a.heap = a.heap[:last]
	if last > 1024 && last < cap(a.heap)/4 {
		a.heap = slices.Clone(a.heap) // there were many, once
	}
	a.down(0)
}

func (a *jobQueue) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(a.heap) {
			return
		}
		if child+1 < len(a.heap) && a.heap[child+1].before(a.heap[child]) {
			child++
		}
		if !a.heap[child].before(a.heap[i]) {
			return
		}
		a.heap[i], a.heap[child] = a.heap[child], a.heap[i]
		i = child
	}
}
