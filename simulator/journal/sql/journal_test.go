package sqljournal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
)

// When there are more payments than the limit allows the oldest final one goes, or the oldest of all, and never the newest.
func TestLimit(t *testing.T) {
	t.Parallel()
	type step struct {
		id    string
		final bool
	}
	tests := map[string]struct {
		steps []step // with a limit of three
		want  []string
	}{
		"the oldest final one":                   {[]step{{"open", false}, {"final 1", true}, {"final 2", true}, {"new", false}}, []string{"new", "final 2", "open"}},
		"the oldest of all when none is final":   {[]step{{"1", false}, {"2", false}, {"3", false}, {"4", false}}, []string{"4", "3", "2"}},
		"none too early":                         {[]step{{"1", true}, {"2", true}, {"3", true}}, []string{"3", "2", "1"}},
		"not the newest, though it is final":     {[]step{{"1", false}, {"2", false}, {"3", false}, {"4", true}}, []string{"4", "3", "2"}},
		"the order of becoming final is another": {[]step{{"1", false}, {"2", true}, {"1", true}, {"3", false}, {"4", false}}, []string{"4", "3", "1"}},
		"open again":                             {[]step{{"1", true}, {"1", false}, {"2", true}, {"3", false}, {"4", false}}, []string{"4", "3", "1"}},
	}
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				j, seen := make(t).journal(t, Options{Limits: journal.Limits{Payments: 3}, Conns: 2}), map[string]int{}
				for _, s := range test.steps {
					add(t, j, journal.Append{Company: "c", Stream: s.id, Seen: seen[s.id], Entries: entry("a"), Final: s.final})
					seen[s.id]++
				}
				same(t, "kept", test.want, listed(t, j, "c"))
				sound(t, j)
			})
		}
	})
}

// A company whose first append is refused in one batch with another company's leaves no row behind.
func TestRefusedCompany(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		j := make(t).journal(t, Options{Limits: journal.Limits{Payments: 3}, Conns: 2})
		first := newAppending(journal.Append{Company: "c", Stream: "1", Entries: entry("a"), Keys: []string{"wanted"}})
		second := newAppending(journal.Append{Company: "d", Stream: "2", Entries: entry("a"), Keys: []string{"wanted"}})
		j.appender.write("", []*appending{first})
		j.appender.write("", []*appending{second, newAppending(journal.Append{Company: "c", Stream: "3", Entries: entry("a")})})
		if first.err != nil || !errors.Is(second.err, journal.ErrExists) {
			t.Fatalf("the first: %v; the second: %v", first.err, second.err)
		}
		sound(t, j)
		add(t, j, journal.Append{Company: "d", Stream: "2", Entries: entry("a"), Keys: []string{"own"}})
	})
}

// With a stream goes all that belongs to it, and the counts know.
func TestDroppedIsGone(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		ctx, j := context.Background(), make(t).journal(t, Options{Limits: journal.Limits{Payments: 1}, Conns: 2})
		for _, id := range []string{"old", "new"} {
			add(t, j, journal.Append{Company: "c", Stream: id, Entries: entry("a"), Keys: []string{id}, Jobs: aJob(id, 0), Final: true})
		}
		if _, err := j.Entries(ctx, "c", "old"); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("entries of the dropped stream: %v", err)
		}
		if _, err := j.Find(ctx, "old"); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("key of the dropped stream: %v", err)
		}
		if err := j.Append(ctx, journal.Append{Company: "c", Stream: "old", Seen: 1, Entries: entry("late")}); !errors.Is(err, journal.ErrConflict) {
			t.Errorf("a writer who still knew it gets %v", err)
		}
		same(t, "jobs", []string{"new"}, claim(t, j, journal.ClaimQuery{Until: noon, Limit: 9}))
		if stats, err := j.Stats(ctx, "c"); err != nil || stats.Streams != 1 || stats.Entries != 1 || stats.Jobs != 1 || stats.Dropped != 1 {
			t.Errorf("stats are %+v, %v", stats, err)
		}
		add(t, j, journal.Append{Company: "d", Stream: "other", Keys: []string{"old"}}) // the key is free
		sound(t, j)
	})
}

