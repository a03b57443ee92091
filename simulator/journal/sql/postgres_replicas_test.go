package sqljournal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
	"mozartosim/simulator/journal/pgtest"
)

// What one replica writes the others see, and are told of.
func TestReplicasShare(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicated(t, 2, Options{Conns: 4})
	if !r[0].Shared() {
		t.Error("it says that no other process may write")
	}
	changed, settings := r[1].Changed("c"), r[1].Changed("")
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
	<-settings
	<-changed
	if found, err := r[1].Settings(ctx, journal.SettingQuery{}); err != nil || len(found) != 1 || found[0].Rev != rev {
		t.Fatalf("settings %+v, %v", found, err)
	}
	changed = r[0].Changed("c")
	if err := r[1].Forget(ctx, "c"); err != nil {
		t.Fatal(err)
	}
	<-changed
}

// Calls that one replica keeps are told to those who follow them elsewhere, and to no company's worker.
func TestCallsWakeNoWorkerElsewhere(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicated(t, 2, Options{Conns: 4})
	woken := make(chan string, 4)
	r[1].Elsewhere(func(company string) { woken <- company })
	unknown, known := r[1].Changed(""), r[1].Changed("c")
	for _, company := range []string{"", "c"} {
		if err := r[0].Requests().Add(ctx, []journal.Request{{Company: company, ID: "call-" + company, At: time.Unix(1, 0)}}); err != nil {
			t.Fatal(err)
		}
	}
	<-unknown
	<-known
	add(t, r[0], journal.Append{Company: "d", Stream: "s", Entries: entry("a")}) // what is told comes in order
	if first := <-woken; first != "d" {
		t.Errorf("calls woke the worker of %q", first)
	}
}

