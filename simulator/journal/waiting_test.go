package journal

import (
	"context"
	"testing"
	"time"
)

func TestWaitingOf(t *testing.T) {
	t.Parallel()
	m, ctx := NewMemory(0), context.Background()
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for _, id := range []string{"a", "b"} {
		err := m.Append(ctx, Append{Company: "c", Stream: id, Entries: []Entry{{At: at, Kind: "k"}}, Jobs: []Job{
			{ID: id + "/late", At: at.Add(time.Hour)}, {ID: id + "/soon", At: at.Add(time.Second)}, {ID: id + "/now", At: at},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Claim(ctx, "c", ClaimQuery{Stream: "a", Until: at}); err != nil { // a/now is taken
		t.Fatal(err)
	}
	for stream, want := range map[string]string{"a": "a/soon a/late ", "b": "b/now b/soon b/late ", "nobody": ""} {
		due, err := m.PendingJobsOf(ctx, "c", stream)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, d := range due {
			got += d.ID + " "
		}
		if got != want {
			t.Errorf("of %s waits %s, want %s", stream, got, want)
		}
	}
	if due, err := m.PendingJobsOf(ctx, "no company", "a"); due != nil || err != nil {
		t.Errorf("of no company: %v %v", due, err)
	}
}

// A list that looks at more streams than at once goes on where it was.
func TestListOfMany(t *testing.T) {
	t.Parallel()
	m, ctx := NewMemory(3*atOnce), context.Background()
	for i := range 3*atOnce - 1 {
		value := "common"
		if i%atOnce == 7 {
			value = "rare"
		}
		err := m.Append(ctx, Append{Company: "c", Stream: time.Duration(i).String(), Entries: []Entry{{Kind: "k"}}, Labels: Labels{{Name: "kind", Value: value}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for limit, want := range map[int]int{1: 1, 2: 2, 10: 3} {
		found, err := m.List(ctx, "c", Query{Labels: Labels{{Name: "kind", Value: "rare"}}, Limit: limit})
		if err != nil || len(found) != want || found[0].Ordinal != 2*atOnce+8 {
			t.Errorf("limit %d finds %d: %v", limit, len(found), err)
		}
	}
	if all, err := m.List(ctx, "c", Query{Limit: 4 * atOnce}); err != nil || len(all) != 3*atOnce-1 {
		t.Errorf("all are %d: %v", len(all), err)
	}
	if none, err := m.List(ctx, "c", Query{Labels: Labels{{Name: "kind", Value: "absent"}}}); err != nil || len(none) != 0 {
		t.Errorf("none are %d: %v", len(none), err)
	}
}

// BenchmarkListNothing looks through a full journal for a label that no stream has.
func BenchmarkListNothing(b *testing.B) {
	m, ctx := NewMemory(0), context.Background()
	for i := range DefaultMaxPayments {
		err := m.Append(ctx, Append{Company: "c", Stream: time.Duration(i).String(), Entries: []Entry{{Kind: "k"}}, Labels: Labels{
			{Name: "psp", Value: "PAYONE"}, {Name: "type", Value: "PAYIN"}, {Name: "status", Value: "approved"}, {Name: "userId", Value: "user-1001"},
			{Name: "merchantReference", Value: "order-1001"}, {Name: "currency", Value: "CAD"}, {Name: "amount", Value: "35"}, {Name: "deliveries", Value: "done"},
		}})
		if err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := m.List(ctx, "c", Query{Labels: Labels{{Name: "merchantReference", Value: "nobody"}}, Limit: 50}); err != nil {
			b.Fatal(err)
		}
	}
}
