package provider

import (
	"time"

	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// neosurf is Neosurf: a voucher whose PIN is entered in the merchant's own form. No redirect; the outcome arrives by webhook.
func neosurf() Provider {
	return Provider{
		Code: "NEOSURF", Name: "Neosurf", Slug: "neosurf",
		PayIn: Flow{Rules: []Rule{{Name: "neosurf-voucher"}}, Answer: neosurfPayIn},
		Words: Words{Pending: "pending", Approved: "ok", Declined: "ko", Cancelled: "ko", Expired: "ko"},
		Reference: func(r *random.Stream) string {
			return r.Digits(10)
		},
		Voucher:      true,
		Webhook:      true,
		WebhookExtra: Fields{{"method", "NEOSURF_PAYIN"}},
		Sequence:     neosurfSequence,
		ReturnsFrom:  siteReturns,
	}
}

// neosurfSequence: a test voucher may be pending first.
func neosurfSequence(o Outcome) []Notification {
	if o.TestOutcome.Reason != "PENDING" || o.Action != scenario.ActionApprove {
		return nil
	}
	return []Notification{
		{Status: payment.Pending, Raw: "pending", Message: "Transaction pending"},
		{After: 10 * time.Second, Status: payment.Approved, Raw: "ok", Message: approvedMessage},
	}
}

// neosurfPayIn follows the older page's sample: no message, no URL. The rule neosurf-voucher: test vouchers decide.
func neosurfPayIn(c *Call) (Answer, error) {
	if c.TestOutcome.Kind == scenario.Decline {
		reason := voucherRejected(c.TestOutcome.Reason)
		return Answer{}, &Rejection{Message: reason, Data: Fields{{"error", reason}, {"errorcode", c.TestOutcome.Reason}}}
	}
	return Answer{Data: Fields{
		{"status", "PENDING"},
		{"sessionId", c.Terms.Session},
		{"transactionId", c.Terms.ID},
	}}, nil
}
