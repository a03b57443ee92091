package listener

import (
	"context"
	"log/slog"
	"strings"
	"testing"
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
