package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"mozartosim/simulator/journal"
)

// written gives appends to one transaction and returns what became of them.
func written(j *Journal, all ...journal.Append) (errs []error) {
	var ops []*op
	for _, a := range all {
		w := &appending{Append: a, j: j}
		ops = append(ops, &op{run: w.run, after: w.after, done: make(chan struct{})})
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.commit(ops)
	for _, o := range ops {
		<-o.done
		errs = append(errs, o.err)
	}
	return errs
}

// Of appends in one transaction each is accepted or refused by itself.
func TestEachByItself(t *testing.T) {
	t.Parallel()
	j := open(t, fresh(t), Options{})
	one, two, thief := payment(1), payment(2), payment(3)
	stale := two
	thief.Keys = []string{"free", one.Keys[0]}
	later := journal.Append{Company: "acme", Stream: one.Stream, Seen: 3, Entries: one.Entries[:1], Completed: []string{one.Jobs[0].ID}}
	errs := written(j, one, two, stale, thief, later)
	for i, want := range []error{nil, nil, journal.ErrConflict, journal.ErrExists, nil} {
		if !errors.Is(errs[i], want) || want == nil && errs[i] != nil {
			t.Errorf("append %d: %v, want %v", i, errs[i], want)
		}
	}
	stats, err := j.Stats(context.Background(), "acme")
	if err != nil || stats.Streams != 2 || stats.Entries != 7 || stats.Jobs != 3 {
		t.Errorf("%+v, %v", stats, err)
	}
	if _, err := j.Find(context.Background(), "free"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("the thief's other key: %v", err)
	}
	if err := j.Check(context.Background()); err != nil {
		t.Error(err)
	}
}

// When a transaction fails, nobody in it was accepted, and the journal goes on from where it stood.
func TestTransactionFails(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	j := open(t, fresh(t), Options{})
	add(t, j, payment(1))
	before := copied(t, j, "acme")
	if err := j.conn.once("CREATE TEMP TRIGGER fail BEFORE INSERT ON due WHEN NEW.stream = 1 << 40 | 3 BEGIN SELECT raise(ABORT, 'no'); END"); err != nil {
		t.Fatal(err)
	}
	for i, err := range written(j, payment(2), payment(3), payment(4)) {
		if err == nil || !strings.Contains(err.Error(), j.file) {
			t.Errorf("append %d: %v", i, err)
		}
	}
	after := copied(t, j, "acme")
	same(t, "copy", before, after)
	if err := j.conn.once("DROP TRIGGER fail"); err != nil {
		t.Fatal(err)
	}
	add(t, j, payment(2))
	if n, err := j.Ordinal(ctx, "acme"); err != nil || n != 1 {
		t.Errorf("ordinal %d, %v", n, err)
	}
	if err := j.Check(ctx); err != nil {
		t.Error(err)
	}
}

// Many callers share transactions, and all is there afterwards.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	const callers, each = 16, 20
	file := fresh(t)
	j := open(t, file, Options{})
	var all sync.WaitGroup
	for c := range int64(callers) {
		all.Go(func() {
			for n := range int64(each) {
				if err := j.Append(context.Background(), payment(c*each+n)); err != nil {
					t.Error(err)
				}
				if _, err := j.Ordinal(context.Background(), "acme"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	shut(t, j)
	j = open(t, file, Options{})
	if stats, err := j.Stats(context.Background(), ""); err != nil || stats.Streams != callers*each || stats.Jobs != 2*callers*each {
		t.Errorf("%+v, %v", stats, err)
	}
	if n, err := j.Ordinal(context.Background(), "acme"); err != nil || n != callers*each+1 {
		t.Errorf("the next ordinal is %d, %v", n, err)
	}
	if err := j.Check(context.Background()); err != nil {
		t.Error(err)
	}
}

// A file of an older schema is brought to the newest, and keeps what it has.
func TestMigrates(t *testing.T) {
	t.Parallel()
	file := filled(t, 20)
	want := copied(t, open(t, duplicate(t, file), Options{}), "acme")
	// What the second version added goes away: the file is one of the first.
	script(t, file, "DROP INDEX streams_facets", "DROP INDEX streams_userId", "DROP INDEX streams_merchantReference", "PRAGMA user_version = 1",
		"DELETE FROM writers", "INSERT INTO writers VALUES (1, 'v0.1')")
	j := open(t, file, Options{Version: "v0.2"})
	same(t, "copy", want, copied(t, j, "acme"))
	found, err := j.List(context.Background(), "acme", journal.Query{Labels: journal.Labels{{Name: "psp", Value: "PAYONE"}}})
	if err != nil || len(found) != 20 {
		t.Errorf("%d streams, %v", len(found), err)
	}
	writers, err := j.conn.all("SELECT version, program FROM writers ORDER BY version")
	if err != nil || fmt.Sprint(writers) != "[[1 v0.1] [2 v0.2]]" {
		t.Errorf("written by %v, %v", writers, err)
	}
	if err := j.Check(context.Background()); err != nil {
		t.Error(err)
	}
}

// A migration that fails leaves the file as it was.
func TestMigrationFails(t *testing.T) {
	t.Parallel()
	file := script(t, filled(t, 1), "DROP INDEX streams_facets", "PRAGMA user_version = 1") // the second index of three is in the way
	for range 2 {
		if _, err := Open(context.Background(), file, Options{}); err == nil || !strings.Contains(err.Error(), "to version 2") {
			t.Fatalf("got %v", err)
		}
	}
}
