package postgres

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mozartosim/simulator/journal"
)

// What is packed is unpacked as it was: times to the millisecond, all else to the byte.
func TestPackedAndUnpacked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOf(rapid.Custom(func(t *rapid.T) journal.Entry {
			return journal.Entry{
				At:   time.UnixMilli(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "at")).UTC(),
				Kind: rapid.String().Draw(t, "kind"), Data: append([]byte{}, rapid.SliceOf(rapid.Byte()).Draw(t, "data")...),
			}
		})).Draw(t, "entries")
		got, err := unpackEntries(nil, 7, len(entries), packEntries(entries))
		for i := range entries {
			entries[i].Seq = uint64(7 + i)
		}
		if err != nil || len(entries) > 0 && cmp.Diff(entries, got) != "" {
			t.Fatalf("%v, %s", err, cmp.Diff(entries, got))
		}
		labels := rapid.SliceOf(rapid.Custom(func(t *rapid.T) journal.Label {
			return journal.Label{Name: rapid.String().Draw(t, "name"), Value: rapid.String().Draw(t, "value")}
		})).Draw(t, "labels")
		back, err := unpackLabels(packLabels(labels))
		if err != nil || len(labels) > 0 && cmp.Diff(journal.Labels(labels), back) != "" {
			t.Fatalf("%v, %s", err, cmp.Diff(journal.Labels(labels), back))
		}
	})
}

// Bytes that are not ours are an error, never a panic or something made up.
func FuzzUnpack(f *testing.F) {
	f.Add(packEntries([]journal.Entry{{At: time.UnixMilli(1), Kind: "k", Data: []byte("data")}}), 1)
	f.Add([]byte{}, 1)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 2)
	f.Add([]byte{2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, 1)
	f.Fuzz(func(t *testing.T, packed []byte, n int) {
		entries, err := unpackEntries(nil, 1, min(max(n, 0), 100), packed)
		if err == nil && n > 0 && n <= 100 && len(entries) != n {
			t.Errorf("%d entries of %d", len(entries), n)
		}
		if labels, err := unpackLabels(packed); err == nil {
			if again, err := unpackLabels(packLabels(labels)); err != nil || len(labels) != len(again) {
				t.Errorf("labels %q became %q, %v", labels, again, err)
			}
		}
	})
}

func TestInstant(t *testing.T) {
	t.Parallel()
	exact := time.Date(2026, 6, 1, 12, 0, 0, 123456789, time.UTC)
	if got := fromInstant(instant(exact)); !got.Equal(exact) {
		t.Errorf("%s became %s", exact, got)
	}
	for at, want := range map[time.Time]int64{{}: math.MinInt64, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC): math.MaxInt64} {
		if got := instant(at); got != want {
			t.Errorf("%s is %d, want %d", at, got, want)
		}
	}
}
