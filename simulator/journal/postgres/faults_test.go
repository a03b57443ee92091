package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/postgres"
	"mozartosim/simulator/journal/postgres/pgtest"
)

// load writes payments from several callers until so many were answered, and looks on while something goes wrong.
type load struct {
	journals []*postgres.Journal
	payments int
	spoil    func(answered int) // called after each answer, one at a time

	mu       sync.Mutex
	answered map[string]bool // the payments whose append was answered, by stream
	tried    atomic.Int64
	refused  atomic.Int64
	spoiling sync.Mutex
}

const callers = 8

func (l *load) run(t *testing.T) {
	t.Helper()
	l.answered = map[string]bool{}
	var all sync.WaitGroup
	for i := range callers {
		j := l.journals[i%len(l.journals)]
		all.Go(func() {
			for l.more() {
				l.pay(t, j)
			}
		})
	}
	all.Wait()
}

func (l *load) more() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.answered) < l.payments
}

// pay makes a payment and one change of it. A call that fails says so; what it may have kept is looked at in the end.
func (l *load) pay(t *testing.T, j *postgres.Journal) {
	ctx := context.Background()
	n, err := j.Ordinal(ctx, "c")
	if err != nil {
		l.refused.Add(1)
		return
	}
	id := fmt.Sprint("p", l.tried.Add(1))
	for i, a := range []journal.Append{payment("c", id, n), {Company: "c", Stream: id, Seen: 4, Entries: entry("later"), Completed: []string{id + "/decision"}}} {
		if err := j.Append(ctx, a); err != nil {
			if errors.Is(err, journal.ErrConflict) || errors.Is(err, journal.ErrExists) || errors.Is(err, journal.ErrLost) {
				t.Errorf("append %d of %s, which nobody else knows: %v", i, id, err)
			}
			l.refused.Add(1)
			return
		}
	}
	l.mu.Lock()
	l.answered[id] = true
	so := len(l.answered)
	l.mu.Unlock()
	l.spoiling.Lock()
	defer l.spoiling.Unlock()
	l.spoil(so)
}

