package control

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/journal"
)

// happen appends to a payment until the demo company's journal has so many entries.
func (b *bench) happen(until int) {
	b.Helper()
	stats, err := b.journal.Stats(b.Context(), b.demo.ID)
	entries := slices.Repeat([]journal.Entry{{At: noon, Kind: "payment.moved"}}, until-stats.Entries)
	err = errors.Join(err, b.journal.Append(b.Context(), journal.Append{Company: b.demo.ID, Stream: "payment", Seen: stats.Entries, Entries: entries}))
	if err != nil {
		b.Fatal(err)
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
	b := newBench(t)
	b.happen(30)
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
	b.happen(45)
	b.happen(60)
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
	b := newBench(t)
	b.journal.err = errors.New("the disk is on fire")
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
