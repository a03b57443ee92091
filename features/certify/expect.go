package certify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mozartosim/features/evidence"
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
func credited(ctx context.Context, r *checkRun) (string, error) {
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
}

// nothingCredited expects that nothing of the order is credited. A merchant that books after its acknowledgement gets the time
// for it first, twice what it has been seen to need.
func nothingCredited(ctx context.Context, r *checkRun) (string, error) {
	if r.booking > 0 {
		if _, err := clock.New().Hold(ctx, min(2*r.booking, r.config.Limits.Settle)); err != nil {
			return "", r.broken(err)
		}
	}
	o, err := r.untouchedOrder(ctx)
	if err == nil {
		r.atEnd, r.still = "still nothing is credited", r.isUntouched
	}
	return o, err
}

// untouchedOrder reads the order, of which nothing may be credited.
func (r *checkRun) untouchedOrder(ctx context.Context) (string, error) {
	o, err := r.readOrder(ctx)
	if err != nil {
		return "", err
	}
	if !r.isUntouched(o) {
		return o.String(), fmt.Errorf("expected nothing credited, but got %s", o)
	}
	return o.String(), nil
}

// notYetCredited makes sure that nothing is credited before the check's own subject. Otherwise not-on-answer fails.
func notYetCredited(ctx context.Context, r *checkRun) (string, error) {
	o, err := r.readOrder(ctx)
	if err == nil && !r.isUntouched(o) {
		err = blocked{fmt.Sprintf("the order was already credited on the API's answer (%s); see not-on-answer", o)}
	}
	return o.String(), err
}

func unknownOrderUntouched(ctx context.Context, r *checkRun) (string, error) {
	known := r.reference
	r.reference += unknownSuffix
	defer func() { r.reference = known }()
	return r.untouchedOrder(ctx)
}

// hasStatus expects one of the merchant's words for a state of the order, within limits.settle.
func hasStatus(words []string) step {
	return func(ctx context.Context, r *checkRun) (string, error) {
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
	}
}

func statusWords(words []string) string {
	return `status "` + strings.Join(words, `" or "`) + `"`
}

// stillTrue reads the order again at the end of the run.
func (r *checkRun) stillTrue(ctx context.Context) {
	if r.scenario.Status != evidence.Passed || r.still == nil {
		return
	}
	began := r.wall()
	r.at = len(r.scenario.Steps)
	o, err := r.readOrder(ctx)
	if err == nil && !r.still(o) {
		err = fmt.Errorf("it changed after the check: %s", o)
	}
	r.scenario.Steps = append(r.scenario.Steps, evidence.Step{
		Keyword: "And ", Text: "at the end of the run " + r.atEnd, Line: r.at + 1, Status: evidence.Passed, Took: evidence.Span(r.wall().Sub(began)),
	})
	if ctx.Err() != nil { // which says nothing of the order
		r.scenario.Steps[r.at].Status = evidence.Skipped
		return
	}
	r.seen, r.err = o.String(), err
	if r.Done(); err != nil {
		r.scenario.Status, r.scenario.Steps[r.at].Status = evidence.Failed, evidence.Failed
		r.failed()
	}
}

// answers expects something of the answers to the latest webhooks.
func answers(expected string, ok func(delivery) bool) step {
	return func(_ context.Context, r *checkRun) (string, error) {
		for _, d := range r.latest {
			if !ok(d) {
				return d.String(), fmt.Errorf("expected %s, but got %s", expected, d)
			}
		}
		if len(r.latest) == 0 {
			return "", notApplicable("no webhook came")
		}
		return "", nil
	}
}

// everyWebhook judges the valid webhooks of all checks of the flow.
func everyWebhook(ok func(delivery) bool) step {
	return func(_ context.Context, r *checkRun) (string, error) {
		slowest := delivery{}
		for _, d := range r.flow.valid {
			if !ok(d) {
				r.scenario.Webhooks = append(r.scenario.Webhooks, d.Webhook)
				return d.String(), fmt.Errorf("that of %s in %s was %s", d.reference, d.check, d)
			}
			if d.Took >= slowest.Took {
				slowest = d
			}
		}
		if len(r.flow.valid) == 0 {
			return "", blocked{"no webhook reached the merchant"}
		}
		return "the slowest was " + slowest.String(), nil
	}
}

func hookAnswers(_ context.Context, r *checkRun) (string, error) {
	if r.config.Merchant.Start.Wait == 0 && r.hook.Answer.Status == 0 {
		return "", errors.New("expected an answer of the hook, but got none")
	}
	return "", nil
}

// redirectPassedOn compares URLs without their queries: those have tokens, which the simulator keeps masked.
func redirectPassedOn(_ context.Context, r *checkRun) (string, error) {
	path := r.config.Merchant.Start.Redirect
	if path == "" {
		return "", notApplicable("start.redirect does not name the field of the hook's answer that has the shopper's URL")
	}
	var answer any
	if r.payment.Answer == nil || json.Unmarshal(r.payment.Answer.Body, &answer) != nil {
		return "", notApplicable("the simulator kept no answer")
	}
	given, ok := pick(answer, r.flow.op.Redirect)
	if !ok {
		return "", notApplicable("the provider gave no URL for this payment")
	}
	passedOn, _ := pick(decode(r.hook.Answer.Body), path)
	want, _, _ := strings.Cut(given, "?")
	if got, _, _ := strings.Cut(passedOn, "?"); want != got {
		return passedOn, fmt.Errorf("expected %s, but got %q", want, got)
	}
	return want, nil
}

func noTokensPassedOn(_ context.Context, r *checkRun) (string, error) {
	for _, name := range []string{"paymentToken", "payment_token", "access_token", "accessToken"} {
		if strings.Contains(r.hook.Answer.Body, `"`+name+`"`) {
			return "", errors.New("expected none, but got " + name)
		}
	}
	return "", nil
}

// expiryNotified makes sure that the provider reports the expiry: not all do.
func expiryNotified(ctx context.Context, r *checkRun) (string, error) {
	if err := r.readPayment(ctx); err != nil {
		return "", err
	}
	switch r.payment.Status {
	case "expired", "cancelled", "declined":
		return r.payment.Status, nil
	}
	return "", notApplicable("the provider does not report a payment that expires")
}
