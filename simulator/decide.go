package simulator

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// The kinds of due work.
type dueKind string

const (
	dueDecision dueKind = "decision"     // the shopper, or the provider itself, decides; data: payment.Decision
	dueExpiry   dueKind = "expiry"       // the session's time is over
	dueNotice   dueKind = "notification" // the provider tells something; data: telling
	dueAttempt  dueKind = "attempt"      // a webhook is tried; data: attempting
)

// The names of a payment's due work; there is one of each at a time.
const (
	nameDecision = "decision"
	nameExpiry   = "expiry"
)

// Undecidable says why a decision can't be made.
type Undecidable struct {
	Payment string
	Status  payment.Status
	Reason  string
}

func (e *Undecidable) Error() string {
	return fmt.Sprintf("payment %s is %s: %s", e.Payment, e.Status, e.Reason)
}

// Conflicts marks it as a matter of how things stand, not of the request.
func (*Undecidable) Conflicts() {}

// Decide makes the payment end as somebody chose: on the hosted page, by the control API, or because it was due. A payment
// is decided once; a second decision is *Undecidable, but for a crypto payment that was underpaid, and a declined card of a
// provider that shows its form again (Trust).
func (s *Simulator) Decide(ctx context.Context, company, id string, d payment.Decision) (*payment.Payment, error) {
	t := s.tenant(company)
	return s.alter(ctx, t, id, func(c *change) error { return s.decide(c, d) })
}

func (s *Simulator) decide(c *change, d payment.Decision) error {
	if err := decidable(c, d); err != nil {
		return err
	}
	event, err := c.Decide(d, c.now)
	if err := c.note(event, err); err != nil {
		return err
	}
	c.drop(nameDecision)
	if scenario.ShopperAction(d.Action) == scenario.ActionAbandon {
		return nil // the session runs out by itself
	}
	if !c.provider.Retries || scenario.ShopperAction(d.Action) != scenario.ActionDecline || c.plan.HasThen {
		c.drop(nameExpiry)
	}
	outcome := provider.Outcome{Action: scenario.ShopperAction(d.Action), Reason: d.Reason, PSP: c.company.PSPs[c.PSP], TestOutcome: c.plan.Outcome}
	plan := c.plan
	if outcomes(c.Payment) > 1 {
		plan = &scenario.Plan{} // scripted notifications follow the first outcome only
	}
	return s.schedule(c, c.provider.Notifications(outcome, plan))
}

// outcomes counts the decisions that led to an outcome.
func outcomes(p *payment.Payment) (n int) {
	for _, d := range p.Decisions {
		if scenario.ShopperAction(d.Action) != deedApproval && scenario.ShopperAction(d.Action) != scenario.ActionAbandon {
			n++
		}
	}
	return n
}

func decidable(c *change, d payment.Decision) error {
	refuse := func(reason string) error { return &Undecidable{c.ID, c.Status, reason} }
	if !known(scenario.ShopperAction(d.Action)) {
		return refuse(fmt.Sprintf("%q must be one of: approve, decline, cancel, expire, abandon, underpay, overpay, challenge-fail, return-first, return-twice, close-tab", d.Action))
	}
	if !c.provider.Supports(scenario.ShopperAction(d.Action)) {
		return refuse(c.provider.Name + " payments can't end with " + d.Action)
	}
	switch {
	case !c.PageVisit().TakenOver.IsZero() && (d.By == "shopper" || d.By == "provider"):
		return refuse("somebody on its hosted page decides instead")
	case c.Status == payment.AwaitingApproval:
		return refuse("an admin must approve it first")
	case c.Status == payment.Declined && c.provider.Retries && mayRetry(c.Payment) && scenario.ShopperAction(d.Action) != provider.ActionExpire:
		return nil // the form is shown again; when its time is over nothing more is told
	case c.Status != payment.Pending:
		return refuse("its outcome is final")
	}
	for _, earlier := range c.Decisions {
		switch scenario.ShopperAction(earlier.Action) {
		case scenario.ActionUnderpay, scenario.ActionAbandon, deedApproval:
		default:
			if c.provider.Retries && scenario.ShopperAction(earlier.Action) == scenario.ActionDecline {
				continue
			}
			return refuse("it has been decided already (" + earlier.Action + ")")
		}
	}
	return nil
}

