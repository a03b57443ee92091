package provider

import (
	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// flexepin is Flexepin: a voucher, redeemed at once. The answer is final and no webhook follows.
func flexepin() Provider {
	return Provider{
		Code: "FLEXEPIN", Name: "Flexepin", Slug: "flexepin",
		PayIn:     Flow{Rules: []Rule{{Name: "flexepin-voucher"}}, Answer: flexepinPayIn},
		Words:     Words{Pending: "PENDING", Approved: "0", Declined: "1", Cancelled: "1", Expired: "1"},
		Reference: func(r *random.Stream) string { return r.Digits(8) },
		Voucher:   true,
	}
}

// flexepinPayIn follows the older page's sample, whose status is PENDING although the answer is final; what it adds is
// assumed. The rule flexepin-voucher: test vouchers decide.
func flexepinPayIn(c *Call) (Answer, error) {
	if c.TestOutcome.Kind == scenario.Decline {
		return Answer{}, &Rejection{Message: voucherRejected(c.TestOutcome.Reason), Data: flexepinRaw(c)}
	}
	return Answer{Status: payment.Approved, Raw: "0", Data: Fields{
		{"status", "PENDING"},
		{"sessionId", c.Terms.Session},
		{"transactionId", c.Terms.ID},
		{"transaction_status", payment.Approved.Normalised()},
		{"amount", c.Amount},
		{"merchantReference", c.Terms.MerchantReference},
	}}, nil
}

// flexepinRaw is the provider's raw answer to a voucher that it rejects (its fields are the provider's).
func flexepinRaw(c *Call) Fields {
	status, value := "ACTIVE", c.Amount.Fixed(2)
	switch c.TestOutcome.Reason {
	case "ALREADY_REDEEMED":
		status, value = "USED", "0.00"
	case "INVALID_PIN":
		status, value = "INVALID", "0.00"
	}
	return Fields{
		{"result", "1"},
		{"result_description", voucherRejected(c.TestOutcome.Reason)},
		{"transaction_id", c.Terms.ID},
		{"trans_no", c.Terms.PSPTransactionID},
		{"serial", c.Random.Digits(10)},
		{"value", c.Amount.Fixed(2)},
		{"cost", c.Amount.Fixed(2)},
		{"residual_value", value},
		{"status", status},
		{"currency", c.Terms.Currency},
		{"ean", noCard(func(r *random.Stream) string { return r.Digits(13) })(c.Random)},
		{"description", "Flexepin voucher"},
	}
}
