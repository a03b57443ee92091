package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// beat says that this process lives, and takes their work from those that don't. steady is for how long the connection has
// held: whoever was cut off himself can't tell whether the others are dead or were cut off too, and waits a lease first.
func (j *Journal) beat(ctx context.Context, conn *pgx.Conn, steady time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, max(j.options.Timeout/3, time.Millisecond))
	defer cancel()
	me, lease := j.me.Load(), j.options.Lease.Milliseconds()
	tag, err := conn.Exec(ctx, `UPDATE owners SET alive_until = clock_timestamp() + $2::bigint * interval '1 millisecond'
		WHERE no = $1`, me, lease)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		if err := j.rise(ctx, conn, me); err != nil {
			return err
		}
	}
	if grabs := j.unsure.all(); len(grabs) > 0 {
		_, err := conn.Exec(ctx, "UPDATE due SET owner = NULL, grab = NULL WHERE owner = ANY($1) AND grab = ANY($2)", j.everyMe(), grabs)
		if err != nil {
			return err
		}
	}
	var dead int
	err = conn.QueryRow(ctx, "SELECT count(*) FROM owners WHERE alive_until < clock_timestamp() AND lease <= $1", steady.Milliseconds()).
		Scan(&dead)
	if err != nil || dead == 0 {
		return err
	}
	return j.bury(ctx, conn, steady)
}

// rise makes this process known again after it was given up for dead. Its work was handed on; what it took just then, and
// nobody knew of, it keeps.
func (j *Journal) rise(ctx context.Context, conn *pgx.Conn, former int64) error {
	j.options.Log.Warn("no sign of life reached PostgreSQL for longer than the lease: other processes have taken over the work in hand")
	no, err := j.enrol(ctx, conn)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "UPDATE due SET owner = $1 WHERE owner = $2", no, former)
	return err
}

// bury frees the work of processes that gave no sign of life for a lease, and remembers that it was theirs: should one of
// them live after all, it must not finish what another has begun anew.
func (j *Journal) bury(ctx context.Context, conn *pgx.Conn, steady time.Duration) error {
	var dead []int64
	freed := int64(0)
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, `DELETE FROM owners WHERE no IN (SELECT no FROM owners
			WHERE alive_until < clock_timestamp() AND lease <= $1 FOR UPDATE SKIP LOCKED) RETURNING no`, steady.Milliseconds())
		var err error
		if dead, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil || len(dead) == 0 {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO takeovers (loser, company, stream, id) SELECT owner, company, stream, id FROM due
			WHERE owner = ANY($1) ON CONFLICT (loser, company, stream, id) DO UPDATE SET at = now()`, dead)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, "UPDATE due SET owner = NULL, grab = NULL WHERE owner = ANY($1)", dead)
		freed = tag.RowsAffected()
		return err
	})
	if err != nil || len(dead) == 0 {
		return err
	}
	j.options.Log.Warn("a process has given no sign of life: its work is free", "processes", len(dead), "work", freed)
	j.changes.tellAll() // what it did last it may not have told
	j.tellOthers("", aboutEverybody)
	return nil
}

// leave frees this process's work, and is known no longer.
func (j *Journal) leave() error {
	return j.try(context.Background(), "close", func(ctx context.Context, conn *pgx.Conn) error {
		var b pgx.Batch
		b.Queue("UPDATE due SET owner = NULL, grab = NULL WHERE owner = ANY($1)", j.everyMe())
		b.Queue("DELETE FROM owners WHERE no = ANY($1)", j.everyMe())
		b.Queue("SELECT pg_notify($1, $2)", j.channel(), fmt.Sprintf("%d %c ", j.writer, aboutEverybody))
		return conn.SendBatch(ctx, &b).Close() // one transaction
	})
}