// mayRetry says whether the last card was declined: after a cancel, or an admin's word, no form is shown again.
func mayRetry(p *payment.Payment) bool {
	if len(p.Decisions) == 0 {
		return true
	}
	switch scenario.ShopperAction(p.Decisions[len(p.Decisions)-1].Action) {
	case scenario.ActionDecline, scenario.ActionChallengeFail, scenario.ActionAbandon:
		return true
	}
	return false
}

func known(deed scenario.ShopperAction) bool {
	switch deed {
	case scenario.ActionApprove, scenario.ActionDecline, scenario.ActionCancel, scenario.ActionAbandon, scenario.ActionUnderpay, scenario.ActionOverpay,
		scenario.ActionChallengeFail, scenario.ActionReturnFirst, scenario.ActionReturnTwice, scenario.ActionCloseTab, provider.ActionExpire:
		return true
	}
	return false
}

// deedApproval is an admin's word on a pay-out.
const (
	deedApproval  scenario.ShopperAction = "approve-payout"
	deedRejection scenario.ShopperAction = "reject-payout"
)

// Approve lets a waiting pay-out go, or rejects it (documented, Gigadat: nothing settles before). The error is *Undecidable
// when it isn't waiting.
func (s *Simulator) Approve(ctx context.Context, company, id string, approved bool, reason string) (*payment.Payment, error) {
	t := s.tenant(company)
	return s.alter(ctx, t, id, func(c *change) error {
		if c.Status != payment.AwaitingApproval {
			return &Undecidable{c.ID, c.Status, "it does not wait for an approval"}
		}
		if !approved {
			return s.reject(c, reason)
		}
		event, err := c.Decide(payment.Decision{Action: string(deedApproval), By: "admin"}, c.now)
		if err := c.note(event, err); err != nil {
			return err
		}
		event, err = c.Move(payment.Move{Status: payment.Pending, Raw: c.provider.Words.Pending, By: "admin"}, c.now)
		if err := c.note(event, err); err != nil {
			return err
		}
		return s.awaitOutcome(c, false)
	})
}

// reject turns a pay-out down; that it is told as STATUS_REJECTED is assumed.
func (s *Simulator) reject(c *change, reason string) error {
	event, err := c.Decide(payment.Decision{Action: string(deedRejection), Reason: reason, By: "admin"}, c.now)
	if err := c.note(event, err); err != nil {
		return err
	}
	message := "Transaction rejected"
	if reason != "" {
		message += ": " + reason
	}
	return s.schedule(c, []provider.Notification{{Status: payment.Declined, Raw: c.provider.Words.Rejected, Message: message}})
}

// awaitOutcome schedules the shopper's decision and the session's end.
func (s *Simulator) awaitOutcome(c *change, page bool) error {
	if deed := s.shopper(c.plan, page); deed != nil && deed.Action != scenario.ActionAbandon {
		by := "shopper"
		if !page {
			by = "provider"
		}
		decision := payment.Decision{Action: string(deed.Action), Reason: deed.Reason, By: by}
		if err := c.later(dueDecision, nameDecision, c.now.Add(c.lead+deed.After.Fixed), decision); err != nil {
			return err
		}
	}
	if page && !c.PageExpires.IsZero() {
		return c.later(dueExpiry, nameExpiry, c.PageExpires, nil)
	}
	return nil
}

// telling is the data of a due notice.
type telling struct {
	Of      int            `json:"of"` // the outcome that it follows from, 0 = none; a later one overtakes it
	Status  payment.Status `json:"status"`
	Raw     string         `json:"raw"`
	Message string         `json:"message"`
	As      string         `json:"as,omitempty"` // the transaction_status where a scenario has a word of its own
	Deliver time.Time      `json:"deliver"`      // when its webhook leaves
}

// schedule puts notices on the agenda. What is told at once is told in this very change, so that a decision shows.
func (s *Simulator) schedule(c *change, told []provider.Notification) error {
	draw := s.draw(c.company.Seed, c.Company, c.Ordinal, "webhooks "+strconv.Itoa(len(c.Notifications)))
	at, of := slots(told, c.plan.Webhooks, draw), outcomes(c.Payment)
	for i, t := range told {
		n := telling{Of: of, Status: t.Status, Raw: t.Raw, Message: t.Message, As: t.TransactionStatus, Deliver: c.now.Add(c.lead + at[i])}
		if t.After+c.lead <= 0 {
			if err := s.tell(c, n); err != nil {
				return err
			}
			continue
		}
		name := fmt.Sprintf("notification-%d-%d", of, i+1)
		if err := c.later(dueNotice, name, c.now.Add(c.lead+t.After), n); err != nil {
			return err
		}
	}
	return nil
}
