package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// All returns every provider, in the contract's order.
func All() []Provider {
	return []Provider{
		forumPay(), gigadat(), worldpay(), trust(), cleo(),
		payone(), neosurf(), flexepin(), brite(), eMerchantPay(),
	}
}

// Find returns the provider of a code.
func Find(code string) (p Provider, ok bool) {
	for _, p := range All() {
		if p.Code == code {
			return p, true
		}
	}
	return p, false
}

// Outcomes are all that a payment can end with, whatever its provider.
func Outcomes() []string {
	return []string{
		"approve", "decline", "cancel", "expire", "abandon", "underpay", "overpay", "challenge-fail",
		"return-first", "return-twice", "close-tab", "reject",
	}
}

// Outcomes are those that a flow of the provider can end with.
func (p Provider) Outcomes(flow string) []string {
	return slices.DeleteFunc(Outcomes(), func(outcome string) bool {
		switch outcome {
		case "approve", "decline":
			return false
		case "reject": // for an admin, where one is asked
			return flow != "PAYOUT" || p.Words.Rejected == ""
		case "cancel", "expire", "abandon":
			return p.Voucher && !p.Webhook // its answer is final
		}
		return !p.HasPage(flow) || !p.Supports(scenario.ShopperAction(outcome))
	})
}

// Misspelt warns of statuses, and of raw words in a scenario of one provider, that are almost one that the simulator knows: they change
// nothing, or something else. A word that resembles none may be any that the provider has.
func Misspelt(s *scenario.Scenario) (warnings []string) {
	p, _ := Find(s.Match.PSP)
	w := p.Words
	own := []string{w.Initiated, w.Pending, w.Approved, w.Declined, w.Cancelled, w.Expired, w.Rejected}
	for _, r := range p.Reasons {
		own = append(own, r.Code)
	}
	statuses := []string{payment.Pending.Normalised(), payment.Approved.Normalised(), payment.Declined.Normalised()}
	for i, n := range s.Then {
		if hint := openapi.DidYouMean(n.Status, statuses); hint != "" && !slices.Contains(statuses, n.Status) {
			warnings = append(warnings, fmt.Sprintf("%s: then.%d.status %q moves no payment, as %s do%s", s.Name, i, n.Status, strings.Join(statuses, ", "), hint))
		}
		later := slices.Sorted(maps.Keys(laterWords()))
		later = slices.DeleteFunc(later, func(word string) bool { return (word == strings.ToUpper(word)) != (n.Raw == strings.ToUpper(n.Raw)) })
		known := slices.Compact(slices.DeleteFunc(slices.Concat(own, later), func(word string) bool { return word == "" }))
		if hint := openapi.DidYouMean(n.Raw, known); p.Code != "" && n.Raw != "" && hint != "" && !slices.Contains(known, n.Raw) {
			warnings = append(warnings, fmt.Sprintf("%s: then.%d.raw %q is no word of %s that is known: %s%s", s.Name, i, n.Raw, p.Code, strings.Join(known, ", "), hint))
		}
	}
	return warnings
}
