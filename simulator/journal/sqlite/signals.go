package sqlite

import (
	"context"
	"sync"

	"mozartosim/simulator/journal"
)

// signals tell whoever listens that something changed.
type signals struct {
	mu      sync.Mutex
	ended   bool
	closed  chan struct{}
	waiting map[string]chan struct{} // by company, "" for notes; closed by the next change
}

func newSignals() signals {
	return signals{closed: make(chan struct{}), waiting: map[string]chan struct{}{}}
}

func (s *signals) listen(company string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return s.closed
	}
	changed := s.waiting[company]
	if changed == nil {
		changed = make(chan struct{})
		s.waiting[company] = changed
	}
	return changed
}

func (s *signals) tell(companies ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, company := range companies {
		if changed := s.waiting[company]; changed != nil {
			close(changed)
			delete(s.waiting, company)
		}
	}
}

// close tells everybody, and everybody who comes later.
func (s *signals) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	close(s.closed)
	for company, changed := range s.waiting {
		close(changed)
		delete(s.waiting, company)
	}
}

// locks are the companies' locks. One that nobody wants is not kept.
type locks struct {
	mu    sync.Mutex
	held  map[string]*lock
	ended chan struct{}
}

type lock struct {
	full  chan struct{}
	users int
}

func newLocks() locks { return locks{held: map[string]*lock{}, ended: make(chan struct{})} }

func (l *locks) take(ctx context.Context, company string) (unlock func(), err error) {
	select {
	case <-l.ended:
		return nil, journal.ErrClosed
	default:
	}
	its := l.use(company)
	select {
	case its.full <- struct{}{}:
		return sync.OnceFunc(func() {
			<-its.full
			l.leave(company, its)
		}), nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-l.ended:
		err = journal.ErrClosed
	}
	l.leave(company, its)
	return nil, err
}

func (l *locks) use(company string) *lock {
	l.mu.Lock()
	defer l.mu.Unlock()
	its := l.held[company]
	if its == nil {
		its = &lock{full: make(chan struct{}, 1)}
		l.held[company] = its
	}
	its.users++
	return its
}

func (l *locks) leave(company string, its *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if its.users--; its.users == 0 {
		delete(l.held, company)
	}
}

func (l *locks) close() { close(l.ended) }
