package sqljournal

import (
	"context"
	"errors"
	"sync"

	"mozartosim/simulator/journal"
)

// Journal is a journal.Journal in SQL. OpenFile and OpenDatabase make it. Each of its parts does one thing with the database
// that they share.
type Journal struct {
	*store
	*appender
	*ordinals
	*jobs

	requests *requests
	locks    *journal.Locks // the companies'
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
	s := &store{db: db, signals: journal.NewSignals()}
	return newJournal(o, s, newJobs(s, o)), nil
}

// OpenDatabase opens the journal in the PostgreSQL database at url, and makes its schema when there is none: that of the URL's
// parameter schema or search_path, or mozartosim. No error tells the URL's password.
func OpenDatabase(ctx context.Context, url string, o Options) (*Journal, error) {
	o = o.orUsual()
	s := &store{signals: journal.NewSignals()}
	claims := newJobs(s, o)
	db, err := openPostgres(ctx, url, o, s.signals, claims)
	if err != nil {
		return nil, err
	}
	s.db, s.others = db, db
	return newJournal(o, s, claims), nil
}

func newJournal(o Options, s *store, j *jobs) *Journal {
	return &Journal{
		store: s, appender: newAppender(s, j, o), ordinals: newOrdinals(s), jobs: j,
		requests: newRequests(s, o.Limits.Requests), locks: journal.NewLocks(s.signals.Life().Done()),
	}
}

// Requests implements journal.Journal.
func (j *Journal) Requests() journal.Requests { return j.requests }

// Lock implements journal.Journal. When this process dies the lock is free as soon as PostgreSQL notices; should the
// connection break while the lock is held, its holder is not told.
func (j *Journal) Lock(ctx context.Context, company string) (unlock func(), err error) {
	leave, err := j.locks.Take(ctx, company)
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

// Close implements journal.Journal. Calls that are under way end first; jobs that this process has claimed and not completed
// are pending again.
func (j *Journal) Close() (err error) {
	j.closing.Do(func() {
		j.appender.close()
		err = errors.Join(j.ordinals.close(), j.db.close())
		j.signals.Close()
	})
	return err
}
