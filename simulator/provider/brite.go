package provider

import (
	"time"

	"mozartosim/simulator/random"
)

// brite is Brite: open banking on a hosted page. No webhook: the answer and the shopper's return are all there is. Its
// request and answer are not public (assumed).
func brite() Provider {
	return Provider{
		Code: "BRITE", Name: "Brite", Slug: "brite", Redirect: "url", Page: BankPage,
		PayIn: Flow{Answer: britePayIn},
		Words: Words{
			Pending: "created", Approved: "completed",
			Declined: "failed", Cancelled: "aborted", Expired: "aborted",
		},
		Reference:       (*random.Stream).UUID,
		SessionLifetime: 30 * time.Minute,
		Reasons:         []string{"psu_no_funds", "psu_not_customer", "psu_abandoned_session", "psu_invalid_credentials", "generic_bank_error", "generic_user_error"},
		ReasonWords: map[string]string{
			"psu_no_funds": "not enough money", "psu_not_customer": "not a customer of the bank",
			"psu_abandoned_session": "session abandoned", "psu_invalid_credentials": "wrong credentials",
			"generic_bank_error": "bank error", "generic_user_error": "user error",
		},
	}
}

func britePayIn(c *Call) (Answer, error) {
	return Answer{Message: "Successfully", Data: Fields{
		{"status", "PENDING"},
		{"url", c.Page("")},
		{"sessionId", c.Terms.Session},
		{"transactionId", c.Terms.ID},
		{"merchantReference", c.Terms.MerchantReference},
		{"amount", c.Amount},
	}}, nil
}
