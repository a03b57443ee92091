package journal

import (
	"context"
	"sync"
)

// Locks are named locks of this process. One that nobody holds is not kept.
type Locks struct {
	mu    sync.Mutex
	held  map[string]chan struct{} // closed when the lock is free
	ended <-chan struct{}
}

// NewLocks makes locks that nobody gets any more when ended is closed.
func NewLocks(ended <-chan struct{}) *Locks {
	return &Locks{held: map[string]chan struct{}{}, ended: ended}
}

// Take waits for a lock, and takes it until unlock is called. The error is ErrClosed, or ctx's.
func (l *Locks) Take(ctx context.Context, name string) (unlock func(), err error) {
	for {
		unlock, free := l.try(name)
		select {
		case <-l.ended:
			if unlock != nil {
				unlock()
			}
			return nil, ErrClosed
		default:
		}
		if unlock != nil {
			return unlock, nil
		}
		select {
		case <-free:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-l.ended:
		}
	}
}

// try takes a lock that is free; of one that is held it returns what is closed then.
func (l *Locks) try(name string) (unlock func(), free <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if held := l.held[name]; held != nil {
		return nil, held
	}
	mine := make(chan struct{})
	l.held[name] = mine
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.held, name)
		close(mine)
	}), nil
}
