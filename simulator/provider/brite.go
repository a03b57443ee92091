package provider

import (
	"time"

	"mozartosim/simulator/random"
)

// brite is Brite: open banking on a hosted page, without webhooks: there is only the answer and the shopper's return. Its request
// and answer are not public (assumed).
func brite() Provider {
	return Provider{
		Code: "BRITE", Name: "Brite", Slug: "brite", Redirect: "url", Page: BankPage,
		PayIn: Flow{Answer: redirectByURL("")},
		Words: Words{
			Pending: "created", Approved: "completed",
			Declined: "failed", Cancelled: "aborted", Expired: "aborted",
		},
		Reference:       (*random.Stream).UUID,
		SessionLifetime: 30 * time.Minute,
		Reasons: []Reason{
			{"psu_no_funds", "not enough money"}, {"psu_not_customer", "not a customer of the bank"},
			{"psu_abandoned_session", "session abandoned"}, {"psu_invalid_credentials", "wrong credentials"},
			{"generic_bank_error", "bank error"}, {"generic_user_error", "user error"},
		},
	}
}
