package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"mozartosim/simulator/journal"
)

// appending is an append on its way into the file.
type appending struct {
	journal.Append
	j       *Journal
	shelf   *shelf
	stream  *stream
	old     []driver.Value // the stream's columns before
	settled []string       // work that is not taken any more, when all is on the disk
}

// Append implements journal.Journal.
func (j *Journal) Append(_ context.Context, a journal.Append) error {
	w := &appending{Append: a, j: j}
	return j.write(&op{run: w.run, after: w.after})
}

// manyDropped bounds what one append drops when the room has become smaller since.
const manyDropped = 64

func (w *appending) run() error {
	if err := w.find(); err != nil {
		return err
	}
	if err := w.claim(); err != nil {
		return err
	}
	if err := w.keep(); err != nil {
		return err
	}
	for n := 0; n < manyDropped && w.shelf.streams > uint64(w.j.room); n++ {
		if err := w.drop(); err != nil {
			return err
		}
	}
	return w.j.ageWhenMany()
}

func (w *appending) after() {
	for _, id := range w.settled {
		delete(w.shelf.taken, id)
	}
	w.j.signals.tell(w.Company)
}

// find reads the stream and holds the writer's knowledge against it.
func (w *appending) find() (err error) {
	length := 0
	if w.shelf = w.j.shelves[w.Company]; w.shelf != nil {
		if w.stream, err = w.j.streamOf(w.shelf, w.Stream); err != nil {
			return err
		}
	}
	if w.stream != nil {
		length = w.stream.length
	}
	if length != w.Seen {
		return fmt.Errorf("stream %s has %d entries, the writer knew %d: %w", w.Stream, length, w.Seen, journal.ErrConflict)
	}
	if w.shelf == nil {
		w.shelf, err = w.j.shelf(w.Company)
	}
	if w.stream != nil {
		w.old = w.stream.columns()
	}
	return err
}

// claim says whether all keys are free, or the stream's own.
func (w *appending) claim() error {
	for _, key := range w.Keys {
		if w.stream != nil && slices.Contains(w.stream.keys, key) {
			continue
		}
		owner, err := w.j.owner(key)
		if err != nil {
			return err
		}
		if owner != 0 {
			return fmt.Errorf("key %s: %w", key, journal.ErrExists)
		}
	}
	return nil
}

// keep writes everything.
func (w *appending) keep() error {
	s := w.shelf
	if w.stream == nil {
		s.began++
		s.streams++
		w.stream = &stream{no: s.base() + int64(s.began), id: w.Stream}
	}
	st := w.stream
	if len(w.Entries) > 0 {
		if err := w.j.keepEntries(s, st, s.seq+1, w.Entries); err != nil {
			return err
		}
		s.seq += uint64(len(w.Entries))
	}
	if w.Labels != nil {
		st.labels = slices.Clip(w.Labels)
	}
	if err := w.keepKeys(); err != nil {
		return err
	}
	if err := w.keepWork(); err != nil {
		return err
	}
	switch {
	case w.Final && st.done == 0:
		s.doneSeq++
		st.done = s.base() + int64(s.doneSeq)
	case !w.Final:
		st.done = 0
	}
	w.j.touch(s)
	return w.j.keepStream(st, w.old)
}

// keepKeys makes the keys the stream's own.
func (w *appending) keepKeys() error {
	st := w.stream
	for _, key := range w.Keys {
		if slices.Contains(st.keys, key) {
			continue
		}
		st.keys = append(st.keys, key)
		if w.shelf.isYoung(st) {
			continue
		}
		if err := w.j.conn.keepKey(key, st.no); err != nil {
			return err
		}
	}
	if w.shelf.isYoung(st) {
		w.j.young.add(st)
	}
	return nil
}

// keepEntries writes the entries of one append, numbered from first on.
func (j *Journal) keepEntries(s *shelf, st *stream, first uint64, entries []journal.Entry) error {
	no := s.base() + int64(first)
	packed := packEntries(entries)
	st.firsts = append(st.firsts, first)
	st.length += len(entries)
	s.entries += uint64(len(entries))
	s.bytes += uint64(len(packed))
	return j.conn.exec("INSERT INTO appends (no, stream, body) VALUES (?, ?, ?)", no, st.no, seal(packed, no, st.no))
}

func (w *appending) keepWork() error {
	for _, id := range w.Completed {
		if err := w.settle(id); err != nil {
			return err
		}
	}
	for _, d := range w.Jobs {
		if err := w.settle(d.ID); err != nil {
			return err
		}
		if err := w.j.keepDue(w.shelf, w.stream, d); err != nil {
			return err
		}
	}
	return nil
}

