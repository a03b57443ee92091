package metrics

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"mozartosim/simulator/journal"
)

// What is dropped is logged the first time and whenever it has doubled, so that a full journal doesn't fill the log.
func TestDropLog(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	dropped := New().Drops(slog.New(slog.NewTextHandler(&text, nil)))
	for range 1000 {
		dropped(journal.Drop{Company: "c", Limit: "max-payments", Payments: 1})
	}
	dropped(journal.Drop{Company: "c", Limit: "max-payments", Payments: 1, Jobs: 3})
	if n := strings.Count(text.String(), "\n"); n != 11 || !strings.Contains(text.String(), "payments=512 ") || !strings.Contains(text.String(), "payments=1001 jobs=3") {
		t.Errorf("%d lines:\n%s", n, &text)
	}
}
