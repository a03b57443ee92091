package query

import (
	"context"
	"fmt"
	"slices"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/condition"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// The bounds of near misses: how many are compared closely, and how many are returned.
const (
	maxCompared   = 50
	maxNearMisses = 5
)

// Expectation is what is asserted of the payments that came in.
type Expectation struct {
	PSP, Type, Status string
	When              *condition.Condition // over {payment, delivery}, or over {call}
	AtLeast, AtMost   int                  // AtMost < 0 = any number
	Order             []*condition.Condition
}

// readsRequests says whether it is about calls, and not about payments.
func (e *Expectation) readsRequests() bool {
	return ReadsRequests(e.When) || slices.ContainsFunc(e.Order, ReadsRequests)
}

// Verify compares the payments that came in with what was expected. When it fails, it names the payments that came nearest, and
// what they miss. A condition that compares what can't be compared is *openapi.Invalid.
func (q *Queries) Verify(ctx context.Context, company string, e Expectation) (adminapi.VerifyResult, error) {
	if e.readsRequests() {
		return q.verifyRequests(ctx, company, e)
	}
	v := verification{queries: q, company: company, expected: e}
	err := q.eachStream(ctx, company, func(st journal.Stream) (bool, error) { return true, v.compare(ctx, st) })
	if err != nil {
		return adminapi.VerifyResult{}, err
	}
	slices.Reverse(v.found) // oldest first
	result := adminapi.VerifyResult{Found: len(v.found), NearMisses: []adminapi.NearMiss{}}
	enough, counted := e.count(len(v.found), "payment", "payments")
	ordered, missing := true, ""
	if enough {
		if ordered, missing, err = inOrder(v.expected.Order, v.found, "payment", func(c *condition.Condition, p *payment.Payment) (id string, met bool, err error) {
			_, met, err = meets(c, p)
			return p.ID, met, err
		}); err != nil {
			return adminapi.VerifyResult{}, err
		}
	}
	result.Passed, result.Description = enough && ordered, counted
	if !ordered {
		result.Description = missing
	}
	if len(v.found) < e.AtLeast {
		result.NearMisses, err = v.nearest(ctx)
	}
	return result, err
}

// verification is one Verify.
type verification struct {
	queries    *Queries
	company    string
	expected   Expectation
	found      []*payment.Payment
	candidates []candidate
}

// candidate is a payment that misses something; what its labels miss is known before it is folded.
type candidate struct {
	id     string
	misses []string
}

// compare sorts a payment: found, or a candidate, as long as few candidates miss less.
func (v *verification) compare(ctx context.Context, st journal.Stream) error {
	var misses []string
	for _, want := range []struct{ label, value string }{
		{"psp", v.expected.PSP}, {"type", v.expected.Type}, {"status", v.expected.Status},
	} {
		if got := st.Labels.Get(want.label); want.value != "" && got != want.value {
			misses = append(misses, fmt.Sprintf("%s is %s, not %s", want.label, got, want.value))
		}
	}
	if misses == nil {
		p, err := v.queries.payments.Read(ctx, v.company, st.ID)
		if err != nil {
			return err
		}
		miss, err := v.missesWhen(&p)
		if err != nil {
			return err
		}
		if miss == "" {
			v.found = append(v.found, &p)
			return nil
		}
		misses = []string{miss}
	}
	at := slices.IndexFunc(v.candidates, func(n candidate) bool { return len(n.misses) > len(misses) })
	if at < 0 {
		at = len(v.candidates)
	}
	if at < maxCompared {
		v.candidates = slices.Insert(v.candidates, at, candidate{st.ID, misses})
		v.candidates = v.candidates[:min(len(v.candidates), maxCompared)]
	}
	return nil
}

// missesWhen says why a payment does not meet `when`; "" when it does.
func (v *verification) missesWhen(p *payment.Payment) (string, error) {
	if v.expected.When == nil {
		return "", nil
	}
	_, holds, err := meets(v.expected.When, p)
	if err != nil || holds {
		return "", err
	}
	views, err := viewsOf(v.expected.When, p)
	if err != nil {
		return "", err
	}
	if len(views) == 0 {
		return "when is not met: the payment has no delivery", nil
	}
	return "when is not met: " + views[0].describe(v.expected.When), nil
}

// nearest completes the misses of the nearest, and returns those with the fewest, newest first.
func (v *verification) nearest(ctx context.Context) ([]adminapi.NearMiss, error) {
	out := []adminapi.NearMiss{}
	for _, n := range v.candidates {
		p, err := v.queries.payments.Read(ctx, v.company, n.id)
		if err != nil {
			return nil, err
		}
		miss, err := v.missesWhen(&p)
		if err != nil {
			return nil, err
		}
		if miss != "" && !slices.Contains(n.misses, miss) {
			n.misses = append(n.misses, miss)
		}
		out = append(out, adminapi.NearMiss{Payment: n.id, Misses: n.misses})
	}
	slices.SortStableFunc(out, func(a, b adminapi.NearMiss) int { return len(a.Misses) - len(b.Misses) })
	return out[:min(len(out), maxNearMisses)], nil
}

// count says whether so many are enough, and not too many.
func (e *Expectation) count(n int, one, many string) (enough bool, description string) {
	description = fmt.Sprintf("%d %s match", n, many)
	if n == 1 {
		description = "1 " + one + " matches"
	}
	switch least, most := e.AtLeast, e.AtMost; {
	case n >= least && (most < 0 || n <= most):
		return true, description
	case least == most:
		return false, fmt.Sprintf("%s, expected were %d", description, least)
	case n < least:
		return false, fmt.Sprintf("%s, expected were at least %d", description, least)
	default:
		return false, fmt.Sprintf("%s, expected were at most %d", description, most)
	}
}

// inOrder looks for the conditions of `order` among what was found, oldest first; others may come between. missing says which one
// nothing meets.
func inOrder[T any](
	order []*condition.Condition, found []T, what string, meets func(*condition.Condition, T) (id string, met bool, err error),
) (ok bool, missing string, err error) {
	last := "nothing"
	for i, c := range order {
		met := false
		for n := 0; n < len(found) && !met; n++ {
			var id string
			if id, met, err = meets(c, found[n]); err != nil {
				return false, "", err
			}
			if met {
				last, found = "nothing after "+what+" "+id, found[n+1:]
			}
		}
		if !met {
			return false, fmt.Sprintf("order.%d: %s meets %s", i, last, c), nil
		}
	}
	return true, "", nil
}
