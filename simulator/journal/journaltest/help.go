package journaltest

import (
	"context"
	"errors"
	"fmt"
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

func add(t *testing.T, j journal.Journal, a journal.Append) {
	t.Helper()
	if err := j.Append(context.Background(), a); err != nil {
		t.Fatalf("append to %s/%s: %v", a.Company, a.Stream, err)
	}
}

func refuse(t *testing.T, j journal.Journal, a journal.Append, want error) {
	t.Helper()
	if err := j.Append(context.Background(), a); !errors.Is(err, want) {
		t.Fatalf("append to %s/%s: got %v, want %v", a.Company, a.Stream, err, want)
	}
}

func read(t *testing.T, j journal.Journal, company, stream string) []journal.Entry {
	t.Helper()
	got, err := j.Entries(context.Background(), company, stream)
	if err != nil {
		t.Fatalf("entries of %s/%s: %v", company, stream, err)
	}
	return got
}

func list(t *testing.T, j journal.Journal, company string, q journal.Query) []journal.Stream {
	t.Helper()
	got, err := j.List(context.Background(), company, q)
	if err != nil {
		t.Fatalf("list %s: %v", company, err)
	}
	return got
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

func notFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, journal.ErrNotFound) {
		t.Fatalf("%s: got %v, want %v", what, err, journal.ErrNotFound)
	}
}
