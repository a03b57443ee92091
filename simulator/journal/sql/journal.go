package sqljournal

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"mozartosim/simulator/journal"
)

// Options are what a journal can be told beside its place; what is zero is as usual. Those from Conns on are of a PostgreSQL
// database only.
type Options struct {
	MaxPayments int          // how many streams are kept for each company; 0 = journal.DefaultMaxPayments
	Log         *slog.Logger // nil = nothing is logged
	Version     string       // the program's, for those who find the data too new for theirs

	Conns   int           // connections for calls; 0 = 8. One more listens, and up to Locks are for locks
	Locks   int           // how many companies' locks the process can hold at the same time; 0 = 4
	Timeout time.Duration // how long a call waits for PostgreSQL before it fails; 0 = 10 s
	Lease   time.Duration // how long after the process's last sign of life its jobs are pending again; 0 = 10 s
	Beat    time.Duration // how often the process gives a sign of life and frees the jobs of dead ones; 0 = a third of Lease

	damageSearch time.Duration // how long OpenFile searches a file for damage; 0 = 150 ms
}

func (o Options) orUsual() Options {
	o.MaxPayments = cmp.Or(max(o.MaxPayments, 0), journal.DefaultMaxPayments)
	o.Conns = cmp.Or(max(o.Conns, 0), 8)
	o.Locks = cmp.Or(max(o.Locks, 0), 4)
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.Lease = cmp.Or(o.Lease, 10*time.Second)
	o.Beat = cmp.Or(o.Beat, o.Lease/3)
	o.damageSearch = cmp.Or(o.damageSearch, 150*time.Millisecond)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Journal is a journal.Journal in SQL. OpenFile and OpenDatabase make it.
type Journal struct {
	db     database
	others replicas // nil = the database belongs to this process
	max    int      // streams of a company

	signals  *signals
	locks    *locks // the companies'
	claims   *claims
	appends  *batches[*appending]
	ordinals *batches[*numbering]
	stock    stock    // ordinals
	full     sync.Map // companies that have reached max streams
	closing  sync.Once
}

var _ journal.Journal = (*Journal)(nil)

// OpenFile opens the journal in a SQLite file, which is made when it is not there. The file belongs to this process until
// Close. Errors are *FileError.
func OpenFile(ctx context.Context, file string, o Options) (*Journal, error) {
	o = o.orUsual()
	db, err := openSQLite(ctx, file, o)
	if err != nil {
		return nil, err
	}
	return newJournal(o, db, nil, newSignals(), newClaims()), nil
}

// OpenDatabase opens the journal in the PostgreSQL database at url, and makes its schema when there is none: that of the URL's
// parameter schema or search_path, or mozartosim. No error tells the URL's password.
func OpenDatabase(ctx context.Context, url string, o Options) (*Journal, error) {
	o = o.orUsual()
	signals, claims := newSignals(), newClaims()
	db, err := openPostgres(ctx, url, o, signals, claims)
	if err != nil {
		return nil, err
	}
	return newJournal(o, db, db, signals, claims), nil
}

func newJournal(o Options, db database, others replicas, s *signals, k *claims) *Journal {
	j := &Journal{
		db: db, others: others, max: o.MaxPayments, signals: s, claims: k, locks: newLocks(s.life), stock: stock{all: map[string]reserved{}},
	}
	patience := time.Millisecond // SQLite's transactions wait for the disk one after the other
	if others != nil {
		patience = 0
	}
	// A batch that began more streams than the limit allows would have to drop some of its own.
	j.appends = newBatches(min(256, max(1, o.MaxPayments/2)), patience, j.writeAppends)
	j.ordinals = newBatches(1<<16, 0, j.writeOrdinals)
	return j
}

// scope is where a company's appends are written one after the other: SQLite writes one transaction at a time.
func (j *Journal) scope(company string) string {
	if j.others == nil {
		return ""
	}
	return "company " + company
}

// run has do run statements unless the journal is closed.
func (j *Journal) run(ctx context.Context, what string, do func(context.Context, conn) error) error {
	if j.signals.over() {
		return journal.ErrClosed
	}
	return j.db.run(ctx, call{what: what}, do)
}

func (j *Journal) transact(ctx context.Context, c call, do func(context.Context, *tx) error) error {
	if j.signals.over() {
		return journal.ErrClosed
	}
	return j.db.transact(ctx, c, do)
}

// tell tells this process and the others that a company has changed.
func (j *Journal) tell(company string) {
	j.signals.tell(company)
	j.tellOthers(company, aboutCompany)
}

func (j *Journal) tellOthers(company string, about topic) {
	if j.others != nil {
		j.others.tell(company, about)
	}
}

// Shared implements journal.Journal.
func (j *Journal) Shared() bool { return j.others != nil }

// Changed implements journal.Journal.
func (j *Journal) Changed(company string) <-chan struct{} { return j.signals.changed(company) }

// Lock implements journal.Journal. When this process dies the lock is free as soon as PostgreSQL notices; should the
// connection break while the lock is held, its holder is not told.
func (j *Journal) Lock(ctx context.Context, company string) (unlock func(), err error) {
	if j.signals.over() {
		return nil, journal.ErrClosed
	}
	leave, err := j.locks.take(ctx, company)
	if err != nil || j.others == nil {
		return leave, err
	}
	unlockOthers, err := j.others.lock(ctx, company)
	if err != nil {
		leave()
		return nil, err
	}
	return func() {
		unlockOthers()
		leave()
	}, nil
}

// Stats implements journal.Journal. Bytes are those of the entries.
func (j *Journal) Stats(ctx context.Context, name string) (total journal.Stats, err error) {
	err = j.run(ctx, "stats", func(ctx context.Context, c conn) error {
		total = journal.Stats{}
		s := ask("SELECT "+companyColumns+" FROM companies WHERE $1 = '' OR name = $1", name)
		return c.run(ctx, scanCompanies(s, func(c *company) error {
			total.Streams += int(c.streams)
			total.Entries += int(c.entries)
			total.Bytes += int(c.bytes)
			total.Jobs += int(c.jobs)
			total.Dropped += c.dropped
			return nil
		}))
	})
	return total, err
}

// Companies implements journal.Journal.
func (j *Journal) Companies(ctx context.Context) (names []string, err error) {
	err = j.run(ctx, "companies", func(ctx context.Context, c conn) error {
		names = nil
		var name string
		return c.run(ctx, ask("SELECT name FROM companies UNION SELECT company FROM ordinals ORDER BY 1").scan(func() error {
			names = append(names, name)
			return nil
		}, &name))
	})
	return names, err
}

// Close implements journal.Journal. Calls that are under way end first; jobs that this process has claimed and not completed
// are pending again.
func (j *Journal) Close() (err error) {
	j.closing.Do(func() {
		j.appends.close()
		j.ordinals.close()
		err = errors.Join(j.returnOrdinals(), j.db.close())
		j.signals.close()
	})
	return err
}
