package journal

import (
	"cmp"
	"container/heap"
	"slices"
)

// agenda is a company's due work: a heap of what waits, and everything, taken or not, by its id.
type agenda struct {
	seq      uint64
	waiting  waiting
	byID     map[string]*item
	byStream map[string][]*item
}

type item struct {
	Due
	place int // in the heap; -1 when taken
}

func newAgenda() agenda {
	return agenda{byID: map[string]*item{}, byStream: map[string][]*item{}}
}

// add begins to wait; an id that is there already is replaced.
func (a *agenda) add(d Due) {
	a.remove(d.ID)
	a.seq++
	d.Seq = a.seq
	it := &item{Due: d}
	a.byID[d.ID] = it
	a.byStream[d.Stream] = append(a.byStream[d.Stream], it)
	heap.Push(&a.waiting, it)
}

func (a *agenda) remove(id string) {
	it := a.byID[id]
	if it == nil {
		return
	}
	delete(a.byID, id)
	if it.place >= 0 {
		heap.Remove(&a.waiting, it.place)
	}
	rest := slices.DeleteFunc(a.byStream[it.Stream], func(other *item) bool { return other == it })
	if a.byStream[it.Stream] = rest; len(rest) == 0 {
		delete(a.byStream, it.Stream)
	}
}

func (a *agenda) removeStream(stream string) {
	for _, it := range slices.Clone(a.byStream[stream]) {
		a.remove(it.ID)
	}
}

func (a *agenda) take(t Taking) []Due {
	if t.Stream != "" {
		return a.takeOf(t)
	}
	var taken []Due
	var skipped []*item
	for len(a.waiting) > 0 && len(taken) < max(1, t.Limit) && !a.waiting[0].At.After(t.Until) {
		it := heap.Pop(&a.waiting).(*item)
		if t.Skip != nil && t.Skip(it.Stream) {
			skipped = append(skipped, it)
			continue
		}
		taken = append(taken, it.Due)
	}
	for _, it := range skipped {
		heap.Push(&a.waiting, it)
	}
	return taken
}

// takeOf takes the work of one stream.
func (a *agenda) takeOf(t Taking) []Due {
	var ready []*item
	for _, it := range a.byStream[t.Stream] {
		if it.place >= 0 && !it.At.After(t.Until) {
			ready = append(ready, it)
		}
	}
	slices.SortFunc(ready, compare)
	var taken []Due
	for _, it := range ready[:min(len(ready), max(1, t.Limit))] {
		heap.Remove(&a.waiting, it.place)
		taken = append(taken, it.Due)
	}
	return taken
}

func (a *agenda) putBack(id string) {
	if it := a.byID[id]; it != nil && it.place < 0 {
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
