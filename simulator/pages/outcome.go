package pages

import (
	"cmp"
	"html/template"
	"net/url"
	"strconv"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/lifecycle"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scenario"
)

// outcome is how a payment ended for the shopper, and the link back to the merchant.
type outcome struct {
	Result    provider.Result
	Says      string // for the shopper, below the title; "" = the title says it all
	DecidedBy string
	ByHand    bool   // the simulated shopper decided: say how to do it oneself
	To        string // the merchant's return URL; "" when none is known
	Returning bool
	Example   bool   // its host's name is reserved and leads nowhere
	Stays     string // why the page stays
}

// pause is how long the outcome is shown before the page leaves by itself (assumed).
const pause = 3 * time.Second

func (p *pages) outcome(s *session, v *view, query url.Values) *outcome {
	last, decided := s.last()
	o := &outcome{Result: s.result()}
	switch {
	case v.State == stateExpired && o.Result == provider.Rejected:
		o.Says = "The time for this payment is over. No money has moved."
	case o.Result == provider.Cancelled, o.Result == provider.Rejected:
		o.Says = "No money has moved."
	}
	if decided {
		o.DecidedBy, o.ByHand = s.whoDecided(last), last.By == "shopper"
	}
	o.To, o.Example = s.returnURL(o.Result)
	switch {
	case o.To == "":
		o.Stays = s.noReturn()
	case scenario.ShopperAction(last.Action) == scenario.ActionCloseTab:
		o.Stays = "The shopper of this scenario has closed the tab (close-tab): the browser does not return to the merchant."
	}
	if o.Returning = s.returning(query.Get("done") != "", o.To, o.Example); o.Returning {
		v.Refresh = refresh(pause, p.page(s)+"/return")
	}
	return o
}

// headline says how a payment ended.
func (s *session) headline(last adminapi.Decision) string {
	switch result := s.result(); {
	case s.Payment.Status == payment.Failed && last.Action == "":
		return "The call between Mozarto and " + s.Provider.Name + " failed"
	case result == provider.Succeeded && s.Payment.Type == "PAYOUT":
		return "Paid out"
	case result == provider.Succeeded:
		return "Paid"
	case result == provider.Cancelled:
		return "Cancelled"
	case result == provider.Undecided:
		return "Not decided yet"
	case s.Payment.Status == payment.Expired, scenario.ShopperAction(last.Action) == provider.ActionExpire, s.over() && last.Action == "":
		return "Nobody paid in time"
	case scenario.ShopperAction(last.Action) == lifecycle.RejectPayout:
		return "An admin rejected this pay-out" + s.because(last.Reason)
	}
	return "Declined" + s.because(last.Reason)
}

// whoDecided says who decided.
func (s *session) whoDecided(d adminapi.Decision) string {
	did := "did: " + d.Action
	switch d.By {
	case "page":
		return "Decided on this page: " + d.Action + "."
	case "shopper":
		return "The simulated shopper " + did + "."
	case "provider":
		return s.Provider.Name + " itself " + did + "."
	case "control":
		return "The admin API " + did + "."
	case "clock":
		return "The session's time was over."
	case "admin":
		return "An admin " + did + "."
	}
	return "Decided by " + d.By + ": " + d.Action + "."
}

// webhook says how the payment's last webhook fares; "" while there is none.
func (s *session) webhook() string {
	all := s.Payment.Deliveries
	if len(all) == 0 {
		return ""
	}
	d := &all[len(all)-1]
	said := d.State
	if last := d.Last(); last != nil && last.Status == 0 {
		said += ", no answer"
	} else if last != nil {
		said += ", answered " + strconv.Itoa(last.Status)
	}
	return said
}

// shopperNote says what the simulated shopper will do.
type shopperNote struct {
	Who    string
	Action string
	Time   *timeLeft
	Late   bool // its time has come: it happens any moment
}

func newShopperNote(s *session) *shopperNote {
	n := &shopperNote{Who: "The simulated shopper", Action: describeAction(s.Shopper.Action) + s.because(s.Shopper.Reason), Time: newTimeLeft(s, s.Shopper.At)}
	if s.Shopper.By == "provider" {
		n.Who = s.Provider.Name + " itself"
	}
	n.Late = !s.Now.Before(s.Shopper.At)
	return n
}

func describeAction(action scenario.ShopperAction) string {
	return cmp.Or(map[scenario.ShopperAction]string{
		scenario.ActionApprove:       "approves",
		scenario.ActionDecline:       "has it declined",
		scenario.ActionCancel:        "cancels",
		scenario.ActionUnderpay:      "pays too little",
		scenario.ActionOverpay:       "pays too much",
		scenario.ActionChallengeFail: "fails the step-up",
		scenario.ActionReturnFirst:   "approves, after returning to the merchant",
		scenario.ActionReturnTwice:   "approves, and returns to the merchant twice",
		scenario.ActionCloseTab:      "approves, and closes the tab",
	}[action], string(action))
}

// bar is the simulator's own bar: every outcome of the page, at one click.
type bar struct {
	Open      bool // something can be decided
	Awaiting  bool
	Declined  bool          // the card was declined, and another one can be tried
	Reasons   template.HTML // as buttons
	Crypto    bool
	Challenge bool
	Timed     bool // the session can expire
}

// bar is nil where nothing can be decided any more.
func (p *pages) bar(s *session, shown state) (b *bar, err error) {
	if !shown.open() && shown != stateAwaiting {
		return nil, nil
	}
	b = &bar{
		Open: shown.open(), Awaiting: shown == stateAwaiting,
		Crypto: s.Provider.Supports(scenario.ActionUnderpay), Challenge: s.Provider.Supports(scenario.ActionChallengeFail),
		Timed: !s.Payment.PageExpires.IsZero(), Declined: s.again() && s.Payment.Status == payment.Declined,
	}
	b.Reasons, err = p.drawer.part("reasons", s.Provider.Slug, func() any {
		var all []provider.Reason
		for _, code := range s.Provider.PageReasons() {
			all = append(all, provider.Reason{Code: code, Text: s.Provider.ReasonText(code)})
		}
		return all
	})
	return b, err
}
