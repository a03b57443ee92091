package sqljournal

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"sync/atomic"
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
	// The journal in memory passes the same cases a hundred times; here each step costs a round trip or a write.
	if err := flag.Set("rapid.checks", "10"); err != nil {
		panic(err)
	}
	flag.Parse()
	if flag.Lookup("test.fuzz").Value.String() != "" || flag.Lookup("test.fuzzworker").Value.String() == "true" {
		os.Exit(m.Run()) // no target needs a database, which every worker would start
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

func TestConformance(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		journaltest.Run(t, func(t *testing.T) journal.Journal {
			return hasty(t, make(t).journal(t, Options{Limits: suiteLimits(), Conns: 4}))
		})
	})
}

func suiteLimits() journal.Limits {
	return journal.Limits{Payments: 3000, Requests: journal.RequestLimits{Count: journaltest.MaxRequests, Bytes: journaltest.MaxRequestBytes}}
}

// Two replicas behave as one journal does.
func TestConformanceOfTwo(t *testing.T) {
	t.Parallel()
	journaltest.Run(t, func(t *testing.T) journal.Journal {
		r := replicated(t, 2, Options{Limits: suiteLimits(), Conns: 4})
		return &pair{Journal: r[0], other: r[1]}
	})
}

// pair is two replicas that pass for one journal: every other call goes to the other one. A job can be released by the replica
// that claimed it only, so the first one does both.
type pair struct {
	*Journal
	other *Journal
	calls atomic.Int64
}

func (p *pair) next() *Journal {
	if p.calls.Add(1)%2 == 0 {
		return p.Journal
	}
	return p.other
}

// told makes a change on either replica and waits until the first one has heard of it.
func (p *pair) told(company string, change func(*Journal) error) error {
	heard := p.Changed(company)
	err := change(p.next())
	if err == nil {
		<-heard
	}
	return err
}

func (p *pair) Append(ctx context.Context, a journal.Append) error {
	return p.told(a.Company, func(j *Journal) error { return j.Append(ctx, a) })
}

func (p *pair) Forget(ctx context.Context, company string) error {
	return p.told(company, func(j *Journal) error { return j.Forget(ctx, company) })
}

func (p *pair) Import(ctx context.Context, company string, from journal.Source) error {
	return p.told(company, func(j *Journal) error { return j.Import(ctx, company, from) })
}

func (p *pair) PutSetting(ctx context.Context, s journal.Setting) (uint64, error) {
	return p.next().PutSetting(ctx, s)
}

func (p *pair) Ordinal(ctx context.Context, company string, known uint64) (uint64, error) {
	return p.next().Ordinal(ctx, company, known)
}

func (p *pair) Entries(ctx context.Context, company, stream string) ([]journal.Entry, error) {
	return p.next().Entries(ctx, company, stream)
}

func (p *pair) List(ctx context.Context, company string, q journal.Query) ([]journal.Stream, error) {
	return p.next().List(ctx, company, q)
}

func (p *pair) Find(ctx context.Context, key string) (journal.Stream, error) {
	return p.next().Find(ctx, key)
}

func (p *pair) Feed(ctx context.Context, company string, q journal.FeedQuery) ([]journal.FeedEntry, error) {
	return p.next().Feed(ctx, company, q)
}

func (p *pair) Settings(ctx context.Context, q journal.SettingQuery) ([]journal.Setting, error) {
	return p.next().Settings(ctx, q)
}

func (p *pair) Lock(ctx context.Context, company string) (func(), error) {
	return p.next().Lock(ctx, company)
}

func (p *pair) Requests() journal.Requests { return p.next().Requests() }

func (p *pair) Close() error { return errors.Join(p.Journal.Close(), p.other.Close()) }
