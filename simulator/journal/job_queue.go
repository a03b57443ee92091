package journal

import (
	"bytes"
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/btree"
)

// jobQueue is a company's jobs: the pending ones, in order, and those that are claimed. Each stream has the list of its own, which
// is short.
type jobQueue struct {
	seq        uint64
	pending    *btree.BTreeG[*item]
	claimed    map[uint64]*item // by seq
	lapses     int64            // no lease ends earlier
	lastOfKind map[string]*common
}

// item is a job as it is kept. Hundreds of thousands may wait: what it has in common with others it doesn't hold itself.
type item struct {
	of    *streamJobs
	has   *common
	at    int64 // see Instant
	seq   uint64
	lease int64 // until when it is claimed, in nanoseconds since 1970; 0 = it is pending
}

// common is what most jobs of a kind have in common: only the stream's id, with which their IDs begin, tells them apart.
type common struct {
	name  string // the ID without the stream's id; or all of it
	whole bool   // the ID doesn't begin with the stream's: name is all of it
	kind  string
	data  []byte
}

func (it *item) before(other *item) bool {
	return it.at < other.at || it.at == other.at && it.seq < other.seq
}

// is says whether an item has an ID.
func (it *item) is(id string) bool {
	name, within := strings.CutPrefix(id, it.of.id)
	return name == it.has.name && within != it.has.whole
}

func (it *item) job() Job {
	id := it.has.name
	if !it.has.whole {
		id = it.of.id + id
	}
	return Job{ID: id, Stream: it.of.id, At: FromInstant(it.at), Seq: it.seq, Kind: it.has.kind, Data: it.has.data}
}

// streamJobs are the jobs of one stream.
type streamJobs struct {
	id  string // the stream's
	due []*item
}

// find returns the job of an ID, nil when there is none.
func (st *streamJobs) find(id string) *item {
	if i := slices.IndexFunc(st.due, func(it *item) bool { return it.is(id) }); i >= 0 {
		return st.due[i]
	}
	return nil
}

func newJobQueue() jobQueue {
	return jobQueue{pending: btree.NewG(32, (*item).before), claimed: map[uint64]*item{}, lastOfKind: map[string]*common{}}
}

// Instant is a job's time as it is kept: in nanoseconds since 1970, which count from 1678 to 2261; earlier and later times are the first
// and the last.
func Instant(t time.Time) int64 {
	const from, to = -9_214_560_000, 9_214_646_400 // when 1678 and 2262 begin
	switch s := t.Unix(); {
	case s < from:
		return math.MinInt64
	case s >= to:
		return math.MaxInt64
	}
	return t.UnixNano()
}

