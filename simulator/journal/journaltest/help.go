package journaltest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mozartosim/simulator/journal"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 123_000_000, time.UTC)

// entries makes n entries, told apart by the names.
func entries(n int, name string) []journal.Entry {
	out := make([]journal.Entry, n)
	for i := range out {
		out[i] = journal.Entry{
			At: noon.Add(time.Duration(i) * time.Millisecond), Kind: "test." + name, Data: fmt.Appendf(nil, `{"n":%d}`, i),
		}
	}
	return out
}

// must returns what a call has returned that must not fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(unexpected(err))
	}
	return v
}

// check ends the case when a call has failed.
func check(err error) {
	if err != nil {
		panic(unexpected(err))
	}
}

// errUnexpected is what ends a case.
var errUnexpected = errors.New("it failed")

// failed makes a test's failure of it.
func failed(t *testing.T) {
	t.Helper()
	panicked := recover()
	if err, _ := panicked.(error); errors.Is(err, errUnexpected) {
		t.Fatal(err)
	} else if panicked != nil {
		panic(panicked)
	}
}

// unexpected says which line of the case called.
func unexpected(err error) error {
	for skip := 2; ; skip++ {
		if _, file, line, ok := runtime.Caller(skip); !ok || filepath.Base(file) != "help.go" {
			return fmt.Errorf("%s:%d: %w: %w", filepath.Base(file), line, errUnexpected, err)
		}
	}
}

func add(j journal.Journal, a journal.Append) { check(j.Append(context.Background(), a)) }

func refuse(t *testing.T, j journal.Journal, a journal.Append, want error) {
	t.Helper()
	if err := j.Append(context.Background(), a); !errors.Is(err, want) {
		t.Fatalf("append to %s/%s: got %v, want %v", a.Company, a.Stream, err, want)
	}
}

func read(j journal.Journal, company, stream string) []journal.Entry {
	return must(j.Entries(context.Background(), company, stream))
}

func list(j journal.Journal, company string, q journal.Query) []journal.Stream {
	return must(j.List(context.Background(), company, q))
}

func feed(j journal.Journal, company string, q journal.FeedQuery) []journal.FeedEntry {
	return must(j.Feed(context.Background(), company, q))
}

func export(j journal.Journal, company string) Copy {
	c := must(Export(context.Background(), j, company))
	for i := range c.Jobs {
		c.Jobs[i].Seq = 0 // the order counts, not the number
	}
	return c
}

func claim(j journal.Journal, q journal.ClaimQuery) []journal.Job {
	return must(j.Claim(context.Background(), "c", q))
}

func pending(j journal.Journal, company string, limit int) string {
	return names(must(j.Jobs(context.Background(), company, journal.JobQuery{Limit: limit})))
}

func settings(j journal.Journal, after uint64) []journal.Setting {
	return must(j.Settings(context.Background(), journal.SettingQuery{After: after}))
}

func put(j journal.Journal, company string, rev uint64, data string) uint64 {
	n := journal.Setting{Company: company, Name: "clock", Rev: rev}
	if data != "" {
		n.Data = []byte(data)
	}
	return must(j.PutSetting(context.Background(), n))
}

func addRequests(j journal.Journal, all ...journal.Request) {
	check(j.Requests().Add(context.Background(), all))
}

func listRequests(j journal.Journal, company string, q journal.RequestQuery) []journal.Request {
	return must(j.Requests().List(context.Background(), company, q))
}

func ids(streams []journal.Stream) []string {
	out := make([]string, len(streams))
	for i, s := range streams {
		out[i] = s.ID
	}
	return out
}

// same compares, an empty slice counting as none.
func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (- want, + got):\n%s", what, diff)
	}
}

// notFound takes what a call has returned that must find nothing.
func notFound(t *testing.T, what string) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		if !errors.Is(err, journal.ErrNotFound) {
			t.Fatalf("%s: got %v, want %v", what, err, journal.ErrNotFound)
		}
	}
}
