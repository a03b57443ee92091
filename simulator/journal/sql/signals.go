package sqljournal

import (
	"context"
	"sync"

	"mozartosim/simulator/journal"
)

// signals tell those who wait that something has changed.
type signals struct {
	mu      sync.Mutex
	waiting map[string]chan struct{} // by company, "" for settings; closed by the next change
	life    context.Context          // ends when the journal is closed
	end     context.CancelFunc
}

func newSignals() *signals {
	life, end := context.WithCancel(context.Background())
	return &signals{waiting: map[string]chan struct{}{}, life: life, end: end}
}

func (s *signals) changed(company string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over() {
		return s.life.Done()
	}
	if s.waiting[company] == nil {
		s.waiting[company] = make(chan struct{})
	}
	return s.waiting[company]
}

// over says whether the journal is closed.
func (s *signals) over() bool { return s.life.Err() != nil }

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

// tellAll wakes all who wait, because something may have been missed.
func (s *signals) tellAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, changed := range s.waiting {
		close(changed)
	}
	clear(s.waiting)
}

// close wakes all who wait, and all who come later.
func (s *signals) close() {
	s.mu.Lock()
	s.end()
	s.mu.Unlock()
	s.tellAll()
}

// locks are named locks of this process. One that is not in use is not kept.
type locks struct {
	mu    sync.Mutex
	inUse map[string]*lock
	life  context.Context
}

type lock struct {
	full  chan struct{} // full while it is held
	users int           // who hold it or wait for it
}

func newLocks(life context.Context) *locks { return &locks{inUse: map[string]*lock{}, life: life} }

func (l *locks) take(ctx context.Context, name string) (unlock func(), err error) {
	its := l.enter(name)
	select {
	case its.full <- struct{}{}:
		return sync.OnceFunc(func() {
			<-its.full
			l.leave(name, its)
		}), nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-l.life.Done():
		err = journal.ErrClosed
	}
	l.leave(name, its)
	return nil, err
}

func (l *locks) enter(name string) *lock {
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

func (l *locks) leave(name string, its *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if its.users--; its.users == 0 {
		delete(l.inUse, name)
	}
}
