package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mozartosim/simulator/journal"
	sqljournal "mozartosim/simulator/journal/sql"
)

// watched is a journal that measures what is in memory while a company is copied or replaced.
type watched struct {
	journal.Journal
	most *uint64
}

func (w watched) watch(to journal.Visitor) journal.Visitor {
	n, stream := 0, to.Stream
	to.Stream = func(st journal.StreamCopy) error {
		if n++; n%400 == 0 {
			*w.most = max(*w.most, inUse())
		}
		return stream(st)
	}
	return to
}

func (watched) Close() error { return nil }

func (w watched) Walk(ctx context.Context, company string, to journal.Visitor) error {
	return w.Journal.Walk(ctx, company, w.watch(to))
}

func (w watched) Import(ctx context.Context, company string, from journal.Source) error {
	return w.Journal.Import(ctx, company, watchedSource{from, w})
}

type watchedSource struct {
	journal.Source
	watched
}

func (s watchedSource) Read(to journal.Visitor) error { return s.Source.Read(s.watch(to)) }

func inUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// many makes a snapshot of many payments out of one of a single payment, as it is read.
func many(t *testing.T, one string, count int, request string) io.Reader {
	t.Helper()
	var doc map[string]json.RawMessage
	must(t, json.Unmarshal([]byte(one), &doc))
	var lists struct {
		Streams []json.RawMessage
		Jobs    []json.RawMessage
	}
	must(t, json.Unmarshal(doc["journal"], &lists))
	var stream struct{ ID string }
	must(t, json.Unmarshal(lists.Streams[0], &stream))
	head, rest, _ := strings.Cut(one, `"journal":`)
	_, rest, _ = strings.Cut(rest, `"scenarios":`)
	from, to := io.Pipe()
	go func() {
		_, err := fmt.Fprintf(to, `%s"journal":{"ordinal":%[2]d,"began":%[2]d,"seq":%[3]d,"streams":[`, head, count, 10*count)
		for i := 0; i < count && err == nil; i++ {
			text := strings.ReplaceAll(string(lists.Streams[0]), stream.ID, fmt.Sprintf("%024x", i+1))
			text = strings.Replace(text, `"ordinal":1,`, fmt.Sprintf(`"ordinal":%d,`, i+1), 1)
			text = strings.Replace(text, `\"request\":{`, `\"request\":{\"note\":\"`+request+`\",`, 1)
			for seq := 9; seq > 0; seq-- {
				text = strings.Replace(text, fmt.Sprintf(`{"seq":%d,`, seq), fmt.Sprintf(`{"seq":%d,`, 10*i+seq), 1)
			}
			text = strings.Replace(text, `"keys":["`, fmt.Sprintf(`"keys":["%d`, i), 1)
			if i > 0 {
				text = "," + text
			}
			_, err = io.WriteString(to, text)
		}
		if err == nil {
			_, err = io.WriteString(to, `],"jobs":[]},"scenarios":`+rest)
		}
		_ = to.CloseWithError(err)
	}()
	return from
}

