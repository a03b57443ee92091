package journal

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// jobQueue is a company's due work: a heap of what waits, and what is taken. Each stream has the list of its own, which is
// short. Work that is removed, or taken out of turn, leaves a stale place in the heap; such places are passed over when
// they come up, and swept out when they are many.
type jobQueue struct {
	seq     uint64
	heap    []place
	stale   int              // places whose work is gone
	claimed map[string]*item // by id
}

// place is where an item waits. It holds what the heap compares, so that comparing follows no pointers.
type place struct {
	at   int64 // nanoseconds
	seq  uint64
	it   *item
	turn uint32 // the item's when it began to wait here
}

type item struct {
	Job
	turn    uint32 // counts how often it stopped to wait
	claimed bool
}

// streamJobs are the jobs of one stream.
type streamJobs struct {
	id  string // the stream's
	due []*item
}

// pendingJobs returns the jobs of one stream, which may be nil.
func (st *streamJobs) pendingJobs(limit int) (jobs []Job) {
	if st == nil {
		return nil
	}
	for _, it := range st.due {
		if !it.claimed {
			jobs = append(jobs, it.Job)
		}
	}
	slices.SortFunc(jobs, func(a, b Job) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq)) })
	if limit > 0 && len(jobs) > limit {
		jobs = jobs[:limit]
	}
	return jobs
}

func newJobQueue() jobQueue { return jobQueue{claimed: map[string]*item{}} }

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
	d.Seq, d.Stream = a.seq, st.id
	it := &item{Job: d}
	st.due = append(st.due, it)
	a.push(it)
}

func (a *jobQueue) remove(st *streamJobs, id string) {
	i := slices.IndexFunc(st.due, func(it *item) bool { return it.ID == id })
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
		delete(a.claimed, it.ID)
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

// all returns all due work, taken or not, in the order in which it was added.
func (a *jobQueue) all() []Job {
	all := make([]Job, 0, a.size())
	for _, p := range a.heap {
		if !p.stale() {
			all = append(all, p.it.Job)
		}
	}
	for _, it := range a.claimed {
		all = append(all, it.Job)
	}
	slices.SortFunc(all, func(x, y Job) int { return cmp.Compare(x.Seq, y.Seq) })
	return all
}

// claim hands out what is due; of is the stream whose work alone is asked for, or nil.
func (a *jobQueue) claim(t ClaimQuery, of *streamJobs) []Job {
	if t.Stream != "" {
		return a.claimOf(t, of)
	}
	var due []Job
	var skipped []*item
	for len(due) < max(1, t.Limit) {
		first := a.first()
		if first == nil || first.At.After(t.Until) {
			break
		}
		a.pop()
		first.turn++
		if t.Skip != nil && t.Skip(first.Stream) {
			skipped = append(skipped, first)
			continue
		}
		first.claimed, a.claimed[first.ID] = true, first
		due = append(due, first.Job)
	}
	for _, it := range skipped {
		a.push(it)
	}
	return due
}

// claimOf takes the work of one stream.
func (a *jobQueue) claimOf(t ClaimQuery, st *streamJobs) []Job {
	if st == nil {
		return nil
	}
	var ready []*item
	for _, it := range st.due {
		if !it.claimed && !it.At.After(t.Until) {
			ready = append(ready, it)
		}
	}
	slices.SortFunc(ready, func(x, y *item) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Seq, y.Seq)) })
	var due []Job
	for _, it := range ready[:min(len(ready), max(1, t.Limit))] {
		a.leave(it)
		it.claimed, a.claimed[it.ID] = true, it
		due = append(due, it.Job)
	}
	return due
}

func (a *jobQueue) release(id string) {
	if it := a.claimed[id]; it != nil {
		delete(a.claimed, id)
		it.claimed = false
		a.push(it)
	}
}

// next returns the first of what waits, in order, or all for the limit 0. A few are popped off the heap and pushed back.
func (a *jobQueue) next(limit int) []Job {
	if limit <= 0 {
		return a.pending()
	}
	var popped []*item
	var due []Job
	for len(due) < limit {
		first := a.first()
		if first == nil {
			break
		}
		due = append(due, first.Job)
		if limit == 1 {
			return due
		}
		a.pop()
		first.turn++
		popped = append(popped, first)
	}
	for _, it := range popped {
		a.push(it)
	}
	return due
}

// pending returns all that waits, in order.
func (a *jobQueue) pending() []Job {
	var all []Job
	for _, p := range a.heap {
		if !p.stale() {
			all = append(all, p.it.Job)
		}
	}
	slices.SortFunc(all, func(x, y Job) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Seq, y.Seq)) })
	return all
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
	a.heap = append(a.heap, place{instant(it.At), it.Seq, it, it.turn})
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
