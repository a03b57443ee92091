package pages

import (
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/lifecycle"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// state is what a page shows.
type state string

// The states of a page. TESTIDS.md lists what is on each.
const (
	stateSimulated  state = "simulated"
	stateInvoice    state = "invoice"
	stateProcessing state = "processing"
	stateChoose     state = "choose"
	stateLogin      state = "login"
	stateConfirm    state = "confirm"
	stateCard       state = "card"
	stateWallet     state = "wallet"
	stateChallenge  state = "challenge"
	stateAwaiting   state = "awaiting"
	stateDecided    state = "decided"
	stateUsed       state = "used"
	stateExpired    state = "expired"
	stateFailed     state = "failed"
	stateNoPage     state = "no-page"
	stateUnknown    state = "unknown"
	stateFront      state = "front"
	stateRefused    state = "refused"
)

// open says whether a page in that state lets people decide.
func (s state) open() bool {
	switch s {
	case stateSimulated, stateInvoice, stateChoose, stateLogin, stateConfirm, stateCard, stateWallet, stateChallenge:
		return true
	}
	return false
}

// over says whether the session has expired.
func (s *session) over() bool {
	return !s.Payment.PageExpires.IsZero() && !s.Now.Before(s.Payment.PageExpires)
}

// last is the decision that counts.
func (s *session) last() (d adminapi.Decision, ok bool) {
	d, n := lifecycle.Outcome(s.Payment)
	return d, n > 0
}

// state is the state of the page; step picks among the steps of an open one.
func (s *session) state(step string) state {
	p := s.Payment
	last, decided := s.last()
	action := scenario.ShopperAction(last.Action)
	switch {
	case !s.Provider.HasPage(p.Type):
		return stateNoPage
	case p.Status == payment.AwaitingApproval:
		return stateAwaiting
	case p.Status == payment.Failed && !decided:
		return stateFailed
	case !decided && p.Status == payment.Pending:
		return s.undecided(step)
	case s.again():
		return s.step(step)
	case p.Status == payment.Expired, action == provider.ActionExpire && byStatus(p.Status) != provider.Succeeded:
		return stateExpired
	case s.confirming(action):
		return stateProcessing
	case s.Provider.SingleUse:
		return stateUsed
	}
	return stateDecided
}

func (s *session) undecided(step string) state {
	switch {
	case s.over():
		return stateExpired
	case s.Shopper != nil:
		return stateSimulated
	}
	return s.step(step)
}

// again says whether a decided page is shown again: a declined card's form (Trust, Worldpay's ERROR), an invoice that was underpaid.
func (s *session) again() bool {
	last, decided := s.last()
	if !decided || s.over() {
		return false
	}
	switch scenario.ShopperAction(last.Action) {
	case scenario.ActionDecline, scenario.ActionChallengeFail:
		return s.Provider.RetriesAfter(last.Reason) && s.Payment.Status == payment.Declined
	case scenario.ActionUnderpay:
		return s.Payment.Status == payment.Pending
	}
	return false
}

// confirming says whether coins were sent and the chain has not confirmed them yet.
func (s *session) confirming(last scenario.ShopperAction) bool {
	return s.Provider.Page == provider.CryptoPage && s.Payment.Status == payment.Pending && approves(last)
}

func approves(action scenario.ShopperAction) bool {
	switch action {
	case scenario.ActionApprove, scenario.ActionOverpay, scenario.ActionReturnFirst, scenario.ActionReturnTwice, scenario.ActionCloseTab:
		return true
	}
	return false
}

func (s *session) step(step string) state {
	switch s.Provider.Page {
	case provider.CryptoPage:
		return stateInvoice
	case provider.StepUpPage:
		return stateChallenge
	case provider.BankPage:
		if next := state(step); next == stateLogin || next == stateConfirm {
			return next
		}
		return stateChoose
	}
	if next := state(step); next == stateChallenge || next == stateWallet && len(s.wallets()) > 0 {
		return next
	}
	return stateCard
}

// wallets are those of the card page.
func (s *session) wallets() []provider.Wallet {
	return s.Provider.Wallets(s.Company.PSPs[s.Payment.PSP])
}

// result is how the shopper returns in this state. A shopper who has paid sees a success, even if the merchant is notified of
// something else, later, or never: a return proves nothing.
func (s *session) result() provider.Result {
	last, decided := s.last()
	action := scenario.ShopperAction(last.Action)
	switch {
	case s.Shopper != nil && s.Shopper.Action == scenario.ActionReturnFirst:
		return provider.Succeeded // the shopper has paid; the merchant is notified later
	case s.confirming(action), action == scenario.ActionUnderpay && s.Payment.Status == payment.Pending:
		return provider.Undecided
	case !decided && s.over() && s.Payment.Status == payment.Pending:
		return provider.Rejected
	case !decided:
		return byStatus(s.Payment.Status)
	case approves(action), byStatus(s.Payment.Status) == provider.Succeeded:
		return provider.Succeeded
	case action == scenario.ActionCancel:
		return provider.Cancelled
	}
	return provider.Rejected
}

func byStatus(status payment.Status) provider.Result {
	switch {
	case status == payment.Cancelled:
		return provider.Cancelled
	case status.Normalised() == "Approved":
		return provider.Succeeded
	case status.Open():
		return provider.Undecided
	}
	return provider.Rejected
}

// exampleHost says whether a host's name is reserved and leads nowhere (RFC 2606): the page never returns there by itself.
func exampleHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, reserved := range []string{"example", "invalid", "example.com", "example.net", "example.org"} {
		if host == reserved || strings.HasSuffix(host, "."+reserved) {
			return true
		}
	}
	return false
}

// States of the shop.
const (
	stateShop    state = "shop"
	stateWaiting state = "waiting"
	statePaid    state = "paid"
	stateUnpaid  state = "unpaid"
	stateForeign state = "foreign"
)