// A limit that has become lower is reached after some appends.
func TestLowerLimit(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		p := make(t)
		j := hasty(t, p.journal(t, Options{}))
		for n := range int64(100) {
			add(t, j, payment("c", n))
		}
		shut(t, j)
		j = p.journal(t, Options{Limits: journal.Limits{Payments: 10}})
		for n := range int64(2) {
			add(t, j, payment("c", 100+n))
		}
		same(t, "kept", 10, len(listed(t, j, "c")))
		sound(t, j)
	})
}

// A stream may begin without entries, and have jobs all the same; a job that is named again is replaced.
func TestBegunWithoutEntries(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		j := make(t).journal(t, Options{Conns: 2})
		for _, after := range []time.Duration{time.Hour, 0} {
			add(t, j, journal.Append{Company: "c", Stream: "s", Jobs: aJob("1", after)})
		}
		add(t, j, journal.Append{Company: "c", Stream: "s", Jobs: aJob("2", time.Hour), Completed: []string{"none"}})
		if stats, err := j.Stats(context.Background(), "c"); err != nil || stats.Jobs != 2 {
			t.Errorf("stats are %+v, %v", stats, err)
		}
		same(t, "jobs", []string{"1"}, claim(t, j, journal.ClaimQuery{Until: noon, Limit: 9}))
		sound(t, j)
	})
}

// A new job that is earlier than those that were claimed is not passed over.
func TestEarlierJob(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		j := make(t).journal(t, Options{Conns: 2})
		add(t, j, journal.Append{Company: "c", Stream: "a", Jobs: aJob("a", 0)})
		same(t, "claimed", []string{"a"}, claim(t, j, journal.ClaimQuery{Until: noon}))
		add(t, j, journal.Append{Company: "c", Stream: "b", Jobs: aJob("b", -time.Hour)})
		same(t, "claimed", []string{"b"}, claim(t, j, journal.ClaimQuery{Until: noon}))
		if of, err := j.Jobs(context.Background(), "c", journal.JobQuery{Stream: "a"}); err != nil || len(of) != 0 {
			t.Fatalf("a claimed job is pending: %v, %v", of, err)
		}
	})
}

// A journal that lay for three days with a thousand jobs overdue hands them out in order, those that come in the meantime
// after them by their time. After a restart all that was not completed is pending again.
func TestOverdue(t *testing.T) {
	t.Parallel()
	const overdue = 1_000
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		ctx, p, c := context.Background(), make(t), journaltest.Copy{Counters: journal.Counters{Began: overdue}}
		for i := range overdue {
			id := fmt.Sprint(i)
			c.Streams = append(c.Streams, journal.StreamCopy{ID: id, Ordinal: uint64(i + 1)})
			at := noon.Add(time.Duration(i*7919%overdue) * time.Second)
			c.Jobs = append(c.Jobs, journal.Job{ID: id + "/attempt", Stream: id, At: at, Kind: "attempt"})
		}
		j := hasty(t, p.journal(t, Options{}))
		if err := j.Import(ctx, "c", c); err != nil {
			t.Fatal(err)
		}
		shut(t, j)

		j = hasty(t, p.journal(t, Options{Now: func() time.Time { return noon }})) // no lease lapses meanwhile
		now := noon.Add(72 * time.Hour)
		var last journal.Job
		claimed, added := 0, 0
		for {
			jobs, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: now, Limit: 64})
			if err != nil {
				t.Fatal(err)
			}
			if len(jobs) == 0 {
				break
			}
			for _, d := range jobs {
				if d.At.Before(last.At) {
					t.Fatalf("%s of %v follows %v", d.ID, d.At, last.At)
				}
				last = d
			}
			claimed += len(jobs)
			if added < 50 {
				id := fmt.Sprint("new ", added)
				add(t, j, journal.Append{Company: "c", Stream: id, Jobs: []journal.Job{{ID: id + "/attempt", At: now, Kind: "attempt"}}})
				added++
			}
		}
		same(t, "claimed", overdue+added, claimed)
		shut(t, j)
		j = p.journal(t, Options{})
		jobs, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: now, Limit: 2 * overdue})
		if err != nil || len(jobs) != overdue+added {
			t.Errorf("after a restart %d, %v", len(jobs), err)
		}
	})
}

