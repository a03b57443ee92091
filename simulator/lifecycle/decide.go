package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
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

// Conflicts marks it as a conflict with the state, not an error in the request.
func (*Undecidable) Conflicts() {}

// An admin's decisions on a pay-out that waits for an approval.
const (
	ApprovePayout scenario.ShopperAction = "approve-payout"
	RejectPayout  scenario.ShopperAction = "reject-payout"
)

func decidable(tx *payments.Tx, d adminapi.Decision) error {
	p, action := tx.Payment, scenario.ShopperAction(d.Action)
	refuse := func(reason string) error { return &Undecidable{p.ID, p.Status, reason} }
	if all := actions(); !slices.Contains(all, action) {
		return refuse(fmt.Sprintf("%q must be one of: %s", d.Action, strings.ReplaceAll(strings.Trim(fmt.Sprint(all), "[]"), " ", ", ")))
	}
	if !tx.Provider.Supports(action) {
		return refuse(tx.Provider.Name + " payments can't end with " + d.Action)
	}
	switch {
	case !p.PageVisit().TakenOver.IsZero() && (d.By == "shopper" || d.By == "provider"):
		return refuse("somebody on its hosted page decides instead")
	case p.Status == payment.AwaitingApproval:
		return refuse("an admin must approve it first")
	case p.Status == payment.Declined && mayRetry(tx) && tx.Now.Before(p.PageExpires):
		if action == provider.ActionExpire { // of which nothing more would be notified
			return refuse("its form is shown again until " + p.PageExpires.Format(time.RFC3339))
		}
		return nil
	case p.Status != payment.Pending:
		return refuse("its outcome is final")
	}
	for _, earlier := range p.Decisions {
		switch did := scenario.ShopperAction(earlier.Action); did {
		case scenario.ActionUnderpay, scenario.ActionAbandon, ApprovePayout:
		default:
			if tx.Provider.RetriesAfter(earlier.Reason) && did == scenario.ActionDecline || staysOpen(tx, did) {
				continue
			}
			return refuse("it has been decided already (" + earlier.Action + ")")
		}
	}
	return nil
}

// mayRetry says whether the last card was declined so that the form is shown again: after a cancel, or an admin's decision, none is.
func mayRetry(tx *payments.Tx) bool {
	p := tx.Payment
	if len(p.Decisions) == 0 {
		return tx.Provider.Retries
	}
	last := p.Decisions[len(p.Decisions)-1]
	if !tx.Provider.RetriesAfter(last.Reason) {
		return false
	}
	switch scenario.ShopperAction(last.Action) {
	case scenario.ActionDecline, scenario.ActionChallengeFail, scenario.ActionAbandon:
		return true
	}
	return false
}

// actions are all that a decision can be.
func actions() []scenario.ShopperAction {
	return []scenario.ShopperAction{
		scenario.ActionApprove, scenario.ActionDecline, scenario.ActionCancel, provider.ActionExpire, scenario.ActionAbandon,
		scenario.ActionUnderpay, scenario.ActionOverpay, scenario.ActionChallengeFail, scenario.ActionReturnFirst,
		scenario.ActionReturnTwice, scenario.ActionCloseTab,
	}
}

// Outcome returns the last decision that led to an outcome, and how many did: the approval of a pay-out leads to none, and neither
// does a shopper who does nothing.
func Outcome(p *payment.Payment) (last adminapi.Decision, n int) {
	for _, d := range p.Decisions {
		if action := scenario.ShopperAction(d.Action); action != ApprovePayout && action != scenario.ActionAbandon {
			last, n = d, n+1
		}
	}
	return last, n
}

func countOutcomes(p *payment.Payment) int {
	_, n := Outcome(p)
	return n
}

// abandoned says whether a decision was to do nothing; the scheduled one is then gone.
func abandoned(p *payment.Payment) bool {
	for _, d := range p.Decisions {
		if scenario.ShopperAction(d.Action) == scenario.ActionAbandon {
			return true
		}
	}
	return false
}
