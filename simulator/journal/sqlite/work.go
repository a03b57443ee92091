package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"mozartosim/simulator/journal"
)

// eachDue hands a company's due work on to each, in order, from where the first that waits may be.
func (j *Journal) eachDue(s *shelf, each func(journal.Job, place) (bool, error)) error {
	text := "SELECT at, seq, stream, body FROM due WHERE company = ? AND (at, seq) >= (?, ?) ORDER BY at, seq"
	args := []driver.Value{s.no, s.from.at, int64(s.from.seq)}
	return j.conn.query(context.Background(), text, args, func(row []driver.Value) (bool, error) {
		at := place{number(row[0]), uint64(number(row[1]))}
		d, err := readDue(s.no, at, number(row[2]), blob(row[3]))
		if err != nil {
			return false, err
		}
		return each(d, at)
	})
}

func readDue(company int64, at place, stream int64, sealed []byte) (journal.Job, error) {
	body, err := unseal(sealed, company, at.at, int64(at.seq), stream)
	if err != nil {
		return journal.Job{}, fmt.Errorf("due work %d: %w", at.seq, err)
	}
	d := journal.Job{Stream: string(body.part()), At: unpackTime(at.at), Seq: at.seq}
	d.ID, d.Kind, d.Data = string(body.part()), string(body.part()), body.part()
	return d, body.ends()
}

// Claim implements journal.Journal.
func (j *Journal) Claim(_ context.Context, company string, t journal.ClaimQuery) (found []journal.Job, err error) {
	t.Limit = max(1, t.Limit)
	err = j.reads(company, func(s *shelf) error {
		if s == nil {
			return nil
		}
		if t.Stream != "" {
			found, err = j.takeOf(s, t)
		} else {
			found, err = j.take(s, t)
		}
		if err != nil {
			return err
		}
		for _, d := range found {
			s.taken[d.ID] = place{packTime(d.At), d.Seq}
		}
		return nil
	})
	return found, err
}

// take looks from the first that may wait, and notes where the next look begins: what is taken is not passed over again and
// again while it is being worked on.
func (j *Journal) take(s *shelf, t journal.ClaimQuery) (found []journal.Job, err error) {
	from, left := s.from, false // left: from stands at work that waits
	err = j.eachDue(s, func(d journal.Job, at place) (bool, error) {
		_, taken := s.taken[d.ID]
		switch late := d.At.After(t.Until); {
		case late && !taken:
			if !left {
				from, left = at, true
			}
			return false, nil
		case late: // somebody took it before its time
			return true, nil
		case taken:
		case t.Skip != nil && t.Skip(d.Stream):
			if !left {
				from, left = at, true
			}
			return true, nil
		default:
			found = append(found, d)
		}
		if !left {
			from = place{at.at, at.seq + 1}
		}
		return len(found) < t.Limit, nil
	})
	if err == nil {
		s.from = from
	}
	return found, err
}

// takeOf takes the work of one stream.
func (j *Journal) takeOf(s *shelf, t journal.ClaimQuery) ([]journal.Job, error) {
	ready, err := j.waitingOf(s, t.Stream)
	if err != nil {
		return nil, err
	}
	ready = slices.DeleteFunc(ready, func(d journal.Job) bool { return d.At.After(t.Until) })
	return ready[:min(len(ready), t.Limit)], nil
}

// waitingOf returns the work of a stream that nobody has taken, in order.
func (j *Journal) waitingOf(s *shelf, id string) (found []journal.Job, err error) {
	st, err := j.streamOf(s, id)
	if err != nil || st == nil {
		return nil, err
	}
	for _, d := range st.due {
		if _, taken := s.taken[d.id]; taken {
			continue
		}
		one, err := j.dueAt(s, st, d)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	slices.SortFunc(found, func(a, b journal.Job) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq)) })
	return found, nil
}

// dueAt reads a piece of work of a stream, which is there.
func (j *Journal) dueAt(s *shelf, st *stream, d waits) (journal.Job, error) {
	row, err := j.conn.row("SELECT body FROM due WHERE company = ? AND at = ? AND seq = ?", s.no, d.at, int64(d.seq))
	if err != nil {
		return journal.Job{}, err
	}
	if row == nil {
		return journal.Job{}, fmt.Errorf("stream %s: its work %s is missing: %w", st.id, d.id, errDamaged)
	}
	return readDue(s.no, d.place, st.no, blob(row[0]))
}

// Release implements journal.Journal.
func (j *Journal) Release(_ context.Context, company string, ids ...string) error {
	return j.reads(company, func(s *shelf) error {
		if s == nil {
			return nil
		}
		for _, id := range ids {
			at, taken := s.taken[id]
			if !taken {
				continue
			}
			delete(s.taken, id)
			if at.before(s.from) {
				s.from = at
			}
		}
		return nil
	})
}

// PendingJobs implements journal.Journal.
func (j *Journal) PendingJobs(_ context.Context, company string, q journal.JobQuery) (found []journal.Job, err error) {
	err = j.reads(company, func(s *shelf) error {
		if s == nil {
			return nil
		}
		if q.Stream != "" {
			found, err = j.waitingOf(s, q.Stream)
			if q.Limit > 0 && len(found) > q.Limit {
				found = found[:q.Limit]
			}
			return err
		}
		return j.eachDue(s, func(d journal.Job, _ place) (bool, error) {
			if _, taken := s.taken[d.ID]; !taken {
				found = append(found, d)
			}
			return q.Limit <= 0 || len(found) < q.Limit, nil
		})
	})
	return found, err
}