// check finds every answered payment whole, every other one whole or not at all, and nothing twice.
func (l *load) check(t *testing.T, j *postgres.Journal) {
	t.Helper()
	ctx := context.Background()
	n := gapless(t, j, "c")
	streams, err := j.List(ctx, "c", journal.Query{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	sum, due, found := 0, 0, map[string]bool{}
	for _, st := range streams {
		sum += st.Length
		found[st.ID] = true
		due += map[int]int{4: 2, 5: 1}[st.Length]
		switch {
		case st.Length != 5 && l.answered[st.ID], st.Length != 4 && st.Length != 5:
			t.Errorf("payment %s has %d entries", st.ID, st.Length)
		}
	}
	for id := range l.answered {
		if !found[id] {
			t.Errorf("payment %s was answered and is lost", id)
		}
	}
	stats, err := j.Stats(ctx, "c")
	if err != nil || stats.Streams != len(streams) || stats.Entries != n || stats.Jobs != due || sum != n {
		t.Errorf("stats %+v, %v; %d streams, %d entries in the feed, %d in the streams, %d due", stats, err, len(streams), n, sum, due)
	}
	if waiting, err := j.PendingJobs(ctx, "c", journal.JobQuery{Limit: 1 << 20}); err != nil || len(waiting) != due {
		t.Errorf("%d pieces of work wait, want %d; %v", len(waiting), due, err)
	}
	t.Logf("%d payments answered, %d there, %d calls failed", len(l.answered), len(streams), l.refused.Load())
}

// The server is killed and shut down while two replicas write.
func TestServerRestartsUnderLoad(t *testing.T) {
	t.Parallel()
	s := pgtest.For(t)
	url := s.URL()
	o := postgres.Options{Conns: 4, Timeout: time.Minute}
	l := &load{journals: []*postgres.Journal{open(t, url, o), open(t, url, o)}, payments: 300}
	l.spoil = func(answered int) {
		if answered%50 != 0 {
			return
		}
		if answered%100 == 0 {
			s.Shutdown()
		} else {
			s.Kill()
		}
		if err := s.StartAgain(); err != nil {
			t.Fatal(err)
		}
	}
	l.run(t)
	l.check(t, l.journals[1])
	if refused := l.refused.Load(); refused > 0 {
		t.Errorf("%d calls failed, though the server was away for a moment only", refused)
	}
}

// The network to one of two replicas is cut again and again while both write: at any point of a call, the commit included.
func TestNetworkDropsUnderLoad(t *testing.T) {
	t.Parallel()
	url, p := server.URL(), pgtest.NewProxy(t, server.Address())
	o := postgres.Options{Conns: 4, Timeout: time.Minute}
	l := &load{journals: []*postgres.Journal{open(t, url, o), open(t, p.Through(url), o)}, payments: 400}
	l.spoil = func(answered int) { p.Drop() }
	l.run(t)
	l.check(t, l.journals[0])
	if refused := l.refused.Load(); refused > 0 {
		t.Errorf("%d calls failed, though the network was back at once", refused)
	}
}

// A slow network makes calls slow and nothing else.
func TestSlowNetwork(t *testing.T) {
	t.Parallel()
	url, p := server.URL(), pgtest.NewProxy(t, server.Address())
	p.Slow(5 * time.Millisecond)
	o := postgres.Options{Conns: 4, Timeout: time.Minute}
	l := &load{journals: []*postgres.Journal{open(t, p.Through(url), o), open(t, url, o)}, payments: 100, spoil: func(int) {}}
	l.run(t)
	l.check(t, l.journals[0])
	if refused := l.refused.Load(); refused > 0 {
		t.Errorf("%d calls failed", refused)
	}
}

// While the database can't be reached every call fails within its time and says why; afterwards everything works again.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*pgtest.Proxy){"cut": (*pgtest.Proxy).Cut, "swallowed": (*pgtest.Proxy).Swallow} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, url, p := context.Background(), server.URL(), pgtest.NewProxy(t, server.Address())
			j := open(t, p.Through(url), postgres.Options{Conns: 4, Timeout: 3 * time.Second})
			add(t, j, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: work("1", 0)})
			spoil(p)
			var all sync.WaitGroup
			for i := range 6 { // of which most go together
				all.Go(func() {
					err := j.Append(ctx, journal.Append{Company: "c", Stream: fmt.Sprint("together ", i), Entries: entry("b")})
					if err == nil || errors.Is(err, journal.ErrConflict) {
						t.Errorf("one of many appends: %v", err)
					}
				})
			}
			for what, call := range map[string]func() error{
				"append": func() error {
					return j.Append(ctx, journal.Append{Company: "c", Stream: "s", Seen: 1, Entries: entry("b")})
				},
				"ordinal": func() error { _, err := j.Ordinal(ctx, "c"); return err },
				"entries": func() error { _, err := j.Entries(ctx, "c", "s"); return err },
				"take":    func() error { _, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: noon}); return err },
				"keep": func() error {
					_, err := j.PutSetting(ctx, journal.Setting{Company: "c", Name: "n", Data: []byte("1")})
					return err
				},
				"notes": func() error { _, err := j.Settings(ctx, 0); return err },
				"stats": func() error { _, err := j.Stats(ctx, ""); return err },
				"lock":  func() error { _, err := j.Lock(ctx, "c"); return err },
			} {
				all.Go(func() {
					if err := call(); err == nil {
						t.Errorf("%s succeeds without a database", what)
					} else {
						t.Log(err)
					}
				})
			}
			all.Wait()
			p.Mend()
			entries, err := j.Entries(ctx, "c", "s")
			if err != nil {
				t.Fatal(err)
			}
			add(t, j, journal.Append{Company: "c", Stream: "s", Seen: len(entries), Entries: entry("c")})
			gapless(t, j, "c")
			equal(t, "due work", []string{"1"}, take(t, j, journal.ClaimQuery{Until: noon}))
		})
	}
}
