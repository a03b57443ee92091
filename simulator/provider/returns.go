package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
)

// Result is how a shopper comes back to the merchant's. It proves nothing (documented): only the webhook does.
type Result string

// The results of a shopper's return.
const (
	Succeeded Result = "success"
	Rejected  Result = "failure" // declined, or the session's time was over
	Cancelled Result = "cancelled"
	Undecided Result = "pending"
)

// Returning is all that decides where a shopper is sent.
type Returning struct {
	Terms    payment.Terms
	Request  openapi.Document // the merchant's call, secrets masked
	PSP      backoffice.PSP
	Result   Result
	Decimals int // of the payment's currency
}

// own says which return URLs of the request go before the configuration's siteUrl.
type own string

const (
	noOwnReturns own = ""
	hppReturns   own = "hpp"     // hppSuccessUrl and hppFailureUrl, the latter for a cancel too (documented: Trust, eMerchantPay)
	siteReturns  own = "siteUrl" // the request's siteUrl (documented: Neosurf)
)

// ReturnURL is where the shopper is sent: a URL of the merchant's call, or under the configured siteUrl, with what the
// provider adds to its query. ok is false when none is known, or when it is no http or https URL: nothing else can ever
// make a page redirect.
func (p Provider) ReturnURL(r Returning) (target *url.URL, ok bool) {
	base, owned := p.ownReturn(r)
	if !owned {
		if base = r.PSP.Text("siteUrl"); base == "" {
			return nil, false
		}
		base = returnTo(base, r.Result.page())
	}
	target, err := url.Parse(base)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Host == "" || target.User != nil {
		return nil, false
	}
	added := p.Returns
	if added == nil {
		added = usualReturn
	}
	target.RawQuery = appendQuery(target.RawQuery, added(r))
	return target, true
}

// ownReturn is the return URL that the merchant's call has itself.
func (p Provider) ownReturn(r Returning) (base string, owned bool) {
	switch p.ReturnsFrom {
	case hppReturns:
		base = r.Request.Text("hppFailureUrl") // an undecided shopper has not succeeded (assumed)
		if r.Result == Succeeded {
			base = r.Request.Text("hppSuccessUrl")
		}
		if r.Result == Undecided && r.PSP.Text("siteUrl") != "" {
			return "", false // it has a page for that
		}
	case siteReturns:
		if site := r.Request.Text("siteUrl"); site != "" {
			base = returnTo(site, r.Result.page())
		}
	}
	return base, base != ""
}

// page is the last part of the path under siteUrl (assumed).
func (r Result) page() string {
	if r == Cancelled {
		return string(Rejected)
	}
	return string(r)
}

// usualReturn is the query of a return where nobody knows the provider's own (assumed).
func usualReturn(r Returning) [][2]string {
	return [][2]string{{"transactionId", r.Terms.ID}, {"status", string(r.Result)}}
}

// worldpayReturn: orderKey, paymentStatus, paymentAmount in minor units and paymentCurrency, and a mac over them, separated by
// colons, when a macSecret is configured: HMAC-SHA256 in hexadecimal. After a cancel there is no status, and the amount and
// the currency are called orderAmount and orderCurrency (provider; without an admin code in orderKey is assumed).
func worldpayReturn(r Returning) [][2]string {
	key := r.PSP.Text("merchantCode") + "^" + r.Terms.ID
	amount := strings.Replace(r.Terms.Amount.Fixed(r.Decimals), ".", "", 1)
	if trimmed := strings.TrimLeft(amount, "0"); trimmed != "" {
		amount = trimmed
	}
	fields := [][2]string{{"orderKey", key}, {"paymentStatus", worldpayStatus(r.Result)}, {"paymentAmount", amount}, {"paymentCurrency", r.Terms.Currency}}
	signed := []string{key, amount, r.Terms.Currency, worldpayStatus(r.Result)}
	if r.Result == Cancelled {
		fields = [][2]string{{"orderKey", key}, {"orderAmount", amount}, {"orderCurrency", r.Terms.Currency}}
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

// appendQuery adds parameters behind whatever query is there, in their order.
func appendQuery(query string, added [][2]string) string {
	var all strings.Builder
	all.WriteString(query)
	for _, pair := range added {
		if all.Len() > 0 {
			all.WriteByte('&')
		}
		all.WriteString(url.QueryEscape(pair[0]) + "=" + url.QueryEscape(pair[1]))
	}
	return all.String()
}

// ReturnsByRequest says whether the merchant's call itself can name return URLs.
func (p Provider) ReturnsByRequest() bool { return p.ReturnsFrom != noOwnReturns }
