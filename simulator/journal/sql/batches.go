package sqljournal

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// waiter is a call that waits for its batch. It can be withdrawn until the batch begins.
type waiter struct {
	state atomic.Int32
	done  chan struct{}
}

const (
	waiting = iota
	begun
	withdrawn
)

func newWaiter() waiter { return waiter{done: make(chan struct{})} }

func (w *waiter) begin() bool { return w.state.CompareAndSwap(waiting, begun) }

func (w *waiter) finish() { close(w.done) }

// wait waits for the call's end. It returns ctx's error when ctx ended before the batch began; once it has begun, its outcome
// must be known.
func (w *waiter) wait(ctx context.Context) error {
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
	}
	if w.state.CompareAndSwap(waiting, withdrawn) {
		return ctx.Err()
	}
	<-w.done
	return nil
}

// batches let concurrent calls share a transaction: those of a scope that come while a batch of it is being written go into
// the next one.
type batches[T any] struct {
	write    func(scope string, batch []T) // finishes every call
	most     int                           // calls of one batch
	patience time.Duration                 // how long a batch waits for calls that are likely to come; 0 = not at all

	mu      sync.Mutex
	scopes  map[string]*line[T] // those that are being written
	writers sync.WaitGroup
	closed  bool
}

// line is where calls of a scope wait.
type line[T any] struct {
	calls  []T
	wanted int           // how many calls the writer waits for; 0 = it does not wait
	enough chan struct{} // told when they are there
}

func newBatches[T any](most int, patience time.Duration, write func(string, []T)) *batches[T] {
	return &batches[T]{write: write, most: most, patience: patience, scopes: map[string]*line[T]{}}
}

// add adds a call to the next batch of a scope; it returns false when the batches are closed.
func (b *batches[T]) add(scope string, c T) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	l := b.scopes[scope]
	if l == nil {
		l = &line[T]{enough: make(chan struct{}, 1)}
		b.scopes[scope] = l
		b.writers.Go(func() { b.run(scope, l) })
	}
	l.calls = append(l.calls, c)
	if l.wanted > 0 && len(l.calls) >= l.wanted {
		l.wanted = 0
		l.enough <- struct{}{}
	}
	return true
}

// run writes batches until no call waits.
func (b *batches[T]) run(scope string, l *line[T]) {
	for last := 0; ; {
		batch := b.next(scope, l, last)
		if batch == nil {
			return
		}
		b.write(scope, batch)
		last = len(batch)
	}
}

// next takes the next batch. The calls that the last batch answered are likely to be back soon: a bit of patience makes one
// batch of two. A caller who comes alone never waits.
func (b *batches[T]) next(scope string, l *line[T], last int) []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(l.calls) == 0 {
		delete(b.scopes, scope)
		return nil
	}
	if b.patience > 0 && last > 0 {
		b.await(l, last+len(l.calls))
	}
	n := min(len(l.calls), b.most)
	batch := l.calls[:n:n]
	l.calls = l.calls[n:]
	return batch
}

// await waits until so many calls are there, with the lock released.
func (b *batches[T]) await(l *line[T], wanted int) {
	l.wanted = wanted
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), b.patience)
	select {
	case <-l.enough:
	case <-ctx.Done():
	}
	cancel()
	b.mu.Lock()
	if l.wanted == 0 { // told, be it too late
		select {
		case <-l.enough:
		default:
		}
	}
	l.wanted = 0
}

// close refuses further calls and waits for those that were added.
func (b *batches[T]) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.writers.Wait()
}
