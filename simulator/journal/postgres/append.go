package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"mozartosim/simulator/journal"
)

// appending is one call of Append.
type appending struct {
	journal.Append
	packed  []byte
	digests [][16]byte // of the keys
	boarded
	err error
}

// boarded is how far a call in a lane has come: it can be withdrawn until its flight begins.
type boarded struct {
	state atomic.Int32
	done  chan struct{}
}

const (
	waits = iota
	flies
	withdrawn
)

// begin says that the call is under way; false when it was withdrawn.
func (b *boarded) begin() bool { return b.state.CompareAndSwap(waits, flies) }

// await waits for the call's end; withdrew says that ctx ended before it began.
func (b *boarded) await(ctx context.Context) (withdrew bool) {
	select {
	case <-b.done:
		return false
	case <-ctx.Done():
	}
	if b.state.CompareAndSwap(waits, withdrawn) {
		return true
	}
	<-b.done // its flight is bounded, and what comes of it must be known
	return false
}

// Append implements journal.Journal. What is answered is durable, and an error that is none of the journal's own says
// whether the entries may have been kept nevertheless.
func (j *Journal) Append(ctx context.Context, a journal.Append) error {
	if err := plain(a.Company, a.Stream); err != nil {
		return err
	}
	for _, d := range a.Jobs {
		if err := plain(d.ID, d.Kind); err != nil {
			return err
		}
	}
	p := &appending{Append: a, packed: packEntries(a.Entries), boarded: boarded{done: make(chan struct{})}}
	for _, key := range a.Keys {
		p.digests = append(p.digests, digestOf(key))
	}
	p.Completed = slices.DeleteFunc(slices.Clone(a.Completed), func(id string) bool { return plain(id) != nil })
	bound, cancel := j.bounded(ctx, 1)
	defer cancel()
	if !j.appends.board(a.Company, p) {
		return journal.ErrClosed
	}
	if p.await(bound) {
		return j.failed("append", j.cause(bound, nil))
	}
	return p.err
}

func digestOf(key string) [16]byte {
	sum := sha256.Sum256([]byte(key))
	return [16]byte(sum[:16])
}

// tag is what a label is found by.
func tag(company int32, l journal.Label) int64 {
	h := fnv.New64a()
	var no [4]byte
	binary.BigEndian.PutUint32(no[:], uint32(company))
	h.Write(no[:])
	h.Write(appendPart(nil, l.Name))
	h.Write([]byte(l.Value))
	return int64(h.Sum64())
}

// tags are the hashes of all labels that say something, as PostgreSQL reads an array.
func tags(company int32, labels journal.Labels) string {
	text := []byte{'{'}
	for _, l := range labels {
		if l.Value == "" {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, tag(company, l), 10)
	}
	return string(append(text, '}'))
}

// flyAppends keeps what has come together of one company in one transaction, each append judged as if it came alone.
func (j *Journal) flyAppends(company string, waiting []*appending) {
	batch := slices.DeleteFunc(waiting, func(p *appending) bool { return !p.begin() })
	if len(batch) == 0 {
		return
	}
	refused, err := j.flight(company, batch)
	for _, p := range batch {
		if refused && len(batch) > 1 { // each flies alone, so that what is wrong with one harms no other
			_, err = j.flight(company, []*appending{p})
		}
		if err != nil {
			p.err = err
		}
		close(p.done)
	}
}

// flight keeps a batch. When it returns no error each of the batch has its own verdict; otherwise nothing was kept, or the
// error says that this is unknown. refused says that the server, being well, could not keep something in it.
func (j *Journal) flight(company string, batch []*appending) (refused bool, err error) {
	f := &flight{
		no: j.flights.Add(1), company: company, batch: batch,
		writer: j.writer, owners: j.everyMe(), me: j.me.Load(), room: j.options.MaxPayments,
	}
	ctx, cancel := j.bounded(context.Background(), 1)
	defer cancel()
	err = j.keepTrying(ctx, "append", j.options.Timeout/3, f.attempt)
	switch {
	case err != nil && f.mayBeKept:
		return false, fmt.Errorf("whether it was kept is unknown: %w", err)
	case err != nil:
		return ordinary(err) && !passing(err), err
	case f.kept:
		j.tell(company)
	}
	return false, nil
}

// flight is one batch on its way.
type flight struct {
	no         int64
	writer, me int64
	owners     []int64
	company    string
	batch      []*appending
	room       int

	mayBeKept bool // a commit was sent, and its answer never came
	kept      bool
	thorough  bool // even streams that begin may have due work already
}

// attempt is one try at the transaction: look and lock, judge, write and commit. Each try but the first asks whether the one
// before was kept after all; it has the company's lock then, so that one is over.
func (f *flight) attempt(ctx context.Context, conn *pgx.Conn) error {
	c, err := f.look(ctx, conn)
	if err == nil && !f.thorough && c.beganBefore(f) {
		f.thorough = true
		c, err = f.lookOnce(ctx, conn, false)
	}
	if err != nil {
		return f.rollback(ctx, conn, err)
	}
	if f.mayBeKept && c.flight == f.no {
		f.mayBeKept, f.kept = false, true
		return f.rollback(ctx, conn, nil)
	}
	f.mayBeKept = false
	if !c.judge(f) {
		return f.rollback(ctx, conn, nil)
	}
	f.mayBeKept = true
	if err := c.write(ctx, conn, f); err != nil {
		f.mayBeKept = !ordinary(err)
		return f.rollback(ctx, conn, err)
	}
	f.mayBeKept, f.kept = false, true
	return nil
}

// rollback ends the transaction, if the connection still can, and returns err.
func (*flight) rollback(ctx context.Context, conn *pgx.Conn, err error) error {
	if !conn.IsClosed() {
		_, _ = conn.Exec(ctx, "rollback")
	}
	return err
}
