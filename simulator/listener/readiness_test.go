package listener

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// Before the data is open the process lives and isn't ready, and says so.
func TestStarting(t *testing.T) {
	t.Parallel()
	r := NewReadiness(slog.New(slog.DiscardHandler))
	if err := r.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "starting") {
		t.Errorf("it says %v", err)
	}
	r.Opened(func(context.Context) error { return nil })
	if err := r.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// Who asks when the data answers again is not told what an earlier look has found, which another was told of.
func TestReadyWhenItIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := NewReadiness(slog.New(slog.DiscardHandler))
		var answers atomic.Bool
		r.Opened(func(ctx context.Context) error {
			if !answers.Load() {
				<-ctx.Done()
			}
			return ctx.Err()
		})
		for range 100 {
			answers.Store(false)
			if r.Check(t.Context()) == nil {
				t.Fatal("it is ready while the data does not answer")
			}
			answers.Store(true)
			if err := r.Check(t.Context()); err != nil {
				t.Fatal("it is not ready when the data answers again:", err)
			}
		}
	})
}
