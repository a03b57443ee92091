package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"

	"mozartosim/simulator/journal"
)

// A note's body is sealed with its company, its name and its rev, behind a byte that is 1 when the note is gone.

func packNote(n journal.Setting) []byte {
	return seal(addPart(addPart(addPart([]byte{byte(gone(n))}, n.Company), n.Name), n.Data), int64(n.Rev))
}

// gone is 1 when there is no note any more.
func gone(n journal.Setting) int64 {
	if n.Data == nil {
		return 1
	}
	return 0
}

func unpackNote(rev int64, sealed []byte) (journal.Setting, error) {
	body, err := unseal(sealed, rev)
	if err != nil {
		return journal.Setting{}, fmt.Errorf("note %d: %w", rev, err)
	}
	wasGone := body.count() > 0
	n := journal.Setting{Company: string(body.part()), Name: string(body.part()), Rev: uint64(rev), Data: body.part()}
	if wasGone {
		n.Data = nil
	} else if n.Data == nil {
		n.Data = []byte{}
	}
	return n, body.ends()
}

// PutSetting implements journal.Journal.
func (j *Journal) PutSetting(_ context.Context, n journal.Setting) (rev uint64, err error) {
	wrote := false
	err = j.write(&op{
		run: func() error {
			known, err := j.noteRev(n)
			if err != nil {
				return err
			}
			if n.Rev != known {
				return fmt.Errorf("note %s of %s has revision %d, the writer knew %d: %w", n.Name, n.Company, known, n.Rev, journal.ErrConflict)
			}
			if n.Data == nil && known == 0 {
				return nil
			}
			j.rev++
			n.Rev, rev, wrote = j.rev, j.rev, true
			return j.conn.exec("INSERT OR REPLACE INTO notes (company, name, rev, gone, body) VALUES (?, ?, ?, ?, ?)",
				n.Company, n.Name, int64(n.Rev), gone(n), packNote(n))
		},
		after: func() {
			if wrote {
				j.signals.tell("", n.Company)
			}
		},
	})
	if err != nil {
		return 0, err
	}
	return rev, nil
}

// noteRev returns the revision of the note in n's place, 0 when there is none.
func (j *Journal) noteRev(n journal.Setting) (uint64, error) {
	row, err := j.conn.row("SELECT rev, body FROM notes WHERE company = ? AND name = ?", n.Company, n.Name)
	if err != nil || row == nil {
		return 0, err
	}
	old, err := unpackNote(number(row[0]), blob(row[1]))
	if err != nil || old.Data == nil {
		return 0, err
	}
	return old.Rev, nil
}

// Settings implements journal.Journal.
func (j *Journal) Settings(_ context.Context, after uint64) (found []journal.Setting, err error) {
	text := "SELECT rev, body FROM notes WHERE rev > ? ORDER BY rev"
	err = j.reads("", func(*shelf) error {
		return j.conn.query(context.Background(), text, []driver.Value{int64(after)}, func(row []driver.Value) (bool, error) {
			n, err := unpackNote(number(row[0]), blob(row[1]))
			found = append(found, n)
			return true, err
		})
	})
	return found, err
}
