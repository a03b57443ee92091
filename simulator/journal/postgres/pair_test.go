package postgres_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
	"mozartosim/simulator/journal/postgres"
)

// pair is two replicas that pass for one journal: every other call goes to the other one. Work that was taken can be returned
// by the replica that took it only, so the first one does both.
type pair struct {
	*postgres.Journal
	other *postgres.Journal
	calls atomic.Int64
}

func (p *pair) next() *postgres.Journal {
	if p.calls.Add(1)%2 == 0 {
		return p.Journal
	}
	return p.other
}

// told makes a change on either replica and waits until the first one has heard of it.
func (p *pair) told(company string, change func(*postgres.Journal) error) error {
	heard := p.Changed(company)
	err := change(p.next())
	if err == nil {
		<-heard
	}
	return err
}

func (p *pair) Append(ctx context.Context, a journal.Append) error {
	return p.told(a.Company, func(j *postgres.Journal) error { return j.Append(ctx, a) })
}

func (p *pair) Forget(ctx context.Context, company string) error {
	return p.told(company, func(j *postgres.Journal) error { return j.Forget(ctx, company) })
}

func (p *pair) Import(ctx context.Context, company string, c journal.Copy) error {
	return p.told(company, func(j *postgres.Journal) error { return j.Import(ctx, company, c) })
}

func (p *pair) Keep(ctx context.Context, n journal.Setting) (rev uint64, err error) {
	return p.next().PutSetting(ctx, n)
}

func (p *pair) Ordinal(ctx context.Context, company string) (uint64, error) {
	return p.next().Ordinal(ctx, company)
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

func (p *pair) Feed(ctx context.Context, company string, r journal.FeedQuery) ([]journal.FeedEntry, error) {
	return p.next().Feed(ctx, company, r)
}

func (p *pair) Notes(ctx context.Context, after uint64) ([]journal.Setting, error) {
	return p.next().Settings(ctx, after)
}

func (p *pair) Lock(ctx context.Context, company string) (func(), error) {
	return p.next().Lock(ctx, company)
}

func (p *pair) Close() error { return errors.Join(p.Journal.Close(), p.other.Close()) }

// Two replicas behave as one journal does.
func TestConformanceOfTwo(t *testing.T) {
	t.Parallel()
	journaltest.Run(t, func(t *testing.T) journal.Journal {
		url, o := server.URL(), postgres.Options{MaxPayments: 3000, Conns: 4}
		return &pair{Journal: open(t, url, o), other: open(t, url, o)}
	})
}

// A copy is of one moment, whatever is written meanwhile.
func TestExportUnderLoad(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicas(t, 2)
	l := &load{journals: r, payments: 200, spoil: func(int) {}}
	var running sync.WaitGroup
	running.Go(func() { l.run(t) })
	for last := uint64(0); last < 900; {
		c, err := r[1].Export(ctx, "c")
		if err == nil {
			err = c.Check(journal.DefaultMaxPayments)
		}
		if err != nil {
			t.Error(err)
			break
		}
		n, due := 0, 0
		for _, st := range c.Streams {
			n += len(st.Entries)
			due += map[int]int{4: 2, 5: 1}[len(st.Entries)]
		}
		if uint64(n) != c.Seq || int(c.Began) != len(c.Streams) || due != len(c.Jobs) {
			t.Errorf("%d entries of %d, %d streams of %d, %d pieces of work of %d", n, c.Seq, len(c.Streams), c.Began, len(c.Jobs), due)
		}
		last = c.Seq
	}
	running.Wait()
}
