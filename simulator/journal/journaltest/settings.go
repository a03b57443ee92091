package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"mozartosim/simulator/journal"
)

// findsSettingsByName asks for settings of no company whose names begin alike.
func findsSettingsByName(t *testing.T, j journal.Journal) {
	ctx := context.Background()
	put := func(company, name, data string) journal.Setting {
		s := journal.Setting{Company: company, Name: name, Data: []byte(data)}
		rev := must(j.PutSetting(ctx, s))
		s.Rev = rev
		return s
	}
	first := put("", "ended/1", "a")
	put("c", "ended/2", "b") // of a company
	put("", "endet", "c")
	put("", "%", "d")
	last := put("", "ended/", "e")
	for after, want := range map[uint64][]journal.Setting{0: {first, last}, first.Rev: {last}} {
		got := must(j.Settings(ctx, journal.SettingQuery{After: after, Named: "ended/"}))
		same(t, "by name", want, got)
	}
}

func keepsSettings(t *testing.T, j journal.Journal) {
	ctx := context.Background()
	same(t, "none yet", 0, len(settings(j, 0)))
	first := put(j, "c", 0, "1")
	second := put(j, "d", 0, "1")
	third := put(j, "c", first, "2")
	if !(first < second && second < third) {
		t.Fatalf("revisions %d, %d, %d", first, second, third)
	}
	for what, n := range map[string]journal.Setting{
		"one that knew none":       {Company: "c", Name: "clock", Data: []byte("3")},
		"one that knew an old one": {Company: "c", Name: "clock", Rev: first, Data: []byte("3")},
		"one that knew another's":  {Company: "c", Name: "new", Rev: second, Data: []byte("3")},
		"one that takes it away":   {Company: "c", Name: "clock", Rev: first},
	} {
		if _, err := j.PutSetting(ctx, n); !errors.Is(err, journal.ErrConflict) {
			t.Fatalf("%s: got %v", what, err)
		}
	}
	same(t, "in the order of their revisions", []journal.Setting{
		{Company: "d", Name: "clock", Rev: second, Data: []byte("1")}, {Company: "c", Name: "clock", Rev: third, Data: []byte("2")},
	}, settings(j, 0))
	same(t, "what changed", third, settings(j, second)[0].Rev)
	same(t, "nothing changed", 0, len(settings(j, third)))

	gone := put(j, "c", third, "")
	same(t, "taken away", []journal.Setting{{Company: "c", Name: "clock", Rev: gone}}, settings(j, third))
	again := put(j, "c", 0, "4")
	same(t, "there again", []journal.Setting{{Company: "c", Name: "clock", Rev: again, Data: []byte("4")}}, settings(j, third))
}

// Forget and Import are about what happened, and leave settings alone.
func leavesSettingsAlone(t *testing.T, j journal.Journal) {
	ctx := context.Background()
	add(j, journal.Append{Company: "c", Stream: "s", Entries: entries(1, "a")})
	rev := put(j, "c", 0, "1")
	copied := export(j, "c")
	check(j.Forget(ctx, "c"))
	check(j.Import(ctx, "c", copied))
	same(t, "the setting", []journal.Setting{{Company: "c", Name: "clock", Rev: rev, Data: []byte("1")}}, settings(j, 0))
}

func tellsOfSettings(t *testing.T, j journal.Journal) {
	all, its, other := j.Changed(""), j.Changed("c"), j.Changed("d")
	put(j, "c", 0, "1")
	<-all
	<-its
	select {
	case <-other:
		t.Fatal("another company was told")
	default:
	}
	all = j.Changed("")
	check(j.Close())
	<-all
}

// Of many who knew the same revision one puts the setting.
func putsOneOfMany(t *testing.T, j journal.Journal) {
	rev := uint64(0)
	for round := range 10 {
		var won atomic.Int32
		var next atomic.Uint64
		together(16, func(i int) {
			got, err := j.PutSetting(context.Background(), journal.Setting{Company: "c", Name: "n", Rev: rev, Data: fmt.Appendf(nil, "%d.%d", round, i)})
			switch {
			case err == nil:
				won.Add(1)
				next.Store(got)
			case !errors.Is(err, journal.ErrConflict):
				t.Error(err)
			}
		})
		same(t, "winners", int32(1), won.Load())
		rev = next.Load()
	}
}

func locks(t *testing.T, j journal.Journal) {
	ctx := context.Background()
	inside, count := atomic.Int32{}, 0
	together(16, func(int) {
		unlock, err := j.Lock(ctx, "c")
		if err != nil {
			t.Error(err)
			return
		}
		defer unlock()
		if inside.Add(1) != 1 {
			t.Error("two hold the lock")
		}
		count++ // the race detector sees it when the lock is none
		inside.Add(-1)
	})
	same(t, "holders", 16, count)

	unlock := must(j.Lock(ctx, "c"))
	elsewhere := must(j.Lock(ctx, "d"))
	elsewhere()
	given, giveUp := context.WithCancel(ctx)
	giveUp()
	if _, err := j.Lock(given, "c"); !errors.Is(err, context.Canceled) {
		t.Fatalf("a lock that is held: %v", err)
	}
	unlock()
	unlock() // once more does nothing
	again := must(j.Lock(ctx, "c"))
	again()
}
