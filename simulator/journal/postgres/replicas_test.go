package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/postgres"
	"mozartosim/simulator/journal/postgres/pgtest"
)

// replicas opens a journal so many times.
func replicas(t testing.TB, n int) []*postgres.Journal {
	t.Helper()
	url := server.URL()
	all := make([]*postgres.Journal, n)
	for i := range all {
		all[i] = open(t, url, postgres.Options{Conns: 4})
	}
	return all
}

func add(t testing.TB, j journal.Journal, a journal.Append) {
	t.Helper()
	if err := j.Append(context.Background(), a); err != nil {
		t.Fatalf("append to %s: %v", a.Stream, err)
	}
}

func take(t testing.TB, j journal.Journal, k journal.ClaimQuery) (ids []string) {
	t.Helper()
	due, err := j.Claim(context.Background(), "c", k)
	if err != nil {
		t.Fatalf("take: %v", err)
	}
	for _, d := range due {
		ids = append(ids, d.ID)
	}
	return ids
}

func entry(kind string) []journal.Entry {
	return []journal.Entry{{At: noon, Kind: kind, Data: []byte("{}")}}
}

func work(id string, after time.Duration) []journal.Job {
	return []journal.Job{{ID: id, At: noon.Add(after), Kind: "k", Data: []byte("{}")}}
}

func equal(t testing.TB, what string, want, got any) {
	t.Helper()
	if fmt.Sprint(want) != fmt.Sprint(got) {
		t.Fatalf("%s: want %v, got %v", what, want, got)
	}
}

// What one replica writes the others see, and are told of.
func TestReplicasShare(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicas(t, 2)
	if !r[0].Shared() {
		t.Error("it says that nobody else may write")
	}
	changed, notes := r[1].Changed("c"), r[1].Changed("")
	add(t, r[0], journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Keys: []string{"key"}})
	<-changed
	if found, err := r[1].Find(ctx, "key"); err != nil || found.ID != "s" {
		t.Fatalf("found %+v, %v", found, err)
	}
	err := r[1].Append(ctx, journal.Append{Company: "c", Stream: "s", Entries: entry("b")})
	if !errors.Is(err, journal.ErrConflict) {
		t.Fatalf("a stale writer got %v", err)
	}
	changed = r[1].Changed("c")
	rev, err := r[0].PutSetting(ctx, journal.Setting{Company: "c", Name: "clock", Data: []byte("1")})
	if err != nil {
		t.Fatal(err)
	}
	<-notes
	<-changed
	if found, err := r[1].Settings(ctx, 0); err != nil || len(found) != 1 || found[0].Rev != rev {
		t.Fatalf("notes %+v, %v", found, err)
	}
	changed = r[0].Changed("c")
	if err := r[1].Forget(ctx, "c"); err != nil {
		t.Fatal(err)
	}
	<-changed
}

