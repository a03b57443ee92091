package provider

import (
	"fmt"
	"time"

	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// trust is Trust Payments: the call charges nothing, it returns a hosted card page that is good for one use and five
// minutes.
func trust() Provider {
	return Provider{
		Code: "TRUST", Name: "Trust Payments", Slug: "trust", Redirect: "paymentUrl", Page: CardPage,
		PayIn: Flow{
			Rules:  []Rule{{"trust-no-card", trustNoCard}},
			Answer: trustPayIn,
		},
		Words: Words{
			Pending: "pending", Approved: "authorised",
			Declined: "declined", Cancelled: "cancelled", Expired: "expired",
		},
		Reference: func(r *random.Stream) string {
			return fmt.Sprintf("%d-%d-%s", 10+r.IntN(90), 100+r.IntN(900), r.Digits(5))
		},
		Retries: true,
		Webhook: true, SessionLifetime: 5 * time.Minute,
		Reasons:   trustReasons(),
		SingleUse: true, ReturnsFrom: hppReturns, ReturnsNeed: "siteSecurityPassword",
		DeclinedMessage: trustDeclined,
	}
}

func trustReasons() []Reason {
	return []Reason{
		{"70000", "declined"}, {"71000", "soft decline"}, {"60022", "3-D Secure failed"},
		{"60042", "not enough money"}, {"60010", "bank system error"}, {"60020", "bank time-out"},
	}
}

// trustDeclined is the text of a decline: the error code, what it means, and the issuer's own code (provider; that of any code but
// 70000 is assumed).
func trustDeclined(o Outcome) string {
	reason := o.Reason
	switch {
	case reason == "" && o.Action == scenario.ActionChallengeFail:
		reason = "60022"
	case reason == "" || reason == "70000":
		return "70000 - Decline. [05 Do not honour]"
	}
	return reason + " - " + textOf(reason, "declined", trustReasons()) + "."
}

// trustNoCard refuses card data: it belongs on the hosted page (documented; the refusal is assumed).
func trustNoCard(c *Call) error {
	if c.Request.Has("card") {
		return broken("card", "must not be sent")
	}
	return nil
}

func trustPayIn(c *Call) (Answer, error) {
	return Answer{Message: "Successfully", Data: Fields{
		{"paymentUrl", c.Page("")},
		{"transactionId", c.Terms.ID},
		{"merchantReference", c.Terms.MerchantReference},
		{"amount", c.Amount},
	}}, nil
}
