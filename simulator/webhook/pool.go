package webhook

import (
	"context"
	"sync"
)

// Pool runs functions concurrently, within bounds. Functions of one key never overlap and run in the order of Go, whatever
// their target; of one target at most perTarget run at once.
//
// total bounds all targets together, except that each target may always run one function: however many targets are stuck
// with all they may run, another one proceeds. When total is used up, a place that comes free goes to the target that has
// waited longest.
type Pool struct {
	perTarget, total int

	mu      sync.Mutex
	targets map[string]*target
	keys    map[string][]task // of each key that is queued or running: what comes after that
	waiting []*target         // could run another function but for total, the longest wait first
	parked  []chan turn       // goroutines that wait for their next function
	running int
	pending int // functions accepted and not finished
	closed  bool
	idle    chan struct{} // closed when closed and nothing is pending
}

// Defaults for NewPool.
const (
	DefaultPerTarget = 32
	DefaultTotal     = 4096
)

type target struct {
	name    string
	queue   []task // whose turn it is by their key
	running int
	waiting bool // in Pool.waiting
}

type task struct {
	target, key string
	run         func()
}

// turn is a task that runs, and the target whose place it takes.
type turn struct {
	of   *target
	task task
}

// NewPool makes a pool; bounds below 1 are the defaults.
func NewPool(perTarget, total int) *Pool {
	if perTarget < 1 {
		perTarget = DefaultPerTarget
	}
	if total < 1 {
		total = DefaultTotal
	}
	return &Pool{
		perTarget: perTarget, total: total,
		targets: map[string]*target{}, keys: map[string][]task{}, idle: make(chan struct{}),
	}
}

// Go has fn run for a target, after all earlier functions of the same key; a key of "" has no order. It never waits; false
// means that fn won't run, because of Close or Wait.
func (p *Pool) Go(to, key string, fn func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.pending++
	t := task{to, key, fn}
	if key != "" {
		if next, busy := p.keys[key]; busy {
			p.keys[key] = append(next, t)
			return true
		}
		p.keys[key] = nil
	}
	p.start(p.enqueue(t))
	return true
}

// enqueue puts a task whose turn it is into its target's queue.
func (p *Pool) enqueue(t task) *target {
	to := p.targets[t.target]
	if to == nil {
		to = &target{name: t.target}
		p.targets[t.target] = to
	}
	to.queue = append(to.queue, t)
	return to
}

// start runs as many of a target's tasks as the bounds allow.
func (p *Pool) start(to *target) {
	for len(to.queue) > 0 && to.running < p.perTarget {
		if to.running > 0 && p.running >= p.total {
			if !to.waiting {
				to.waiting = true
				p.waiting = append(p.waiting, to)
			}
			return
		}
		p.startOne(to)
	}
}

func (p *Pool) startOne(to *target) {
	t := to.queue[0]
	to.queue[0] = task{} // the array lives on; what the task holds must not
	to.queue = to.queue[1:]
	to.running++
	p.running++
	if last := len(p.parked) - 1; last >= 0 {
		p.parked[last] <- turn{to, t}
		p.parked = p.parked[:last]
		return
	}
	go p.work(turn{to, t})
}

// work runs one task after another: a goroutine's stack, which grows for an attempt, serves many.
func (p *Pool) work(first turn) {
	next := make(chan turn, 1)
	for t, more := first, true; more; t, more = <-next {
		t.task.run()
		p.finish(t.of, t.task, next)
	}
}

// finish parks the goroutine that has run a task, until next has another one or is closed, and gives the task's place away: to its own
// target if that would run nothing else, then to those that have waited.
func (p *Pool) finish(of *target, t task, next chan turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.parked = append(p.parked, next); p.closed || len(p.parked) > p.perTarget {
		p.release()
	}
	of.running--
	p.running--
	p.pending--
	after := p.nextOf(t.key)
	if of.running == 0 && len(of.queue) > 0 {
		p.startOne(of)
	}
	for len(p.waiting) > 0 && p.running < p.total {
		first := p.waiting[0]
		p.waiting[0] = nil
		p.waiting = p.waiting[1:]
		first.waiting = false
		if len(first.queue) > 0 && first.running < p.perTarget {
			p.startOne(first)
			p.start(first)
		}
	}
	p.start(of)
	if after != nil {
		p.start(after)
	}
	if of.running == 0 && len(of.queue) == 0 {
		delete(p.targets, of.name)
	}
	p.checkIdle()
}

// nextOf queues the next task of a key, and returns its target; nil when there is none.
func (p *Pool) nextOf(key string) *target {
	next := p.keys[key]
	if len(next) == 0 {
		delete(p.keys, key)
		return nil
	}
	t := next[0]
	next[0] = task{}
	p.keys[key] = next[1:]
	return p.enqueue(t)
}

// release ends the goroutines that are parked.
func (p *Pool) release() {
	for _, next := range p.parked {
		close(next)
	}
	p.parked = nil
}

func (p *Pool) checkIdle() {
	if !p.closed || p.pending > 0 {
		return
	}
	select {
	case <-p.idle:
	default:
		close(p.idle)
	}
}

// Close refuses new functions and drops those that have not started; it returns how many. Those that run go on: see Wait.
func (p *Pool) Close() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.release()
	dropped := 0
	for _, to := range p.targets {
		dropped += len(to.queue)
		to.queue = nil
	}
	for _, next := range p.keys {
		dropped += len(next)
	}
	clear(p.keys)
	p.pending -= dropped
	p.checkIdle()
	return dropped
}

// Wait refuses new functions and waits for all that were accepted (after Close: for those that had started). The error is
// ctx's.
func (p *Pool) Wait(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.release()
	p.checkIdle()
	p.mu.Unlock()
	select {
	case <-p.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
