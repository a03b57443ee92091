package postgres

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"mozartosim/simulator/journal"
)

// unsure are calls of Take that failed without telling whether they took anything; what they took is put back.
type unsure struct {
	mu    sync.Mutex
	grabs map[int64]int // and how often they have been put back: a statement may be on its way for a while
}

func (u *unsure) add(grab int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.grabs == nil {
		u.grabs = map[int64]int{}
	}
	u.grabs[grab] = 0
}

// all returns those that are to be put back now. Ten times is enough: the server gives up a connection that is cut long before.
func (u *unsure) all() (grabs []int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for grab := range u.grabs {
		grabs = append(grabs, grab)
		if u.grabs[grab]++; u.grabs[grab] > 10 {
			delete(u.grabs, grab)
		}
	}
	return grabs
}

// candidate is work that may be taken.
type candidate struct {
	stream int64
	journal.Job
}

const selectWork = `SELECT d.stream, (SELECT id FROM streams s WHERE s.company = d.company AND s.no = d.stream),
	d.id, d.at, d.seq, d.kind, d.data FROM due d WHERE d.company = (SELECT no FROM companies WHERE id = $1) AND d.owner IS NULL `

const ofStream = `AND d.stream = (SELECT s.no FROM streams s WHERE s.company = (SELECT no FROM companies WHERE id = $1) AND s.id = `

// leftToMe picks work that this process or none that lives has begun, or that has been left to that one for long enough.
const leftToMe = `AND d.at <= $2
	AND (d.origin = ANY($3) OR d.at <= $4 OR NOT EXISTS (SELECT FROM owners o WHERE o.no = d.origin)) `

// grabWork takes work that nobody has taken since it was seen. It may be done again: what the call has taken already it
// takes once more.
const grabWork = `UPDATE due SET owner = $2, grab = $3 WHERE ctid = ANY (ARRAY(
		SELECT x.row FROM unnest($4::bigint[], $5::bigint[]) AS w (stream, seq) CROSS JOIN LATERAL (SELECT ctid AS row FROM due
			WHERE company = (SELECT no FROM companies WHERE id = $1) AND stream = w.stream AND seq = w.seq
			AND (owner IS NULL OR owner = $2 AND grab = $3) FOR UPDATE SKIP LOCKED) x))
	AND EXISTS (SELECT FROM owners WHERE no = $2) RETURNING seq`

// Claim implements journal.Journal. What others take at the same moment is passed over; order holds among what is taken.
func (j *Journal) Claim(ctx context.Context, company string, t journal.ClaimQuery) (taken []journal.Job, err error) {
	if j.isClosed() {
		return nil, journal.ErrClosed
	}
	if plain(company, t.Stream) != nil {
		return nil, nil
	}
	limit := max(1, t.Limit)
	at, seq := int64(math.MinInt64), int64(0)
	for len(taken) < limit {
		size := limit - len(taken) + 8
		found, err := j.candidates(ctx, company, t, at, seq, size)
		if err != nil {
			return taken, j.takingFailed(taken, err)
		}
		var picked []candidate
		for _, c := range found {
			if len(picked) < limit-len(taken) && (t.Skip == nil || !t.Skip(c.Stream)) {
				picked = append(picked, c)
			}
			at, seq = instant(c.At), int64(c.Seq)
			if len(picked) == limit-len(taken) {
				break
			}
		}
		got, err := j.grab(ctx, company, picked)
		if taken = append(taken, got...); err != nil {
			return taken, j.takingFailed(taken, err)
		}
		if len(found) < size {
			break
		}
	}
	return taken, nil
}

// takingFailed hides an error behind work that was taken before it: the caller has something to do, and will ask again.
func (*Journal) takingFailed(taken []journal.Job, err error) error {
	if len(taken) > 0 {
		return nil
	}
	return err
}

