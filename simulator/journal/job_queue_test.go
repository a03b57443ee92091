package journal

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The queue does what a sorted list would do: whatever is added, replaced, removed, taken, put back or dropped.
func TestAgendaIsASortedList(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		a := newJobQueue()
		streams := []*streamJobs{{id: "a"}, {id: "b"}, {id: "c"}}
		waiting, taken, seq := []Job{}, []Job{}, uint64(0)
		machine, leases := noon, map[uint64]time.Time{}
		draw := func() (st *streamJobs, id string) {
			st = rapid.SampledFrom(streams).Draw(t, "stream")
			return st, fmt.Sprint(st.id, rapid.IntRange(0, 5).Draw(t, "id"))
		}
		due := func(until time.Time, limit int, fits func(Job) bool) (out []Job) {
			slices.SortFunc(waiting, func(x, y Job) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Seq, y.Seq)) })
			for _, d := range waiting {
				if len(out) < limit && !d.At.After(until) && fits(d) {
					out = append(out, d)
				}
			}
			return out
		}
		took := func(got, want []Job) {
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("took %v, want %v", got, want)
			}
			for _, d := range want {
				waiting = slices.DeleteFunc(waiting, func(o Job) bool { return o.ID == d.ID })
				taken = append(taken, d)
				leases[d.Seq] = machine.Add(Lease)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				st, id := draw()
				d := Job{ID: id, At: noon.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "at")) * time.Second)}
				a.add(st, d)
				seq++
				d.Seq, d.Stream = seq, st.id
				same := func(o Job) bool { return o.ID == id }
				waiting, taken = append(slices.DeleteFunc(waiting, same), d), slices.DeleteFunc(taken, same)
			},
			"remove": func(*rapid.T) {
				st, id := draw()
				a.remove(st, id)
				same := func(o Job) bool { return o.ID == id }
				waiting, taken = slices.DeleteFunc(waiting, same), slices.DeleteFunc(taken, same)
			},
			"drop stream": func(*rapid.T) {
				st, _ := draw()
				a.removeAll(st)
				of := func(o Job) bool { return o.Stream == st.id }
				waiting, taken = slices.DeleteFunc(waiting, of), slices.DeleteFunc(taken, of)
			},
			"take": func(t *rapid.T) {
				until, limit := noon.Add(time.Duration(rapid.IntRange(0, 25).Draw(t, "until"))*time.Second), rapid.IntRange(1, 4).Draw(t, "limit")
				skip := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "skip")
				took(a.claim(ClaimQuery{Until: until, Limit: limit, Skip: func(s string) bool { return s == skip }}, nil, machine.Add(Lease)),
					due(until, limit, func(d Job) bool { return d.Stream != skip }))
			},
			"take of": func(t *rapid.T) {
				st, _ := draw()
				until := noon.Add(time.Duration(rapid.IntRange(0, 25).Draw(t, "until")) * time.Second)
				took(a.claim(ClaimQuery{Until: until, Limit: 2, Stream: st.id}, st, machine.Add(Lease)), due(until, 2, func(d Job) bool { return d.Stream == st.id }))
			},
			"put back": func(*rapid.T) {
				_, id := draw()
				for _, d := range taken {
					a.release(Job{ID: id, Seq: d.Seq + 1}) // an earlier or later one of its name
					if d.ID == id {
						a.release(d)
						waiting = append(waiting, d)
					}
				}
				taken = slices.DeleteFunc(taken, func(o Job) bool { return o.ID == id })
			},
			"renew": func(t *rapid.T) {
				for _, d := range taken {
					if rapid.Bool().Draw(t, "renewed") {
						leases[d.Seq] = machine.Add(Lease)
						if !a.renew(d, leases[d.Seq]) {
							t.Fatalf("%s is not claimed", d.ID)
						}
					}
				}
				for _, d := range waiting {
					if a.renew(d, machine.Add(Lease)) {
						t.Fatalf("%s is pending, its lease was renewed", d.ID)
					}
				}
			},
			"time passes": func(t *rapid.T) {
				machine = machine.Add(time.Duration(rapid.IntRange(0, 15).Draw(t, "seconds")) * time.Second)
				a.lapse(machine)
				lapsed := func(d Job) bool { return machine.After(leases[d.Seq]) }
				for _, d := range taken {
					if lapsed(d) {
						waiting = append(waiting, d)
					}
				}
				taken = slices.DeleteFunc(taken, lapsed)
			},
			"": func(t *rapid.T) {
				far := noon.Add(time.Hour)
				for _, limit := range []int{1, 3} {
					if got, want := a.next(JobQuery{Limit: limit}), due(far, limit, func(Job) bool { return true }); fmt.Sprint(got) != fmt.Sprint(want) {
						t.Fatalf("next %v, want %v", got, want)
					}
				}
				if got, want := a.next(JobQuery{Claimed: true, Limit: 3}), a.next(JobQuery{Claimed: true}); fmt.Sprint(got) != fmt.Sprint(want[:min(3, len(want))]) {
					t.Fatalf("the first three, claimed or not, are %v of %v", got, want)
				}
				if got := a.next(JobQuery{Claimed: true}); len(got) != a.size() {
					t.Fatalf("%d jobs are listed, there are %d", len(got), a.size())
				}
				if a.size() != len(waiting)+len(taken) || len(a.all()) != a.size() {
					t.Fatalf("size %d, everything %d, want %d", a.size(), len(a.all()), len(waiting)+len(taken))
				}
			},
		})
	})
}

// Nothing is left of jobs that are gone: a clock that never moves doesn't make the queue grow.
func TestAgendaStaysSmall(t *testing.T) {
	t.Parallel()
	a := newJobQueue()
	for i := range 10_000 {
		st := &streamJobs{id: fmt.Sprint(i)}
		a.add(st, Job{ID: st.id, At: time.Unix(int64(i), 0)})
		a.removeAll(st)
	}
	if a.pending.Len() != 0 || a.size() != 0 {
		t.Errorf("%d places for %d jobs", a.pending.Len(), a.size())
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	exact := time.Date(2026, 6, 1, 12, 0, 0, 123456789, time.UTC)
	if got := FromInstant(Instant(exact)); !got.Equal(exact) {
		t.Errorf("%s became %s", exact, got)
	}
	for at, want := range map[time.Time]int64{
		{}: math.MinInt64, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC): math.MaxInt64,
		time.Date(1677, 12, 31, 23, 59, 59, 0, time.UTC): math.MinInt64, time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC): math.MaxInt64,
		time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC): -9_214_560_000e9, time.Date(2261, 12, 31, 23, 59, 59, 0, time.UTC): 9_214_646_399e9,
	} {
		if got := Instant(at); got != want {
			t.Errorf("%s is %d, want %d", at, got, want)
		}
	}
}
