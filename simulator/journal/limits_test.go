package journal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// limited is a journal with limits, and what it has said that it dropped.
func limited(l Limits) (m *Memory, dropped *[]Drop) {
	dropped = &[]Drop{}
	l.Dropped = func(d Drop) { *dropped = append(*dropped, d) }
	return NewMemoryWith(l), dropped
}

// fill begins a stream with an entry of a thousand bytes and so many jobs: about 1,600 bytes in all, and 230 for each job.
func fill(t *testing.T, m *Memory, company, id string, final bool, jobs int) {
	t.Helper()
	a := Append{Company: company, Stream: id, Final: final, Entries: []Entry{{Kind: "test", Data: []byte(strings.Repeat("x", 1000))}}}
	for i := range jobs {
		a.Jobs = append(a.Jobs, Job{ID: fmt.Sprint(id, i), At: time.Unix(0, 0)})
	}
	if err := m.Append(context.Background(), a); err != nil {
		t.Fatal(err)
	}
}

// Bytes are a limit as payments are, and what it drops is told with its jobs.
func TestMemoryBoundsBytes(t *testing.T) {
	t.Parallel()
	m, dropped := limited(Limits{Bytes: 7000})
	for _, id := range []string{"1", "2", "3"} {
		fill(t, m, "c", id, false, 2)
	}
	fill(t, m, "c", "4", false, 0)
	if want := []Drop{{"c", "max-bytes", 1, 2}}; !slices.Equal(*dropped, want) {
		t.Errorf("dropped %+v, want %+v", *dropped, want)
	}
	if got := kept(t, m); !slices.Equal(got, []string{"4", "3", "2"}) {
		t.Errorf("kept %v", got)
	}
	// One that is larger than the limit takes the place of all others, and stays.
	if err := m.Append(context.Background(), Append{Company: "c", Stream: "5", Entries: []Entry{{Data: make([]byte, 9000)}}}); err != nil {
		t.Fatal(err)
	}
	if got := kept(t, m); !slices.Equal(got, []string{"5"}) {
		t.Errorf("kept %v", got)
	}
}

// A final stream with jobs stays as long as one that is not final: it isn't over before they are.
func TestMemoryDropsThoseWithoutJobsFirst(t *testing.T) {
	t.Parallel()
	m, dropped := limited(Limits{Payments: 3})
	fill(t, m, "c", "open", false, 0)
	fill(t, m, "c", "undelivered", true, 1)
	fill(t, m, "c", "delivered", true, 0)
	fill(t, m, "c", "new", false, 0)
	if got := kept(t, m); !slices.Equal(got, []string{"new", "undelivered", "open"}) {
		t.Errorf("kept %v, dropped %+v", got, *dropped)
	}
	done := Append{Company: "c", Stream: "undelivered", Seen: 1, Completed: []string{"undelivered0"}, Final: true}
	if err := m.Append(context.Background(), done); err != nil {
		t.Fatal(err)
	}
	fill(t, m, "c", "newer", false, 0)
	if got := kept(t, m); !slices.Equal(got, []string{"newer", "new", "open"}) {
		t.Errorf("kept %v", got)
	}
}

// The limits of all companies together drop from the largest one.
func TestMemoryBoundsAllCompanies(t *testing.T) {
	t.Parallel()
	for limit, l := range map[string]Limits{"max-total-payments": {TotalPayments: 5}, "max-total-bytes": {TotalBytes: 9500}} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			m, dropped := limited(l)
			for i := range 4 {
				fill(t, m, "large", fmt.Sprint(i), false, 1)
			}
			fill(t, m, "small", "1", false, 0)
			fill(t, m, "small", "2", false, 0)
			if want := []Drop{{"large", limit, 1, 1}}; !slices.Equal(*dropped, want) {
				t.Errorf("dropped %+v, want %+v", *dropped, want)
			}
			if err := m.Forget(context.Background(), "large"); err != nil {
				t.Fatal(err)
			}
			for i := range 3 { // there is room again
				fill(t, m, "small", fmt.Sprint("more ", i), false, 0)
			}
			if stats, err := m.Stats(context.Background(), ""); err != nil || stats.Streams != 5 || len(*dropped) != 1 {
				t.Errorf("%+v, dropped %+v, %v", stats, *dropped, err)
			}
		})
	}
}
