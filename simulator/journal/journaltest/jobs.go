package journaltest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/simulator/journal"
)

func names(due []journal.Job) string {
	out := make([]string, len(due))
	for i, d := range due {
		out[i] = d.ID
	}
	return strings.Join(out, " ")
}

func due(id string, after time.Duration) journal.Job {
	return journal.Job{ID: id, At: noon.Add(after), Kind: "test", Data: []byte(`{"id":"` + id + `"}`)}
}

// schedule puts jobs of two streams on a journal.
func schedule(j journal.Journal) {
	add(j, journal.Append{Company: "c", Stream: "a", Entries: entries(1, "a"), Jobs: []journal.Job{
		due("a3", 3*time.Second), due("a1", time.Second), due("a2", 2*time.Second),
	}})
	add(j, journal.Append{Company: "c", Stream: "b", Entries: entries(1, "b"), Jobs: []journal.Job{
		due("b2", 2*time.Second), due("b0", 0),
	}})
	add(j, journal.Append{Company: "d", Stream: "x", Entries: entries(1, "x"), Jobs: []journal.Job{due("x0", 0)}})
}

func claimsInOrder(t *testing.T, j journal.Journal) {
	schedule(j)
	same(t, "pending", "b0 a1 a2 b2 a3", pending(j, "c", 9))
	same(t, "the first of it", "b0 a1", pending(j, "c", 2))
	same(t, "nothing is due yet", "", names(claim(j, journal.ClaimQuery{Until: noon.Add(-time.Second), Limit: 9})))
	first := claim(j, journal.ClaimQuery{Until: noon.Add(2 * time.Second), Limit: 3})
	same(t, "by time, then by order", "b0 a1 a2", names(first))
	if d := first[1]; d.Stream != "a" || d.Kind != "test" || string(d.Data) != `{"id":"a1"}` || !d.At.Equal(noon.Add(time.Second)) {
		t.Fatalf("claimed as %+v", d)
	}
	same(t, "what is left", "b2 a3", pending(j, "c", 9))
	same(t, "not again", "b2", names(claim(j, journal.ClaimQuery{Until: noon.Add(2 * time.Second), Limit: 9})))
	same(t, "one, when no limit is set", "a3", names(claim(j, journal.ClaimQuery{Until: noon.Add(time.Hour)})))
	same(t, "the other company's", "x0", pending(j, "d", 9))
	same(t, "an unknown company's", "", pending(j, "none", 9))
	same(t, "claimed jobs count until they are completed", 5, must(j.Stats(context.Background(), "c")).Jobs)
}

// A job of a time that nanoseconds can't count waits for it, after all that can be counted.
func claimsFarJobsLast(t *testing.T, j journal.Journal) {
	far, near := due("far", 0), due("near", time.Hour)
	far.At = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	add(j, journal.Append{Company: "c", Stream: "s", Entries: entries(1, "a"), Jobs: []journal.Job{far, near}})
	same(t, "pending", "near far", pending(j, "c", 9))
	same(t, "due in a year", "near", names(claim(j, journal.ClaimQuery{Until: noon.AddDate(1, 0, 0), Limit: 9})))
	same(t, "due in two hundred years", "", names(claim(j, journal.ClaimQuery{Until: noon.AddDate(200, 0, 0), Limit: 9})))
}

func claimsSome(t *testing.T, j journal.Journal) {
	schedule(j)
	late := noon.Add(time.Hour)
	first := claim(j, journal.ClaimQuery{Until: late, Limit: 1, Stream: "b"})
	same(t, "of one stream", "b0", names(first))
	same(t, "of a stream that isn't there", "", names(claim(j, journal.ClaimQuery{Until: late, Limit: 1, Stream: "none"})))
	skip := func(stream string) bool { return stream == "a" }
	same(t, "of all but one", "b2", names(claim(j, journal.ClaimQuery{Until: late, Limit: 9, Skip: skip})))
	same(t, "what was skipped is pending", "a1 a2 a3", pending(j, "c", 9))
	check(j.Release(context.Background(), "c", first[0], journal.Job{ID: "unknown", Seq: 99}, journal.Job{ID: "b2", Seq: 99}))
	same(t, "what was released is pending", "b0 a1 a2 a3", pending(j, "c", 9))
	same(t, "and is claimed again", "b0", names(claim(j, journal.ClaimQuery{Until: noon})))
}

func pendingJobsOfStream(t *testing.T, j journal.Journal) {
	schedule(j)
	claim(j, journal.ClaimQuery{Stream: "a", Until: noon.Add(time.Second)}) // a1
	for _, c := range []struct {
		company string
		q       journal.JobQuery
		want    string
	}{
		{"c", journal.JobQuery{Stream: "a"}, "a2 a3"},
		{"c", journal.JobQuery{Stream: "a", Limit: 1}, "a2"},
		{"c", journal.JobQuery{Stream: "b", Limit: 9}, "b0 b2"},
		{"c", journal.JobQuery{Stream: "none"}, ""},
		{"d", journal.JobQuery{Stream: "a"}, ""},
		{"none", journal.JobQuery{Stream: "a"}, ""},
		{"c", journal.JobQuery{}, "b0 a2 b2 a3"},
	} {
		got := must(j.Jobs(context.Background(), c.company, c.q))
		same(t, fmt.Sprintf("%s %+v", c.company, c.q), c.want, names(got))
	}
}

