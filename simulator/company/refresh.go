package company

import (
	"context"
	"net/http"
	"sync"
)

// refreshes are the calls of Refresh that wait. Calls that come while a round is under way wait together for the next: a
// thousand calls at once cost two rounds.
type refreshes struct {
	mu      sync.Mutex
	next    *round // later calls wait for this one
	running bool
}

// round is one look at the journal, for all who asked before it began.
type round struct {
	done chan struct{}
	err  error
}

// Refresh applies what other processes have changed up to now, when the journal is shared.
func (s *Settings) Refresh(ctx context.Context) error {
	if !s.shared() {
		return nil
	}
	r := &s.refreshes
	r.mu.Lock()
	if r.next == nil {
		r.next = &round{done: make(chan struct{})}
	}
	mine := r.next
	if !r.running {
		r.running = true
		go s.runRounds(context.WithoutCancel(ctx))
	}
	r.mu.Unlock()
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// runRounds loads until no call waits.
func (s *Settings) runRounds(ctx context.Context) {
	r := &s.refreshes
	for {
		r.mu.Lock()
		current := r.next
		r.next = nil
		if current == nil {
			r.running = false
			r.mu.Unlock()
			return
		}
		r.mu.Unlock()
		current.err = s.Load(ctx)
		close(current.done)
	}
}

// Refreshed makes a handler see what other processes have changed before the call came. When that can't be read, the call goes
// on: it will meet the same journal, and report it in its own way.
func (s *Settings) Refreshed(next http.Handler) http.Handler {
	if !s.shared() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.within)
		if err := s.Refresh(ctx); err != nil {
			s.log.Warn("other processes' changes", "error", err)
		}
		cancel()
		next.ServeHTTP(w, r)
	})
}

// Watch applies what other processes change while no call comes, until ctx ends, so that the jobs of their companies have a
// worker here too.
func (s *Settings) Watch(ctx context.Context) {
	if !s.shared() {
		return
	}
	for {
		changed := s.journal.Changed("")
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("other processes' changes", "error", err)
		}
		for _, c := range s.directory.List() {
			s.runtimes.Get(c.ID)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
