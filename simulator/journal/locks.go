package journal

import (
	"context"
	"sync"
)

// Locks are named locks of this process. One that is not in use is not kept.
type Locks struct {
	mu    sync.Mutex
	inUse map[string]*lock
	ended <-chan struct{}
}

type lock struct {
	full  chan struct{} // full while it is held
	users int           // who hold it or wait for it
}

// NewLocks makes locks that nobody gets any more when ended is closed.
func NewLocks(ended <-chan struct{}) *Locks {
	return &Locks{inUse: map[string]*lock{}, ended: ended}
}

// Take waits for a lock, and takes it until unlock is called. The error is ErrClosed, or ctx's.
func (l *Locks) Take(ctx context.Context, name string) (unlock func(), err error) {
	its := l.enter(name)
	select {
	case <-l.ended:
		err = ErrClosed
	default:
		select {
		case its.full <- struct{}{}:
			return sync.OnceFunc(func() {
				<-its.full
				l.leave(name, its)
			}), nil
		case <-ctx.Done():
			err = ctx.Err()
		case <-l.ended:
			err = ErrClosed
		}
	}
	l.leave(name, its)
	return nil, err
}

func (l *Locks) enter(name string) *lock {
	l.mu.Lock()
	defer l.mu.Unlock()
	its := l.inUse[name]
	if its == nil {
		its = &lock{full: make(chan struct{}, 1)}
		l.inUse[name] = its
	}
	its.users++
	return its
}

func (l *Locks) leave(name string, its *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if its.users--; its.users == 0 {
		delete(l.inUse, name)
	}
}