// Whatever the replicas write at the same time: ordinals are given once, a company's entries are numbered without a gap.
func TestReplicasCount(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicated(t, 3, Options{Conns: 4})
	const callers, each = 12, 20
	var mu sync.Mutex
	ordinals := map[uint64]bool{}
	var all sync.WaitGroup
	for i := range callers {
		j := r[i%len(r)]
		all.Go(func() {
			for range each {
				n, err := j.Ordinal(ctx, "c", journal.AnyRev)
				if err == nil {
					err = j.Append(ctx, payment("c", int64(n)))
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
	same(t, "entries", callers*each*3, gapless(t, r[0], "c"))
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
	sound(t, r[2])
}

// Two replicas at the same time keep within the limit.
func TestLimitIsKeptByAll(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicated(t, 2, Options{Limits: journal.Limits{Payments: 20}, Conns: 4})
	var all sync.WaitGroup
	for i := range int64(8) {
		all.Go(func() {
			for n := range int64(20) {
				if err := r[i%2].Append(ctx, payment("c", 20*i+n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	ids := listed(t, r[0], "c")
	stats, err := r[1].Stats(ctx, "c")
	if err != nil || len(ids) != 20 || stats.Streams != 20 || stats.Entries != 60 || stats.Jobs != 40 || stats.Dropped != 140 {
		t.Errorf("%d streams, stats %+v, %v", len(ids), stats, err)
	}
	pending, err := r[1].Jobs(ctx, "c", journal.JobQuery{})
	if err != nil || len(pending) != 40 {
		t.Errorf("%d jobs, %v", len(pending), err)
	}
	for _, d := range pending {
		if !slices.Contains(ids, d.Stream) {
			t.Errorf("job %s of a stream that was dropped", d.ID)
		}
	}
	sound(t, r[0])
}

func TestReplicasHandOutOnce(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicated(t, 2, Options{Conns: 4})
	const streams = 60
	for i := range streams {
		add(t, r[i%2], journal.Append{Company: "c", Stream: fmt.Sprint(i), Entries: entry("a"), Jobs: aJob(fmt.Sprint("w", i), time.Duration(i))})
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for i := range 6 {
		j := r[i%2]
		all.Go(func() {
			for {
				jobs, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: noon.Add(time.Hour), Limit: 3, Skip: func(s string) bool { return s == "7" }})
				if err != nil {
					t.Error(err)
				}
				if len(jobs) == 0 {
					return
				}
				for _, d := range jobs {
					mu.Lock()
					seen[d.ID]++
					mu.Unlock()
					if err := j.Append(ctx, journal.Append{Company: "c", Stream: d.Stream, Seen: 1, Entries: entry("b"), Done: []journal.Job{d}}); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	same(t, "jobs", streams-1, len(seen))
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was handed out %d times", id, n)
		}
	}
	same(t, "what was skipped", []string{"w7"}, claim(t, r[0], journal.ClaimQuery{Until: noon.Add(time.Hour), Limit: 9}))
}

// A job is left for a while to the replica that wrote it, as long as that one lives.
func TestOwnerFirst(t *testing.T) {
	t.Parallel()
	r := replicated(t, 3, Options{Conns: 4})
	add(t, r[0], journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: append(aJob("1", 0), aJob("2", time.Second)...)})
	add(t, r[2], journal.Append{Company: "c", Stream: "r", Entries: entry("a"), Jobs: aJob("3", time.Second)})
	others := func(after time.Duration) journal.ClaimQuery {
		return journal.ClaimQuery{Until: noon.Add(after), Limit: 9, OwnerFirst: 5 * time.Second}
	}
	same(t, "another's, too early", []string(nil), claim(t, r[1], others(4999*time.Millisecond)))
	same(t, "another's, late enough", []string{"1"}, claim(t, r[1], others(5*time.Second)))
	same(t, "its own", []string{"2"}, claim(t, r[0], others(time.Second)))
	shut(t, r[2])
	same(t, "that of one that has gone", []string{"3"}, claim(t, r[1], others(time.Second)))
}

// A replica that ends in order frees what it had claimed, and the others are told.
func TestLeaving(t *testing.T) {
	t.Parallel()
	r := replicated(t, 2, Options{Conns: 4})
	add(t, r[0], journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: append(aJob("1", 0), aJob("2", 0)...)})
	all := journal.ClaimQuery{Until: noon, Limit: 9}
	same(t, "claimed", []string{"1", "2"}, claim(t, r[0], all))
	same(t, "claimed by the other", []string(nil), claim(t, r[1], all))
	changed := r[1].Changed("c")
	if err := r[0].Release(context.Background(), "c", journal.Job{ID: "1", Seq: 1}); err != nil {
		t.Fatal(err)
	}
	<-changed
	same(t, "released", []string{"1"}, claim(t, r[1], all))
	changed = r[1].Changed("c")
	shut(t, r[0])
	<-changed
	same(t, "freed", []string{"2"}, claim(t, r[1], all))
}

// mortal is a replica that can be cut off, and counts as dead soon after.
func mortal(t testing.TB, url string) (*Journal, *pgtest.Proxy) {
	t.Helper()
	p := pgtest.NewProxy(t, server.Address())
	j, err := OpenDatabase(context.Background(), p.Through(url), Options{Conns: 4, Lease: 2 * time.Second, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() }) // which fails when it is still cut off
	return j, p
}

// untilClaimed asks for jobs whenever something has changed.
func untilClaimed(t testing.TB, j journal.Journal) []string {
	t.Helper()
	for {
		changed := j.Changed("c")
		if ids := claim(t, j, journal.ClaimQuery{Until: noon, Limit: 9}); len(ids) > 0 {
			return ids
		}
		<-changed
	}
}

// A replica that dies while it holds jobs: another one takes them over. Should it live after all, it can't complete them.
func TestTakeover(t *testing.T) {
	t.Parallel()
	ctx, p := context.Background(), aSchema(t)
	living := p.journal(t, Options{Conns: 4, Beat: 50 * time.Millisecond, Lease: 2 * time.Second})
	dying, proxy := mortal(t, p.url)
	add(t, living, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: append(aJob("1", 0), aJob("2", 0)...)})
	taken := claimed(t, dying, journal.ClaimQuery{Until: noon, Limit: 9})
	same(t, "claimed", 2, len(taken))
	same(t, "claimed by the other", []string(nil), claim(t, living, journal.ClaimQuery{Until: noon, Limit: 9}))
	proxy.Cut()
	same(t, "taken over", []string{"1", "2"}, untilClaimed(t, living))
	add(t, living, journal.Append{Company: "c", Stream: "s", Seen: 1, Entries: entry("b"), Done: taken[:1]})
	changed := dying.Changed("c")
	proxy.Mend()
	<-changed // it is told when it is connected again
	for _, d := range taken {
		err := dying.Append(ctx, journal.Append{Company: "c", Stream: "s", Seen: 2, Entries: entry("late"), Done: []journal.Job{d}})
		if !errors.Is(err, journal.ErrLost) {
			t.Errorf("carrying out job %s, which was taken over: %v", d.ID, err)
		}
	}
	add(t, living, journal.Append{Company: "c", Stream: "s", Seen: 2, Entries: entry("c"), Done: taken[1:], Jobs: aJob("2", 0)})
	same(t, "a new job of the same name", []string{"2"}, untilClaimed(t, dying))
	add(t, dying, journal.Append{Company: "c", Stream: "s", Seen: 3, Entries: entry("d"), Done: []journal.Job{{ID: "2", Seq: 3, At: noon}}})
	same(t, "entries", 4, gapless(t, living, "c"))
}

// A replica that lives keeps its jobs for as long as it renews their leases, and one that was cut off for less than the lease too.
func TestLeaseIsExtended(t *testing.T) {
	t.Parallel()
	ctx, p := context.Background(), aSchema(t)
	o := Options{Conns: 2, Beat: 50 * time.Millisecond, Lease: time.Second}
	other := p.journal(t, o)
	o.Now = func() time.Time { return noon } // as if it renewed them all the time
	working := p.journal(t, o)
	add(t, working, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: aJob("1", 0)})
	mine := claimed(t, working, journal.ClaimQuery{Until: noon})
	same(t, "claimed", 1, len(mine))
	// A third replica dies meanwhile: when its lease has ended, that of the first would have ended too.
	dying, proxy := mortal(t, p.url)
	add(t, other, journal.Append{Company: "c", Stream: "r", Entries: entry("a"), Jobs: aJob("2", 0)})
	same(t, "claimed", []string{"2"}, claim(t, dying, journal.ClaimQuery{Until: noon}))
	proxy.Cut()
	same(t, "taken over", []string{"2"}, untilClaimed(t, other))
	if err := working.Append(ctx, journal.Append{Company: "c", Stream: "s", Seen: 1, Done: mine}); err != nil {
		t.Error(err)
	}
}

// A replica that lives and does not renew a job's lease loses the job, to itself too.
func TestLeaseLapses(t *testing.T) {
	t.Parallel()
	ctx, p := context.Background(), aSchema(t)
	var passed atomic.Int64
	o := Options{Conns: 2, Beat: 50 * time.Millisecond, Lease: time.Second}
	o.Now = func() time.Time { return noon.Add(time.Duration(passed.Load())) }
	forgetful := p.journal(t, o)
	add(t, forgetful, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: append(aJob("1", 0), aJob("2", 0)...)})
	mine := claimed(t, forgetful, journal.ClaimQuery{Until: noon, Limit: 9})
	passed.Store(int64(time.Second))
	if lost, err := forgetful.Renew(ctx, "c", mine[1]); err != nil || len(lost) > 0 {
		t.Fatalf("lost %v, %v", lost, err)
	}
	passed.Add(1)
	same(t, "pending again", []string{"1"}, untilClaimed(t, forgetful))
	if lost, err := forgetful.Renew(ctx, "c", mine...); err != nil || len(lost) > 0 {
		t.Errorf("lost %v, %v", lost, err)
	}
}

// Jobs that are held from the beginning are nobody else's until they are released; should they never be, until a lease ends.
func TestHeldJobs(t *testing.T) {
	t.Parallel()
	ctx, p := context.Background(), aSchema(t)
	answering := p.journal(t, Options{Conns: 2})
	other := p.journal(t, Options{Conns: 2})
	add(t, answering, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: append(aJob("1", 0), aJob("2", 0)...), Hold: true})
	same(t, "held", []string(nil), claim(t, other, journal.ClaimQuery{Until: noon, Limit: 9}))
	same(t, "for its own process too", []string(nil), claim(t, answering, journal.ClaimQuery{Until: noon, Limit: 9}))
	held, err := other.Jobs(ctx, "c", journal.JobQuery{Claimed: true})
	if err != nil || len(held) != 2 || held[0].Holder != journal.ThisProcess() {
		t.Fatalf("held are %+v, %v", held, err)
	}
	changed := other.Changed("c")
	if err := answering.Release(ctx, "c", held[0]); err != nil {
		t.Fatal(err)
	}
	<-changed
	same(t, "released", []string{"1"}, claim(t, other, journal.ClaimQuery{Until: noon, Limit: 9}))
	changed = other.Changed("c")
	if err := answering.ReleaseHeld(ctx, "c", "s"); err != nil {
		t.Fatal(err)
	}
	<-changed
	same(t, "released with the rest of its stream", []string{"2"}, claim(t, other, journal.ClaimQuery{Until: noon, Limit: 9}))
}

// Who asks for jobs waits for those that are being released, and who releases one waits for that, but neither for what else is to be
// told with them. What could not be released
// is held as before, and no error of his.
func TestReleasingJobs(t *testing.T) {
	t.Parallel()
	ctx, p := context.Background(), aSchema(t)
	j := p.journal(t, Options{Conns: 4, Beat: time.Hour})
	j.db.(*replica).news.patience = time.Hour
	for _, id := range []string{"1", "2", "3"} {
		add(t, j, journal.Append{Company: "c", Stream: id, Entries: entry("a"), Jobs: aJob(id, 0), Hold: true})
		if id == "3" {
			inSchema(t, p.url, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
				CREATE TRIGGER refuses BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION refuse()`)
		}
		if err := j.ReleaseHeld(ctx, "c", id); err != nil {
			t.Fatal(err)
		}
		if id == "3" {
			break
		}
		for range 2 {
			its := claimed(t, j, journal.ClaimQuery{Until: noon, Stream: id})
			if err := j.Release(ctx, "c", its...); err != nil || len(its) != 1 {
				t.Fatalf("released %+v, %v", its, err)
			}
		}
	}
	held, err := j.Jobs(ctx, "c", journal.JobQuery{Claimed: true, Stream: "3"})
	if err != nil || len(held) != 1 || held[0].Holder != journal.ThisProcess() {
		t.Errorf("could not be released: %+v, %v", held, err)
	}
	inSchema(t, p.url, "DROP TRIGGER refuses ON jobs")
}

// Who asks for jobs while the database is away, and leaves, does not wait until those are released.
func TestReleasingWhileAway(t *testing.T) {
	t.Parallel()
	ctx, proxy := context.Background(), pgtest.NewProxy(t, server.Address())
	j := place{url: proxy.Through(server.URL())}.journal(t, Options{Conns: 2, Timeout: time.Hour, Lease: time.Hour})
	add(t, j, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: aJob("1", 0), Hold: true})
	proxy.Cut()
	if err := j.ReleaseHeld(ctx, "c", "s"); err != nil {
		t.Fatal(err)
	}
	left, leave := context.WithCancel(ctx)
	leave()
	if _, err := j.Claim(left, "c", journal.ClaimQuery{Until: noon}); !errors.Is(err, context.Canceled) {
		t.Errorf("left: %v", err)
	}
	late, end := context.WithDeadline(ctx, time.Unix(1, 0))
	defer end()
	if _, err := j.Stats(late, "c"); !errors.Is(err, journal.ErrUnavailable) {
		t.Errorf("late: %v", err)
	}
	proxy.Mend()
	same(t, "released", []string{"1"}, claim(t, j, journal.ClaimQuery{Until: noon}))
}

// A held job whose lease has lapsed belongs to whoever has claimed it since, be it the same process.
func TestHeldJobsLapse(t *testing.T) {
	t.Parallel()
	ctx, p := context.Background(), aSchema(t)
	var passed atomic.Int64
	o := Options{Conns: 2, Beat: time.Hour, Lease: time.Second}
	o.Now = func() time.Time { return noon.Add(time.Duration(passed.Load())) }
	answering := p.journal(t, o)
	add(t, answering, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: append(aJob("1", 0), aJob("2", 0)...), Hold: true})
	passed.Store(int64(time.Second + 1))
	inSchema(t, p.url, "UPDATE jobs SET holder = NULL") // as another process does that finds the lease over
	claimed(t, answering, journal.ClaimQuery{Until: noon, Limit: 1})
	if err := answering.ReleaseHeld(ctx, "c", "s"); err != nil {
		t.Fatal(err)
	}
	same(t, "still claimed, and pending", []string{"2"}, claim(t, answering, journal.ClaimQuery{Until: noon, Limit: 9}))
}

// After another replica's reset a company's payments are numbered from 1 anew, and no number is given twice.
func TestOrdinalsAfterReset(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicated(t, 2, Options{Conns: 4})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := r[0].Ordinal(ctx, "c", journal.AnyRev); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := r[1].Forget(ctx, "c"); err != nil {
		t.Fatal(err)
	}
	for want := uint64(1); want <= 4; want++ {
		if n, err := r[want%2].Ordinal(ctx, "c", journal.AnyRev); err != nil || n != want {
			t.Errorf("got %d, %v, want %d", n, err, want)
		}
	}
}

// Who does not know a setting that another replica has put gets no number, whoever asks at the same moment; the numbers have no gap.
func TestOrdinalsOfOutdatedCallers(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicated(t, 2, Options{Conns: 4})
	if n, err := r[0].Ordinal(ctx, "c", 0); err != nil || n != 1 {
		t.Fatalf("without settings: %d, %v", n, err)
	}
	rev, err := r[1].PutSetting(ctx, journal.Setting{Company: "other", Name: "n", Data: []byte("d")})
	if err != nil {
		t.Fatal(err)
	}
	var given, refused atomic.Int64
	var all sync.WaitGroup
	for i := range 24 {
		known := []uint64{rev, rev - 1, journal.AnyRev}[i%3]
		all.Go(func() {
			switch n, err := r[i%2].Ordinal(ctx, "c", known); {
			case known < rev && errors.Is(err, journal.ErrOutdated):
				refused.Add(1)
			case known >= rev && err == nil:
				given.Add(int64(n))
			default:
				t.Errorf("known %d of %d: %d, %v", known, rev, n, err)
			}
		})
	}
	all.Wait()
	same(t, "the sum of the numbers from 2 to 17", int64(152), given.Load())
	same(t, "refused", int64(8), refused.Load())
}

// A lock is one over all replicas, and free again when its holder is cut off.
func TestLocksAcross(t *testing.T) {
	t.Parallel()
	ctx, p := context.Background(), aSchema(t)
	living := p.journal(t, Options{Conns: 2, Locks: 1})
	dying, proxy := mortal(t, p.url)
	unlock, err := living.Lock(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	got, held := make(chan error, 1), func() {}
	go func() {
		var err error
		held, err = dying.Lock(ctx, "c")
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
	proxy.Cut()
	again, err := living.Lock(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	again()
	held() // which changes nothing
}

// A copy is of one moment, whatever is written meanwhile.
func TestExportUnderLoad(t *testing.T) {
	t.Parallel()
	ctx, r := context.Background(), replicated(t, 2, Options{Conns: 4})
	l := &load{journals: r, payments: 200, spoil: func(int) {}}
	var running sync.WaitGroup
	running.Go(func() { l.run(t) })
	for last := uint64(0); last < 700; {
		c, err := journaltest.Export(ctx, r[1], "c")
		if err == nil {
			_, err = journal.Check(c)
		}
		if err != nil {
			t.Error(err)
			break
		}
		n, jobs := 0, 0
		for _, st := range c.Streams {
			n += len(st.Entries)
			jobs += map[int]int{3: 2, 4: 1}[len(st.Entries)]
		}
		if uint64(n) != c.Seq || int(c.Began) != len(c.Streams) || jobs != len(c.Jobs) {
			t.Errorf("%d entries of %d, %d streams of %d, %d jobs of %d", n, c.Seq, len(c.Streams), c.Began, len(c.Jobs), jobs)
		}
		last = c.Seq
	}
	running.Wait()
}