// settle takes work off the agenda; one that isn't there is passed over.
func (w *appending) settle(id string) error {
	i := w.stream.waiting(id)
	if i < 0 {
		return nil
	}
	at := w.stream.due[i].place
	w.stream.due = slices.Delete(w.stream.due, i, i+1)
	w.shelf.work--
	w.settled = append(w.settled, id)
	return w.j.conn.exec("DELETE FROM due WHERE company = ? AND at = ? AND seq = ?", w.shelf.no, at.at, int64(at.seq))
}

// keepDue writes work that begins to wait.
func (j *Journal) keepDue(s *shelf, st *stream, d journal.Job) error {
	s.dueSeq++
	at := place{packTime(d.At), s.dueSeq}
	st.due = append(st.due, waits{d.ID, at})
	s.work++
	if at.before(s.from) {
		s.from = at
	}
	body := addPart(addPart(addPart(addPart(nil, st.id), d.ID), d.Kind), d.Data)
	return j.conn.exec("INSERT INTO due (company, at, seq, stream, body) VALUES (?, ?, ?, ?, ?)",
		s.no, at.at, int64(at.seq), st.no, seal(body, s.no, at.at, int64(at.seq), st.no))
}

// columnNames are a stream's columns beside no, id and body.
func columnNames() []string {
	return []string{"psp", "type", "status", "deliveries", "userId", "merchantReference", "done"}
}

func (st *stream) columns() []driver.Value {
	values := make([]driver.Value, 0, 8)
	for _, name := range columnNames()[:6] {
		value := st.labels.Get(name)
		if value == "" && (name == "userId" || name == "merchantReference") {
			values = append(values, nil)
			continue
		}
		values = append(values, value)
	}
	if st.done == 0 {
		return append(values, nil)
	}
	return append(values, st.done)
}

// keepStream writes a stream's row: a new one when old is nil, otherwise what has changed, so that only the indexes of what
// has changed are written.
func (j *Journal) keepStream(st *stream, old []driver.Value) error {
	j.cache.put(st)
	columns := st.columns()
	if old == nil {
		return j.conn.exec(`INSERT INTO streams (no, id, psp, type, status, deliveries, userId, merchantReference, done, body)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(append([]driver.Value{st.no, st.id}, columns...), st.pack())...)
	}
	var set strings.Builder
	args := make([]driver.Value, 0, len(columns)+2)
	for i, name := range columnNames() {
		if columns[i] != old[i] {
			set.WriteString(name + " = ?, ")
			args = append(args, columns[i])
		}
	}
	return j.conn.exec("UPDATE streams SET "+set.String()+"body = ? WHERE no = ?", append(args, st.pack(), st.no)...)
}

// drop makes room for one stream: the oldest that is done goes, or the oldest of all, but not the newest, which somebody has
// just been answered about.
func (w *appending) drop() error {
	s, conn := w.shelf, w.j.conn
	row, err := conn.row("SELECT no FROM streams WHERE done >= ? AND done < ? ORDER BY done LIMIT 1", s.base(), s.end())
	if err == nil && (row == nil || number(row[0]) == w.stream.no) {
		row, err = conn.row("SELECT no FROM streams WHERE no >= ? AND no < ? ORDER BY no LIMIT 1", s.base(), s.end())
	}
	if err != nil {
		return err
	}
	if row == nil {
		return fmt.Errorf("company %s has %d streams, but none is there: %w", s.name, s.streams, errDamaged)
	}
	st, err := w.j.streamAt(number(row[0]))
	if err != nil {
		return err
	}
	for _, d := range st.due {
		w.settled = append(w.settled, d.id)
	}
	s.dropped++
	return w.j.removeStream(s, st)
}

// removeStream takes a stream away with all that belongs to it.
func (j *Journal) removeStream(s *shelf, st *stream) error {
	for _, first := range st.firsts {
		no := s.base() + int64(first)
		row, err := j.conn.row("DELETE FROM appends WHERE no = ? RETURNING length(body)", no)
		if err != nil {
			return err
		}
		if row == nil {
			return fmt.Errorf("stream %s: its entry %d is missing: %w", st.id, first, errDamaged)
		}
		s.bytes -= uint64(number(row[0])) - sealSize
	}
	for _, d := range st.due {
		if err := j.conn.exec("DELETE FROM due WHERE company = ? AND at = ? AND seq = ?", s.no, d.at, int64(d.seq)); err != nil {
			return err
		}
	}
	if err := j.unlist(s, st); err != nil {
		return err
	}
	s.streams--
	s.entries -= uint64(st.length)
	s.work -= uint64(len(st.due))
	j.cache.drop(st)
	return j.conn.exec("DELETE FROM streams WHERE no = ?", st.no)
}
