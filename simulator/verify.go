package simulator

import (
	"context"
	"fmt"
	"slices"

	"mozartosim/simulator/control"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// The bounds of near misses: how many are looked at closely, and how many are told.
const (
	mostNear = 50
	mostTold = 5
)

// Verify holds the payments that came in against what was expected of them. When it fails, it names the payments that came
// nearest, and what they miss. A condition that compares what can't be compared is *openapi.Invalid.
func (s *Simulator) Verify(ctx context.Context, company string, e control.Expectation) (control.VerifyResult, error) {
	v := verification{simulator: s, company: company, expected: e}
	err := s.eachStream(ctx, company, func(st journal.Stream) (bool, error) { return true, v.weigh(ctx, st) })
	if err != nil {
		return control.VerifyResult{}, err
	}
	slices.Reverse(v.found) // oldest first
	verdict := control.VerifyResult{Found: len(v.found), NearMisses: []control.NearMiss{}}
	enough, counted := v.count()
	ordered, inOrder := true, ""
	if enough {
		if ordered, inOrder, err = v.inOrder(); err != nil {
			return control.VerifyResult{}, err
		}
	}
	verdict.Passed, verdict.Description = enough && ordered, counted
	if !ordered {
		verdict.Description = inOrder
	}
	if len(v.found) < e.AtLeast {
		verdict.NearMisses, err = v.nearest(ctx)
	}
	return verdict, err
}

// verification is one Verify.
type verification struct {
	simulator *Simulator
	company   string
	expected  control.Expectation
	found     []*payment.Payment
	near      []near
}

// near is a payment that misses something; what its labels miss is known before it is folded.
type near struct {
	id     string
	misses []string
}

// weigh sorts a payment: found, or near, as long as few are nearer.
func (v *verification) weigh(ctx context.Context, st journal.Stream) error {
	var misses []string
	for _, want := range []struct{ label, value string }{
		{"psp", v.expected.PSP}, {"type", v.expected.Type}, {"status", v.expected.Status},
	} {
		if got := st.Labels.Get(want.label); want.value != "" && got != want.value {
			misses = append(misses, fmt.Sprintf("%s is %s, not %s", want.label, got, want.value))
		}
	}
	if misses == nil {
		p, err := v.simulator.payment(ctx, v.company, st.ID)
		if err != nil {
			return fmt.Errorf("payment %s: %w", st.ID, err)
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
	at := slices.IndexFunc(v.near, func(n near) bool { return len(n.misses) > len(misses) })
	if at < 0 {
		at = len(v.near)
	}
	if at < mostNear {
		v.near = slices.Insert(v.near, at, near{st.ID, misses})
		v.near = v.near[:min(len(v.near), mostNear)]
	}
	return nil
}

// missesWhen says why `when` does not hold for a payment; "" when it does.
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
		return "when does not hold: the payment has no delivery", nil
	}
	return "when does not hold: " + views[0].says(v.expected.When), nil
}

// nearest completes the misses of the nearest, and returns those with the fewest, newest first.
func (v *verification) nearest(ctx context.Context) ([]control.NearMiss, error) {
	out := []control.NearMiss{}
	for _, n := range v.near {
		p, err := v.simulator.payment(ctx, v.company, n.id)
		if err != nil {
			return nil, fmt.Errorf("payment %s: %w", n.id, err)
		}
		miss, err := v.missesWhen(&p)
		if err != nil {
			return nil, err
		}
		if miss != "" && !slices.Contains(n.misses, miss) {
			n.misses = append(n.misses, miss)
		}
		out = append(out, control.NearMiss{Payment: n.id, Misses: n.misses})
	}
	slices.SortStableFunc(out, func(a, b control.NearMiss) int { return len(a.Misses) - len(b.Misses) })
	return out[:min(len(out), mostTold)], nil
}

func (v *verification) count() (enough bool, says string) {
	n, least, most := len(v.found), v.expected.AtLeast, v.expected.AtMost
	says = fmt.Sprintf("%d payments match", n)
	if n == 1 {
		says = "1 payment matches"
	}
	switch {
	case n >= least && (most < 0 || n <= most):
		return true, says
	case least == most:
		return false, fmt.Sprintf("%s, expected were %d", says, least)
	case n < least:
		return false, fmt.Sprintf("%s, expected were at least %d", says, least)
	}
	return false, fmt.Sprintf("%s, expected were at most %d", says, most)
}

// inOrder looks for the conditions of `order` among the matching payments, oldest first; others may stand between.
func (v *verification) inOrder() (held bool, says string, err error) {
	rest, last := v.found, ""
	for i, condition := range v.expected.Order {
		at, err := first(rest, condition)
		if err != nil {
			return false, "", err
		}
		if at < 0 {
			after := "nothing"
			if last != "" {
				after = "nothing after payment " + last
			}
			return false, fmt.Sprintf("order.%d: %s meets %s", i, after, condition), nil
		}
		last, rest = rest[at].ID, rest[at+1:]
	}
	return true, "", nil
}

func first(payments []*payment.Payment, e *scenario.Expression) (int, error) {
	for i, p := range payments {
		if _, met, err := meets(e, p); err != nil || met {
			return i, err
		}
	}
	return -1, nil
}
