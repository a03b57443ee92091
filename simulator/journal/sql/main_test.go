package sqljournal

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
	"mozartosim/simulator/journal/pgtest"
)

// server is the tests' own, started by TestMain.
var server *pgtest.Server

// TestMain is also the process that other tests start, kill, or keep out.
func TestMain(m *testing.M) {
	if role := os.Getenv("MOZARTOSIM_TEST_ROLE"); role != "" {
		os.Exit(play(role, os.Getenv("MOZARTOSIM_TEST_FILE")))
	}
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

// place is where a journal is kept: a file, or a schema of a database. Opened again it has what was kept.
type place struct {
	dialect string
	open    func(context.Context, Options) (*Journal, error)
}

// places returns a new place for each dialect.
func places(t testing.TB) []place {
	t.Helper()
	file, url := fresh(t), server.URL()
	return []place{
		{"sqlite", func(ctx context.Context, o Options) (*Journal, error) { return OpenFile(ctx, file, o) }},
		{"postgres", func(ctx context.Context, o Options) (*Journal, error) { return OpenDatabase(ctx, url, o) }},
	}
}

func fresh(t testing.TB) string { return filepath.Join(t.TempDir(), "test.db") }

// open opens a journal, which the test closes.
func (p place) journal(t testing.TB, o Options) *Journal {
	t.Helper()
	j, err := p.open(context.Background(), o)
	return opened(t, j, err)
}

func opened(t testing.TB, j *Journal, err error) *Journal {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, j) })
	return j
}

func shut(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for i, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			journaltest.Run(t, func(t *testing.T) journal.Journal {
				return places(t)[i].journal(t, Options{MaxPayments: 3000, Conns: 4})
			})
		})
	}
}

func play(role, file string) int { fmt.Println(role, file); return 0 }
