package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/simulator/journal"
)

func asked(method, url string) *http.Request { return httptest.NewRequest(method, url, nil) }
func recorded() *httptest.ResponseRecorder   { return httptest.NewRecorder() }
func happening(seq uint64, data int) journal.FeedEntry {
	return journal.FeedEntry{Stream: "s", Entry: journal.Entry{Seq: seq, At: noon, Kind: "k", Data: fmt.Appendf(nil, "%d", data)}}
}

func happenings(from, to uint64) (all []journal.FeedEntry) {
	for seq := from; seq <= to; seq++ {
		all = append(all, happening(seq, 0))
	}
	return all
}

// onAir makes a broadcast that nobody reads a journal for.
func onAir() *broadcast {
	return &broadcast{}
}

// ids reads the ids out of texts.
func ids(texts [][]byte) string {
	var out []string
	for _, text := range texts {
		for line := range strings.Lines(string(text)) {
			if id, ok := strings.CutPrefix(line, "id: "); ok {
				out = append(out, strings.TrimSpace(id))
			}
			if strings.HasPrefix(line, ":") {
				out = append(out, "alive")
			}
		}
	}
	return strings.Join(out, " ")
}

func publish(t *testing.T, b *broadcast, entries []journal.FeedEntry) {
	t.Helper()
	if err := b.publish(entries); err != nil {
		t.Fatal(err)
	}
}

func TestBroadcast(t *testing.T) {
	t.Parallel()
	b := onAir()
	start := b.end()
	publish(t, b, happenings(5, 7))
	publish(t, b, nil)
	publish(t, b, happenings(8, 8))
	texts, at, _, late, _ := b.after(start, 0)
	if got := ids(texts); got != "5 6 7 alive 8" || late {
		t.Errorf("from the start: %s", got)
	}
	texts, at, changed, _, _ := b.after(at, 3)
	if len(texts) != 0 {
		t.Errorf("and then: %s", ids(texts))
	}
	b.wake(2)
	select {
	case <-changed:
		t.Error("another shift's turn wakes it")
	default:
	}
	b.wake(3)
	<-changed
	for seq, want := range map[uint64]string{4: "5 6 7 alive 8", 5: "6 7 alive 8", 7: "8", 8: ""} {
		p, ok := b.catch(seq, false)
		texts, _, _, _, _ := b.after(p, 0)
		if got := strings.TrimPrefix(ids(texts), "alive "); !ok || got != want {
			t.Errorf("behind %d: %v %s", seq, ok, got)
		}
	}
	if _, ok := b.catch(3, false); ok {
		t.Error("it goes on where it was not yet")
	}
	if _, ok := b.catch(99, false); ok {
		t.Error("an event that was not yet is taken for one that was")
	}
	publish(t, b, happenings(1, 2)) // a reset
	if texts, _, _, _, _ := b.after(at, 0); ids(texts) != "1 2" {
		t.Errorf("after a reset: %s", ids(texts))
	}
	if p, ok := b.catch(1, false); !ok {
		t.Error("behind an event after the reset")
	} else if texts, _, _, _, _ := b.after(p, 0); ids(texts) != "2" {
		t.Errorf("behind an event after the reset: %s", ids(texts))
	}
}

// Entries of streams that were dropped leave gaps.
func TestBroadcastWithGaps(t *testing.T) {
	t.Parallel()
	b := onAir()
	start := b.end()
	publish(t, b, []journal.FeedEntry{happening(1, 0), happening(2, 0), happening(9, 0), happening(12, 0)})
	if texts, _, _, _, _ := b.after(start, 0); ids(texts) != "1 2 9 12" {
		t.Errorf("with gaps: %s", ids(texts))
	}
	for seq, want := range map[uint64]string{2: "9 12", 1: "2 9 12", 9: "12"} {
		p, ok := b.catch(seq, true)
		if texts, _, _, _, _ := b.after(p, 0); !ok || ids(texts) != want {
			t.Errorf("behind %d: %v %s", seq, ok, ids(texts))
		}
	}
}

// What a follower has not read in time is forgotten, and it is told so.
func TestBroadcastForgets(t *testing.T) {
	t.Parallel()
	b := onAir()
	start := b.end()
	large := happening(1, 0)
	large.Data = []byte(`"` + strings.Repeat("x", mostKept/4) + `"`)
	for seq := range uint64(10) {
		large.Seq = seq + 1
		publish(t, b, []journal.FeedEntry{large})
	}
	_, at, _, late, _ := b.after(start, 0)
	if !late || at.seq != 0 {
		t.Errorf("late %v at %+v", late, at)
	}
	if b.size > mostKept || len(b.batches) == 0 {
		t.Errorf("%d bytes are kept", b.size)
	}
	if _, ok := b.catch(1, false); ok {
		t.Error("what was forgotten is there")
	}
	if _, ok := b.catch(9, false); !ok {
		t.Error("the newest is gone")
	}
}