// Whatever the replicas write at the same time: ordinals are given once, a company's entries are numbered without a gap.
func TestReplicasCount(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicas(t, 3)
	const callers, each = 12, 20
	var mu sync.Mutex
	ordinals := map[uint64]bool{}
	var all sync.WaitGroup
	for i := range callers {
		j := r[i%len(r)]
		all.Go(func() {
			for range each {
				n, err := j.Ordinal(ctx, "c")
				if err == nil {
					err = j.Append(ctx, payment("c", fmt.Sprint(n), n))
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if ordinals[n] {
					t.Errorf("ordinal %d was given twice", n)
				}
				ordinals[n] = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
	equal(t, "entries", callers*each*4, gapless(t, r[0], "c"))
	list, err := r[1].List(ctx, "c", journal.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range list {
		if want := uint64(callers*each - i); st.Ordinal != want {
			t.Fatalf("stream %d of the list has the ordinal %d, want %d", i, st.Ordinal, want)
		}
	}
	stats, err := r[2].Stats(ctx, "c")
	if err != nil || stats.Streams != callers*each || stats.Jobs != 2*callers*each {
		t.Errorf("stats are %+v, %v", stats, err)
	}
}

// gapless reads all entries and returns how many there are.
func gapless(t testing.TB, j journal.Journal, company string) (n int) {
	t.Helper()
	for {
		page, err := j.Feed(context.Background(), company, journal.FeedQuery{After: uint64(n), Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range page {
			if n++; h.Seq != uint64(n) {
				t.Fatalf("entry %d is numbered %d", n, h.Seq)
			}
		}
		if len(page) < 500 {
			return n
		}
	}
}

func TestReplicasHandOutOnce(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicas(t, 2)
	const streams = 60
	for i := range streams {
		add(t, r[i%2], journal.Append{Company: "c", Stream: fmt.Sprint(i), Entries: entry("a"), Jobs: work(fmt.Sprint("w", i), time.Duration(i))})
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for i := range 6 {
		j := r[i%2]
		all.Go(func() {
			for {
				due, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: noon.Add(time.Hour), Limit: 3, Skip: func(s string) bool { return s == "7" }})
				if err != nil {
					t.Error(err)
				}
				if len(due) == 0 {
					return
				}
				for _, d := range due {
					mu.Lock()
					seen[d.ID]++
					mu.Unlock()
					if err := j.Append(ctx, journal.Append{Company: "c", Stream: d.Stream, Seen: 1, Entries: entry("b"), Completed: []string{d.ID}}); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	equal(t, "pieces of work", streams-1, len(seen))
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was handed out %d times", id, n)
		}
	}
	equal(t, "what was skipped", []string{"w7"}, take(t, r[0], journal.ClaimQuery{Until: noon.Add(time.Hour), Limit: 9}))
}

// Work is left for a while to the replica that began it, as long as that one lives.
func TestOthers(t *testing.T) {
	t.Parallel()
	r := replicas(t, 3)
	add(t, r[0], journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: append(work("1", 0), work("2", time.Second)...)})
	add(t, r[2], journal.Append{Company: "c", Stream: "r", Entries: entry("a"), Jobs: work("3", time.Second)})
	others := func(after time.Duration) journal.ClaimQuery {
		return journal.ClaimQuery{Until: noon.Add(after), Limit: 9, OwnerFirst: 5 * time.Second}
	}
	equal(t, "another's, too early", []string(nil), take(t, r[1], others(4999*time.Millisecond)))
	equal(t, "another's, late enough", []string{"1"}, take(t, r[1], others(5*time.Second)))
	equal(t, "one's own", []string{"2"}, take(t, r[0], others(time.Second)))
	if err := r[2].Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "that of one who has gone", []string{"3"}, take(t, r[1], others(time.Second)))
}

// Who leaves in order frees what he had taken, and the others are told.
func TestLeaving(t *testing.T) {
	t.Parallel()
	r := replicas(t, 2)
	add(t, r[0], journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: append(work("1", 0), work("2", 0)...)})
	equal(t, "taken", []string{"1", "2"}, take(t, r[0], journal.ClaimQuery{Until: noon, Limit: 9}))
	equal(t, "taken by the other", []string(nil), take(t, r[1], journal.ClaimQuery{Until: noon, Limit: 9}))
	changed := r[1].Changed("c")
	if err := r[0].Release(context.Background(), "c", "1"); err != nil {
		t.Fatal(err)
	}
	<-changed
	equal(t, "returned", []string{"1"}, take(t, r[1], journal.ClaimQuery{Until: noon, Limit: 9}))
	changed = r[1].Changed("c")
	if err := r[0].Close(); err != nil {
		t.Fatal(err)
	}
	<-changed
	equal(t, "freed", []string{"2"}, take(t, r[1], journal.ClaimQuery{Until: noon, Limit: 9}))
}

// mortal is a replica that can be cut off, and counts as dead soon after.
func mortal(t testing.TB, url string) (*postgres.Journal, *pgtest.Proxy) {
	t.Helper()
	p := pgtest.NewProxy(t, server.Address())
	j, err := postgres.Open(context.Background(), p.Through(url), postgres.Options{Conns: 4, Lease: 2 * time.Second, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() }) // which fails when it is still cut off
	return j, p
}

// untilTaken asks for work whenever something has changed.
func untilTaken(t testing.TB, j journal.Journal) []string {
	t.Helper()
	for {
		changed := j.Changed("c")
		if ids := take(t, j, journal.ClaimQuery{Until: noon, Limit: 9}); len(ids) > 0 {
			return ids
		}
		<-changed
	}
}

// A replica that dies with work in hand: another one takes it over. Should it live after all, it can't finish that work.
func TestTakeover(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), server.URL()
	living := open(t, url, postgres.Options{Conns: 4, Beat: 50 * time.Millisecond})
	dying, p := mortal(t, url)
	add(t, living, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: append(work("1", 0), work("2", 0)...)})
	equal(t, "taken", []string{"1", "2"}, take(t, dying, journal.ClaimQuery{Until: noon, Limit: 9}))
	equal(t, "taken by the other", []string(nil), take(t, living, journal.ClaimQuery{Until: noon, Limit: 9}))
	p.Cut()
	equal(t, "taken over", []string{"1", "2"}, untilTaken(t, living))
	add(t, living, journal.Append{Company: "c", Stream: "s", Seen: 1, Entries: entry("b"), Completed: []string{"1"}})
	changed := dying.Changed("c")
	p.Mend()
	<-changed // it is told when it is connected again
	for i, id := range []string{"1", "2"} {
		err := dying.Append(ctx, journal.Append{Company: "c", Stream: "s", Seen: 2, Entries: entry("late"), Completed: []string{id}})
		if !errors.Is(err, journal.ErrLost) {
			t.Errorf("settling work %d that was taken over: %v", i+1, err)
		}
	}
	add(t, living, journal.Append{Company: "c", Stream: "s", Seen: 2, Entries: entry("c"), Completed: []string{"2"}, Jobs: work("2", 0)})
	equal(t, "new work of the same name", []string{"2"}, untilTaken(t, dying))
	add(t, dying, journal.Append{Company: "c", Stream: "s", Seen: 3, Entries: entry("d"), Completed: []string{"2"}})
	equal(t, "entries", 4, gapless(t, living, "c"))
}

// A lock is one over all replicas, and free again when its holder is cut off.
func TestLocksAcross(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), server.URL()
	living := open(t, url, postgres.Options{Conns: 2, Locks: 1})
	dying, p := mortal(t, url)
	unlock, err := living.Lock(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() {
		_, err := dying.Lock(ctx, "c")
		got <- err
	}()
	select {
	case err := <-got:
		t.Fatalf("two hold the lock: %v", err)
	default:
	}
	// With one connection for locks, the second has to wait for it.
	given, giveUp := context.WithCancel(ctx)
	giveUp()
	if _, err := living.Lock(given, "d"); !errors.Is(err, context.Canceled) {
		t.Fatalf("more locks than connections: %v", err)
	}
	unlock()
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	p.Cut()
	again, err := living.Lock(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	again()
}
