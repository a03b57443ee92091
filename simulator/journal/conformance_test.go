package journal_test

import (
	"testing"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	journaltest.Run(t, func(*testing.T) journal.Journal {
		return journal.NewMemoryWith(journal.Limits{Requests: journal.RequestLimits{Count: journaltest.MaxRequests, Bytes: journaltest.MaxRequestBytes}})
	})
}
