package provider

import "time"

// cleo is Cleo: bank transfer in Chile, Peru and Mexico.
func cleo() Provider {
	rules := []Rule{{"cleo-country-currency", cleoCurrency}, {"cleo-currency-code", cleoCurrencyCode}}
	return Provider{
		Code: "CLEO", Name: "Cleo", Slug: "cleo", Redirect: "url", Page: BankPage,
		PayIn:  Flow{Rules: rules, Answer: redirectByURL("")},
		PayOut: Flow{Rules: rules, Answer: cleoPayOut},
		Words: Words{
			Pending: "pending", Approved: "approved",
			Declined: "rejected", Cancelled: "rejected", Expired: "expired",
		},
		Reference: reference("cleo-", 16),
		Webhook:   true, SessionLifetime: 30 * time.Minute,
	}
}

// cleoCurrency requires the currency of the country, one of the three that Cleo serves.
func cleoCurrency(c *Call) error {
	country := c.Request.Text("countryCode")
	if want := map[string]string{"CL": "CLP", "PE": "PEN", "MX": "MXN"}[country]; c.Request.Text("currency") != want {
		return broken("currency", "must be "+want+" for countryCode "+country)
	}
	return nil
}

func cleoCurrencyCode(c *Call) error {
	if c.Request.Text("currencyCode") != c.Request.Text("currency") {
		return broken("currencyCode", "must equal currency")
	}
	return nil
}

func cleoPayOut(c *Call) (Answer, error) {
	return Answer{Message: "Successfully", Data: Fields{
		{"status", "PENDING"},
		{"transactionId", c.Terms.ID},
		{"merchantReference", c.Terms.MerchantReference},
		{"amount", c.Amount},
	}}, nil
}
