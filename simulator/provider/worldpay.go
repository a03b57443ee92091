package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
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
		Reference: noCard(func(r *random.Stream) string { return r.Digits(13) }),
		Webhook:   true, SessionLifetime: time.Hour,
		Sequence: worldpaySequence,
		Reasons: []Reason{
			{"5", "refused"}, {"33", "card expired"}, {"34", "fraud suspicion"}, {"41", "lost card"},
			{"43", "stolen card"}, {"51", "limit exceeded"}, {"55", "invalid security code"}, {"76", "card blocked"},
			{"91", "issuer not reachable"},
		},
		RetryReason: worldpayError, CancelStaysOpen: true,
		Returns: worldpayReturn,
	}
}

// worldpaySequence: a good card is authorised at once and captured after captureDelay, both of them Approved (provider): a number is
// in days, DEFAULT means none, OFF never; the notification takes 15 minutes more (provider: typically within these).
func worldpaySequence(o Outcome) []Notification {
	if o.Action == scenario.ActionDecline && (o.TestOutcome.Kind == scenario.Error || o.Reason == worldpayError) { // the test name ERROR
		return []Notification{{Status: payment.Declined, Raw: "ERROR", Message: declinedMessage(o)}}
	}
	switch o.Action {
	case scenario.ActionDecline, scenario.ActionChallengeFail, scenario.ActionCancel, ActionExpire:
		return nil
	}
	authorised := Notification{Status: payment.Approved, Raw: "AUTHORISED", Message: approvedMessage}
	captured := Notification{After: 15 * time.Minute, Status: payment.Captured, Raw: "CAPTURED", Message: "Transaction captured"}
	switch delay := o.PSP.Text("captureDelay"); delay {
	case "OFF":
		return []Notification{authorised}
	case "", "DEFAULT", "0":
	default:
		days, err := strconv.Atoi(delay)
		if err == nil {
			captured.After += time.Duration(days) * 24 * time.Hour
		}
	}
	return []Notification{authorised, captured}
}

// worldpayError is a page's reason for the test name ERROR.
const worldpayError = "ERROR"

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
	shop := site(c.PSP, c.PublicURL)
	if shop == "" {
		return query
	}
	return query +
		"&successURL=" + url.QueryEscape(returnTo(shop, "success")) +
		"&failureURL=" + url.QueryEscape(returnTo(shop, "failure")) +
		"&pendingURL=" + url.QueryEscape(returnTo(shop, "pending"))
}

// worldpayReturn: orderKey, paymentStatus, paymentAmount in minor units and paymentCurrency, and a mac over them, separated by
// colons, when a macSecret is configured: HMAC-SHA256 in hexadecimal. After a cancel there is no paymentStatus, and the amount and
// the currency are called orderAmount and orderCurrency (provider; without an admin code in orderKey, and status=cancelled, are
// assumed).
func worldpayReturn(r Returning) [][2]string {
	key := r.PSP.Text("merchantCode") + "^" + r.Terms.ID
	amount := strings.Replace(r.Terms.Amount.Fixed(r.Decimals), ".", "", 1)
	if trimmed := strings.TrimLeft(amount, "0"); trimmed != "" {
		amount = trimmed
	}
	fields := [][2]string{{"orderKey", key}, {"paymentStatus", worldpayStatus(r.Result)}, {"paymentAmount", amount}, {"paymentCurrency", r.Terms.Currency}}
	signed := []string{key, amount, r.Terms.Currency, worldpayStatus(r.Result)}
	if r.Result == Cancelled {
		fields = [][2]string{{"orderKey", key}, {"orderAmount", amount}, {"orderCurrency", r.Terms.Currency}, {"status", string(Cancelled)}}
		signed = signed[:3]
	}
	if secret := r.PSP.Text("macSecret"); secret != "" {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(strings.Join(signed, ":")))
		fields = append(fields, [2]string{"mac", hex.EncodeToString(mac.Sum(nil))})
	}
	return fields
}

func worldpayStatus(r Result) string {
	switch r {
	case Succeeded:
		return "AUTHORISED"
	case Undecided:
		return "SENT_FOR_AUTHORISATION"
	}
	return "REFUSED"
}
