package sqljournal

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
)

// place is where a journal is kept. Opened again it has what was kept.
type place struct {
	file string // of a SQLite file
	url  string // of a schema in the tests' PostgreSQL
}

func aFile(t testing.TB) place { return place{file: filepath.Join(t.TempDir(), "test.db")} }
func aSchema(testing.TB) place { return place{url: server.URL()} }

// eachDialect runs a test with a function that makes new places.
func eachDialect(t *testing.T, test func(*testing.T, func(testing.TB) place)) {
	t.Helper()
	for name, make := range map[string]func(testing.TB) place{"sqlite": aFile, "postgres": aSchema} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, make)
		})
	}
}

func (p place) open(o Options) (*Journal, error) {
	if p.file != "" {
		return OpenFile(context.Background(), p.file, o)
	}
	return OpenDatabase(context.Background(), p.url, o)
}

// journal opens a journal, which the test closes.
func (p place) journal(t testing.TB, o Options) *Journal {
	t.Helper()
	j, err := p.open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, j) })
	return j
}

func shut(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// replicated opens a database so many times.
func replicated(t testing.TB, n int, o Options) []*Journal {
	t.Helper()
	p := aSchema(t)
	all := make([]*Journal, n)
	for i := range all {
		all[i] = p.journal(t, o)
	}
	return all
}

// hasty makes a file not wait for the disk, for tests that are not about that.
func hasty(t testing.TB, j *Journal) *Journal {
	t.Helper()
	if s, isFile := j.db.(*sqliteFile); isFile {
		if err := s.conn.exec(context.Background(), "PRAGMA synchronous = OFF"); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

func add(t testing.TB, j journal.Journal, a journal.Append) {
	t.Helper()
	if err := j.Append(context.Background(), a); err != nil {
		t.Fatalf("append to %s: %v", a.Stream, err)
	}
}

// claimed claims jobs of the company c.
func claimed(t testing.TB, j journal.Journal, q journal.ClaimQuery) []journal.Job {
	t.Helper()
	jobs, err := j.Claim(context.Background(), "c", q)
	if err != nil {
		t.Fatalf("claim: %v", err)
	}
	return jobs
}

// claim claims jobs of the company c and returns their ids.
func claim(t testing.TB, j journal.Journal, q journal.ClaimQuery) (ids []string) {
	t.Helper()
	for _, d := range claimed(t, j, q) {
		ids = append(ids, d.ID)
	}
	return ids
}

func entry(kind string) []journal.Entry {
	return []journal.Entry{{At: noon, Kind: kind, Data: []byte("{}")}}
}

func aJob(id string, after time.Duration) []journal.Job {
	return []journal.Job{{ID: id, At: noon.Add(after), Kind: "k", Data: []byte("{}")}}
}

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// exported copies a company. Of jobs their order counts, not their number.
func exported(t testing.TB, j journal.Journal, company string) journaltest.Copy {
	t.Helper()
	c, err := journaltest.Export(context.Background(), j, company)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Jobs {
		c.Jobs[i].Seq = 0
	}
	return c
}

// listed returns the ids of a company's streams, newest first.
func listed(t testing.TB, j journal.Journal, company string) (ids []string) {
	t.Helper()
	streams, err := j.List(context.Background(), company, journal.Query{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range streams {
		ids = append(ids, st.ID)
	}
	return ids
}

// gapless reads a company's entries, which are numbered without a gap, and returns how many there are.
func gapless(t testing.TB, j journal.Journal, company string) (n int) {
	t.Helper()
	for {
		page, err := j.Feed(context.Background(), company, journal.FeedQuery{After: uint64(n), Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			if n++; e.Seq != uint64(n) {
				t.Fatalf("entry %d is numbered %d", n, e.Seq)
			}
		}
		if len(page) < 500 {
			return n
		}
	}
}

// sound checks everything that is there.
func sound(t testing.TB, j journal.Journal) {
	t.Helper()
	if err := j.Check(context.Background()); err != nil {
		t.Error(err)
	}
}

func same(t testing.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (- want, + got):\n%s", what, diff)
	}
}

// payment is an append such as a pay-in makes; its names are scattered.
func payment(company string, n int64) journal.Append {
	id := fmt.Sprintf("665f1c2a%010x%06x", uint32(n*2654435761), n)
	at := time.Unix(1_750_000_000, n*1000)
	a := journal.Append{
		Company: company, Stream: id, Keys: []string{fmt.Sprintf("session:%08x-4f3a-4f3a-%08x", uint32(n*2654435761), n)},
		Labels: journal.Labels{
			{Name: "psp", Value: "PAYONE"}, {Name: "type", Value: "PAYIN"}, {Name: "status", Value: "pending"},
			{Name: "userId", Value: fmt.Sprint("user-", n%1000)}, {Name: "merchantReference", Value: fmt.Sprint("order-", n)},
			{Name: "currency", Value: "CAD"}, {Name: "amount", Value: "100"}, {Name: "deliveries", Value: ""},
		},
		Jobs: []journal.Job{
			{ID: id + "/decision", At: at.Add(2 * time.Second), Kind: "decision", Data: []byte(`{"action":"approve","by":"shopper"}`)},
			{ID: id + "/expiry", At: at.Add(time.Hour), Kind: "expiry", Data: []byte("{}")},
		},
	}
	for i, size := range []int{1100, 60, 450} {
		data := fmt.Appendf(nil, `{"n":%d,"filler":"%0*d"}`, n, size, i)
		a.Entries = append(a.Entries, journal.Entry{At: at.UTC().Truncate(time.Millisecond), Kind: fmt.Sprint("payment.", i), Data: data})
	}
	return a
}

// decided is what a payment's decision appends.
func decided(a journal.Append) journal.Append {
	return journal.Append{
		Company: a.Company, Stream: a.Stream, Seen: len(a.Entries), Entries: a.Entries[:1], Completed: []string{a.Jobs[0].ID}, Final: true,
	}
}
