package sqlite

import (
	"context"
	"errors"
	"sync"
	"time"

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

// queue is where ops wait for the next transaction.
type queue struct {
	mu     sync.Mutex
	ops    []*op
	want   int           // how many ops somebody waits for; 0 = nobody does
	enough chan struct{} // told when they are there
	last   int           // how many the last transaction had
	during int           // how many came while it was committed
}

func newQueue() queue { return queue{enough: make(chan struct{}, 1)} }

func (q *queue) put(o *op) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ops = append(q.ops, o)
	if q.want > 0 && len(q.ops) >= q.want {
		q.want = 0
		q.enough <- struct{}{}
	}
}

// patience is how long a transaction is held back, at most, for those who are likely to come.
const patience = time.Millisecond

// take empties the queue. Those whom the last transaction answered, and those who came while it was committed, are likely to
// be back soon: a bit of patience makes one transaction of two. A caller who comes alone never waits.
func (q *queue) take() []*op {
	q.mu.Lock()
	defer q.mu.Unlock()
	if likely := q.last + q.during; q.during > 0 && len(q.ops) < likely {
		q.want = likely
		q.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		select {
		case <-q.enough:
		case <-ctx.Done():
		}
		cancel()
		q.mu.Lock()
		if q.want == 0 { // told, be it too late
			select {
			case <-q.enough:
			default:
			}
		}
		q.want = 0
	}
	all := q.ops
	q.ops, q.last = nil, len(all)
	return all
}

// committed notes who came in the meantime.
func (q *queue) committed() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.during = len(q.ops)
}

// write returns when o is on the disk or was refused.
func (j *Journal) write(o *op) error {
	o.done = make(chan struct{})
	j.queue.put(o)
	select {
	case <-o.done:
		return o.err
	case j.lead <- struct{}{}:
	}
	select {
	case <-o.done: // somebody else took it in the meantime
	default:
		ops := j.queue.take()
		j.mu.Lock()
		j.commit(ops)
		j.mu.Unlock()
	}
	<-j.lead
	return o.err
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
		j.queue.committed()
		j.answer(ops[:n])
		ops = ops[n:]
	}
}

func (j *Journal) answer(ops []*op) {
	for _, o := range ops {
		if o.err == nil && o.after != nil {
			o.after()
		}
		close(o.done)
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
