package lifecycle

import (
	"context"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/observed"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/tracing"
)

// Outcomes decide how open payments end, and run their scheduled jobs.
type Outcomes struct {
	Payments   *payments.Store
	Observed   *observed.Observations
	Deliveries *Deliveries // of the webhooks that follow
	Shopper    Shopper
	Tracer     *tracing.Tracer // nil = jobs have no spans
}

// Shopper says who decides on hosted pages when neither a scenario nor test data says so.
type Shopper struct {
	Manual bool          // a person, a browser test or the admin API; else a simulated shopper, who approves
	After  time.Duration // how long the simulated shopper, or the provider, takes
}

// opened is what the notifications that follow the call follow, as observations name it.
const opened = "opening"

// Decide ends a payment as an admin, a test, the shopper or the clock chose. A payment is decided once; a second decision is
// *Undecidable, but for a crypto payment that was underpaid, and a declined card of a provider that shows its form again (Trust).
func (o *Outcomes) Decide(ctx context.Context, company, id string, d adminapi.Decision) (*payment.Payment, error) {
	return o.Payments.Update(ctx, company, id, func(tx *payments.Tx) error { return o.DecideIn(tx, d) })
}

// DecideIn is Decide within a unit of work.
func (o *Outcomes) DecideIn(tx *payments.Tx, d adminapi.Decision) error {
	if err := decidable(tx, d); err != nil {
		return err
	}
	tx.Record(tx.Payment.Decide(d, tx.Now))
	tx.Cancel(payments.DecisionJob)
	action := scenario.ShopperAction(d.Action)
	seen, ok := o.Observed.Webhook(tx.Payment.PSP).Sequence(tx.Payment.Type, tx.Payment.Variant, outcomeName(action))
	if action == scenario.ActionAbandon || staysOpen(tx, action) && !ok {
		return nil // the session expires by itself
	}
	if !tx.Provider.RetriesAfter(d.Reason) || action != scenario.ActionDecline || tx.Plan.HasThen {
		tx.Cancel(payments.ExpiryJob)
	}
	outcome := provider.Outcome{Action: action, Reason: d.Reason, PSP: tx.Company.PSPs[tx.Payment.PSP], TestOutcome: tx.Plan.Outcome}
	plan := tx.Plan
	if countOutcomes(tx.Payment) > 1 {
		plan = &scenario.Plan{} // a scenario's notifications follow the first outcome only
	}
	if ok && !plan.HasThen {
		plan = seen
	}
	return o.notifyAll(tx, tx.Provider.Notifications(outcome, plan))
}

// staysOpen says whether the provider notifies nothing of a shopper who cancels, unless a scenario does: the page's end does.
func staysOpen(tx *payments.Tx, action scenario.ShopperAction) bool {
	return action == scenario.ActionCancel && tx.Provider.CancelStaysOpen && !tx.Payment.PageExpires.IsZero() && !tx.Plan.HasThen
}

// outcomeName is the outcome that an action leads to, as observations name it.
func outcomeName(action scenario.ShopperAction) string {
	switch action {
	case scenario.ActionReturnFirst, scenario.ActionReturnTwice, scenario.ActionCloseTab, ApprovePayout:
		action = scenario.ActionApprove
	}
	return string(action)
}

// Approve lets a waiting pay-out go, or rejects it (documented, Gigadat: nothing settles before). The error is *Undecidable
// when it does not wait.
func (o *Outcomes) Approve(ctx context.Context, company, id string, approved bool, reason string) (*payment.Payment, error) {
	return o.Payments.Update(ctx, company, id, func(tx *payments.Tx) error {
		if tx.Payment.Status != payment.AwaitingApproval {
			return &Undecidable{tx.Payment.ID, tx.Payment.Status, "it does not wait for an approval"}
		}
		if !approved {
			return o.reject(tx, reason)
		}
		decision := adminapi.Decision{Action: string(ApprovePayout), By: "admin"}
		tx.Record(tx.Payment.Decide(decision, tx.Now))
		move := adminapi.Move{Status: string(payment.Pending), Raw: tx.Provider.Words.Pending, By: "admin"}
		event, err := tx.Payment.Move(move, tx.Now)
		if err != nil {
			return err
		}
		tx.Record(event)
		return o.await(tx, false)
	})
}

// reject turns a pay-out down; that the merchant is notified with STATUS_REJECTED is assumed.
func (o *Outcomes) reject(tx *payments.Tx, reason string) error {
	decision := adminapi.Decision{Action: string(RejectPayout), Reason: reason, By: "admin"}
	tx.Record(tx.Payment.Decide(decision, tx.Now))
	message := "Transaction rejected"
	if reason != "" {
		message += ": " + reason
	}
	return o.notifyAll(tx, []provider.Notification{{Status: payment.Declined, Raw: tx.Provider.Words.Rejected, Message: message}})
}

