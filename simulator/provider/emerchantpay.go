package provider

import (
	"time"

	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
)

// eMerchantPay is eMerchantPay: a card in the call, every payment a sale with 3-D Secure. The card's issuer decides:
// frictionless, and the answer is final; or a challenge, and the shopper is redirected.
func eMerchantPay() Provider {
	return Provider{
		Code: "EMERCHANTPAY", Name: "eMerchantPay", Slug: "emerchantpay", Redirect: "redirect_url", Page: StepUpPage,
		PayIn: Flow{
			Rules:  []Rule{{"emerchantpay-us-state", eMerchantPayState}},
			Answer: eMerchantPayIn,
		},
		Words: Words{
			Pending: "pending_async", Approved: "approved",
			Declined: "declined", Cancelled: "declined", Expired: "declined",
		},
		Reference: reference("", 32),
		Webhook:   true, SessionLifetime: 15 * time.Minute,
		Reasons: []Reason{
			{"500", "declined by the issuer"}, {"510", "invalid card"}, {"520", "card expired"},
			{"540", "limit exceeded"}, {"600", "risk"}, {"05", "do not honour"}, {"51", "not enough money"},
			{"54", "card expired (issuer)"}, {"59", "suspected fraud"}, {"65", "limit exceeded (issuer)"},
		},
		ReturnsFrom: hppReturns,
	}
}

// eMerchantPayState requires address.state for US cards, those with countryCode US (assumed).
func eMerchantPayState(c *Call) error {
	if c.Request.Text("countryCode") == "US" && c.Request.Text("address.state") == "" {
		return missing("address.state")
	}
	return nil
}

func eMerchantPayIn(c *Call) (Answer, error) {
	status, raw := payment.Approved, "approved"
	switch c.TestOutcome.Kind {
	case scenario.Challenge, scenario.MethodChallenge:
		status, raw = payment.Pending, "pending_async"
	case scenario.Decline, scenario.NotAuthenticated:
		status, raw = payment.Declined, "declined"
	case scenario.Error:
		status, raw = payment.Declined, "error"
	}
	data := Fields{
		{"transaction_status", status.Normalised()},
		{"transactionId", c.Terms.ID},
		{"merchantReference", c.Terms.MerchantReference},
		{"amount", c.Amount},
	}
	if status == payment.Pending {
		data = append(data, Field{"redirect_url", c.Page("")})
	}
	return Answer{Message: "Successfully", Status: status, Raw: raw, Data: data}, nil
}
