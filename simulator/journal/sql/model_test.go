package sqljournal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mozartosim/simulator/journal"
)

// twin is a journal beside one in memory, which says what is right.
type twin struct {
	t       *testing.T
	company string // each run has one of its own, because one journal serves them all
	place   place
	j       *Journal
	m       *journal.Memory
	claimed []journal.Job
	now     time.Time // of the machine, for leases
}

func (p *twin) options() Options {
	o := smallOptions
	o.Now = func() time.Time { return p.now }
	return o
}

const smallLimit = 3

// smallOptions leave the search for damage to other tests.
var smallOptions = Options{Limits: journal.Limits{Payments: smallLimit}, Conns: 2, damageSearch: 1}

func (p *twin) reopen() {
	shut(p.t, p.j)
	p.j = hasty(p.t, p.place.journal(p.t, p.options()))
	for _, d := range p.claimed { // a new process has claimed nothing
		_ = p.m.Release(context.Background(), p.company, d)
	}
	p.claimed = nil
}

// append makes the same append on both.
func (p *twin) append(t *rapid.T, noon time.Time) {
	id := rapid.SampledFrom([]string{"q", "r", "s", "t", "u"}).Draw(t, "stream")
	a := journal.Append{Company: p.company, Stream: id, Final: rapid.Bool().Draw(t, "final")}
	if known, err := p.m.Entries(context.Background(), p.company, id); err == nil {
		a.Seen = len(known)
	}
	a.Seen += rapid.SampledFrom([]int{0, 0, 0, 0, 1}).Draw(t, "stale")
	for i := range rapid.IntRange(0, 3).Draw(t, "entries") {
		a.Entries = append(a.Entries, journal.Entry{At: noon.Add(time.Duration(i) * time.Second), Kind: "k", Data: fmt.Append(nil, i)})
	}
	a.Labels = rapid.SampledFrom([]journal.Labels{nil, nil, {}, {{Name: "psp", Value: "PAYONE"}, {Name: "userId", Value: "1"}},
		{{Name: "psp", Value: "BRITE"}, {Name: "other", Value: "x"}}}).Draw(t, "labels")
	own := rapid.Map(rapid.SampledFrom([]string{"k", "l", "m"}), func(key string) string { return p.company + key })
	a.Keys = rapid.SliceOfN(own, 0, 2).Draw(t, "keys")
	work := rapid.Map(rapid.IntRange(0, 3), func(n int) string { return fmt.Sprintf("%s/%d", id, n) })
	a.Completed = rapid.SliceOfN(work, 0, 2).Draw(t, "completed")
	for _, d := range p.claimed {
		if d.Stream == id && rapid.Bool().Draw(t, "carried out") {
			a.Done = append(a.Done, d)
		}
	}
	for _, name := range rapid.SliceOfN(work, 0, 2).Draw(t, "jobs") {
		at := noon.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "at")))
		a.Jobs = append(a.Jobs, journal.Job{ID: name, At: at, Kind: "k", Data: []byte(name)})
	}
	want, got := p.m.Append(context.Background(), a), p.j.Append(context.Background(), a)
	for _, kind := range []error{journal.ErrConflict, journal.ErrExists, journal.ErrLost} {
		if errors.Is(want, kind) != errors.Is(got, kind) || (want == nil) != (got == nil) {
			t.Fatalf("%+v: got %v, want %v", a, got, want)
		}
	}
}

func (p *twin) claim(t *rapid.T, noon time.Time) {
	skip := rapid.SampledFrom([]string{"", "q", "r"}).Draw(t, "skip")
	k := journal.ClaimQuery{
		Until: noon.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "until"))), Limit: rapid.IntRange(0, 3).Draw(t, "limit"),
		Stream: rapid.SampledFrom([]string{"", "", "s"}).Draw(t, "of"), Skip: func(stream string) bool { return stream == skip },
	}
	if k.Stream != "" {
		k.Skip = nil
	}
	want, err := p.m.Claim(context.Background(), p.company, k)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.j.Claim(context.Background(), p.company, k)
	if err != nil || names(want) != names(got) {
		t.Fatalf("%+v: claimed %s, want %s; %v", k, names(got), names(want), err)
	}
	p.claimed = append(p.claimed, want...)
}

func names(due []journal.Job) (text string) {
	for _, d := range due {
		text += fmt.Sprintf(" %s@%d(%s)%s", d.ID, d.At.UnixNano(), d.Data, d.Holder)
	}
	return text
}