// A snapshot is taken and restored in little memory, however large it is, and comes back as it was.
func TestLargeSnapshotsNeedLittleMemory(t *testing.T) {
	const payments, each, atMost = 800, 64 << 10, 24 << 20 // 50 MiB
	file, err := sqljournal.OpenFile(t.Context(), filepath.Join(t.TempDir(), "large.db"), sqljournal.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, file.Close()) })
	var most uint64
	d := open(t, on(watched{file, &most})).adminOf(t, "large", nil)
	d.made("PayonePayInRequest")
	one := d.call("POST", d.at("/snapshot"), "").want(200).text
	request := strings.Repeat("r", each)

	before := inUse()
	restored, err := d.snapshots.Restore(t.Context(), d.company.ID, many(t, one, payments, request))
	if err != nil || restored.Payments != payments {
		t.Fatalf("restored %+v, %v", restored, err)
	}
	if used := int(most) - int(before); most == 0 || used > atMost {
		t.Errorf("a restore uses %d KiB, at most %d are allowed", used>>10, atMost>>10)
	}
	most, before = 0, inUse()
	taken, err := d.snapshots.Snapshot(t.Context(), d.company.ID)
	must(t, err)
	defer func() { must(t, taken.Close()) }()
	if used := int(most) - int(before); most == 0 || used > atMost {
		t.Errorf("a snapshot uses %d KiB, at most %d are allowed", used>>10, atMost>>10)
	}
	if taken.Size() < payments*each {
		t.Errorf("it has %d bytes only", taken.Size())
	}
	want, got := io.Pipe()
	go func() {
		_, err := taken.WriteTo(got)
		_ = got.CloseWithError(err)
	}()
	sent := many(t, one, payments, request)
	for buffers := [2][]byte{make([]byte, 1<<20), make([]byte, 1<<20)}; ; {
		n, err := io.ReadFull(want, buffers[0])
		m, _ := io.ReadFull(sent, buffers[1])
		if string(buffers[0][:n]) != string(buffers[1][:m]) {
			t.Fatal("what was restored is not what was taken")
		}
		if err != nil {
			break
		}
	}
}

// Whatever is done to a snapshot, it is refused and changes nothing, or it is restored; then the good one can be restored again.
func TestSpoiledSnapshots(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "spoiled", nil)
	d.busy()
	kept := d.call("POST", d.at("/snapshot"), "").want(200).text
	refused := 0
	rapid.Check(t, func(rt *rapid.T) {
		from := rapid.IntRange(0, len(kept)-1).Draw(rt, "from")
		to := min(len(kept), from+rapid.SampledFrom([]int{1, 2, 40, 3000, len(kept)}).Draw(rt, "length"))
		with := rapid.SampledFrom([]string{"", "0", `"`, "}", "]", "[", ",", "null", kept[from:to] + kept[from:to], "\xff"}).Draw(rt, "with")
		spoiled := kept[:from] + with + kept[to:]
		answer := d.call("POST", d.at("/restore"), spoiled)
		if answer.status == 200 {
			d.call("POST", d.at("/restore"), kept).want(200)
		} else if refused++; answer.status != 400 && spoiled != "" { // without a body it has no Content-Type either
			rt.Fatalf("status %d: %s", answer.status, answer.text)
		}
		if now := d.call("POST", d.at("/snapshot"), "").want(200).text; now != kept {
			rt.Fatalf("the company is\n%s\nit was\n%s", now, kept)
		}
	})
	if refused < 50 {
		t.Errorf("only %d were refused", refused)
	}
}

// A snapshot that another program has written anew, in another order and with indents, is the same; another kind of file is not one.
func TestRewrittenSnapshots(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "rewritten", nil)
	d.busy()
	kept := d.call("POST", d.at("/snapshot"), "").want(200).text
	var doc any
	dec := json.NewDecoder(strings.NewReader(kept))
	dec.UseNumber()
	must(t, dec.Decode(&doc))
	sorted, err := json.MarshalIndent(doc, "", "\t") // jobs come before streams
	must(t, err)
	d.call("POST", d.at("/reset"), "").want(200)
	d.call("POST", d.at("/restore"), string(sorted)).want(200).is("payments", "4")
	if now := d.call("POST", d.at("/snapshot"), "").want(200).text; now != kept {
		t.Errorf("it is\n%s\nwas\n%s", now, kept)
	}
	for text, says := range map[string]string{
		`[]`:                            "must be a JSON object",
		`{"version":1,"version":1}`:     "must be valid JSON",
		`{"mozartosim":{"version":2}}`:  "must not be missing",
		strings.Repeat("[", 20_000):     "must be valid JSON",
		`{"journal":{"streams":[1,2]}}`: "must not be missing",
		" ":                             "ends too early",
	} {
		d.call("POST", d.at("/restore"), text).fails(400, says)
	}
}
