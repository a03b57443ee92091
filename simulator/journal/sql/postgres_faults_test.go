package sqljournal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
	"mozartosim/simulator/journal/pgtest"
)

// load writes payments from several callers until so many were answered, while something goes wrong.
type load struct {
	journals []*Journal
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
func (l *load) pay(t *testing.T, j *Journal) {
	ctx := context.Background()
	if _, err := j.Ordinal(ctx, "c", journal.AnyRev); err != nil {
		l.refused.Add(1)
		return
	}
	first := payment("c", l.tried.Add(1))
	for i, a := range []journal.Append{first, decided(first)} {
		if err := j.Append(ctx, a); err != nil {
			if isOwn(err) {
				t.Errorf("append %d of %s, which no other caller knows: %v", i, first.Stream, err)
			}
			l.refused.Add(1)
			return
		}
	}
	l.mu.Lock()
	l.answered[first.Stream] = true
	so := len(l.answered)
	l.mu.Unlock()
	l.spoiling.Lock()
	defer l.spoiling.Unlock()
	l.spoil(so)
}

// check finds every answered payment whole, every other one whole or not at all, and nothing twice.
func (l *load) check(t *testing.T, j *Journal) {
	t.Helper()
	ctx := context.Background()
	n := gapless(t, j, "c")
	streams, err := j.List(ctx, "c", journal.Query{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	sum, jobs, found := 0, 0, map[string]bool{}
	for _, st := range streams {
		sum += st.Length
		found[st.ID] = true
		jobs += map[int]int{3: 2, 4: 1}[st.Length]
		if st.Length != 4 && (l.answered[st.ID] || st.Length != 3) {
			t.Errorf("payment %s has %d entries", st.ID, st.Length)
		}
	}
	for id := range l.answered {
		if !found[id] {
			t.Errorf("payment %s was answered and is lost", id)
		}
	}
	stats, err := j.Stats(ctx, "c")
	if err != nil || stats.Streams != len(streams) || stats.Entries != n || stats.Jobs != jobs || sum != n {
		t.Errorf("stats %+v, %v; %d streams, %d entries in the feed, %d in the streams, %d jobs", stats, err, len(streams), n, sum, jobs)
	}
	if pending, err := j.Jobs(ctx, "c", journal.JobQuery{}); err != nil || len(pending) != jobs {
		t.Errorf("%d jobs are pending, want %d; %v", len(pending), jobs, err)
	}
	sound(t, j)
	t.Logf("%d payments answered, %d there, %d calls failed", len(l.answered), len(streams), l.refused.Load())
}

// The server is killed and shut down while two replicas write.
func TestServerRestartsUnderLoad(t *testing.T) {
	t.Parallel()
	s := pgtest.For(t)
	p, o := place{url: s.URL()}, Options{Conns: 4, Timeout: time.Minute}
	l := &load{journals: []*Journal{p.journal(t, o), p.journal(t, o)}, payments: 300}
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
	p, proxy := aSchema(t), pgtest.NewProxy(t, server.Address())
	o := Options{Conns: 4, Timeout: time.Minute}
	l := &load{journals: []*Journal{p.journal(t, o), place{url: proxy.Through(p.url)}.journal(t, o)}, payments: 400}
	l.spoil = func(int) { proxy.Drop() }
	l.run(t)
	l.check(t, l.journals[0])
	if refused := l.refused.Load(); refused > 0 {
		t.Errorf("%d calls failed, though the network was back at once", refused)
	}
}

// A slow network makes calls slow and nothing else.
func TestSlowNetwork(t *testing.T) {
	t.Parallel()
	p, proxy := aSchema(t), pgtest.NewProxy(t, server.Address())
	proxy.Slow(5 * time.Millisecond)
	o := Options{Conns: 4, Timeout: time.Minute}
	l := &load{journals: []*Journal{place{url: proxy.Through(p.url)}.journal(t, o), p.journal(t, o)}, payments: 100, spoil: func(int) {}}
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
			ctx, proxy := context.Background(), pgtest.NewProxy(t, server.Address())
			j := place{url: proxy.Through(server.URL())}.journal(t, Options{Conns: 4, Timeout: 3 * time.Second})
			add(t, j, journal.Append{Company: "c", Stream: "s", Entries: entry("a"), Jobs: aJob("1", 0)})
			spoil(proxy)
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
				"ordinal": func() error { _, err := j.Ordinal(ctx, "c", journal.AnyRev); return err },
				"entries": func() error { _, err := j.Entries(ctx, "c", "s"); return err },
				"claim":   func() error { _, err := j.Claim(ctx, "c", journal.ClaimQuery{Until: noon}); return err },
				"put setting": func() error {
					_, err := j.PutSetting(ctx, journal.Setting{Company: "c", Name: "n", Data: []byte("1")})
					return err
				},
				"settings": func() error { _, err := j.Settings(ctx, journal.SettingQuery{}); return err },
				"stats":    func() error { _, err := j.Stats(ctx, ""); return err },
				"lock":     func() error { _, err := j.Lock(ctx, "c"); return err },
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
			proxy.Mend()
			entries, err := j.Entries(ctx, "c", "s")
			if err != nil {
				t.Fatal(err)
			}
			add(t, j, journal.Append{Company: "c", Stream: "s", Seen: len(entries), Entries: entry("c")})
			gapless(t, j, "c")
			same(t, "jobs", []string{"1"}, claim(t, j, journal.ClaimQuery{Until: noon}))
		})
	}
}

