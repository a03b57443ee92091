package provider

import (
	"slices"
	"strings"
	"time"

	"mozartosim/openapi"
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

// payoneCurrency allows CAD in both currency fields, or the configuration's `currencies`.
func payoneCurrency(c *Call) error {
	allowed := c.PSP.Texts("currencies")
	if len(allowed) == 0 {
		allowed = []string{"CAD"}
	}
	var problems openapi.Problems
	for _, field := range []string{"currency", "currencyCode"} {
		if !slices.Contains(allowed, c.Request.Text(field)) {
			problems.Add(field, "must be one of: %s", strings.Join(allowed, ", "))
		}
	}
	return problems.Err()
}

func payonePayIn(c *Call) (Answer, error) {
	return payoneAnswer(c, Field{"redirect_url", c.Page("")})
}

func payonePayOut(c *Call) (Answer, error) { return payoneAnswer(c) }

func payoneAnswer(c *Call, redirect ...Field) (Answer, error) {
	data := append(make(Fields, 0, 7), Field{"success", true}, Field{"message", "Transaction successfully Ongoing Process"})
	return Answer{Message: "Transaction successfully processed", Data: append(append(data, redirect...),
		Field{"transaction_status", payment.Pending.Normalised()},
		Field{"transactionId", c.Terms.ID},
		Field{"merchantReference", c.Terms.MerchantReference},
		Field{"amount", c.Amount},
	)}, nil
}