func completesJobs(t *testing.T, j journal.Journal) {
	schedule(j)
	late := noon.Add(time.Hour)
	claimed := claim(j, journal.ClaimQuery{Until: late, Limit: 2}) // b0 a1
	same(t, "claimed", "b0 a1", names(claimed))
	add(j, journal.Append{
		Company: "c", Stream: "a", Seen: 1, Entries: entries(1, "a"), Completed: []string{"a1", "a3", "unknown"},
		Jobs: []journal.Job{due("a2", time.Minute), due("a9", -time.Minute)},
	})
	same(t, "completed, put off, and new", "a9 b2 a2", pending(j, "c", 9))
	check(j.Release(context.Background(), "c", claimed[1]))
	same(t, "what is completed does not come back", "a9 b2 a2", pending(j, "c", 9))
	refuse(t, j, journal.Append{
		Company: "c", Stream: "a", Seen: 1, Completed: []string{"a9"}, Jobs: []journal.Job{due("a10", 0)},
	}, journal.ErrConflict)
	same(t, "an append that fails completes nothing", "a9 b2 a2", pending(j, "c", 9))
	check(j.Forget(context.Background(), "c"))
	same(t, "forgotten", "", pending(j, "c", 9))
}

// A claim of before everything was forgotten carries out no job of the same stream, name and number that came after it.
func carriesOutNothingOfLater(t *testing.T, j journal.Journal) {
	begin := func(after time.Duration) {
		add(j, journal.Append{Company: "c", Stream: "a", Entries: entries(1, "a"), Jobs: []journal.Job{due("a1", after)}})
	}
	begin(0)
	claimed := claim(j, journal.ClaimQuery{Until: noon, Limit: 9})
	same(t, "claimed", "a1", names(claimed))
	check(j.Forget(context.Background(), "c"))
	begin(time.Millisecond)
	refuse(t, j, journal.Append{Company: "c", Stream: "a", Seen: 1, Entries: entries(1, "a"), Done: claimed}, journal.ErrLost)
	same(t, "the later one", "a1", pending(j, "c", 9))
}

// A job is carried out once: whoever has it in hand, whether its claim has lapsed, and whatever job has its name by now.
func carriesOutOnce(t *testing.T, j journal.Journal) {
	schedule(j)
	claimed := claim(j, journal.ClaimQuery{Until: noon.Add(time.Second), Limit: 9}) // b0 a1
	add(j, journal.Append{Company: "c", Stream: "a", Seen: 1, Entries: entries(1, "a"), Done: claimed[1:], Jobs: []journal.Job{due("a1", time.Hour)}})
	again := journal.Append{Company: "c", Stream: "a", Seen: 2, Entries: entries(1, "a"), Done: claimed[1:]}
	refuse(t, j, again, journal.ErrLost)
	check(j.Release(context.Background(), "c", claimed...))
	same(t, "what is left, and the new one of the name", "b0 a2 b2 a3 a1", pending(j, "c", 9))
	same(t, "lost when jobs that are not claimed are renewed", "b0 a1", names(must(j.Renew(context.Background(), "c", claimed...))))
	add(j, journal.Append{Company: "c", Stream: "b", Seen: 1, Entries: entries(1, "b"), Done: claimed[:1]}) // nobody else has it
	claimed = claim(j, journal.ClaimQuery{Until: noon.Add(time.Hour), Stream: "a", Limit: 9})
	same(t, "claimed", "a2 a3 a1", names(claimed))
	refuse(t, j, again, journal.ErrLost)
	same(t, "lost", "", names(must(j.Renew(context.Background(), "c", claimed...))))
	all := must(j.Jobs(context.Background(), "c", journal.JobQuery{Claimed: true}))
	same(t, "claimed and pending", "a2 b2 a3 a1", names(all))
	for _, d := range all {
		if claimed := d.ID != "b2"; claimed != (d.Holder == journal.ThisProcess()) || claimed != (d.Holder != "") {
			t.Errorf("%s is held by %q", d.ID, d.Holder)
		}
	}
	stats := must(j.Stats(context.Background(), "c"))
	same(t, "jobs, claimed, done", [3]int{4, 3, 2}, [3]int{stats.Jobs, stats.Claimed, int(stats.Done)})
}

// A job is claimed once, however many ask for it.
func claimsOnce(t *testing.T, j journal.Journal) {
	const streams, each = 20, 5
	for i := range streams {
		a := journal.Append{Company: "c", Stream: fmt.Sprint(i), Entries: entries(1, "a")}
		for n := range each {
			a.Jobs = append(a.Jobs, due(fmt.Sprintf("%d/%d", i, n), time.Duration(n)*time.Second))
		}
		add(j, a)
	}
	var mu sync.Mutex
	seen := map[string]int{}
	together(8, func(int) {
		for {
			got, err := j.Claim(context.Background(), "c", journal.ClaimQuery{Until: noon.Add(time.Hour), Limit: 3})
			if err != nil {
				t.Error(err)
			}
			if len(got) == 0 {
				return
			}
			mu.Lock()
			for _, d := range got {
				seen[d.ID]++
			}
			mu.Unlock()
		}
	})
	same(t, "jobs", streams*each, len(seen))
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
}
