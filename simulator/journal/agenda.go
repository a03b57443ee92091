package journal

import (
	"cmp"
	"container/heap"
	"slices"
)

// agenda is a company's due work: a heap of what waits. Each stream has the list of its own, taken or not, which is short;
// so nothing but the heap grows with the company.
type agenda struct {
	seq     uint64
	waiting waiting
	taken   map[string]*item // by id
}

type item struct {
	Due
	place int // in the heap; -1 when taken
}

func newAgenda() agenda { return agenda{taken: map[string]*item{}} }

func (a *agenda) size() int { return len(a.waiting) + len(a.taken) }

// add begins to wait; an id that the stream has already is replaced.
func (a *agenda) add(st *stream, d Due) {
	a.remove(st, d.ID)
	a.seq++
	d.Seq, d.Stream = a.seq, st.id
	it := &item{Due: d}
	st.due = append(st.due, it)
	heap.Push(&a.waiting, it)
}

func (a *agenda) remove(st *stream, id string) {
	i := slices.IndexFunc(st.due, func(it *item) bool { return it.ID == id })
	if i < 0 {
		return
	}
	a.forget(st.due[i])
	st.due = slices.Delete(st.due, i, i+1)
}

// forget takes an item off the agenda; the stream's list is the caller's business.
func (a *agenda) forget(it *item) {
	if it.place >= 0 {
		heap.Remove(&a.waiting, it.place)
	}
	delete(a.taken, it.ID)
}

func (a *agenda) removeAll(st *stream) {
	for _, it := range st.due {
		a.forget(it)
	}
	st.due = nil
}

// everything returns all due work, taken or not, in the order in which it was added.
func (a *agenda) everything() []Due {
	all := make([]Due, 0, a.size())
	for _, it := range a.waiting {
		all = append(all, it.Due)
	}
	for _, it := range a.taken {
		all = append(all, it.Due)
	}
	slices.SortFunc(all, func(x, y Due) int { return cmp.Compare(x.Seq, y.Seq) })
	return all
}

// take hands out what is due; of is the stream whose work alone is asked for, or nil.
func (a *agenda) take(t Taking, of *stream) []Due {
	if t.Stream != "" {
		return a.takeOf(t, of)
	}
	var due []Due
	var skipped []*item
	for len(a.waiting) > 0 && len(due) < max(1, t.Limit) && !a.waiting[0].At.After(t.Until) {
		it := heap.Pop(&a.waiting).(*item)
		if t.Skip != nil && t.Skip(it.Stream) {
			skipped = append(skipped, it)
			continue
		}
		a.taken[it.ID] = it
		due = append(due, it.Due)
	}
	for _, it := range skipped {
		heap.Push(&a.waiting, it)
	}
	return due
}

// takeOf takes the work of one stream.
func (a *agenda) takeOf(t Taking, st *stream) []Due {
	if st == nil {
		return nil
	}
	var ready []*item
	for _, it := range st.due {
		if it.place >= 0 && !it.At.After(t.Until) {
			ready = append(ready, it)
		}
	}
	slices.SortFunc(ready, compare)
	var due []Due
	for _, it := range ready[:min(len(ready), max(1, t.Limit))] {
		heap.Remove(&a.waiting, it.place)
		a.taken[it.ID] = it
		due = append(due, it.Due)
	}
	return due
}

func (a *agenda) putBack(id string) {
	if it := a.taken[id]; it != nil {
		delete(a.taken, id)
		heap.Push(&a.waiting, it)
	}
}

// next returns the first of what waits, in order: popped off the heap and pushed back, since few are asked for.
func (a *agenda) next(limit int) []Due {
	if limit == 1 && len(a.waiting) > 0 {
		return []Due{a.waiting[0].Due}
	}
	var popped []*item
	for len(a.waiting) > 0 && len(popped) < limit {
		popped = append(popped, heap.Pop(&a.waiting).(*item))
	}
	out := make([]Due, len(popped))
	for i, it := range popped {
		out[i] = it.Due
		heap.Push(&a.waiting, it)
	}
	return out
}

func compare(a, b *item) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return cmp.Compare(a.Seq, b.Seq)
}

// waiting is a heap in (At, Seq) order.
type waiting []*item

func (w waiting) Len() int           { return len(w) }
func (w waiting) Less(i, j int) bool { return compare(w[i], w[j]) < 0 }
func (w waiting) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].place, w[j].place = i, j
}

func (w *waiting) Push(x any) {
	it := x.(*item)
	it.place = len(*w)
	*w = append(*w, it)
}

func (w *waiting) Pop() any {
	last := len(*w) - 1
	it := (*w)[last]
	(*w)[last] = nil
	*w = (*w)[:last]
	it.place = -1
	return it
}