// house is a journal of one company that can be followed.
type house struct {
	Queries
	mu      sync.Mutex
	entries []journal.FeedEntry
	changed chan struct{}
	readers int
	err     error
}

func newHouse(n uint64) *house {
	return &house{entries: happenings(1, n), changed: make(chan struct{})}
}

func (h *house) add(to uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.entries = append(h.entries, happenings(uint64(len(h.entries))+1, to)...)
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *house) Follow(ctx context.Context, _ string, after int64, _ time.Duration, each func([]journal.FeedEntry) error) error {
	h.mu.Lock()
	h.readers++
	at, err := len(h.entries), h.err
	h.mu.Unlock()
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
		h.mu.Lock()
		found, changed := h.entries[at:min(len(h.entries), at+10)], h.changed
		h.mu.Unlock()
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

// stream is a client that reads what is written to it, until it has seen an event.
type stream struct {
	http.ResponseWriter
	until  string
	cancel context.CancelFunc
	begun  chan struct{}
	ended  <-chan struct{}
	start  sync.Once
	text   strings.Builder
}

func (s *stream) Write(text []byte) (int, error) {
	s.text.Write(text)
	s.start.Do(func() { close(s.begun) })
	if strings.Contains(string(text), "id: "+s.until+"\n") {
		s.cancel()
	}
	return len(text), nil
}

func (s *stream) Flush() {}

func (s *stream) seen() string {
	return strings.ReplaceAll(ids([][]byte{[]byte(s.text.String())}), "alive ", "")
}

// Many follow, from different places, and one reads.
func TestFollowTogether(t *testing.T) {
	t.Parallel()
	h := newHouse(30)
	b := newBench(t, func(c *Config) { c.Queries = h })
	api := New(b.config)
	follow := func(query, until string) *stream {
		ctx, cancel := context.WithCancel(context.Background())
		s := &stream{ResponseWriter: httptest.NewRecorder(), until: until, cancel: cancel, begun: make(chan struct{}), ended: ctx.Done()}
		b.Cleanup(cancel)
		done := make(chan struct{})
		go func() {
			defer close(done)
			api.ServeHTTP(s, httptest.NewRequest("GET", "http://localhost/v1/events"+query, nil).WithContext(ctx))
		}()
		<-s.begun
		b.Cleanup(func() { <-done })
		return s
	}
	var live []*stream
	for range 40 {
		live = append(live, follow("", "60"))
	}
	late := follow("?after=12", "60")
	all := follow("?after=0", "60")
	h.mu.Lock()
	readers := h.readers
	h.mu.Unlock()
	if readers != 3 { // one for all, and two that catch up
		t.Errorf("%d read the journal", readers)
	}
	h.add(45)
	h.add(60)
	want := func(s *stream, from int) {
		t.Helper()
		var out []string
		for seq := from; seq <= 60; seq++ {
			out = append(out, fmt.Sprint(seq))
		}
		<-s.ended
		if got := s.seen(); got != strings.Join(out, " ") {
			t.Errorf("from %d: %s", from, got)
		}
	}
	for _, s := range live {
		want(s, 31)
	}
	want(late, 13)
	want(all, 1)
}

func TestFollowFails(t *testing.T) {
	t.Parallel()
	h := newHouse(0)
	h.err = errors.New("the disk is on fire")
	b := newBench(t, func(c *Config) { c.Queries = h })
	b.call("GET", "/v1/events", "").fails(500, "internal", "something went wrong")
}

// BenchmarkBroadcast is an event's way to a thousand followers, without their connections.
func BenchmarkBroadcast(bench *testing.B) {
	b := onAir()
	places := make([]spot, 1000)
	for i := range places {
		places[i] = b.end()
	}
	seq := uint64(0)
	bench.ReportAllocs()
	for bench.Loop() {
		seq++
		if err := b.publish([]journal.FeedEntry{happening(seq, 1)}); err != nil {
			bench.Fatal(err)
		}
		for i := range places {
			_, places[i], _, _, _ = b.after(places[i], i%shifts)
		}
	}
}
