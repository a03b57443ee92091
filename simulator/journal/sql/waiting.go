package sqljournal

import (
	"context"
	"errors"
	"sync"
	"time"

	"mozartosim/simulator/journal"
)

// batches let concurrent calls share a transaction: those of a scope that come while a batch of it is being written go into
// the next one.
type batches[T any] struct {
	write    func(scope string, batch []T)
	most     int           // calls of one batch
	patience time.Duration // how long a batch waits for calls that are likely to come; 0 = not at all

	mu      sync.Mutex
	scopes  map[string]*line[T] // in which something is written, or waits for it
	writers sync.WaitGroup
	closed  bool
}

// line is where the calls of a scope wait.
type line[T any] struct {
	batches []*queued[T]
	enough  chan struct{} // closed when as many calls are there as are likely to come; nil = nobody waits for that
	likely  int
}

// queued is a batch to come.
type queued[T any] struct {
	calls []T
	done  chan struct{} // closed when the batch is written
}

func newBatches[T any](most int, patience time.Duration, write func(string, []T)) *batches[T] {
	return &batches[T]{write: write, most: most, patience: patience, scopes: map[string]*line[T]{}}
}

// add adds a call to a batch. Done is closed when the batch is written; it is nil when the batches are closed.
func (b *batches[T]) add(scope string, call T) (done <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	l := b.scopes[scope]
	if l == nil {
		l = &line[T]{}
		b.scopes[scope] = l
		b.writers.Go(func() { b.run(scope, l) })
	}
	if n := len(l.batches); n == 0 || len(l.batches[n-1].calls) == b.most {
		l.batches = append(l.batches, &queued[T]{done: make(chan struct{})})
	}
	last := l.batches[len(l.batches)-1]
	if last.calls = append(last.calls, call); l.enough != nil && len(last.calls) >= l.likely {
		close(l.enough)
		l.enough = nil
	}
	return last.done
}

// do adds a call to a batch and waits for it.
func (b *batches[T]) do(ctx context.Context, scope string, call T) error {
	done := b.add(scope, call)
	if done == nil {
		return journal.ErrClosed
	}
	return await(ctx, done)
}

// await waits for a batch, until ctx's deadline: what a caller has cancelled is written all the same.
func await(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return journal.Unavailable(errors.New("it was not written in time; whether it was kept is unknown"))
	}
	<-done
	return nil
}

// run writes batches until no call waits. The calls that a batch has answered are likely to be back soon: a bit of patience
// makes one batch of two. A caller who comes alone never waits.
func (b *batches[T]) run(scope string, l *line[T]) {
	for answered := 0; ; {
		b.mu.Lock()
		if len(l.batches) == 0 {
			delete(b.scopes, scope)
			b.mu.Unlock()
			return
		}
		if waiting := len(l.batches[0].calls); answered > 0 && b.patience > 0 && waiting < b.most {
			b.await(l, min(answered+waiting, b.most))
		}
		next := l.batches[0]
		l.batches = l.batches[1:]
		b.mu.Unlock()
		b.write(scope, next.calls)
		close(next.done)
		answered = len(next.calls)
	}
}

// await waits until so many calls are there, with the lock released.
func (b *batches[T]) await(l *line[T], likely int) {
	enough := make(chan struct{})
	l.enough, l.likely = enough, likely
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), b.patience)
	select {
	case <-enough:
	case <-ctx.Done():
	}
	cancel()
	b.mu.Lock()
	l.enough = nil
}

// close refuses further calls and waits for those that were added.
func (b *batches[T]) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.writers.Wait()
}
