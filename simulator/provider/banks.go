package provider

import (
	"slices"

	"mozartosim/simulator/scenario"
)

// Bank is a test bank of a hosted page: what becomes of a payment that is made there is fixed.
type Bank struct {
	ID     string // success, or the reason for which it declines
	Name   string
	Action scenario.ShopperAction
	Reason string
}

// TestUser and TestPassword open an account at every test bank; they open nothing anywhere else.
const (
	TestUser     = "demo"
	TestPassword = "demo"
)

// Banks are the test banks of a payment in a country ("" = the provider's usual one): one at which it succeeds, and one
// for each of the provider's reasons for declining (names assumed; no bank is called so).
func (p Provider) Banks(country string) []Bank {
	if p.Page != BankPage {
		return nil
	}
	banks := []Bank{{ID: string(Succeeded), Name: "Test Bank" + suffix(country), Action: scenario.ActionApprove}}
	for _, reason := range p.PageReasons() {
		says := p.ReasonText(reason)
		banks = append(banks, Bank{ID: reason, Name: "Test Bank: " + says, Action: scenario.ActionDecline, Reason: reason})
	}
	return banks
}

func suffix(country string) string {
	switch country {
	case "CL":
		return " Chile"
	case "PE":
		return " Perú"
	case "MX":
		return " México"
	case "CA":
		return " Canada"
	}
	return ""
}

// PageReasons are the reasons for declining that a hosted page offers: the provider's own, or, of a bank whose reasons
// nobody knows, some that any bank has (assumed).
func (p Provider) PageReasons() []string {
	if p.Reasons == nil && p.Page == BankPage {
		return []string{"insufficient_funds", "limit_exceeded", "bank_unavailable"}
	}
	return slices.Clone(p.Reasons)
}

// ReasonText puts a reason into words for people, in the order of the providers' own lists; a reason that has none is its own.
func (p Provider) ReasonText(reason string) string {
	if says := p.ReasonWords[reason]; says != "" {
		return says
	}
	switch reason {
	case "insufficient_funds":
		return "not enough money"
	case "limit_exceeded":
		return "limit exceeded"
	case "bank_unavailable":
		return "bank unavailable"
	}
	return reason
}