// candidates looks for work that may be taken, in order, behind an instant and a number.
func (j *Journal) candidates(
	ctx context.Context, company string, t journal.ClaimQuery, at, seq int64, size int,
) (found []candidate, err error) {
	until := instant(t.Until)
	others := until
	if t.OwnerFirst > 0 {
		others = instant(t.Until.Add(-t.OwnerFirst))
	}
	sql, args := selectWork+leftToMe+"AND (d.at, d.seq) > ($5, $6) ", []any{company, until, j.everyMe(), others, at, seq}
	if t.Stream != "" {
		sql, args = sql+ofStream+"$8) ", append(args, size, t.Stream)
	} else {
		args = append(args, size)
	}
	err = j.read(ctx, "take", func(ctx context.Context, conn *pgx.Conn) error {
		rows, _ := conn.Query(ctx, sql+"ORDER BY d.at, d.seq LIMIT $7", args...)
		found, err = scanWork(rows)
		return err
	})
	return found, err
}

func scanWork(rows pgx.Rows) (found []candidate, err error) {
	var c candidate
	var at int64
	_, err = pgx.ForEachRow(rows, []any{&c.stream, &c.Stream, &c.ID, &at, &c.Seq, &c.Kind, &c.Data}, func() error {
		c.At = fromInstant(at)
		found = append(found, c)
		c.Data = nil // the next row's is not written over this one's
		return nil
	})
	return found, err
}

// grab takes what nobody else has taken meanwhile.
func (j *Journal) grab(ctx context.Context, company string, picked []candidate) (taken []journal.Job, err error) {
	if len(picked) == 0 {
		return nil, nil
	}
	grab, me := j.grabs.Add(1), j.me.Load()
	var w workRows
	bySeq := map[int64]journal.Job{}
	for _, c := range picked {
		w.streams, w.seqs = append(w.streams, c.stream), append(w.seqs, int64(c.Seq))
		bySeq[int64(c.Seq)] = c.Job
	}
	err = j.try(context.WithoutCancel(ctx), "take", func(ctx context.Context, conn *pgx.Conn) error {
		taken = nil
		rows, _ := conn.Query(ctx, grabWork, company, me, grab, w.streams, w.seqs)
		var seq int64
		_, err := pgx.ForEachRow(rows, []any{&seq}, func() error {
			taken = append(taken, bySeq[seq])
			return nil
		})
		return err
	})
	if err != nil {
		j.unsure.add(grab)
		return nil, err
	}
	slices.SortFunc(taken, func(a, b journal.Job) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq)) })
	return taken, nil
}

// Release implements journal.Journal. Other processes are told: the work is theirs as well.
func (j *Journal) Release(ctx context.Context, company string, ids ...string) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return plain(id) != nil })
	if plain(company) != nil || len(ids) == 0 && !j.isClosed() {
		return nil
	}
	returned := int64(0)
	err := j.read(ctx, "return", func(ctx context.Context, conn *pgx.Conn) error {
		tag, err := conn.Exec(ctx, `UPDATE due SET owner = NULL, grab = NULL
			WHERE company = (SELECT no FROM companies WHERE id = $1) AND owner = ANY($2) AND id = ANY($3)`, company, j.everyMe(), ids)
		returned = tag.RowsAffected()
		return err
	})
	if returned > 0 {
		j.tellOthers(company, aboutCompany)
	}
	return err
}

// PendingJobs implements journal.Journal.
func (j *Journal) PendingJobs(ctx context.Context, company string, q journal.JobQuery) (due []journal.Job, err error) {
	if plain(company, q.Stream) != nil {
		return nil, nil
	}
	sql, args := selectWork, []any{company, cmp.Or(max(q.Limit, 0), math.MaxInt32)}
	if q.Stream != "" {
		sql, args = sql+ofStream+"$3) ", append(args, q.Stream)
	}
	err = j.read(ctx, "waiting", func(ctx context.Context, conn *pgx.Conn) error {
		due = nil
		rows, _ := conn.Query(ctx, sql+"ORDER BY d.at, d.seq LIMIT $2", args...)
		found, err := scanWork(rows)
		for _, c := range found {
			due = append(due, c.Job)
		}
		return err
	})
	return due, err
}
