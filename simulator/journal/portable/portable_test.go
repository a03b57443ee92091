package portable

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mozartosim/simulator/journal"
	sqljournal "mozartosim/simulator/journal/sql"
	"mozartosim/simulator/payment"
)

var update = flag.Bool("update", false, "write the goldens anew")

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func add(t testing.TB, j journal.Journal, a journal.Append) {
	t.Helper()
	if err := j.Append(context.Background(), a); err != nil {
		t.Fatal(err)
	}
}

func put(t testing.TB, j journal.Journal, n journal.Setting) {
	t.Helper()
	if _, err := j.PutSetting(context.Background(), n); err != nil {
		t.Fatal(err)
	}
}

// fill puts two companies into a journal, with a bit of everything.
func fill(t testing.TB, j journal.Journal) {
	t.Helper()
	put(t, j, journal.Setting{Company: "acme", Name: "company", Data: []byte(`{"name":"Acme"}`)})
	put(t, j, journal.Setting{Company: "acme", Name: "clock", Data: []byte{0xff, 0}})
	put(t, j, journal.Setting{Company: "other", Name: "company", Data: []byte{}})
	for range 3 {
		if _, err := j.Ordinal(context.Background(), "acme", journal.AnyRev); err != nil {
			t.Fatal(err)
		}
	}
	terms, err := json.Marshal(map[string]any{"id": "p1", "company": "acme", "psp": "PAYONE", "type": "PAYIN", "amount": json.Number("1.00"), "currency": "CAD"})
	if err != nil {
		t.Fatal(err)
	}
	add(t, j, journal.Append{
		Company: "acme", Stream: "p1", Entries: []journal.Entry{{At: noon, Kind: string(payment.KindOpened), Data: terms}},
		Labels: journal.Labels{{Name: "psp", Value: "PAYONE"}, {Name: "status", Value: ""}}, Keys: []string{"session:1"},
		Jobs: []journal.Job{{ID: "p1/late", At: noon.Add(time.Hour), Kind: "expiry"}, {ID: "p1/soon", At: noon.Add(1), Kind: "decision", Data: []byte(`{"action":"<approve>"}`)}},
	})
	add(t, j, journal.Append{Company: "acme", Stream: "x", Entries: []journal.Entry{{At: noon, Kind: "k", Data: []byte{0xfe}}, {At: noon, Kind: "k"}}, Final: true})
	add(t, j, journal.Append{Company: "acme", Stream: "p1", Seen: 1, Entries: []journal.Entry{{At: noon, Kind: "k", Data: []byte("later")}}})
}

func stores(t *testing.T) map[string]journal.Journal {
	file, err := sqljournal.OpenFile(context.Background(), filepath.Join(t.TempDir(), "x.db"), sqljournal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return map[string]journal.Journal{"memory": journal.NewMemory(0), "sqlite": file}
}

func written(t testing.TB, j journal.Journal) (string, Summary) {
	t.Helper()
	var out bytes.Buffer
	sum, err := Write(context.Background(), &out, j, "v1")
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), sum
}

// What one store writes, any store reads, and writes again to the letter.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	ctx, golden := context.Background(), filepath.Join("testdata", "two.jsonl")
	for from, j := range stores(t) {
		fill(t, j)
		text, sum := written(t, j)
		if *update {
			if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), text); diff != "" {
			t.Errorf("%s writes (- want, + got):\n%s", from, diff)
		}
		if says := "2 companies, 2 payments with 4 entries, 2 jobs, 3 settings"; sum.String() != says {
			t.Errorf("%s: %s", from, sum)
		}
		for to, fresh := range stores(t) {
			got, err := Read(ctx, strings.NewReader(text), fresh)
			if err != nil || got != sum {
				t.Fatalf("%s reads %s, %v", to, got, err)
			}
			again, _ := written(t, fresh)
			if diff := cmp.Diff(text, again); diff != "" {
				t.Errorf("%s to %s (- want, + got):\n%s", from, to, diff)
			}
			if n, err := fresh.Ordinal(ctx, "acme", journal.AnyRev); err != nil || n != 4 {
				t.Errorf("%s: the next ordinal is %d, %v", to, n, err)
			}
			if _, err := Read(ctx, strings.NewReader(text), fresh); !errors.Is(err, ErrNotEmpty) {
				t.Errorf("%s, once more: %v", to, err)
			}
			if err := Clear(ctx, fresh); err != nil || Empty(ctx, fresh) != nil {
				t.Errorf("%s is not empty: %v, %v", to, err, Empty(ctx, fresh))
			}
		}
	}
}