// Follow schedules what follows a call: the provider's opening notifications, the shopper's or provider's decision, the end of
// the session. redirected says that the answer leads to a hosted page. A payment that is final, or waits for an admin, expects
// nothing but what a scenario says.
func (o *Outcomes) Follow(tx *payments.Tx, redirected bool) error {
	switch p := tx.Payment; {
	case p.Status != payment.Pending && tx.Plan.HasThen && p.Status != payment.AwaitingApproval:
		return o.notifyAll(tx, tx.Provider.Notifications(provider.Outcome{}, tx.Plan))
	case p.Status != payment.Pending:
		return nil
	case !tx.Plan.HasThen && p.Type == "PAYIN":
		opening := tx.Provider.OpeningNotifications
		if plan, ok := o.Observed.Webhook(p.PSP).Sequence(p.Type, p.Variant, opened); ok {
			opening = tx.Provider.Notifications(provider.Outcome{}, plan)
		}
		if err := o.notifyAll(tx, opening); err != nil {
			return err
		}
	}
	return o.await(tx, redirected)
}

// await schedules the shopper's decision and the session's end.
func (o *Outcomes) await(tx *payments.Tx, page bool) error {
	if s := o.simulated(tx.Plan, page); s != nil && s.Action != scenario.ActionAbandon {
		decision := adminapi.Decision{Action: string(s.Action), Reason: s.Reason, By: deciderOf(page)}
		if err := tx.Schedule(payments.Decision, payments.DecisionJob, tx.Now.Add(tx.Lead+s.After.Fixed), decision); err != nil {
			return err
		}
	}
	if page && !tx.Payment.PageExpires.IsZero() {
		return tx.Schedule(payments.Expiry, payments.ExpiryJob, tx.Payment.PageExpires, nil)
	}
	return nil
}

func deciderOf(page bool) string {
	if page {
		return "shopper"
	}
	return "provider"
}

// simulated returns what the simulated shopper does with a payment that waits for an outcome, and when; nil when nobody
// decides by himself. A pay-out and a voucher have no page: there the provider decides, whatever Shopper.Manual says.
func (o *Outcomes) simulated(plan *scenario.Plan, page bool) *scenario.Shopper {
	if plan.Shopper == nil && page && o.Shopper.Manual {
		return nil
	}
	s := o.usual(plan.Outcome)
	if plan.Shopper != nil {
		s = *plan.Shopper
	}
	if plan.Webhooks.Order == scenario.BeforeAnswer {
		s.After = scenario.Duration{}
	}
	return &s
}

// usual is what the shopper does without a scenario: approve, unless test data says otherwise.
func (o *Outcomes) usual(test scenario.Outcome) scenario.Shopper {
	s := scenario.Shopper{Action: scenario.ActionApprove, After: scenario.Fixed(o.Shopper.After)}
	switch test.Kind {
	case scenario.Decline, scenario.Error:
		s.Action, s.Reason = scenario.ActionDecline, test.Reason
	case scenario.NotAuthenticated:
		s.Action, s.Reason = scenario.ActionChallengeFail, test.Reason
	}
	return s
}

// NextDecision is a decision that is scheduled.
type NextDecision struct {
	Action scenario.ShopperAction
	Reason string
	By     string // shopper or provider
	At     time.Time
}

// Next returns the decision that is scheduled for a payment, as await has scheduled it; nil when there is none, or when a
// person on the page has taken it over.
func (o *Outcomes) Next(tx *payments.Tx) *NextDecision {
	p := tx.Payment
	if p.Status != payment.Pending || countOutcomes(p) > 0 || !p.PageVisit().TakenOver.IsZero() || abandoned(p) {
		return nil
	}
	page, from := p.Type == "PAYIN", p.Created
	if !page {
		from = p.Updated // when an admin approved it
	}
	if p.Answer != nil && page && tx.Plan.Webhooks.Order != scenario.BeforeAnswer {
		from = from.Add(time.Duration(p.Answer.DelayMS) * time.Millisecond)
	}
	s := o.simulated(tx.Plan, page)
	if s == nil || s.Action == scenario.ActionAbandon {
		return nil
	}
	return &NextDecision{Action: s.Action, Reason: s.Reason, By: deciderOf(page), At: from.Add(s.After.Fixed)}
}

// TakeOver lets a person on the hosted page decide: the scheduled decision is cancelled; should it be running already, it
// changes nothing. ok is false when the payment is decided.
func (o *Outcomes) TakeOver(tx *payments.Tx) (ok bool) {
	if tx.Payment.Status != payment.Pending || countOutcomes(tx.Payment) > 0 {
		return false
	}
	tx.Cancel(payments.DecisionJob)
	if event, changed := tx.Payment.TakeOverPage(tx.Now); changed {
		tx.Record(event)
	}
	return true
}
