package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/condition"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/words"
)

// The bounds of near misses: how many are compared closely, and how many are returned.
const (
	maxCompared   = 50
	maxNearMisses = 5
)

// Verify compares the payments or calls that came in with what was expected. When too few match, it names those that came nearest, and
// what they miss. An expectation that makes no sense, or a condition that compares what can't be compared, is *openapi.Invalid.
func (q *Queries) Verify(ctx context.Context, company string, e adminapi.Expectation) (result adminapi.VerifyResult, err error) {
	v, err := newVerification(q.contract, e)
	if err != nil {
		return result, err
	}
	calls, what := readsCalls(v.when) || slices.ContainsFunc(v.order, readsCalls), "payment"
	if calls {
		what = "call"
	}
	if err = q.each(ctx, company, calls, func(one *subject) (bool, error) { return true, v.compare(ctx, one) }); err != nil {
		return result, err
	}
	slices.Reverse(v.found) // oldest first
	result.Found, result.NearMisses = len(v.found), []adminapi.NearMiss{}
	if result.Passed, result.Description = v.count(len(v.found), what); result.Passed {
		var missing string
		if result.Passed, missing, err = v.inOrder(ctx, what); err != nil {
			return adminapi.VerifyResult{}, err
		}
		result.Description = cmp.Or(missing, result.Description)
	}
	if len(v.found) < v.atLeast {
		result.NearMisses, err = v.nearest(ctx)
	}
	return result, err
}

// verification is one Verify.
type verification struct {
	expected        adminapi.Expectation
	when            *condition.Condition // over {payment, delivery}, or over {call}; nil = all
	order           []*condition.Condition
	atLeast, atMost int // atMost < 0 = any number
	found           []*subject
	misses          []miss // those with the fewest, newest first
}

// newVerification compiles what is expected.
func newVerification(contract *openapi.Contract, e adminapi.Expectation) (v *verification, err error) {
	v = &verification{expected: e, atLeast: 1, atMost: -1}
	if e.When != "" {
		if v.when, err = compile(contract, "received.when", e.When); err != nil {
			return nil, err
		}
	}
	for _, source := range e.Order {
		one, err := compile(contract, "received.order", source)
		if err != nil {
			return nil, err
		}
		v.order = append(v.order, one)
	}
	about := slices.Concat(v.order, []*condition.Condition{v.when})
	if slices.ContainsFunc(about, readsCalls) {
		if e.Status != "" || slices.ContainsFunc(about, func(c *condition.Condition) bool { return c != nil && !readsCalls(c) }) {
			return nil, openapi.InvalidAt("received", "must be about payments or about calls, not both: with call in a condition, status must not be set and every condition must read call")
		}
	}
	if e.Count == nil {
		return v, nil
	}
	v.atLeast = e.Count.AtLeast
	if e.Count.AtMost != nil {
		if v.atMost = *e.Count.AtMost; v.atMost < v.atLeast {
			return nil, openapi.InvalidAt("received.count.atMost", "must be at least atLeast")
		}
	}
	return v, nil
}

// miss is a payment or call that misses something; what its labels miss is known before a payment is folded.
type miss struct {
	by     *subject
	misses []string
}

// compare sorts a payment or call: found, or among those that miss something, as long as few miss less.
func (v *verification) compare(ctx context.Context, one *subject) error {
	var misses []string
	for _, want := range []struct{ label, value string }{
		{"psp", v.expected.PSP}, {"type", v.expected.Type}, {"status", v.expected.Status},
	} {
		if got := one.label(want.label); want.value != "" && got != want.value {
			misses = append(misses, fmt.Sprintf("%s is %s, not %s", want.label, got, want.value))
		}
	}
	if misses == nil {
		when, err := v.missesWhen(ctx, one)
		if err != nil {
			return err
		}
		if when == "" {
			v.found = append(v.found, one)
			return nil
		}
		misses = []string{when}
	}
	at := slices.IndexFunc(v.misses, func(m miss) bool { return len(m.misses) > len(misses) })
	if at < 0 {
		at = len(v.misses)
	}
	if at < maxCompared {
		v.misses = slices.Insert(v.misses, at, miss{one, misses})
		v.misses = v.misses[:min(len(v.misses), maxCompared)]
	}
	return nil
}

// missesWhen says why a payment or call does not meet `when`; "" when it does.
func (v *verification) missesWhen(ctx context.Context, one *subject) (string, error) {
	if v.when == nil {
		return "", nil
	}
	met, views, err := one.meets(ctx, v.when)
	switch {
	case err != nil || met != nil:
		return "", err
	case len(views) == 0:
		return "when is not met: the payment has no delivery", nil
	}
	return "when is not met: " + views[0].describe(v.when), nil
}

// nearest completes the misses of the nearest, and returns those with the fewest, newest first.
func (v *verification) nearest(ctx context.Context) ([]adminapi.NearMiss, error) {
	out := []adminapi.NearMiss{}
	for _, m := range v.misses {
		when, err := v.missesWhen(ctx, m.by)
		if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime
			continue
		}
		if err != nil {
			return nil, err
		}
		if when != "" && !slices.Contains(m.misses, when) {
			m.misses = append(m.misses, when)
		}
		name := m.by.name()
		out = append(out, adminapi.NearMiss{Payment: name.Payment, Request: name.Request, Misses: m.misses})
	}
	slices.SortStableFunc(out, func(a, b adminapi.NearMiss) int { return len(a.Misses) - len(b.Misses) })
	return out[:min(len(out), maxNearMisses)], nil
}

// inOrder looks for the conditions of `order` among what was found, oldest first; others may come between. missing says which one
// nothing meets.
func (v *verification) inOrder(ctx context.Context, what string) (ok bool, missing string, err error) {
	last, left := "nothing", v.found
	for i, c := range v.order {
		met := false
		for n := 0; n < len(left) && !met; n++ {
			by, _, err := left[n].meets(ctx, c)
			if err != nil && !errors.Is(err, journal.ErrNotFound) { // which was dropped in the meantime
				return false, "", err
			}
			if met = by != nil; met {
				name := left[n].name()
				last, left = "nothing after "+what+" "+cmp.Or(name.Request, name.Payment), left[n+1:]
			}
		}
		if !met {
			return false, fmt.Sprintf("order.%d: %s meets %s", i, last, c), nil
		}
	}
	return true, "", nil
}

// count says whether so many are enough, and not too many.
func (v *verification) count(n int, what string) (enough bool, description string) {
	description = words.Count(n, what+" matches", what+"s match")
	switch least, most := v.atLeast, v.atMost; {
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
