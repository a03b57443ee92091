package sqlite

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"mozartosim/simulator/journal"
)

// Options are what Open can be told beside the file.
type Options struct {
	MaxPayments int          // how many streams are kept for each company; 0 = journal.DefaultMaxPayments
	Log         *slog.Logger // nil = nothing is logged
	Version     string       // the program's, for whoever finds the file too new for his own

	lookFor time.Duration // how long Open looks for damage; 0 = lookFor
}

// Journal is a journal.Journal in one file. It has the file for itself until Close.
type Journal struct {
	file string
	room int

	queue queue
	lead  chan struct{} // full while somebody commits

	ordinals ordinals
	signals  signals
	locks    locks

	mu      sync.Mutex // of all that follows
	conn    *connection
	closed  bool
	stale   bool // a transaction failed: what the process knows must be read again
	shelves map[string]*shelf
	touched []*shelf
	rev     uint64 // of the last note
	cache   cache
	young   young
}

// Open opens the journal in a file, which is made when it is not there. Errors are *Trouble.
func Open(ctx context.Context, file string, o Options) (*Journal, error) {
	if o.MaxPayments <= 0 {
		o.MaxPayments = journal.DefaultMaxPayments
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	conn, err := openFile(ctx, file, o)
	if err != nil {
		return nil, err
	}
	j := &Journal{
		file: file, room: o.MaxPayments, conn: conn, lead: make(chan struct{}, 1), queue: newQueue(),
		ordinals: ordinals{all: map[string]*ordinal{}}, signals: newSignals(), locks: newLocks(),
	}
	if err := j.begin(); err != nil {
		return nil, j.trouble(errorsJoinClose(err, conn))
	}
	return j, nil
}

// begin reads what the process must know, which is little.
func (j *Journal) begin() error {
	if err := j.loadShelves(); err != nil {
		return err
	}
	for name, s := range j.shelves {
		j.ordinals.set(name, s.reserved, s.reserved)
	}
	// Readers begin anew with the process: what was taken away before is of no use to them, save for the count.
	return j.conn.exec("DELETE FROM notes WHERE gone = 1 AND rev < (SELECT max(rev) FROM notes)")
}

// Close writes what is left to be written and gives the file back.
func (j *Journal) Close() error {
	j.lead <- struct{}{} // whoever commits, ends
	defer func() { <-j.lead }()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	err := j.leaveOrdinals()
	err = errorsJoinClose(err, j.conn)
	j.locks.close()
	j.signals.close()
	return j.trouble(err)
}

// leaveOrdinals notes which ordinals were the last, so that none are left out after an orderly end.
func (j *Journal) leaveOrdinals() error {
	if err := j.usable(); err != nil {
		return err
	}
	if err := j.conn.exec("BEGIN"); err != nil {
		return err
	}
	if err := j.age(); err != nil {
		return err // closing the connection takes it back
	}
	for name, s := range j.shelves {
		s.reserved = j.ordinals.last(name)
		if err := j.conn.exec("UPDATE companies SET body = ? WHERE no = ?", s.pack(), s.no); err != nil {
			return err
		}
	}
	return j.conn.exec("COMMIT")
}

func (j *Journal) isClosed() bool {
	j.signals.mu.Lock()
	defer j.signals.mu.Unlock()
	return j.signals.ended
}

// usable says whether the journal can be used, and reads again what is stale. The caller holds the lock.
func (j *Journal) usable() error {
	if !j.stale {
		return nil
	}
	if err := j.loadShelves(); err != nil {
		return err
	}
	j.stale = false
	return nil
}

// reads runs what only reads, with the lock held. The company's shelf is nil when there is none.
func (j *Journal) reads(company string, do func(*shelf) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return journal.ErrClosed
	}
	if err := j.usable(); err != nil {
		return j.trouble(err)
	}
	return j.trouble(do(j.shelves[company]))
}

// Shared implements journal.Journal: the file belongs to one process.
func (j *Journal) Shared() bool { return false }

// Changed implements journal.Journal.
func (j *Journal) Changed(company string) <-chan struct{} { return j.signals.listen(company) }

// Lock implements journal.Journal.
func (j *Journal) Lock(ctx context.Context, company string) (unlock func(), err error) {
	return j.locks.take(ctx, company)
}

// Stats implements journal.Journal. Bytes are those of the entries.
func (j *Journal) Stats(_ context.Context, company string) (total journal.Stats, err error) {
	err = j.reads(company, func(*shelf) error {
		for name, s := range j.shelves {
			if company != "" && company != name {
				continue
			}
			total.Streams += int(s.streams)
			total.Entries += int(s.entries)
			total.Bytes += int(s.bytes)
			total.Jobs += int(s.work)
			total.Dropped += s.dropped
		}
		return nil
	})
	return total, err
}
