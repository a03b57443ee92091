package provider

import (
	"time"

	"mozartosim/simulator/payment"
)

// payone is Payone: Interac bank transfer in Canada. Pay-in by redirect and pay-out; their webhooks are alike.
func payone() Provider {
	rules := []Rule{{"payone-currency", payoneCurrency}}
	return Provider{
		Code: "PAYONE", Name: "Payone", Slug: "payone", Redirect: "redirect_url", Page: BankPage,
		PayIn:  Flow{Rules: rules, Answer: payonePayIn},
		PayOut: Flow{Rules: rules, Answer: payonePayOut},
		Words: Words{
			Pending: "pending", Approved: "success",
			Declined: "failed", Cancelled: "cancelled", Expired: "expired",
		},
		Reference: reference("po-", 12),
		Webhook:   true, NoWebhookCurrency: true, SessionLifetime: 30 * time.Minute,
	}
}

// payoneCurrency holds both currency fields against CAD, or against the configuration's `currencies`.
func payoneCurrency(c *Call) error {
	allowed := c.PSP.Texts("currencies")
	if len(allowed) == 0 {
		allowed = []string{"CAD"}
	}
	return all(oneOf(c, "currency", allowed), oneOf(c, "currencyCode", allowed))
}

func payonePayIn(c *Call) (Answer, error) {
	return Answer{Message: "Transaction successfully processed", Data: Fields{
		{"success", true},
		{"message", "Transaction successfully Ongoing Process"},
		{"redirect_url", c.Page("")},
		{"transaction_status", payment.Pending.Normalised()},
		{"transactionId", c.Terms.ID},
		{"merchantReference", c.Terms.MerchantReference},
		{"amount", c.Amount},
	}}, nil
}

func payonePayOut(c *Call) (Answer, error) {
	return Answer{Message: "Transaction successfully processed", Data: Fields{
		{"success", true},
		{"message", "Transaction successfully Ongoing Process"},
		{"transaction_status", payment.Pending.Normalised()},
		{"transactionId", c.Terms.ID},
		{"merchantReference", c.Terms.MerchantReference},
		{"amount", c.Amount},
	}}, nil
}