// written gives appends of one company, or several, to one transaction and returns what became of them.
func written(j *Journal, all ...journal.Append) (errs []error) {
	var calls []*appending
	for _, a := range all {
		calls = append(calls, newAppending(a))
	}
	failed := j.appender.write(j.scope(all[0].Company), calls)
	for _, p := range calls {
		errs = append(errs, cmp.Or(failed, p.err))
	}
	return errs
}

// Of appends in one transaction each is accepted or refused by itself.
func TestEachByItself(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		j := make(t).journal(t, Options{Conns: 2})
		one, two, thief := payment("acme", 1), payment("acme", 2), payment("acme", 3)
		thief.Keys = []string{"free", one.Keys[0]}
		errs := written(j, one, two, two, thief, decided(one))
		for i, want := range []error{nil, nil, journal.ErrConflict, journal.ErrExists, nil} {
			if !errors.Is(errs[i], want) {
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
		sound(t, j)
	})
}

// A file's transaction holds appends of several companies.
func TestCompaniesShareATransaction(t *testing.T) {
	t.Parallel()
	j := aFile(t).journal(t, Options{})
	one, thief := payment("acme", 1), payment("other", 2)
	thief.Keys = one.Keys
	errs := written(j, one, thief, payment("other", 3), decided(one))
	for i, want := range []error{nil, journal.ErrExists, nil, nil} {
		if !errors.Is(errs[i], want) {
			t.Errorf("append %d: %v, want %v", i, errs[i], want)
		}
	}
	sound(t, j)
}

// When a transaction fails, none of its appends was accepted, and the journal goes on from where it stood.
func TestTransactionFails(t *testing.T) {
	t.Parallel()
	p := aFile(t)
	j := p.journal(t, Options{})
	add(t, j, payment("acme", 1))
	before := exported(t, j, "acme")
	s := j.db.(*sqliteFile).conn
	if err := s.exec(context.Background(), "CREATE TEMP TRIGGER fail BEFORE INSERT ON jobs WHEN NEW.stream = 1 << 40 | 3 BEGIN SELECT raise(ABORT, 'no'); END"); err != nil {
		t.Fatal(err)
	}
	for i, err := range written(j, payment("acme", 2), payment("acme", 3), payment("acme", 4)) {
		if err == nil || !strings.Contains(err.Error(), p.file) {
			t.Errorf("append %d: %v", i, err)
		}
	}
	same(t, "copy", before, exported(t, j, "acme"))
	if err := s.exec(context.Background(), "DROP TRIGGER fail"); err != nil {
		t.Fatal(err)
	}
	add(t, j, payment("acme", 2))
	if n, err := j.Ordinal(context.Background(), "acme", journal.AnyRev); err != nil || n != 1 {
		t.Errorf("ordinal %d, %v", n, err)
	}
	sound(t, j)
}

