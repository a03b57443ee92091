package requestlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 6, 1, 12, 0, 0, 123_000_000, time.UTC)

// opened makes a log on a journal in memory, whose losses are counted.
func opened(t testing.TB, lost *int) (*Log, *journal.Memory) {
	t.Helper()
	memory := journal.NewMemory(0)
	l := New(Config{
		Store: memory.Requests(), Changed: memory.Changed, Log: slog.New(slog.DiscardHandler),
		Lost: func(n int) { *lost += n }, Life: func(string) context.Context { return context.Background() },
		Rules: func() map[string]openapi.Entry {
			rule := adminapi.LedgerEntry{ID: "known", Description: "must be known", Provenance: openapi.Provenance{Basis: openapi.Assumed}}
			return map[string]openapi.Entry{rule.ID: {LedgerEntry: rule}}
		},
	})
	t.Cleanup(func() {
		if err := l.Flush(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return l, memory
}

// call makes a refused call with a body.
func call(l *Log, company, body string) *Call {
	r := httptest.NewRequest(http.MethodPost, openapi.CashierPath+"?q=1&api_key=verysecretvalue1234", nil)
	r.Header.Set("Authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.abcdef.ghijkl")
	r.Header.Set("X-User-Token", "secret")
	r.Header.Set("X-Note", "4539 5787 6362 1486")
	r.Header.Set("Content-Type", "application/json")
	c := NewCall(l.NewID(), r)
	c.Company, c.PSP, c.Type, c.Stage, c.Rule, c.Reason = company, "PAYONE", "PAYIN", "validate", "known", "amount must be a number"
	c.At, c.Took, c.Status, c.Answered = noon, 1500*time.Microsecond, 400, []byte(`{"status":"error"}`)
	doc, _ := openapi.Decode([]byte(body)) // without fields when it is no object
	c.Sent, c.BodyBytes = openapi.Document{Raw: []byte(body), Fields: doc.Fields}, int64(len(body))
	return c
}

func TestKeepsCallsMasked(t *testing.T) {
	t.Parallel()
	lost := 0
	l, _ := opened(t, &lost)
	c := call(l, "shop", `{"amount":1,"card":{"pan":"4111111111111111","cvv":"123"},"voucherPin":"99887766"}`)
	l.Record(c)
	got, err := l.Get(t.Context(), "shop", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := adminapi.Request{
		RequestSummary: adminapi.RequestSummary{
			ID: c.ID, Company: "shop", At: noon, Method: "POST", Path: openapi.CashierPath + "?api_key=%2A%2A%2A1234&q=1", Status: 400,
			Outcome: "refused", Stage: "validate", Reason: "amount must be a number", Rule: "known", PSP: "PAYONE", Type: "PAYIN", TookMS: 1.5,
		},
		RequestDetails: adminapi.RequestDetails{
			Protocol: "HTTP/1.1", Remote: "192.0.2.1:1234", BodyBytes: c.BodyBytes, Answer: `{"status":"error"}`,
			Body: `{"amount":1,"card":{"cvv":"***","pan":"411111******1111"},"voucherPin":"***"}`,
			Headers: []adminapi.RequestHeader{
				{Name: "Authorization", Value: "Bearer ***ijkl"}, {Name: "Content-Type", Value: "application/json"},
				{Name: "X-Note", Value: "453957******1486"}, {Name: "X-User-Token", Value: "***"},
			},
		},
		Expected: "must be known", Provenance: &adminapi.Provenance{Basis: "assumed"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	list, err := l.Search(t.Context(), "shop", adminapi.RequestQuery{Page: adminapi.Page{Limit: 5}})
	if diff := cmp.Diff(adminapi.RequestList{Requests: []adminapi.RequestSummary{want.RequestSummary}}, list); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := l.Get(t.Context(), "other", c.ID); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("another company's: %v", err)
	}
}

// A card number is masked wherever it stands, also where what is kept ends in the middle of it.
func TestNoCardIsKept(t *testing.T) {
	t.Parallel()
	const card, start = "4539578763621486", "4539578"
	lost := 0
	l, _ := opened(t, &lost)
	for name, change := range map[string]func(*Call){
		"path":            func(c *Call) { c.URL.Path = "/pay/" + card },
		"query":           func(c *Call) { c.URL.RawQuery = "note=" + card },
		"reason":          func(c *Call) { c.Reason = "note must not be " + card },
		"answer":          func(c *Call) { c.Answered = []byte(`{"message":"` + card + `"}`) },
		"body":            func(c *Call) { c.Sent = openapi.Document{Raw: []byte("no JSON " + card)} },
		"end of a body":   func(c *Call) { c.Sent = openapi.Document{Raw: []byte(strings.Repeat(" ", mostOfText-10) + card)} },
		"end of a header": func(c *Call) { c.Header["X-Note"] = []string{strings.Repeat(" ", mostOfHeader-10) + card} },
		"end of a path":   func(c *Call) { c.URL.Path = "/" + strings.Repeat("/", 1990) + card },
	} {
		t.Run(name, func(t *testing.T) {
			c := call(l, "shop", `{}`)
			change(c)
			l.Record(c)
			got, err := l.Get(t.Context(), "shop", c.ID)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := json.Marshal(got)
			if strings.Contains(string(text), start) {
				t.Errorf("kept in clear: %s", text)
			}
		})
	}
}

// In an archive, views of hosted pages are HTML, as they were answered, and calls JSON.
func TestArchive(t *testing.T) {
	t.Parallel()
	lost := 0
	l, _ := opened(t, &lost)
	l.Base = func() string { return "http://127.0.0.1:8080" }
	page := call(l, "shop", "")
	page.Method, page.URL = http.MethodGet, &url.URL{Path: "/pay/payone/session"}
	l.Record(page)
	l.Record(call(l, "shop", `{"amount":1}`))
	text, err := l.Archive(t.Context(), "shop", adminapi.RequestQuery{Page: adminapi.Page{Limit: 5}})
	if err != nil {
		t.Fatal(err)
	}
	var archive struct {
		Log struct {
			Entries []struct {
				Request  struct{ URL string }
				Response struct{ Content struct{ MimeType string } }
			}
		}
	}
	if err := json.Unmarshal(text, &archive); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range archive.Log.Entries {
		path, _, _ := strings.Cut(e.Request.URL, "?")
		got = append(got, path, e.Response.Content.MimeType)
	}
	want := []string{"http://127.0.0.1:8080/pay/payone/session", "text/html", "http://127.0.0.1:8080" + openapi.CashierPath, "application/json"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A body that is no JSON is masked too, and a large one is cut.
func TestMasksText(t *testing.T) {
	t.Parallel()
	lost := 0
	l, _ := opened(t, &lost)
	for given, want := range map[string]string{
		`{"card":{"pan":"4539-5787-6362-1486","cvv":"123"`: `{"card":{"pan":"453957******1486","cvv":"***"`,
		`{"voucherPin":99887766,}`:                         `{"voucherPin":***,}`,
		`{"a":1}{"password": "x y"}`:                       `{"a":1}{"password": "***"}`,
		`pin=1234&amount=5`:                                `pin=***&amount=5`,
		`token eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln here`:  `token *** here`,
		`{"amount": 12,}`:                                  `{"amount": 12,}`,
		"":                                                 "",
	} {
		c := call(l, "shop", given)
		if got, truncated := masked(c.Sent); got != want || truncated {
			t.Errorf("%s became %s", given, got)
		}
	}
	if got, truncated := masked(call(l, "shop", `{"a":"`+strings.Repeat("x", 100_000)+`"}`).Sent); len(got) != most || !truncated {
		t.Errorf("%d bytes, truncated: %t", len(got), truncated)
	}
}

// A burst never waits: what is over the bounds is counted, and the calls that were kept are in their order.
func TestBoundsWhatWaits(t *testing.T) {
	t.Parallel()
	lost := 0
	l, _ := opened(t, &lost)
	l.mu.Lock()
	l.running = true // nobody writes
	l.mu.Unlock()
	large := strings.Repeat("x", 60_000)
	for range mostWaiting + 10 {
		l.Record(call(l, "shop", large))
	}
	if lost != 10 {
		t.Errorf("%d calls were lost", lost)
	}
	go l.write()
	found, err := l.Search(t.Context(), "shop", adminapi.RequestQuery{Page: adminapi.Page{Limit: 3000}})
	list := found.Requests // the newest first
	if err != nil || len(list) != mostWaiting || !strings.HasSuffix(list[mostWaiting-1].ID, "-1") || !strings.HasSuffix(list[0].ID, fmt.Sprint("-", mostWaiting)) {
		t.Errorf("%d calls, %v", len(list), err)
	}
	first, _ := l.Get(t.Context(), "shop", list[mostWaiting-1].ID)
	last, _ := l.Get(t.Context(), "shop", list[0].ID)
	if first.Body == "" || last.Body != "" || last.BodyBytes != int64(len(large)) {
		t.Errorf("bodies of %d and %d bytes are kept", len(first.Body), len(last.Body))
	}
}

// Those who follow get each call at once, whatever the writer's patience.
func TestFollow(t *testing.T) {
	t.Parallel()
	lost := 0
	l, _ := opened(t, &lost)
	old := call(l, "shop", `{}`)
	l.Record(old)
	ctx, stop := context.WithCancel(t.Context())
	var seen []string
	err := l.Follow(ctx, "shop", 0, time.Hour, func(found []journal.Event) error {
		for _, e := range found {
			var r adminapi.RequestSummary
			if err := json.Unmarshal(e.Text, &r); err != nil {
				return err
			}
			seen = append(seen, r.ID)
		}
		switch len(seen) {
		case 1:
			l.Record(call(l, "other", `{}`))
			l.Record(call(l, "shop", `{}`))
		case 2:
			stop()
		}
		return nil
	})
	if want := []string{old.ID, strings.Replace(old.ID, "-1", "-3", 1)}; err != nil || !cmp.Equal(seen, want) {
		t.Errorf("saw %v, %v", seen, err)
	}
}

// BenchmarkRecord is what an accepted call costs, with the headers that clients send, the writing included.
func BenchmarkRecord(b *testing.B) {
	lost := 0
	l, _ := opened(b, &lost)
	c := call(l, "shop", "")
	c.URL = &url.URL{Path: openapi.CashierPath}
	c.Stage, c.Rule, c.Reason, c.Payment = "", "", "", "665f1c2ab7e4d93a5c0f1a2b"
	c.Answered, c.Sent, c.Status = nil, openapi.Document{}, http.StatusOK
	for name, value := range map[string]string{
		"X-User-Token": "Bearer eyJhbGciOiJIUzI1NiJ9.abcdef.ghijkl", "Accept-Encoding": "gzip", "Content-Length": "1234",
		"User-Agent": "shop/1.0 (linux; payments)", "X-Note": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
	} {
		c.Header.Set(name, value)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		copied := *c
		copied.ID = l.NewID()
		l.Record(&copied)
		if i%batch == 0 {
			_ = l.Flush(context.Background())
		}
	}
}

// BenchmarkList reads a page of 100,000 calls, of which few match.
func BenchmarkList(b *testing.B) {
	memory := journal.NewMemoryWith(journal.Limits{Requests: journal.RequestLimits{Count: 100_000, Bytes: 1 << 30, All: 1 << 30}})
	l := New(Config{Store: memory.Requests(), Changed: memory.Changed, Log: slog.New(slog.DiscardHandler), Lost: func(int) {}})
	for i := range 100_000 {
		c := call(l, "shop", `{"amount":1}`)
		if i == 5 {
			c.Rule = "rare"
		}
		l.add([]*Call{c})
	}
	for name, q := range map[string]adminapi.RequestQuery{"newest": {}, "rare": {Rule: "rare"}, "none": {Stage: "none"}} {
		b.Run(name, func(b *testing.B) {
			q.Limit = 50
			for b.Loop() {
				if _, err := l.Search(context.Background(), "shop", q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
