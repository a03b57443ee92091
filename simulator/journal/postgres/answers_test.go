package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/postgres"
	"mozartosim/simulator/journal/postgres/pgtest"
)

// An answer of the server is lost, each in turn, that to the commit included: the call finds out what became of it, and
// whatever it does again has happened once.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	tests := map[string]func(t *testing.T, j, other *postgres.Journal, round int){
		"append": func(t *testing.T, j, other *postgres.Journal, round int) {
			id := fmt.Sprint("s", round)
			add(t, j, journal.Append{Company: "c", Stream: id, Entries: entry("a"), Keys: []string{id}, Jobs: work(id, 0)})
			add(t, j, journal.Append{Company: "c", Stream: id, Seen: 1, Entries: entry("b"), Completed: []string{id}})
			entries, err := other.Entries(ctx, "c", id)
			if err != nil || len(entries) != 2 {
				t.Errorf("%d entries, %v", len(entries), err)
			}
		},
		"keep": func(t *testing.T, j, other *postgres.Journal, round int) {
			rev, err := j.PutSetting(ctx, journal.Setting{Company: "c", Name: fmt.Sprint(round), Data: []byte("1")})
			if err != nil {
				t.Fatal(err)
			}
			found, err := other.Settings(ctx, 0)
			if err != nil || len(found) != round+1 || found[round].Rev != rev {
				t.Errorf("notes %+v, %v; kept as %d", found, err, rev)
			}
		},
		"take": func(t *testing.T, j, other *postgres.Journal, round int) {
			id := fmt.Sprint("s", round)
			add(t, other, journal.Append{Company: "c", Stream: id, Entries: entry("a"), Jobs: work(id, 0)})
			equal(t, "taken", []string{id}, take(t, j, journal.ClaimQuery{Until: noon, Limit: 9}))
			equal(t, "taken again", []string(nil), take(t, other, journal.ClaimQuery{Until: noon, Limit: 9}))
		},
		"ordinal": func(t *testing.T, j, other *postgres.Journal, _ int) {
			mine, err := j.Ordinal(ctx, "c")
			if err != nil {
				t.Fatal(err)
			}
			if next, err := other.Ordinal(ctx, "c"); err != nil || next <= mine {
				t.Errorf("%d follows %d, %v", next, mine, err)
			}
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, p := server.URL(), pgtest.NewProxy(t, server.Address())
			other := open(t, url, postgres.Options{Conns: 2})
			j := open(t, p.Through(url), postgres.Options{Conns: 1, Lease: time.Hour})
			for round := range 12 {
				if p.LoseAnswer(round % 6); round%2 == 0 {
					p.Mend()
					p.LoseCommit()
				}
				test(t, j, other, round)
			}
		})
	}
}

// What replaces everything is not done twice: when the answer to its commit is lost it says so.
func TestLostAnswerOfAnImport(t *testing.T) {
	t.Parallel()
	ctx, url, p := context.Background(), server.URL(), pgtest.NewProxy(t, server.Address())
	j := open(t, p.Through(url), postgres.Options{Conns: 1, Lease: time.Hour})
	add(t, j, journal.Append{Company: "c", Stream: "s", Entries: entry("a")})
	copied, err := j.Export(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range []func() error{
		func() error { return j.Import(ctx, "c", copied) },
		func() error { return j.Forget(ctx, "c") },
	} {
		p.LoseCommit()
		err := call()
		if err == nil || !strings.Contains(err.Error(), "may have been") {
			t.Errorf("got %v", err)
		}
	}
	// It was kept, as it happens.
	if _, err := j.Entries(ctx, "c", "s"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("after forgetting: %v", err)
	}
	for round := range 12 {
		p.LoseAnswer(round)
		if err := j.Import(ctx, "c", copied); err != nil && !strings.Contains(err.Error(), "may have been") {
			t.Errorf("import: %v", err)
		}
		if entries, err := j.Entries(ctx, "c", "s"); err != nil || len(entries) != 1 {
			t.Fatalf("round %d: %d entries, %v", round, len(entries), err)
		}
	}
}

// A batch in which something can't be kept harms nobody else in it.
func TestOneBadAppendInABatch(t *testing.T) {
	t.Parallel()
	j := open(t, server.URL(), postgres.Options{Conns: 2})
	results := make(chan error, 40)
	for i := range cap(results) {
		go func() {
			id := fmt.Sprint("s", i)
			if i%10 == 3 {
				id = fmt.Sprintf("s\x00%d", i)
			}
			results <- j.Append(context.Background(), journal.Append{Company: "c", Stream: id, Entries: entry("a")})
		}()
	}
	bad := 0
	for range cap(results) {
		if err := <-results; err != nil {
			bad++
			t.Log(err)
		}
	}
	equal(t, "refused", 4, bad)
	equal(t, "entries", 36, gapless(t, j, "c"))
	err := j.Append(context.Background(), journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Keys: []string{"a\x00b\xff"}})
	if err != nil {
		t.Errorf("a key of whatever bytes: %v", err)
	}
	if found, err := j.Find(context.Background(), "a\x00b\xff"); err != nil || found.ID != "s" {
		t.Errorf("found %+v, %v", found, err)
	}
	if _, err := j.Find(context.Background(), "none"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
