package certify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/money"
)

// readOrder reads the order by the probe.
func (r *checkRun) readOrder(ctx context.Context) (orderState, error) {
	ctx, cancel := context.WithTimeout(ctx, r.config.Limits.Call)
	defer cancel()
	state, made, err := r.config.Merchant.Probe.read(ctx, r.client, r.values())
	r.recordCall("probe", made, err)
	return state, err
}

// isCredited reports whether an order is credited, in full and once.
func (r *checkRun) isCredited(o orderState) bool {
	return o.found && slices.Contains(r.config.Merchant.Statuses.Credited, o.status) && o.credited.Cmp(r.flow.Amount) == 0
}

// isUntouched reports whether nothing of an order is credited.
func (r *checkRun) isUntouched(o orderState) bool {
	return !o.found || !slices.Contains(r.config.Merchant.Statuses.Credited, o.status) && o.credited.Cmp(money.Amount{}) == 0
}

// credited expects that the order is credited, in full and once, within limits.settle.
func credited(ctx context.Context, r *checkRun) {
	r.step("Then", fmt.Sprintf("the order is credited %s, once", r.flow.Amount.Fixed(2)), func() (string, error) {
		began, attempts := r.wall(), 0
		var o orderState
		err := r.retryFor(ctx, r.config.Limits.Settle, func() (done bool, err error) {
			attempts++
			o, err = r.readOrder(ctx)
			return r.isCredited(o) || o.credited.Cmp(r.flow.Amount) > 0, err
		})
		if err != nil {
			return "", err
		}
		if !r.isCredited(o) {
			return o.String(), fmt.Errorf("expected %s and credited %s, but got %s",
				statusWords(r.config.Merchant.Statuses.Credited), r.flow.Amount.Fixed(2), o)
		}
		if took := r.wall().Sub(began); attempts > 1 {
			r.booking = max(r.booking, took)
		}
		r.atEnd, r.still = "the order is still credited once", r.isCredited
		return o.String(), nil
	})
}

// nothingCredited expects that nothing of the order is credited. A merchant that books after its acknowledgement gets the time
// for it first, twice what it has been seen to need.
func nothingCredited(ctx context.Context, r *checkRun) {
	r.step("Then", "nothing is credited", func() (string, error) {
		if r.booking > 0 {
			if _, err := clock.New().Hold(ctx, min(2*r.booking, r.config.Limits.Settle)); err != nil {
				return "", fatal(err)
			}
		}
		o, err := r.readOrder(ctx)
		if err == nil && !r.isUntouched(o) {
			return o.String(), fmt.Errorf("expected nothing credited, but got %s", o)
		}
		if err != nil {
			return "", err
		}
		r.atEnd, r.still = "still nothing is credited", r.isUntouched
		return o.String(), nil
	})
}

// notYetCredited makes sure that nothing is credited before the check's own subject. Otherwise not-on-answer fails.
func notYetCredited(ctx context.Context, r *checkRun) {
	r.step("And", "nothing is credited yet", func() (string, error) {
		o, err := r.readOrder(ctx)
		if err == nil && !r.isUntouched(o) {
			err = blocked(fmt.Sprintf("the order was already credited on the API's answer (%s); see not-on-answer", o))
		}
		return o.String(), err
	})
}

// pending and failed expect one of the merchant's words for it, within limits.settle.
func pending(ctx context.Context, r *checkRun) {
	r.hasStatus(ctx, "pending", r.config.Merchant.Statuses.Pending)
}
func failed(ctx context.Context, r *checkRun) {
	r.hasStatus(ctx, "failed", r.config.Merchant.Statuses.Failed)
}

func (r *checkRun) hasStatus(ctx context.Context, what string, words []string) {
	r.step("And", "the order is "+what, func() (string, error) {
		var o orderState
		has := func() bool { return o.found && slices.Contains(words, o.status) }
		err := r.retryFor(ctx, r.config.Limits.Settle, func() (done bool, err error) {
			o, err = r.readOrder(ctx)
			return has(), err
		})
		if err == nil && !has() {
			err = fmt.Errorf("expected %s, but got %s", statusWords(words), o)
		}
		return o.String(), err
	})
}

func statusWords(words []string) string {
	return `status "` + strings.Join(words, `" or "`) + `"`
}

// stillTrue reads the order again at the end of the run.
func (r *checkRun) stillTrue(ctx context.Context) {
	if r.over || r.still == nil {
		return
	}
	r.step("And", "at the end of the run "+r.atEnd, func() (string, error) {
		o, err := r.readOrder(ctx)
		if err == nil && !r.still(o) {
			err = fmt.Errorf("it changed after the check: %s", o)
		}
		return o.String(), err
	})
}

// answered expects that the latest webhooks were answered, and with no 5xx.
func answered(_ context.Context, r *checkRun) {
	r.expectAnswers("it is answered, and with no 5xx", "an answer that is not a 5xx", func(d delivery) bool { return d.Answered != 0 && d.Answered < 500 })
}

// refused expects that none of the latest webhooks was acknowledged.
func refused(_ context.Context, r *checkRun) {
	r.expectAnswers("it is not acknowledged", "no 2xx", func(d delivery) bool { return !d.accepted() })
}

func (r *checkRun) expectAnswers(text, expected string, ok func(delivery) bool) {
	latest := r.latest
	r.step("Then", text, func() (string, error) {
		for _, d := range latest {
			if !ok(d) {
				return d.String(), fmt.Errorf("expected %s, but got %s", expected, d)
			}
		}
		if len(latest) == 0 {
			return "", notApplicable("no webhook came")
		}
		return "", nil
	})
}
