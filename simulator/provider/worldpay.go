package provider

import (
	"net/url"

	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
)

// worldpay is Worldpay: a hosted card page with Apple Pay and Google Pay, or, when the configuration's integrationMode is
// direct, the card in the call itself and no redirect.
func worldpay() Provider {
	return Provider{
		Code: "WORLDPAY_EU", Name: "Worldpay", Slug: "worldpay", Redirect: "paymentUrl", Page: CardPage,
		PayIn: Flow{
			Rules:  []Rule{{"worldpay-direct-card", worldpayCard}},
			Answer: worldpayPayIn,
		},
		Words: Words{
			Pending: "SENT_FOR_AUTHORISATION", Approved: "AUTHORISED",
			Declined: "REFUSED", Cancelled: "CANCELLED", Expired: "EXPIRED",
		},
		Reference: func(r *random.Stream) string { return r.Digits(13) },
	}
}

func worldpayDirect(c *Call) bool { return c.PSP.Text("integrationMode") == "direct" }

// worldpayCard requires the card in direct mode; in hpp mode it is ignored (assumed).
func worldpayCard(c *Call) error {
	if !worldpayDirect(c) {
		return nil
	}
	if !c.Request.Has("card") {
		return missing("card")
	}
	return nested(c, "card", "WorldpayCard")
}

func worldpayPayIn(c *Call) (Answer, error) {
	data := Fields{}
	if !worldpayDirect(c) {
		data = append(data, Field{"paymentUrl", c.Page(worldpayQuery(c))})
	}
	return Answer{Message: "Successfully", Raw: "SENT_FOR_AUTHORISATION", Data: append(data,
		Field{"transactionId", c.Terms.ID},
		Field{"transaction_status", payment.Pending.Normalised()},
		Field{"merchantReference", c.Terms.MerchantReference},
		Field{"amount", c.Amount},
	)}, nil
}

// worldpayQuery is the query of the hosted page: OrderKey and Ticket (provider), and the result URLs only when siteUrl is
// configured (documented; their parameters' names are assumed).
func worldpayQuery(c *Call) string {
	query := "OrderKey=" + url.QueryEscape(c.PSP.Text("merchantCode")+"^"+c.Terms.ID) + "&Ticket=" + c.Random.Hex(32)
	site := c.PSP.Text("siteUrl")
	if site == "" {
		return query
	}
	return query +
		"&successURL=" + url.QueryEscape(returnTo(site, "success")) +
		"&failureURL=" + url.QueryEscape(returnTo(site, "failure")) +
		"&pendingURL=" + url.QueryEscape(returnTo(site, "pending"))
}
