package journal

import (
	"context"
	"testing"
	"time"
)

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
