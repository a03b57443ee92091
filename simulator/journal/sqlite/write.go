package sqlite

import (
	"errors"

	"mozartosim/simulator/journal"
)

// op is something to be written. Whoever writes puts his op into the queue; one of those who wait takes all that is there
// and commits it in one transaction, for everybody.
type op struct {
	run   func() error // writes, or refuses before it has written anything
	after func()       // when it is on the disk
	alone bool         // it may fail in the middle, and has a transaction of its own
	err   error
	done  chan struct{}
}

// write returns when o is on the disk or was refused.
func (j *Journal) write(o *op) error {
	o.done = make(chan struct{})
	j.queueMu.Lock()
	j.queue = append(j.queue, o)
	j.queueMu.Unlock()
	select {
	case <-o.done:
		return o.err
	case j.lead <- struct{}{}:
	}
	j.mu.Lock()
	j.commit(j.takeQueue())
	j.mu.Unlock()
	<-j.lead
	<-o.done
	return o.err
}

func (j *Journal) takeQueue() []*op {
	j.queueMu.Lock()
	defer j.queueMu.Unlock()
	all := j.queue
	j.queue = nil
	return all
}

// commit writes ops in as few transactions as can be, and answers them.
func (j *Journal) commit(ops []*op) {
	for len(ops) > 0 {
		n := 1
		for n < len(ops) && !ops[0].alone && !ops[n].alone {
			n++
		}
		if err := j.transact(ops[:n]); err != nil {
			for _, o := range ops[:n] {
				o.err = j.trouble(err)
			}
		}
		for _, o := range ops[:n] {
			if o.err == nil && o.after != nil {
				o.after()
			}
			close(o.done)
		}
		ops = ops[n:]
	}
}

// transact runs ops in one transaction. An error is everybody's: nothing is kept.
func (j *Journal) transact(ops []*op) error {
	if j.closed {
		return journal.ErrClosed
	}
	if err := j.usable(); err != nil {
		return err
	}
	j.touched = j.touched[:0]
	if err := j.conn.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := j.runAll(ops)
	if err == nil {
		err = j.saveShelves()
	}
	if err == nil {
		err = j.conn.exec("COMMIT")
	}
	if err != nil {
		j.stale = true
		_ = j.conn.exec("ROLLBACK") // the error that came first says what is wrong
		return err
	}
	for _, s := range j.touched {
		if j.shelves[s.name] == s {
			j.ordinals.extend(s.name, s.reserved)
		}
	}
	return nil
}

func (j *Journal) runAll(ops []*op) error {
	for _, o := range ops {
		o.err = o.run()
		if o.err != nil && (o.alone || !refused(o.err)) {
			return o.err
		}
	}
	return nil
}

// refused says whether an op was refused, as opposed to having failed.
func refused(err error) bool {
	return errors.Is(err, journal.ErrConflict) || errors.Is(err, journal.ErrExists)
}
