package company

import (
	"context"
	"net/http"
)

// Refresh applies what other processes have changed up to now, when the journal is shared.
func (s *Settings) Refresh(ctx context.Context) error {
	if !s.shared() {
		return nil
	}
	return s.Load(ctx)
}

// Refreshed makes a handler see what other processes have changed before the call came. When that can't be read, the call goes
// on: it will meet the same journal, and report it in its own way.
func (s *Settings) Refreshed(next http.Handler) http.Handler {
	if !s.shared() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.Within)
		if err := s.Refresh(ctx); err != nil {
			s.Log.Warn("other processes' changes", "error", err)
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
		changed := s.Journal.Changed("")
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("other processes' changes", "error", err)
		}
		for _, c := range s.Directory.List() {
			s.Runtimes.Get(c.ID)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
