package journaltest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/journal"
)

// request makes the i-th request of a company: every third is accepted.
func request(company string, i int) journal.Request {
	r := journal.Request{
		Company: company, ID: fmt.Sprintf("%s-%d", company, i), At: noon.Add(time.Duration(i) * time.Second), Status: 400, Stage: "validate",
		Rule: fmt.Sprintf("rule-%d", i%2), Summary: fmt.Appendf(nil, `{"n":%d}`, i), Details: fmt.Appendf(nil, `{"body":"%d"}`, i),
	}
	if i%3 == 0 {
		r.Stage, r.Rule, r.Status, r.Payment = "", "", 200, fmt.Sprint("payment", i)
	}
	return r
}

func requestIDs(found []journal.Request) string {
	var ids []string
	for _, r := range found {
		ids = append(ids, strings.TrimPrefix(r.ID, r.Company+"-"))
	}
	return strings.Join(ids, " ")
}

func keepsRequests(t *testing.T, j journal.Journal) {
	ctx := context.Background()
	changed := j.Changed("c")
	for i := range 7 {
		addRequests(j, request("c", i), request("", i))
	}
	<-changed
	for _, test := range []struct {
		q    journal.RequestQuery
		want string
	}{
		{journal.RequestQuery{}, "6 5 4 3 2 1 0"},
		{journal.RequestQuery{Oldest: true, Limit: 3}, "0 1 2"},
		{journal.RequestQuery{Limit: 2}, "6 5"},
		{journal.RequestQuery{Refused: true}, "5 4 2 1"},
		{journal.RequestQuery{Accepted: true}, "6 3 0"},
		{journal.RequestQuery{Stage: "validate", Rule: "rule-1"}, "5 1"},
		{journal.RequestQuery{Status: 200, Limit: 1}, "6"},
		{journal.RequestQuery{Payment: "payment3"}, "3"},
		{journal.RequestQuery{Rule: "none"}, ""},
		{journal.RequestQuery{Stage: "\x00", Rule: "\xff", Payment: "\x00\xff"}, ""}, // whatever a client asks for
	} {
		same(t, fmt.Sprintf("%+v", test.q), test.want, requestIDs(listRequests(j, "c", test.q)))
		same(t, fmt.Sprintf("%+v of none", test.q), test.want, requestIDs(listRequests(j, "", test.q)))
	}
	all := listRequests(j, "c", journal.RequestQuery{})
	if !slices.IsSortedFunc(all, func(a, b journal.Request) int { return int(b.No) - int(a.No) }) {
		t.Fatalf("numbers: %+v", all)
	}
	same(t, "before one", "2 1 0", requestIDs(listRequests(j, "c", journal.RequestQuery{Before: all[3].No})))
	same(t, "after one", "4 5 6", requestIDs(listRequests(j, "c", journal.RequestQuery{After: all[3].No, Oldest: true})))

	want := request("c", 5)
	got, err := j.Requests().Get(ctx, "c", "c-5")
	want.No = got.No
	want.At = want.At.Truncate(time.Millisecond)
	same(t, fmt.Sprint("one, ", err), want, got)
	want.Details = nil
	same(t, "one in a list", want, all[1])
	for _, wrong := range [][2]string{{"c", "c-9"}, {"d", "c-5"}, {"", "c-5"}, {"c", "\x00\xff"}} {
		notFound(t, fmt.Sprint(wrong))(j.Requests().Get(ctx, wrong[0], wrong[1]))
	}

	changed = j.Changed("c")
	check(j.Requests().Forget(ctx, "c"))
	<-changed
	same(t, "forgotten", "", requestIDs(listRequests(j, "c", journal.RequestQuery{})))
	notFound(t, "one that was forgotten")(j.Requests().Get(ctx, "c", "c-5"))
	same(t, "another's", 7, len(listRequests(j, "", journal.RequestQuery{})))
	addRequests(j, request("c", 1))
	if next := listRequests(j, "c", journal.RequestQuery{}); next[0].No <= all[0].No {
		t.Fatalf("number %d is given again after %d", next[0].No, all[0].No)
	}
	check(j.Check(ctx))
}

// boundsRequests: the oldest go, by count and by bytes, whatever else is kept.
func boundsRequests(t *testing.T, j journal.Journal) {
	addRequests(j, request("other", 0))
	for i := 0; i < 3*MaxRequests; i += 50 {
		var some []journal.Request
		for n := range 50 {
			some = append(some, request("c", i+n))
		}
		addRequests(j, some...)
		if kept := listRequests(j, "c", journal.RequestQuery{Limit: 10 * MaxRequests}); len(kept) > MaxRequests || kept[0].ID != some[49].ID {
			t.Fatalf("%d requests are kept, the newest is %s", len(kept), kept[0].ID)
		}
	}
	if kept := listRequests(j, "c", journal.RequestQuery{Limit: 10 * MaxRequests}); len(kept) < MaxRequests/2 {
		t.Fatalf("only %d requests are kept", len(kept))
	}
	notFound(t, "the oldest")(j.Requests().Get(context.Background(), "c", "c-0"))

	large := make([]byte, MaxRequestBytes/10)
	for i := range 30 {
		r := request("large", i)
		r.Details = large
		addRequests(j, r)
		bytes := 0
		kept := listRequests(j, "large", journal.RequestQuery{Limit: 10 * MaxRequests})
		for range kept {
			bytes += len(large)
		}
		if bytes > MaxRequestBytes || kept[0].ID != r.ID {
			t.Fatalf("%d bytes are kept, the newest is %s", bytes, kept[0].ID)
		}
	}
	same(t, "another's", "0", requestIDs(listRequests(j, "other", journal.RequestQuery{})))
	check(j.Check(context.Background()))
}

// Those who follow by number miss none, however many write.
func keepsRequestsOfMany(t *testing.T, j journal.Journal) {
	const writers, each = 8, 10
	seen, last, changed := map[string]bool{}, uint64(0), j.Changed("c")
	done := make(chan struct{})
	go func() {
		defer close(done)
		together(writers, func(w int) {
			for i := range each {
				r := request("c", w*each+i)
				if err := j.Requests().Add(context.Background(), []journal.Request{r}); err != nil {
					t.Error(err)
				}
			}
		})
	}()
	for ended := false; ; {
		for _, r := range listRequests(j, "c", journal.RequestQuery{After: last, Oldest: true}) {
			seen[r.ID], last = true, r.No
		}
		if ended {
			break
		}
		select {
		case <-changed:
			changed = j.Changed("c")
		case <-done:
			ended = true
		}
	}
	same(t, "seen", writers*each, len(seen))
}
