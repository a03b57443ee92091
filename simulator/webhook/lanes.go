package webhook

import (
	"context"
	"sync"
)

// Pool runs functions at once, within bounds. Functions of one key never overlap and run in the order of Go, whichever
// lane they are in; a lane runs at most perLane of them. Only functions that run have a goroutine; the others wait in
// lists.
//
// total bounds the goroutines of all lanes together, but for the first of each lane, which is always granted: so however
// many lanes are stuck with all they have, another one moves. When total is used up, a lane with more than one goroutine
// gives one up between two functions to the lane that has waited longest for another.
type Pool struct {
	perLane, total int

	mu      sync.Mutex
	lanes   map[string]*lane
	keys    map[string][]task // of each key that is queued or running: what comes after that
	starved []*lane           // would have had another worker but for total, first come first
	workers int
	pending int // functions accepted and not finished
	closed  bool
	idle    chan struct{} // closed when closed and nothing is pending
}

// Defaults for NewLanes.
const (
	DefaultPerTarget = 32
	DefaultTotal     = 4096
)

type lane struct {
	name    string
	queue   []task // whose turn it is by their key
	workers int    // above 0 whenever queue isn't empty
	fresh   int    // of these: have not taken their first function yet
	starved bool   // in Lanes.starved
}

type task struct {
	lane, key string
	run       func()
}

// NewPool makes lanes; bounds below 1 are the defaults.
func NewPool(perLane, total int) *Pool {
	if perLane < 1 {
		perLane = DefaultPerTarget
	}
	if total < 1 {
		total = DefaultTotal
	}
	return &Pool{
		perLane: perLane, total: total,
		lanes: map[string]*lane{}, keys: map[string][]task{}, idle: make(chan struct{}),
	}
}

// Go has fn run in a lane, after all earlier functions of the same key; a key of "" has no order. It never waits; false
// means that fn won't run, because of Close or Wait.
func (l *Pool) Go(lane, key string, fn func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.pending++
	t := task{lane, key, fn}
	if key != "" {
		if behind, busy := l.keys[key]; busy {
			l.keys[key] = append(behind, t)
			return true
		}
		l.keys[key] = nil
	}
	l.enqueue(t)
	return true
}

// enqueue puts a task whose turn it is into its lane.
func (l *Pool) enqueue(t task) {
	to := l.lanes[t.lane]
	if to == nil {
		to = &lane{name: t.lane}
		l.lanes[t.lane] = to
	}
	to.queue = append(to.queue, t)
	l.grow(to)
}

// grow starts another worker for a lane that has more functions than workers on their way to them, as far as the bounds
// let it.
func (l *Pool) grow(to *lane) {
	switch {
	case !l.hungry(to):
	case to.workers > 0 && l.workers >= l.total:
		l.starve(to)
	default:
		to.workers++
		to.fresh++
		l.workers++
		go l.work(to)
	}
}

func (l *Pool) starve(who *lane) {
	if !who.starved {
		who.starved = true
		l.starved = append(l.starved, who)
	}
}

// work runs a lane's functions until there are none, or another lane needs the goroutine more.
func (l *Pool) work(of *lane) {
	for first := true; ; first = false {
		t, ok := l.next(of, first)
		if !ok {
			return
		}
		t.run()
		l.finish(t)
	}
}

func (l *Pool) next(of *lane, first bool) (task, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if first {
		of.fresh--
	}
	giveWay := !first && of.workers > 1 && l.workers >= l.total && l.anyStarvedBut(of)
	if len(of.queue) > 0 && !giveWay {
		t := of.queue[0]
		of.queue[0] = task{} // the list lives on, what it held must not
		of.queue = of.queue[1:]
		return t, true
	}
	of.workers--
	l.workers--
	if of.workers == 0 {
		delete(l.lanes, of.name)
	}
	l.feed()
	l.grow(of)
	return task{}, false
}

// anyStarvedBut says whether another lane than this one still waits for a worker, and forgets those that don't.
func (l *Pool) anyStarvedBut(this *lane) bool {
	for len(l.starved) > 0 {
		if first := l.starved[0]; l.hungry(first) {
			return first != this || len(l.starved) > 1
		}
		l.popStarved()
	}
	return false
}

// hungry says whether a lane could use another worker.
func (l *Pool) hungry(who *lane) bool {
	return len(who.queue) > who.fresh && who.workers < l.perLane
}

func (l *Pool) popStarved() *lane {
	first := l.starved[0]
	l.starved[0] = nil
	l.starved = l.starved[1:]
	first.starved = false
	return first
}

// feed gives a worker's place that came free to the lane that has waited longest.
func (l *Pool) feed() {
	for l.workers < l.total && len(l.starved) > 0 {
		first := l.popStarved()
		if !l.hungry(first) {
			continue
		}
		l.grow(first)
		if l.hungry(first) {
			l.starve(first)
		}
		return // one place came free
	}
}

// finish lets the next function of the key take its turn.
func (l *Pool) finish(t task) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending--
	if behind := l.keys[t.key]; len(behind) > 0 {
		next := behind[0]
		behind[0] = task{}
		l.keys[t.key] = behind[1:]
		l.enqueue(next)
	} else {
		delete(l.keys, t.key)
	}
	l.checkIdle()
}

func (l *Pool) checkIdle() {
	if !l.closed || l.pending > 0 {
		return
	}
	select {
	case <-l.idle:
	default:
		close(l.idle)
	}
}

// Close refuses new functions and drops those that have not begun; it returns how many. Those that run go on: see Wait.
func (l *Pool) Close() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	dropped := 0
	for _, of := range l.lanes {
		dropped += len(of.queue)
		of.queue = nil
	}
	for _, behind := range l.keys {
		dropped += len(behind)
	}
	clear(l.keys)
	l.pending -= dropped
	l.checkIdle()
	return dropped
}

// Wait refuses new functions and waits for all that were accepted (after Close: for those that had begun). The error is
// ctx's.
func (l *Pool) Wait(ctx context.Context) error {
	l.mu.Lock()
	l.closed = true
	l.checkIdle()
	l.mu.Unlock()
	select {
	case <-l.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
