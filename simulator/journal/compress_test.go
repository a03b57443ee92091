package journal

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"
)

// like are entries that resemble those of other payments, n bytes of them apart.
func like(random *rand.Rand, n int) []Entry {
	own := make([]byte, n)
	for i := range own {
		own[i] = byte(random.Uint32())
	}
	at := time.UnixMilli(1_780_000_000_000).UTC()
	return []Entry{
		{At: at, Kind: "opened", Data: fmt.Appendf(nil, `{"psp":"PAYONE","type":"PAYIN","email":"jane.doe@example.com","merchantReference":"%x"}`, own)},
		{At: at.Add(time.Second), Kind: "answered", Data: fmt.Appendf(nil, `{"status":200,"body":{"isSuccess":true,"message":"processed","reference":"%x"}}`, own)},
	}
}

// Whatever was appended, early or late, to streams that are compressed or not, is read again by every reader.
func TestCompressedStreamsAreReadAsTheyWere(t *testing.T) {
	t.Parallel()
	ctx, m, random := context.Background(), NewMemory(0), rand.New(rand.NewPCG(1, 2))
	want, all := map[string][]Entry{}, []Entry(nil)
	put := func(id string, entries []Entry) {
		t.Helper()
		if err := m.Append(ctx, Append{Company: "c", Stream: id, Seen: len(want[id]), Entries: entries}); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			e.Seq = uint64(len(all) + 1)
			want[id], all = append(want[id], e), append(all, e)
		}
	}
	for i := range 4 * maxRecent {
		size := 8
		switch {
		case i%500 == 3:
			size = 100_000 // more than a dictionary has room for
		case i%10 == 5:
			size = 600 // which no other has
		}
		put(fmt.Sprint(i), like(random, size))
		if i%3 == 0 {
			put(fmt.Sprint(random.IntN(i+1)), like(random, 5)[:1])
		}
	}
	compressed := 0
	for id, entries := range want {
		got, err := m.Entries(ctx, "c", id)
		if !reflect.DeepEqual(entries, got) || err != nil {
			t.Fatalf("stream %s: %d entries instead of %d, %v", id, len(got), len(entries), err)
		}
		if m.companies["c"].streams[id].packed.dict != nil {
			compressed++
		}
	}
	if compressed < 2*maxRecent {
		t.Errorf("only %d are compressed", compressed)
	}
	feed, err := m.Feed(ctx, "c", FeedQuery{Limit: len(all) + 1})
	if err != nil || !slices.EqualFunc(feed, all, func(f FeedEntry, e Entry) bool { return f.Seq == e.Seq && bytes.Equal(f.Data, e.Data) }) {
		t.Errorf("the feed has %d entries, %v", len(feed), err)
	}
}

// What is counted of a journal is what it takes in memory: of streams that wait, that are done, and that are gone.
func TestBytesAreThoseThatAreHeld(t *testing.T) { // not parallel: it measures the heap
	held := func() int {
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc)
	}
	const n = 20_000
	ctx, m, random := context.Background(), NewMemory(0), rand.New(rand.NewPCG(1, 2))
	before := held()
	compare := func(when string) {
		t.Helper()
		stats, err := m.Stats(ctx, "")
		if took := held() - before; err != nil || stats.Bytes < took*8/10 || stats.Bytes > took*12/10 {
			t.Errorf("%s: %d bytes are counted, %d are held; %v", when, stats.Bytes/n, took/n, err)
		}
	}
	for i := range n {
		id := fmt.Sprintf("%024d", i)
		err := m.Append(ctx, Append{
			Company: "c", Stream: id, Entries: like(random, 100), Keys: []string{fmt.Sprintf("session:%036d", i)},
			Labels: Labels{{"psp", "PAYONE"}, {"type", "PAYIN"}, {"status", "pending"}, {"merchantReference", fmt.Sprint("order-", i)}},
			Jobs:   []Job{{ID: id + "/decision", At: time.Unix(int64(i), 0), Data: make([]byte, 60)}, {ID: id + "/notification", Data: make([]byte, 200)}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	compare("with jobs")
	for i := range n {
		id := fmt.Sprintf("%024d", i)
		err := m.Append(ctx, Append{
			Company: "c", Stream: id, Seen: 2, Entries: like(random, 10), Final: true, Completed: []string{id + "/decision", id + "/notification"},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	compare("done")
	if err := m.Forget(ctx, "c"); err != nil {
		t.Fatal(err)
	}
	if stats, err := m.Stats(ctx, ""); err != nil || stats.Bytes != 0 || m.total.bytes.Load() != 0 {
		t.Errorf("%+v are left, %d bytes in all; %v", stats, m.total.bytes.Load(), err)
	}
}

// Thousands of payments that go on as none before: a dictionary that knows how they go on is made, and those that nobody uses any
// longer are counted no more.
func TestDictionariesFollowWhatIsAppended(t *testing.T) {
	t.Parallel()
	ctx, m, random := context.Background(), NewMemory(0), rand.New(rand.NewPCG(1, 2))
	const n = 4 * maxRecent
	common := make([]byte, 600) // of how they go on
	for i := range common {
		common[i] = byte('a' + random.IntN(26))
	}
	for i := range 2 * n {
		entries := like(random, 8)
		if i >= n {
			entries = []Entry{{At: entries[0].At, Kind: "decided", Data: common}}
		}
		if err := m.Append(ctx, Append{Company: "c", Stream: fmt.Sprint(i % n), Seen: 2 * (i / n), Entries: entries}); err != nil {
			t.Fatal(err)
		}
	}
	log := m.companies["c"]
	dictionaries, poor := map[*dictionary]bool{}, 0
	for _, st := range log.ordered {
		dictionaries[st.packed.dict] = true
		if len(st.packed.text) > 200 && !st.recent {
			poor++
		}
	}
	delete(dictionaries, nil)
	if poor > 200 {
		t.Errorf("%d of %d streams keep what all have in common", poor, n)
	}
	counted := log.bytes
	for _, st := range log.ordered {
		counted -= st.size()
	}
	if counted != len(dictionaries)*dictMemory || len(dictionaries) > 4 {
		t.Errorf("%d dictionaries are used, %d bytes are counted for them", len(dictionaries), counted)
	}
}
