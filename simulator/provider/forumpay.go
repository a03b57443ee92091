package provider

import (
	"fmt"
	"time"

	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// forumPay is ForumPay: the shopper pays in crypto, the merchant accounts in fiat. The rate is valid for 15 minutes.
func forumPay() Provider {
	rules := []Rule{{Name: "forumpay-payer-id"}}
	return Provider{
		Code: "FORUMPAY", Name: "ForumPay", Slug: "forumpay", Redirect: "url", Page: CryptoPage,
		PayIn:  Flow{Rules: rules, Answer: forumPayIn},
		PayOut: Flow{Rules: rules, Answer: forumPayOut},
		Words: Words{
			Pending: "waiting", Approved: "confirmed",
			Declined: "cancelled", Cancelled: "cancelled", Expired: "cancelled",
		},
		Reference: (*random.Stream).UUID,
		Webhook:   true, SessionLifetime: 15 * time.Minute,
		OpeningNotifications: []Notification{{Status: payment.Pending, Raw: "waiting", Message: "Waiting for the crypto payment"}},
		Sequence:             forumPaySequence,
	}
}

// forumPaySequence follows the provider's states: seen on the chain, then confirmed; too little is not confirmed by default, and
// is cancelled when the rate expires (provider; the times between are assumed).
func forumPaySequence(o Outcome) []Notification {
	switch o.Action {
	case scenario.ActionUnderpay:
		return []Notification{
			{Status: payment.Pending, Raw: "underpayment", Message: "Less than the invoice amount was received"},
			{After: 15 * time.Minute, Status: payment.Expired, Raw: "cancelled", Message: "Crypto payment cancelled"},
		}
	case scenario.ActionDecline, scenario.ActionCancel, ActionExpire:
		return nil
	}
	seen, confirmed := "Crypto payment seen, waiting for confirmation", "Crypto payment confirmed and successfully processed"
	if o.Action == scenario.ActionOverpay { // that too much is confirmed all the same is assumed (rule crypto-overpaid)
		seen, confirmed = "More than the invoice amount was seen", "Crypto payment confirmed; more than the invoice amount was received"
	}
	return []Notification{
		{Status: payment.Pending, Raw: "zero_confirmed", Message: seen},
		{After: 3 * time.Second, Status: payment.Approved, Raw: "confirmed", Message: confirmed},
	}
}

// forumPayerID is the rule forumpay-payer-id: without a payer id the provider refuses everything (documented; that the
// refusal comes as UNKNOWN_PSP_ERROR is assumed).
func forumPayerID(c *Call) error {
	if c.PSP.Text("forumpayUserId") == "" {
		return &TransportError{Code: Unknown, Data: "Payer ID is required"}
	}
	return nil
}

func forumPayIn(c *Call) (Answer, error) {
	if err := forumPayerID(c); err != nil {
		return Answer{}, err
	}
	return redirectByURL("waiting")(c)
}

func forumPayOut(c *Call) (Answer, error) {
	if err := forumPayerID(c); err != nil {
		return Answer{}, err
	}
	crypto := c.Request.Text("preferredCrypto")
	rate := cryptoRate(c.Random, crypto)
	exchanged, err := c.Amount.Div(rate, 8)
	if err != nil {
		return Answer{}, fmt.Errorf("forumpay: %w", err)
	}
	token := c.Random.Text(64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
	return Answer{Message: "Transaction is on hold", Raw: "waiting", Data: Fields{
		{"invoice_currency", c.Terms.Currency},
		{"invoice_amount", c.Amount.Fixed(2)},
		{"currency", crypto},
		{"payment_source", "cash"},
		{"wait_time", "20 minutes"},
		{"network_processing_fee", "0.00001200"},
		{"rate", rate.Fixed(4)},
		{"amount_exchange", exchanged.Fixed(8)},
		{"amount", c.Amount},
		{"fast_transaction_fee", "0.00002000"},
		{"fast_transaction_fee_currency", "BTC/kB"},
		{"payment_id", c.Terms.PSPTransactionID},
		{"reference_no", c.Terms.ID},
		{"address", c.Request.Text("walletAddress")},
		{"access_token", Secret{Clear: token, Masked: "***"}},
		{"transaction_status", payment.Pending.Normalised()},
		{"transactionId", c.Terms.ID},
		{"merchantReference", c.Terms.MerchantReference},
	}}, nil
}