// FromInstant is the time of an Instant.
func FromInstant(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// size counts all jobs, claimed or not.
func (a *jobQueue) size() int { return a.pending.Len() + len(a.claimed) }

// add begins to wait; an id that the stream has already is replaced.
func (a *jobQueue) add(st *streamJobs, d Job) {
	a.remove(st, d.ID)
	a.seq++
	it := &item{of: st, has: a.common(st, d), at: Instant(d.At), seq: a.seq}
	st.due = append(st.due, it)
	a.pending.ReplaceOrInsert(it)
}

// common is what a job has in common with the last of its kind, where that is so.
func (a *jobQueue) common(st *streamJobs, d Job) *common {
	name, within := strings.CutPrefix(d.ID, st.id)
	last := a.lastOfKind[d.Kind]
	if last == nil || last.name != name || last.whole == within || !bytes.Equal(last.data, d.Data) {
		last = &common{strings.Clone(name), !within, d.Kind, d.Data}
		a.lastOfKind[d.Kind] = last
	}
	return last
}

func (a *jobQueue) remove(st *streamJobs, id string) {
	if it := st.find(id); it != nil {
		a.forget(it)
		st.due = slices.DeleteFunc(st.due, func(other *item) bool { return other == it })
	}
}

func (a *jobQueue) removeAll(st *streamJobs) {
	for _, it := range st.due {
		a.forget(it)
	}
	st.due = nil
}

// forget takes an item off the queue; the stream's list is the caller's business.
func (a *jobQueue) forget(it *item) {
	if delete(a.claimed, it.seq); it.lease == 0 {
		a.pending.Delete(it)
	}
}

// all returns all jobs, claimed or not, in the order in which they were added.
func (a *jobQueue) all() []Job {
	all := make([]Job, 0, a.size())
	for it := range maps.Values(a.claimed) {
		all = append(all, it.job())
	}
	a.pending.Ascend(func(it *item) bool {
		all = append(all, it.job())
		return true
	})
	slices.SortFunc(all, func(x, y Job) int { return cmp.Compare(x.Seq, y.Seq) })
	return all
}

// claim hands out what is due, until a lease ends; of is the stream whose jobs alone are asked for, or nil.
func (a *jobQueue) claim(q ClaimQuery, of *streamJobs, lease time.Time) (claimed []Job) {
	var due []*item
	until, limit := Instant(q.Until), max(1, q.Limit)
	take := func(it *item) bool {
		if it.at > until || len(due) == limit {
			return false
		}
		if q.Skip == nil || !q.Skip(it.of.id) {
			due = append(due, it)
		}
		return true
	}
	switch {
	case q.Stream == "":
		a.pending.Ascend(take)
	case of != nil:
		for _, it := range sorted(of.due) {
			if it.lease == 0 && !take(it) {
				break
			}
		}
	}
	for _, it := range due {
		a.hand(it, lease)
		claimed = append(claimed, it.job())
	}
	return claimed
}

// hand claims a pending item.
func (a *jobQueue) hand(it *item, lease time.Time) {
	a.pending.Delete(it)
	it.lease, a.claimed[it.seq] = lease.UnixNano(), it
	if len(a.claimed) == 1 || it.lease < a.lapses {
		a.lapses = it.lease
	}
}

// hold claims jobs of a stream that have just been added.
func (a *jobQueue) hold(st *streamJobs, jobs []Job, lease time.Time) {
	for _, d := range jobs {
		if it := st.find(d.ID); it != nil && it.lease == 0 {
			a.hand(it, lease)
		}
	}
}

// held returns the item of a claimed job, nil when it isn't.
func (a *jobQueue) held(d Job) *item {
	if it := a.claimed[d.Seq]; it != nil && it.is(d.ID) && it.at == Instant(d.At) {
		return it
	}
	return nil
}

// renew puts off the end of a job's lease; false means that the job is not claimed.
func (a *jobQueue) renew(d Job, lease time.Time) bool {
	it := a.held(d)
	if it != nil {
		it.lease = lease.UnixNano()
	}
	return it != nil
}

func (a *jobQueue) release(d Job) {
	if it := a.held(d); it != nil {
		a.free(it)
	}
}

// free makes a claimed item pending.
func (a *jobQueue) free(it *item) {
	delete(a.claimed, it.seq)
	it.lease = 0
	a.pending.ReplaceOrInsert(it)
}

// lapse ends the leases that nobody has renewed in time.
func (a *jobQueue) lapse(now time.Time) {
	ns := now.UnixNano()
	if len(a.claimed) == 0 || ns <= a.lapses {
		return
	}
	a.lapses = now.Add(Lease).UnixNano()
	for _, it := range a.claimed {
		if ns > it.lease {
			a.free(it)
		} else {
			a.lapses = min(a.lapses, it.lease)
		}
	}
}

// next returns the first jobs, in order.
func (a *jobQueue) next(q JobQuery) []Job {
	var first []*item
	a.pending.Ascend(func(it *item) bool {
		first = append(first, it)
		return len(first) != q.Limit
	})
	if q.Claimed {
		first = slices.AppendSeq(first, maps.Values(a.claimed))
	}
	return pick(first, q)
}

// pick returns the jobs of items that a query asks for, in order.
func pick(items []*item, q JobQuery) (jobs []Job) {
	for _, it := range sorted(items) {
		if it.lease != 0 && !q.Claimed {
			continue
		}
		d := it.job()
		if it.lease != 0 {
			d.Holder = ThisProcess()
		}
		if jobs = append(jobs, d); len(jobs) == q.Limit {
			break
		}
	}
	return jobs
}

// sorted returns items in order.
func sorted(items []*item) []*item {
	return slices.SortedFunc(slices.Values(items), func(x, y *item) int { return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.seq, y.seq)) })
}