// An answer of the server is lost, each in turn, that to the commit included: the call finds out what became of it, and what
// it does again has happened once.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	const mostCalls = 7
	limits := journal.Limits{Requests: journal.RequestLimits{Count: mostCalls}}
	tests := map[string]func(t *testing.T, j, other *Journal, round int){
		"append": func(t *testing.T, j, other *Journal, round int) {
			id := fmt.Sprint("s", round)
			add(t, j, journal.Append{Company: "c", Stream: id, Entries: entry("a"), Keys: []string{id}, Jobs: aJob(id, 0)})
			add(t, j, journal.Append{Company: "c", Stream: id, Seen: 1, Entries: entry("b"), Done: claimed(t, j, journal.ClaimQuery{Until: noon, Stream: id})})
			entries, err := other.Entries(ctx, "c", id)
			if err != nil || len(entries) != 2 {
				t.Errorf("%d entries, %v", len(entries), err)
			}
		},
		"put setting": func(t *testing.T, j, other *Journal, round int) {
			rev, err := j.PutSetting(ctx, journal.Setting{Company: "c", Name: fmt.Sprint(round), Data: []byte("1")})
			if err != nil {
				t.Fatal(err)
			}
			found, err := other.Settings(ctx, journal.SettingQuery{})
			if err != nil || len(found) != round+1 || found[round].Rev != rev {
				t.Errorf("settings %+v, %v; put as %d", found, err, rev)
			}
		},
		"claim": func(t *testing.T, j, other *Journal, round int) {
			id := fmt.Sprint("s", round)
			add(t, other, journal.Append{Company: "c", Stream: id, Entries: entry("a"), Jobs: aJob(id, 0)})
			same(t, "claimed", []string{id}, claim(t, j, journal.ClaimQuery{Until: noon, Limit: 9}))
			same(t, "claimed again", []string(nil), claim(t, other, journal.ClaimQuery{Until: noon, Limit: 9}))
		},
		"ordinal": func(t *testing.T, j, other *Journal, _ int) {
			mine, err := j.Ordinal(ctx, "c", journal.AnyRev)
			if err != nil {
				t.Fatal(err)
			}
			if next, err := other.Ordinal(ctx, "c", journal.AnyRev); err != nil || next <= mine {
				t.Errorf("%d follows %d, %v", next, mine, err)
			}
		},
		"calls": func(t *testing.T, j, other *Journal, round int) {
			keep(t, j, "c", round)
			kept, err := other.Requests().List(ctx, "c", journal.RequestQuery{})
			if err != nil {
				t.Fatal(err)
			}
			ids, want := []string(nil), []string(nil)
			for i := range kept {
				ids, want = append(ids, kept[i].ID), append(want, fmt.Sprint("c-", round-i))
			}
			same(t, "calls", want, ids)
			same(t, "how many", min(round+1, mostCalls), len(ids))
		},
		"import": func(t *testing.T, j, other *Journal, round int) {
			copied := journaltest.Copy{Counters: journal.Counters{Began: 1, Seq: 1}, Streams: []journal.StreamCopy{{
				ID: "s", Ordinal: 1, Keys: []string{"k"}, Entries: []journal.Entry{{Seq: 1, At: noon, Kind: "a"}},
			}}}
			if err := j.Import(ctx, "c", copied); err != nil {
				t.Fatal(err)
			}
			add(t, other, journal.Append{Company: "c", Stream: fmt.Sprint("since ", round), Entries: entry("b")})
			same(t, "entries", 2, gapless(t, j, "c"))
		},
		"forget": func(t *testing.T, j, other *Journal, round int) {
			add(t, other, journal.Append{Company: "c", Stream: fmt.Sprint(round), Entries: entry("b")})
			if err := j.Forget(ctx, "c"); err != nil {
				t.Fatal(err)
			}
			same(t, "streams", []string(nil), listed(t, other, "c"))
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, proxy := aSchema(t), pgtest.NewProxy(t, server.Address())
			other := p.journal(t, Options{Conns: 2, Limits: limits})
			j := place{url: proxy.Through(p.url)}.journal(t, Options{Conns: 1, Lease: time.Hour, Limits: limits})
			for round := range 12 {
				if proxy.LoseAnswer(round % 6); round%2 == 0 {
					proxy.Mend()
					proxy.LoseCommit()
				}
				test(t, j, other, round)
			}
			sound(t, other)
		})
	}
}