// check compares all that can be read.
func (p *twin) check(t *rapid.T) {
	ctx := context.Background()
	same(p.t, "copy", exported(p.t, p.m, p.company), exported(p.t, p.j, p.company))
	for _, labels := range []journal.Labels{nil, {{Name: "psp", Value: "PAYONE"}}, {{Name: "userId", Value: "1"}, {Name: "psp", Value: "PAYONE"}},
		{{Name: "userId", Value: ""}}, {{Name: "other", Value: "x"}}, {{Name: "status", Value: ""}}} {
		want, err := p.m.List(ctx, p.company, journal.Query{Labels: labels, Limit: 2})
		got, err2 := p.j.List(ctx, p.company, journal.Query{Labels: labels, Limit: 2})
		same(p.t, fmt.Sprint("list ", labels, errors.Join(err, err2)), want, got)
	}
	for _, key := range []string{"k", "l", "m"} {
		want, _ := p.m.Find(ctx, p.company+key)
		got, _ := p.j.Find(ctx, p.company+key)
		same(p.t, "key "+key, want, got)
	}
	want, _ := p.m.Jobs(ctx, p.company, journal.JobQuery{Limit: 9})
	got, err := p.j.Jobs(ctx, p.company, journal.JobQuery{Limit: 9})
	if err != nil || names(want) != names(got) {
		t.Fatalf("waiting %s, want %s; %v", names(got), names(want), err)
	}
	for _, stream := range []string{"", "q"} {
		want, _ := p.m.Jobs(ctx, p.company, journal.JobQuery{Stream: stream, Claimed: true})
		got, err := p.j.Jobs(ctx, p.company, journal.JobQuery{Stream: stream, Claimed: true})
		if err != nil || names(want) != names(got) {
			t.Fatalf("of %q there are %s, want %s; %v", stream, names(got), names(want), err)
		}
	}
	wantStats, _ := p.m.Stats(ctx, p.company)
	gotStats, _ := p.j.Stats(ctx, p.company)
	wantStats.Bytes, gotStats.Bytes = 0, 0
	same(p.t, "stats", wantStats, gotStats)
	wantFeed, _ := p.m.Feed(ctx, p.company, journal.FeedQuery{Newest: true, Limit: 4})
	gotFeed, _ := p.j.Feed(ctx, p.company, journal.FeedQuery{Newest: true, Limit: 4})
	same(p.t, "feed", wantFeed, gotFeed)
}

// A journal does what memory does, with a low limit, however often it is closed and opened; and a copy of a file that was made
// in the middle, as a crash would leave it, has everything that was accepted.
func TestIsAsMemory(t *testing.T) {
	t.Parallel()
	eachDialect(t, testIsAsMemory)
}

func testIsAsMemory(t *testing.T, make func(testing.TB) place) {
	p := &twin{t: t, place: make(t), m: journal.NewMemory(smallLimit), now: noon}
	p.m.SetNow(func() time.Time { return p.now })
	p.j = hasty(t, p.place.journal(t, p.options()))
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		p.company, p.claimed = fmt.Sprint("c", run), nil
		rt.Repeat(map[string]func(*rapid.T){
			"append":  func(rt *rapid.T) { p.append(rt, noon) },
			"append2": func(rt *rapid.T) { p.append(rt, noon) },
			"take":    func(rt *rapid.T) { p.claim(rt, noon) },
			"return": func(rt *rapid.T) {
				if len(p.claimed) == 0 {
					return
				}
				i := rapid.IntRange(0, len(p.claimed)-1).Draw(rt, "which")
				for _, j := range []journal.Journal{p.m, p.j} {
					if err := j.Release(context.Background(), p.company, p.claimed[i]); err != nil {
						rt.Fatal(err)
					}
				}
				p.claimed = slices.Delete(p.claimed, i, i+1)
			},
			"renew": func(rt *rapid.T) {
				want, _ := p.m.Renew(context.Background(), p.company, p.claimed...)
				if got, err := p.j.Renew(context.Background(), p.company, p.claimed...); err != nil || names(got) != names(want) {
					rt.Fatalf("lost %s, want %s; %v", names(got), names(want), err)
				}
			},
			"time passes": func(rt *rapid.T) {
				if p.place.file != "" { // PostgreSQL's leases lapse by its own clock
					p.now = p.now.Add(time.Duration(rapid.IntRange(0, 15).Draw(rt, "seconds")) * time.Second)
				}
			},
			"ordinal": func(rt *rapid.T) {
				want, _ := p.m.Ordinal(context.Background(), p.company, journal.AnyRev)
				if got, err := p.j.Ordinal(context.Background(), p.company, journal.AnyRev); err != nil || got != want {
					rt.Fatalf("ordinal %d, want %d; %v", got, want, err)
				}
			},
			"import": func(rt *rapid.T) {
				if rapid.IntRange(0, 4).Draw(rt, "seldom") > 0 {
					return
				}
				c := exported(t, p.j, p.company)
				for _, j := range []journal.Journal{p.m, p.j} {
					if err := j.Import(context.Background(), p.company, c); err != nil {
						rt.Fatal(err)
					}
				}
				p.claimed = nil
			},
			"reopen": func(rt *rapid.T) {
				if rapid.IntRange(0, 2).Draw(rt, "seldom") == 0 {
					p.reopen()
				}
			},
			"crash": func(rt *rapid.T) {
				if p.place.file == "" || rapid.IntRange(0, 2).Draw(rt, "seldom") > 0 {
					return
				}
				crashed := place{file: duplicate(t, p.place.file)}.journal(t, smallOptions)
				want, got := exported(t, p.j, p.company), exported(t, crashed, p.company)
				if got.Ordinal < want.Ordinal {
					rt.Fatalf("the ordinal %d is given again after %d", got.Ordinal, want.Ordinal)
				}
				got.Ordinal = want.Ordinal
				same(t, "after a crash", want, got)
				shut(t, crashed)
			},
			"forget": func(rt *rapid.T) {
				if rapid.IntRange(0, 9).Draw(rt, "seldom") > 0 {
					return
				}
				for _, j := range []journal.Journal{p.m, p.j} {
					if err := j.Forget(context.Background(), p.company); err != nil {
						rt.Fatal(err)
					}
				}
				p.claimed = nil
			},
			"list": func(rt *rapid.T) {
				q := journal.Query{Before: rapid.Uint64Range(0, 9).Draw(rt, "before"), Limit: rapid.IntRange(0, 3).Draw(rt, "limit")}
				want, err := p.m.List(context.Background(), p.company, q)
				got, err2 := p.j.List(context.Background(), p.company, q)
				same(t, fmt.Sprint("list ", q, errors.Join(err, err2)), want, got)
			},
			"": p.check,
		})
	})
}