// Many callers share transactions, and all is there afterwards, when the journal is opened again.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	const callers, each = 16, 20
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		ctx, p := context.Background(), make(t)
		j := p.journal(t, Options{})
		var all sync.WaitGroup
		for c := range int64(callers) {
			all.Go(func() {
				for n := range int64(each) {
					if err := j.Append(ctx, payment("acme", c*each+n)); err != nil {
						t.Error(err)
					}
					if _, err := j.Ordinal(ctx, "acme", journal.AnyRev); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		shut(t, j)
		j = p.journal(t, Options{})
		if stats, err := j.Stats(ctx, ""); err != nil || stats.Streams != callers*each || stats.Jobs != 2*callers*each {
			t.Errorf("%+v, %v", stats, err)
		}
		if n, err := j.Ordinal(ctx, "acme", journal.AnyRev); err != nil || n != callers*each+1 {
			t.Errorf("the next ordinal is %d, %v", n, err)
		}
		sound(t, j)
	})
}

// Whatever bytes the names of streams, keys, labels and jobs have, and however long they are, they are kept and found.
func TestAnyBytes(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, make func(testing.TB) place) {
		ctx, j := context.Background(), make(t).journal(t, Options{Conns: 2})
		for n, odd := range []string{"a\x00b", "\xff\xfe", "", strings.Repeat("long ", 2000), "'\"`; --"} {
			a := journal.Append{
				Company: "c", Stream: "s" + odd, Keys: []string{"k" + odd}, Entries: []journal.Entry{{At: noon, Kind: odd, Data: []byte(odd)}},
				Labels: journal.Labels{{Name: "userId", Value: odd}, {Name: "psp", Value: odd}, {Name: "n" + odd, Value: odd}},
				Jobs:   []journal.Job{{ID: odd, At: noon, Kind: odd, Data: []byte(odd)}},
			}
			add(t, j, a)
			add(t, j, journal.Append{Company: "c", Stream: fmt.Sprint("other ", n), Labels: journal.Labels{{Name: "userId", Value: odd + "!"}}})
			if found, err := j.Find(ctx, a.Keys[0]); err != nil || found.ID != a.Stream {
				t.Errorf("%q is found as %q, %v", a.Keys[0], found.ID, err)
			}
			for _, l := range a.Labels {
				found, err := j.List(ctx, "c", journal.Query{Labels: journal.Labels{l}, Limit: 1000})
				if err != nil || l.Value != "" && (len(found) != 1 || found[0].ID != a.Stream) {
					t.Errorf("label %.20q finds %d streams, %v", l, len(found), err)
				}
			}
			same(t, "jobs", []string{odd}, claim(t, j, journal.ClaimQuery{Until: noon, Limit: 9}))
			add(t, j, journal.Append{Company: "c", Stream: a.Stream, Seen: 1, Completed: []string{odd}})
		}
		sound(t, j)
	})
}

// counting counts the rows that its database has returned.
type counting struct {
	database
	rows int
}

type countingConn struct {
	conn
	rows *int
}

func (c *counting) run(ctx context.Context, of call, do func(context.Context, conn) error) error {
	return c.database.run(ctx, of, func(ctx context.Context, on conn) error { return do(ctx, countingConn{on, &c.rows}) })
}

func (c countingConn) run(ctx context.Context, statements ...statement) error {
	for i := range statements {
		if each := statements[i].each; each != nil {
			statements[i].each = func() error {
				*c.rows++
				return each()
			}
		}
	}
	return c.conn.run(ctx, statements...)
}

// However many jobs are claimed already, to claim the next ones and to see what is pending reads few of them again.
func TestClaimedJobsAreNotReadAgain(t *testing.T) {
	t.Parallel()
	j := hasty(t, aFile(t).journal(t, Options{Now: func() time.Time { return noon }})) // no lease lapses
	const jobs, atOnce = 4000, 40
	for i := range jobs / 100 {
		a := journal.Append{Company: "c", Stream: fmt.Sprint(i), Entries: entry("a")}
		for n := range 100 {
			a.Jobs = append(a.Jobs, aJob(fmt.Sprint(i, "/", n), time.Duration(n)*time.Second)...)
		}
		add(t, j, a)
	}
	all := &counting{database: j.db}
	j.db = all
	late := journal.ClaimQuery{Until: noon.Add(time.Hour), Limit: atOnce}
	var has []journal.Job
	for len(has) < jobs {
		got := claimed(t, j, late)
		if len(got) != atOnce {
			t.Fatalf("%d jobs were claimed after %d", len(got), len(has))
		}
		has = append(has, got...)
		if _, err := j.Jobs(t.Context(), "c", journal.JobQuery{Limit: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if all.rows > 2*jobs {
		t.Errorf("%d rows were read to claim %d jobs", all.rows, jobs)
	}
	// What becomes pending before them is found all the same.
	if err := j.Release(t.Context(), "c", has[7]); err != nil {
		t.Fatal(err)
	}
	add(t, j, journal.Append{Company: "c", Stream: "0", Seen: 1, Jobs: aJob("new", -time.Second)})
	same(t, "what is pending again, and what is new", []string{"new", has[7].ID}, claim(t, j, late))
	same(t, "nothing is left", []string(nil), claim(t, j, late))
}
