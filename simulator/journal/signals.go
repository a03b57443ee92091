package journal

import (
	"context"
	"sync"
)

// Signals tell those who wait that something has changed, or that the journal is closed.
type Signals struct {
	mu      sync.Mutex
	waiting map[string]chan struct{} // by company, "" for settings; closed by the next change
	heard   func(company string)     // see Elsewhere
	life    context.Context          // ends when the journal is closed
	end     context.CancelFunc
}

// NewSignals makes the signals of a journal that is open.
func NewSignals() *Signals {
	life, end := context.WithCancel(context.Background())
	return &Signals{waiting: map[string]chan struct{}{}, heard: func(string) {}, life: life, end: end}
}

// Changed returns a channel that is closed when a company is told next, or at the end.
func (s *Signals) Changed(company string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Over() {
		return s.life.Done()
	}
	if s.waiting[company] == nil {
		s.waiting[company] = make(chan struct{})
	}
	return s.waiting[company]
}

// Tell wakes those who wait for changes of companies.
func (s *Signals) Tell(companies ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, company := range companies {
		if changed := s.waiting[company]; changed != nil {
			close(changed)
			delete(s.waiting, company)
		}
	}
}

// Elsewhere has heard called whenever another process may have changed a company, "" = any of them.
func (s *Signals) Elsewhere(heard func(company string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = heard
}

// Hear tells those who wait, and the one of Elsewhere, that another process has changed a company, "" = perhaps any.
func (s *Signals) Hear(company string) {
	if company == "" {
		s.tellAll()
	} else {
		s.Tell(company)
	}
	s.mu.Lock()
	heard := s.heard
	s.mu.Unlock()
	heard(company)
}

// tellAll wakes all who wait.
func (s *Signals) tellAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, changed := range s.waiting {
		close(changed)
	}
	clear(s.waiting)
}

// Life ends when the journal is closed.
func (s *Signals) Life() context.Context { return s.life }

// Over says whether the journal is closed.
func (s *Signals) Over() bool { return s.life.Err() != nil }

// Close wakes all who wait, and all who come later.
func (s *Signals) Close() {
	s.mu.Lock()
	s.end()
	s.mu.Unlock()
	s.tellAll()
}
