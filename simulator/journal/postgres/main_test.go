package postgres_test

import (
	"context"
	"log/slog"
	"os"
	"testing"

	"go.uber.org/goleak"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
	"mozartosim/simulator/journal/postgres"
	"mozartosim/simulator/journal/postgres/pgtest"
)

// server is the tests' own, started by TestMain.
var server *pgtest.Server

func TestMain(m *testing.M) {
	code := pgtest.Main(func(s *pgtest.Server) int {
		server = s
		return m.Run()
	})
	if err := goleak.Find(); err != nil && code == 0 {
		slog.Error("goroutines are left", "error", err)
		code = 1
	}
	os.Exit(code)
}

// open opens a journal, which the test closes.
func open(t testing.TB, url string, o postgres.Options) *postgres.Journal {
	t.Helper()
	j, err := postgres.Open(context.Background(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return j
}

func TestConformance(t *testing.T) {
	t.Parallel()
	journaltest.Run(t, func(t *testing.T) journal.Journal {
		return open(t, server.URL(), postgres.Options{MaxPayments: 3000, Conns: 4})
	})
}
