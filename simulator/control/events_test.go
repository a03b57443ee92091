package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/simulator/journal"
)

func feedEvents(from, to uint64) (all []journal.Event) {
	for seq := from; seq <= to; seq++ {
		all = append(all, journal.Event{No: seq, Text: fmt.Appendf(nil, `{"seq":%d}`, seq)})
	}
	return all
}

// feed is a journal of one company that can be followed.
type feed struct {
	Queries
	mu      sync.Mutex
	entries []journal.Event
	changed chan struct{}
	err     error
}

func newFeed(n uint64) *feed { return &feed{entries: feedEvents(1, n), changed: make(chan struct{})} }

func (f *feed) add(to uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.entries = append(f.entries, feedEvents(uint64(len(f.entries))+1, to)...)
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *feed) Follow(ctx context.Context, _ string, after int64, _ time.Duration, each func([]journal.Event) error) error {
	f.mu.Lock()
	at, err := len(f.entries), f.err
	f.mu.Unlock()
	if err != nil {
		return err
	}
	if after >= 0 {
		at = min(at, int(after))
	}
	if err := each(nil); err != nil {
		return err
	}
	for {
		f.mu.Lock()
		found, changed := f.entries[at:min(len(f.entries), at+10)], f.changed
		f.mu.Unlock()
		if len(found) > 0 {
			at += len(found)
			if err := each(found); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

// followed reads the ids of the events that a client gets, up to one.
func followed(t *testing.T, stream *http.Response, until uint64) string {
	t.Helper()
	var ids []string
	for lines := bufio.NewScanner(stream.Body); lines.Scan(); {
		id, isID := strings.CutPrefix(lines.Text(), "id: ")
		if !isID {
			continue
		}
		if ids = append(ids, id); id == fmt.Sprint(until) {
			return strings.Join(ids, " ")
		}
	}
	t.Fatalf("the stream ended after %s", ids)
	return ""
}

// Many clients follow, from different places: each gets every event after its place, once and in order.
func TestFollowTogether(t *testing.T) {
	t.Parallel()
	f := newFeed(30)
	b := newBench(t, func(c *Config) { c.Queries = f })
	follow := func(query string) *http.Response {
		response := b.send("GET", "/v1/events"+query, "")
		if _, err := io.ReadFull(response.Body, make([]byte, len(alive))); err != nil { // its place is fixed
			t.Fatal(err)
		}
		return response
	}
	var live []*http.Response
	for range 40 {
		live = append(live, follow(""))
	}
	late, all := follow("?after=12"), follow("?after=0")
	f.add(45)
	f.add(60)
	check := func(stream *http.Response, from int) {
		t.Helper()
		var want []string
		for seq := from; seq <= 60; seq++ {
			want = append(want, fmt.Sprint(seq))
		}
		if got := followed(t, stream, 60); got != strings.Join(want, " ") {
			t.Errorf("from %d: %s", from, got)
		}
		stream.Body.Close()
	}
	for _, stream := range live {
		check(stream, 31)
	}
	check(late, 13)
	check(all, 1)
}

func TestFollowFails(t *testing.T) {
	t.Parallel()
	f := newFeed(0)
	f.err = errors.New("the disk is on fire")
	b := newBench(t, func(c *Config) { c.Queries = f })
	b.call("GET", "/v1/events", "").fails(500, "internal", "something went wrong")
}

// Clients whom one event wakes at once write next at times of their own, each at most the longest rest later.
func TestFollowersRestApart(t *testing.T) {
	t.Parallel()
	const followers = 1000
	for _, now := range []time.Time{time.Unix(1_800_000_000, 0), time.Unix(1_800_000_000, 123_456_789)} {
		var rests []time.Duration
		for number := range uint32(followers) {
			rest := restOf(number+7, followers, now)
			if rest <= 0 || rest > maxRest {
				t.Fatalf("client %d rests for %s", number, rest)
			}
			if again := restOf(number+7, followers, now.Add(rest)); again != maxRest {
				t.Errorf("client %d rests for %s after its place", number, again)
			}
			rests = append(rests, rest)
		}
		slices.Sort(rests)
		for i := 10; i < followers; i++ {
			if within := rests[i] - rests[i-10]; within < maxRest/200 {
				t.Fatalf("ten clients write within %s", within)
			}
		}
	}
}
