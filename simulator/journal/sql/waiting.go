package sqljournal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"mozartosim/simulator/journal"
)

// batches let concurrent calls share a transaction: those of a scope that come while a batch of it is being written go into
// the next one.
type batches[T any] struct {
	write    func(scope string, batch []T) error // the error is that of all its calls
	most     int                                 // calls of one batch
	patience time.Duration                       // how long a batch waits for calls that are likely to come; 0 = not at all
	steady   bool                                // a batch waits that long unless somebody waits for it

	mu      sync.Mutex
	scopes  map[string]*line[T] // in which something is written, or waits for it
	writers sync.WaitGroup
	closed  bool
}

// patience is how long a batch waits for the callers whom the one before has answered: transactions wait for the disk, or for each
// other, one after the other, and a larger one costs little more.
const patience = 2 * time.Millisecond

// line is where the calls of a scope wait.
type line[T any] struct {
	calls   []T
	answers []chan error  // of each call
	enough  chan struct{} // closed when as many calls are there as are likely to come; nil = nobody waits for that
	likely  int
	awaited bool // somebody waits for one of the calls
}

func newBatches[T any](most int, patience time.Duration, write func(string, []T) error) *batches[T] {
	return &batches[T]{write: write, most: most, patience: patience, scopes: map[string]*line[T]{}}
}

// hurry ends a batch's patience.
func (l *line[T]) hurry() {
	if l.enough != nil {
		close(l.enough)
		l.enough = nil
	}
}

// add adds a call to a batch, whose error is sent to answer; it is nil when the batches are closed.
func (b *batches[T]) add(scope string, call T) (answer <-chan error) {
	return b.put(scope, call, false)
}

// put is add by somebody who, if awaited, waits for the answer.
func (b *batches[T]) put(scope string, call T, awaited bool) (answer <-chan error) {
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
	own := make(chan error, 1)
	l.calls, l.answers, l.awaited = append(l.calls, call), append(l.answers, own), l.awaited || awaited
	if len(l.calls) >= l.likely || b.steady && awaited {
		l.hurry()
	}
	return own
}

// do adds a call to a batch and waits for it.
func (b *batches[T]) do(ctx context.Context, scope string, call T) error {
	answer := b.put(scope, call, true)
	if answer == nil {
		return journal.ErrClosed
	}
	return await(ctx, answer)
}

// await waits for an answer, until ctx's deadline: what a caller has cancelled is written all the same.
func await(ctx context.Context, answer <-chan error) error {
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return journal.Unavailable(errors.New("it was not written in time; whether it was kept is unknown"))
	}
	return <-answer
}

// run writes batches until no call waits. The calls that a batch has answered are likely to be back soon, even where none waits
// yet: a bit of patience makes one batch of many. A caller who comes alone never waits.
func (b *batches[T]) run(scope string, l *line[T]) {
	for answered := 0; ; {
		b.mu.Lock()
		if likely := b.likely(answered, l); likely > len(l.calls) {
			b.await(l, likely)
		}
		if len(l.calls) == 0 {
			delete(b.scopes, scope)
			b.mu.Unlock()
			return
		}
		answered = min(len(l.calls), b.most)
		calls, answers := slices.Clone(l.calls[:answered]), slices.Clone(l.answers[:answered])
		l.calls, l.answers = slices.Delete(l.calls, 0, answered), slices.Delete(l.answers, 0, answered)
		l.awaited = l.awaited && len(l.calls) > 0
		b.mu.Unlock()
		err := b.write(scope, calls)
		for _, answer := range answers {
			answer <- err
		}
	}
}

// likely is how many calls a batch waits for, of which some wait already: those that the last one has answered are likely to come
// back. A caller who is alone would wait for himself.
func (b *batches[T]) likely(answered int, l *line[T]) int {
	waiting := len(l.calls)
	switch {
	case answered == 0 || b.patience == 0 || b.closed || b.steady && l.awaited:
		return 0
	case b.steady:
		return b.most
	case answered+waiting == 1:
		return 0
	}
	return min(answered+waiting, b.most)
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
	for _, l := range b.scopes {
		l.hurry()
	}
	b.mu.Unlock()
	b.writers.Wait()
}
