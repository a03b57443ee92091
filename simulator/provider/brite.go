package provider

import (
	"slices"
	"strings"
	"time"

	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// brite is Brite: open banking on a hosted page, without webhooks: there is only the answer and the shopper's return. Its request
// is not public (assumed).
func brite() Provider {
	return Provider{
		Code: "BRITE", Name: "Brite", Slug: "brite", Redirect: "url", Page: BankPage,
		PayIn: Flow{Rules: []Rule{{Name: "brite-market"}}, Answer: britePayIn},
		Words: Words{
			Pending: "created", Approved: "completed",
			Declined: "failed", Cancelled: "aborted", Expired: "aborted",
		},
		Reference:       (*random.Stream).UUID,
		SessionLifetime: 30 * time.Minute,
		Sequence:        briteSequence,
		Reasons:         briteReasons(),
		RawRefusal:      briteRefusal,
	}
}

// briteReasons are the provider's error codes of a session (provider).
func briteReasons() []Reason {
	return []Reason{
		{"psu_no_funds", "not enough money"}, {"psu_not_customer", "not a customer of the bank"},
		{"psu_abandoned_session", "session abandoned"}, {"psu_invalid_credentials", "wrong credentials"},
		{"generic_bank_error", "bank error"}, {"generic_user_error", "user error"},
		{"psu_disabled_bank_id_extended_use", "BankID is not enabled for extended use"},
		{"psu_configuration_error", "the account is not set up for it"},
		{"psu_logged_into_internet_bank", "logged into the internet bank at the same time"},
	}
}

// briteSequence: a reason that the provider knows aborts the session, any other makes it fail (provider).
func briteSequence(o Outcome) []Notification {
	if o.Action != scenario.ActionDecline || !slices.Contains(codes(briteReasons()), o.Reason) {
		return nil
	}
	return []Notification{{Status: payment.Declined, Raw: "aborted", Message: declinedMessage(o)}}
}

func britePayIn(c *Call) (Answer, error) {
	if err := briteMarket(c); err != nil {
		return Answer{}, err
	}
	return redirectByURL("")(c)
}

// briteMarket is the rule brite-market: the provider refuses a pay-in outside of its markets (assumed; the markets are the
// provider's). The configuration's `countries` replaces them, and then no currency is judged.
func briteMarket(c *Call) error {
	country, currency := strings.ToUpper(c.Request.Text("country")), c.Request.Text("currency")
	isCountry := func(name string) bool { return strings.EqualFold(name, country) }
	markets := []string{"FI", "FIN", "NL", "NLD", "SE", "SWE", "EE", "EST"}
	if c.Request.Text("brandId") != "" {
		markets = append(markets, "DE", "DEU")
	}
	wider := c.PSP.Texts("countries")
	switch {
	case len(wider) > 0 && slices.ContainsFunc(wider, isCountry):
		return nil
	case len(wider) > 0 || !slices.ContainsFunc(markets, isCountry):
		return &TransportError{Code: Unknown, Data: briteRefusal("Country " + country + " is not supported")}
	case currency != "SEK" && currency != "EUR":
		return &TransportError{Code: Unknown, Data: briteRefusal("Currency " + currency + " is not supported")}
	}
	return nil
}

// briteRefusal is the provider's raw answer to a call that it refuses, by the name of an error or by a text (provider; that a
// text comes as TransactionInvalid is assumed).
func briteRefusal(reason string) Fields {
	name, message := "TransactionInvalid", reason
	switch reason {
	case "InvalidAmount", "TransactionInvalid", "NotFound":
		name = reason
	}
	return Fields{{"error_name", name}, {"error_message", message}, {"state", "APPLICATION_ERROR"}}
}
