package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"sync"

	"mozartosim/simulator/journal"
)

// shift makes room for a company's streams and entries behind its number.
const shift = 40

// shelf is what the process knows of a company.
type shelf struct {
	name string
	no   int64
	counters
	dirty bool // the counters are to be written with the transaction

	// from is a place in the order of due work before which nothing waits: it has been taken.
	from  place
	taken map[string]place // by id

	lastID string // no id in the table is beyond it
}

// counters are a company's figures, kept in its row.
type counters struct {
	seq, began, dueSeq, doneSeq   uint64
	streams, entries, bytes, work uint64
	dropped                       uint64
	reserved                      uint64 // the last ordinal that may be given without writing
	indexed                       uint64 // streams up to this ordinal are in the tables of ids and keys
}

// place is where work stands among a company's due work.
type place struct {
	at  int64 // nanoseconds
	seq uint64
}

func (p place) before(q place) bool { return p.at < q.at || p.at == q.at && p.seq < q.seq }

// base is what the company's numbers are counted from; the next company's begin at end.
func (s *shelf) base() int64 { return s.no << shift }
func (s *shelf) end() int64  { return (s.no + 1) << shift }

func (k *counters) fields() []*uint64 {
	return []*uint64{&k.seq, &k.began, &k.dueSeq, &k.doneSeq, &k.streams, &k.entries, &k.bytes, &k.work, &k.dropped, &k.reserved, &k.indexed}
}

func (s *shelf) pack() []byte {
	packed := addPart(nil, s.name)
	for _, field := range s.fields() {
		packed = binary.AppendUvarint(packed, *field)
	}
	return seal(packed, s.no)
}

func unpackShelf(no int64, name string, sealed []byte) (*shelf, error) {
	body, err := unseal(sealed, no)
	if err != nil {
		return nil, err
	}
	s := &shelf{name: string(body.part()), no: no, taken: map[string]place{}, from: beginning()}
	for _, field := range s.fields() {
		*field = body.count()
	}
	if s.name != name {
		return nil, errDamaged
	}
	return s, body.ends()
}

func beginning() place { return place{at: -1 << 63} }

// loadShelves reads all companies, which are few beside their payments. What only the process knows is carried over.
func (j *Journal) loadShelves() error {
	loaded := map[string]*shelf{}
	err := j.conn.query(context.Background(), "SELECT no, name, body FROM companies", nil, func(row []driver.Value) (bool, error) {
		s, err := unpackShelf(number(row[0]), text(row[1]), blob(row[2]))
		if err != nil {
			return false, fmt.Errorf("company %d: %w", number(row[0]), err)
		}
		if old := j.shelves[s.name]; old != nil && old.no == s.no {
			s.taken, s.from = old.taken, old.from
		}
		loaded[s.name] = s
		return true, nil
	})
	if err != nil {
		return err
	}
	row, err := j.conn.row("SELECT max(rev) FROM notes")
	if err != nil {
		return err
	}
	j.shelves, j.rev = loaded, uint64(number(row[0]))
	j.cache.clear()
	j.young = newYoung()
	for _, s := range loaded {
		if err := j.loadYoung(s); err != nil {
			return fmt.Errorf("company %s: %w", s.name, err)
		}
	}
	return nil
}

// shelf returns a company's shelf, beginning it when there is none.
func (j *Journal) shelf(company string) (*shelf, error) {
	if s := j.shelves[company]; s != nil {
		return s, nil
	}
	row, err := j.conn.row("SELECT max(no) FROM companies")
	if err != nil {
		return nil, err
	}
	s := &shelf{name: company, no: number(row[0]) + 1, taken: map[string]place{}, from: beginning()}
	if err := j.conn.exec("INSERT INTO companies (no, name, body) VALUES (?, ?, ?)", s.no, s.name, s.pack()); err != nil {
		return nil, err
	}
	j.shelves[company] = s
	j.touch(s)
	return s, nil
}

// touch has the company's counters written with the transaction.
func (j *Journal) touch(s *shelf) {
	if !s.dirty {
		s.dirty = true
		j.touched = append(j.touched, s)
	}
}

// saveShelves writes the counters of the companies that were touched.
func (j *Journal) saveShelves() error {
	for _, s := range j.touched {
		s.dirty = false
		if j.shelves[s.name] != s {
			continue // forgotten since
		}
		s.reserved = j.ordinals.reserve(s.name, s.reserved)
		if err := j.conn.exec("UPDATE companies SET body = ? WHERE no = ?", s.pack(), s.no); err != nil {
			return err
		}
	}
	return nil
}

// block is how many ordinals are reserved at once: so many may be left out after a crash, none otherwise.
const block = 1024

// ordinals gives numbers without waiting for the file. A number is reserved in the file before it is given, a block at a
// time, along with whatever else is written.
type ordinals struct {
	mu  sync.Mutex
	all map[string]*ordinal
}

type ordinal struct{ last, reserved uint64 }

// give returns the next ordinal of a company; ok is false when none is reserved.
func (o *ordinals) give(company string) (n uint64, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	its := o.all[company]
	if its == nil || its.last >= its.reserved {
		return 0, false
	}
	its.last++
	return its.last, true
}

// last returns the last ordinal that was given.
func (o *ordinals) last(company string) uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if its := o.all[company]; its != nil {
		return its.last
	}
	return 0
}

// reserve returns how far the file shall reserve, given how far it does.
func (o *ordinals) reserve(company string, reserved uint64) uint64 {
	if last := o.last(company); reserved < last+block/2 {
		return last + block
	}
	return reserved
}

// extend says how far the file reserves from now on.
func (o *ordinals) extend(company string, reserved uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if its := o.all[company]; its != nil {
		its.reserved = reserved
		return
	}
	o.all[company] = &ordinal{reserved: reserved}
}

// set says which ordinal was the last.
func (o *ordinals) set(company string, last, reserved uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all[company] = &ordinal{last, reserved}
}

func (o *ordinals) forget(company string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.all, company)
}

// Ordinal implements journal.Journal.
func (j *Journal) Ordinal(_ context.Context, company string) (uint64, error) {
	for {
		if j.isClosed() {
			return 0, journal.ErrClosed
		}
		if n, ok := j.ordinals.give(company); ok {
			return n, nil
		}
		err := j.write(&op{run: func() error {
			s, err := j.shelf(company)
			if err == nil {
				j.touch(s)
			}
			return err
		}})
		if err != nil {
			return 0, err
		}
	}
}