// A file that does not hold is refused with its line, and nothing of it is kept.
func TestRefuses(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(filepath.Join("testdata", "two.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSpace(string(whole)), "\n")
	last := len(lines) - 1
	join := func(lines ...string) string { return strings.Join(lines, "") }
	swap := func(old, with string) string { return strings.Replace(string(whole), old, with, 1) }
	for name, test := range map[string]struct {
		text, says string
		kind       error
	}{
		"nothing":            {"", "line 1: ", ErrFormat},
		"something else":     {"companies: []\n", "line 1: ", ErrFormat},
		"no head":            {join(lines[1:]...), "line 1: not a file that `mozartosim data export` wrote: it must begin with", ErrFormat},
		"a newer version":    {swap(`"version":2,"program":"v1"`, `"version":3,"program":"v9"`), "use mozartosim v9 or a newer one", ErrFormat},
		"cut off":            {join(lines[:last]...), fmt.Sprintf("line %d: ", last+1), ErrFormat},
		"cut in a line":      {string(whole[:len(whole)/2]), "line ", ErrFormat},
		"a line missing":     {join(append(lines[:1:1], lines[2:]...)...), "some are missing", ErrFormat},
		"something after":    {string(whole) + "{}\n", "something follows", ErrFormat},
		"an unknown field":   {swap(`"setting":{`, `"setting":{"x":1,`), "line 2: ", ErrFormat},
		"an old word":        {swap(`"setting":{`, `"note":{`), "line 2: ", ErrFormat},
		"an unknown line":    {join(lines[0], "{}\n"), "line 2: ", ErrFormat},
		"a stream too soon":  {join(lines[0], "{\"stream\":{\"id\":\"s\",\"ordinal\":1,\"entries\":[]}}\n"), "line 2: ", ErrFormat},
		"two heads":          {join(lines[0], lines[0]), "line 2: ", ErrFormat},
		"a wrong ordinal":    {swap(`"began":2`, `"began":1`), "company acme", journal.ErrBroken},
		"a job of no stream": {swap(`"stream":"p1"`, `"stream":"p9"`), "belongs to no stream", journal.ErrBroken},
		"a setting twice":    {join(lines[0], lines[1], lines[1]), "line 3: ", journal.ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := journal.NewMemory(0)
			_, err := Read(context.Background(), strings.NewReader(test.text), j)
			if !errors.Is(err, test.kind) || !strings.Contains(fmt.Sprint(err), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
			if err := Empty(context.Background(), j); err != nil {
				t.Error(err)
			}
		})
	}
}

// failing is a journal that fails at the second company.
type failing struct{ *journal.Memory }

func (f failing) Import(ctx context.Context, company string, from journal.Source) error {
	if company == "other" {
		return errors.New("the disk is gone")
	}
	return f.Memory.Import(ctx, company, from)
}

// When the journal fails in the middle, what was put is taken away again.
func TestReadFails(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(filepath.Join("testdata", "two.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	j := failing{journal.NewMemory(0)}
	if _, err := Read(context.Background(), bytes.NewReader(whole), j); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("got %v", err)
	}
	if err := Empty(context.Background(), j); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, j := range stores(t) {
		fill(t, j)
		_, want := written(t, j)
		got, err := Check(ctx, j)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		add(t, j, journal.Append{Company: "acme", Stream: "bad", Entries: []journal.Entry{{Kind: string(payment.KindOpened), Data: []byte(`{"id":1}`)}}})
		if _, err := Check(ctx, j); err == nil || !strings.Contains(err.Error(), "company acme: payment bad: ") {
			t.Errorf("%s: a payment that does not fold: %v", name, err)
		}
	}
}

// Whatever is read, it is refused or holds together: what is written of it reads the same.
func FuzzRead(f *testing.F) {
	whole, err := os.ReadFile(filepath.Join("testdata", "two.jsonl"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole))
	f.Add("{\"mozartosim\":{\"version\":1,\"program\":\"\"}}\n{\"end\":{\"lines\":2}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		j := journal.NewMemory(0)
		if _, err := Read(context.Background(), strings.NewReader(text), j); err != nil {
			if err := Empty(context.Background(), j); err != nil {
				t.Fatal(err)
			}
			return
		}
		once, _ := written(t, j)
		again := journal.NewMemory(0)
		if _, err := Read(context.Background(), strings.NewReader(once), again); err != nil {
			t.Fatal(err)
		}
		if twice, _ := written(t, again); once != twice {
			t.Fatalf("%s\nbecame\n%s", once, twice)
		}
	})
}
