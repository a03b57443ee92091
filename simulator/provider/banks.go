package provider

import "mozartosim/simulator/scenario"

// Bank is a test bank of a hosted page, with a fixed outcome.
type Bank struct {
	ID     string // success, or the reason for which it declines
	Name   string
	Action scenario.ShopperAction
	Reason string
}

// TestUser and TestPassword open an account at every test bank, and nowhere else.
const (
	TestUser     = "demo"
	TestPassword = "demo"
)

// Banks returns the test banks of a payment in a country ("" = the provider's usual one): one where it succeeds, and one for
// each reason for declining (names assumed; no real bank has them).
func (p Provider) Banks(country string) []Bank {
	if p.Page != BankPage {
		return nil
	}
	banks := []Bank{{ID: string(Succeeded), Name: "Test Bank" + countryName(country), Action: scenario.ActionApprove}}
	for _, reason := range p.PageReasons() {
		name := "Test Bank: " + p.ReasonText(reason)
		banks = append(banks, Bank{ID: reason, Name: name, Action: scenario.ActionDecline, Reason: reason})
	}
	return banks
}

func countryName(country string) string {
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
