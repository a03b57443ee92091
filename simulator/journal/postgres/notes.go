package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"mozartosim/simulator/journal"
)

// PutSetting implements journal.Journal.
func (j *Journal) PutSetting(ctx context.Context, n journal.Setting) (rev uint64, err error) {
	if err := plain(n.Company, n.Name); err != nil {
		return 0, err
	}
	if j.isClosed() {
		return 0, journal.ErrClosed
	}
	k := &keeping{Setting: n}
	if _, err := rand.Read(k.mark[:]); err != nil {
		return 0, err
	}
	err = j.try(ctx, "keep", k.attempt)
	switch {
	case err != nil && k.mayBeKept:
		return 0, fmt.Errorf("whether the note was kept is unknown: %w", err)
	case err != nil:
		return 0, err
	case k.given > 0:
		j.tell(n.Company)
		j.changes.tell("")
		j.tellOthers(n.Company, aboutNotes)
	}
	return k.given, nil
}

// keeping is a note on its way.
type keeping struct {
	journal.Setting
	mark      [16]byte
	given     uint64
	mayBeKept bool // a commit was sent, and its answer never came
}

// errOverwritten says that nobody can tell any more whether a note was kept before another took its place.
var errOverwritten = errors.New("the connection broke while the note was kept, and somebody has kept another since")

func (k *keeping) attempt(ctx context.Context, conn *pgx.Conn) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	last, done, err := k.look(ctx, tx)
	if err != nil || done {
		return err
	}
	var b pgx.Batch
	b.Queue("UPDATE revisions SET last = $1", last+1)
	b.Queue(`INSERT INTO notes (company, name, rev, data, mark) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (company, name) DO UPDATE SET rev = EXCLUDED.rev, data = EXCLUDED.data, mark = EXCLUDED.mark`,
		k.Company, k.Name, last+1, k.Data, k.mark)
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return err
	}
	k.mayBeKept = true
	if err := tx.Commit(ctx); err != nil {
		k.mayBeKept = !ordinary(err)
		return err
	}
	k.mayBeKept, k.given = false, last+1
	return nil
}

// look takes the lock of all notes and holds the writer's revision against the note's. done says that there is nothing to
// write, since it was kept by the attempt before, or there is none to take away.
func (k *keeping) look(ctx context.Context, tx pgx.Tx) (last uint64, done bool, err error) {
	if err := tx.QueryRow(ctx, "SELECT last FROM revisions FOR UPDATE").Scan(&last); err != nil {
		return 0, false, err
	}
	var known uint64
	var mark [16]byte
	var there bool
	err = tx.QueryRow(ctx, "SELECT rev, mark, data IS NOT NULL FROM notes WHERE company = $1 AND name = $2", k.Company, k.Name).
		Scan(&known, &mark, &there)
	switch {
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return 0, false, err
	case k.mayBeKept && mark == k.mark:
		k.mayBeKept, k.given = false, known
		return last, true, nil
	case !there:
		known = 0
	}
	if known != k.Rev && k.mayBeKept {
		return 0, false, errOverwritten
	}
	k.mayBeKept = false
	if known != k.Rev {
		return 0, false, fmt.Errorf("note %s of %s has revision %d, the writer knew %d: %w", k.Name, k.Company, known, k.Rev, journal.ErrConflict)
	}
	return last, k.Data == nil && known == 0, nil
}

// noteReading is one call of Notes.
type noteReading struct {
	boarded
	after uint64
	found []journal.Setting
	err   error
}

// Settings implements journal.Journal. Calls that wait at the same moment share an answer.
func (j *Journal) Settings(ctx context.Context, after uint64) ([]journal.Setting, error) {
	p := &noteReading{after: after, boarded: boarded{done: make(chan struct{})}}
	bound, cancel := j.bounded(ctx, 1)
	defer cancel()
	if !j.reading.board("", p) {
		return nil, journal.ErrClosed
	}
	if p.await(bound) {
		return nil, j.failed("notes", j.cause(bound, nil))
	}
	return p.found, p.err
}

func (j *Journal) flyNotes(_ string, waiting []*noteReading) {
	batch := slices.DeleteFunc(waiting, func(p *noteReading) bool { return !p.begin() })
	if len(batch) == 0 {
		return
	}
	after := batch[0].after
	for _, p := range batch {
		after = min(after, p.after)
	}
	var found []journal.Setting
	err := j.try(context.Background(), "notes", func(ctx context.Context, conn *pgx.Conn) error {
		found = nil
		rows, _ := conn.Query(ctx, "SELECT company, name, rev, data FROM notes WHERE rev > $1 ORDER BY rev", min(after, 1<<62))
		var n journal.Setting
		_, err := pgx.ForEachRow(rows, []any{&n.Company, &n.Name, &n.Rev, &n.Data}, func() error {
			found = append(found, n)
			n.Data = nil
			return nil
		})
		return err
	})
	for _, p := range batch {
		first := 0
		for first < len(found) && found[first].Rev <= p.after {
			first++
		}
		p.found, p.err = slices.Clone(found[first:]), err
		close(p.done)
	}
}
