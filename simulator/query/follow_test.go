package query

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
)

// counted counts how often the feed is read forwards.
type counted struct {
	*journal.Memory
	feeds atomic.Int32
}

func (c *counted) Feed(ctx context.Context, company string, q journal.FeedQuery) ([]journal.FeedEntry, error) {
	if !q.Newest {
		c.feeds.Add(1)
	}
	return c.Memory.Feed(ctx, company, q)
}

type following struct {
	*testing.T
	journal *counted
	rt      *company.Runtime
	queries *Queries
	seen    int // entries that were appended to the stream
}

func newFollowing(t *testing.T) *following {
	j := &counted{Memory: journal.NewMemory(0)}
	directory := backoffice.NewDirectory(1)
	directory.Insert(backoffice.Company{Profile: adminapi.Profile{ID: "shop"}}, 0)
	runtimes := company.NewRuntimes(directory, func() *clock.Clock { return clock.NewManual(time.Unix(0, 0)) }, nil, nil)
	return &following{T: t, journal: j, rt: runtimes.Get("shop"), queries: New(j, nil, runtimes, nil, nil, nil)}
}

func (f *following) append(data ...string) {
	f.Helper()
	a := journal.Append{Company: "shop", Stream: "s", Seen: f.seen}
	for _, text := range data {
		a.Entries = append(a.Entries, journal.Entry{At: time.Unix(0, 0), Kind: "k", Data: []byte(text)})
	}
	if err := f.journal.Append(f.Context(), a); err != nil {
		f.Fatal(err)
	}
	f.seen += len(data)
}

// follow follows after an entry until stop; what comes is sent to the channel, an empty event when the place is fixed.
func (f *following) follow(ctx context.Context, running *sync.WaitGroup, after int64) <-chan journal.Event {
	got := make(chan journal.Event, 10_000)
	running.Go(func() {
		err := f.queries.Follow(ctx, "shop", after, time.Hour, func(found []journal.Event) error {
			if found == nil {
				found = []journal.Event{{}}
			}
			for _, e := range found {
				got <- e
			}
			return nil
		})
		if err != nil {
			f.Error(err)
		}
	})
	return got
}

// However many follow a company, its entries are read and written as JSON once, and nobody reads the journal to find nothing.
func TestFollowersShareWhatTheyGet(t *testing.T) {
	t.Parallel()
	f := newFollowing(t)
	f.append(`1`, `2`)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	var all []<-chan journal.Event
	for range 100 {
		all = append(all, f.follow(ctx, &running, -1))
	}
	for _, got := range all {
		<-got
	}
	f.append(`{"a":1}`, ``)
	first := [2]journal.Event{<-all[0], <-all[0]}
	want := [2]string{
		`{"seq":3,"at":"1970-01-01T00:00:00Z","kind":"k","payment":"s","data":{"a":1}}`,
		`{"seq":4,"at":"1970-01-01T00:00:00Z","kind":"k","payment":"s","data":null}`,
	}
	for i, e := range first {
		if string(e.Text) != want[i] {
			t.Errorf("got %s, want %s", e.Text, want[i])
		}
	}
	for _, got := range all[1:] {
		for i := range first {
			if e := <-got; &e.Text[0] != &first[i].Text[0] {
				t.Fatalf("%s was written again", e.Text)
			}
		}
	}
	stop()
	running.Wait()
	if n := f.journal.feeds.Load(); n > 3 { // one finds the two; before and after it one each may find nothing
		t.Errorf("100 followers read the feed %d times", n)
	}
	if len(f.queries.tails.followed) != 0 {
		t.Error("a tail is kept that nobody follows")
	}
}

// Who is far behind gets everything in order, beside one who is not; after a reset all go on with what happens then.
func TestFollowFromFarBehindAndThroughAReset(t *testing.T) {
	t.Parallel()
	f := newFollowing(t)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	near := f.follow(ctx, &running, -1)
	<-near
	const many = maxTail + 3*pageSize/2
	for i := range many {
		f.append(fmt.Sprint(i + 1))
	}
	far := f.follow(ctx, &running, 0)
	<-far
	for i := range uint64(many) {
		if a, b := <-near, <-far; a.No != i+1 || b.No != i+1 {
			t.Fatalf("got %d and %d, want %d", a.No, b.No, i+1)
		}
	}
	if err := f.journal.Forget(t.Context(), "shop"); err != nil {
		t.Fatal(err)
	}
	f.rt.Resets.Set(company.Resets{Times: 1})
	f.seen = 0
	f.append(`"anew"`)
	for _, got := range []<-chan journal.Event{near, far} {
		if e := <-got; e.No != 1 {
			t.Errorf("after the reset: %s", e.Text)
		}
	}
	stop()
	running.Wait()
}
