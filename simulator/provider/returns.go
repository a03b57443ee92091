package provider

import (
	"net/url"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
)

// Result is how a shopper returns to the merchant's site. It proves nothing (documented): only the webhook does.
type Result string

// The results of a shopper's return.
const (
	Succeeded Result = "success"
	Rejected  Result = "failure" // declined, or the session expired
	Cancelled Result = "cancelled"
	Undecided Result = "pending"
)

// Returning is everything that decides where a shopper is sent.
type Returning struct {
	Terms    payment.Terms
	Request  openapi.Document // the merchant's call, secrets masked
	PSP      backoffice.PSP
	Result   Result
	Decimals int    // of the payment's currency
	Public   string // by which the shopper reaches the hosted pages, without a slash at the end
}

// returnSource is which return URLs of the request are used before the configuration's siteUrl.
type returnSource string

const (
	noReturns   returnSource = ""
	hppReturns  returnSource = "hpp"     // hppSuccessUrl and hppFailureUrl, the latter for a cancel too (documented: Trust, eMerchantPay)
	siteReturns returnSource = "siteUrl" // the request's siteUrl (documented: Neosurf)
)

// ReturnURL is where the shopper is sent: a URL of the merchant's call, or one under the configured siteUrl, with what the
// provider adds to its query. ok is false when there is none, or when it is no http or https URL: a page redirects nowhere
// else.
func (p Provider) ReturnURL(r Returning) (target *url.URL, ok bool) {
	if p.StaysFor(r.PSP) != "" {
		return nil, false
	}
	base := p.requestReturn(r)
	if base == "" {
		if base = site(r.PSP, r.Public); base == "" {
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

// site is the configured siteUrl; the demo company's shop is where its shoppers reach the hosted pages.
func site(psp backoffice.PSP, public string) string {
	if rest, demo := strings.CutPrefix(psp.Text("siteUrl"), backoffice.ShopURL); demo {
		return public + backoffice.DemoPath + rest
	}
	return psp.Text("siteUrl")
}

// StaysFor is the field that a configuration lacks for the provider to send shoppers back, "" when it lacks none.
func (p Provider) StaysFor(psp backoffice.PSP) string {
	if p.ReturnsNeed == "" || psp.Text(p.ReturnsNeed) != "" {
		return ""
	}
	return p.ReturnsNeed
}

// requestReturn is the return URL of the merchant's call, "" when it has none.
func (p Provider) requestReturn(r Returning) string {
	switch p.ReturnsFrom {
	case hppReturns:
		switch {
		case r.Result == Succeeded:
			return r.Request.Text("hppSuccessUrl")
		case r.Result == Undecided && r.PSP.Text("siteUrl") != "":
			return "" // siteUrl has a page for that
		}
		return r.Request.Text("hppFailureUrl") // an undecided shopper has not succeeded (assumed)
	case siteReturns:
		if site := r.Request.Text("siteUrl"); site != "" {
			return returnTo(site, r.Result.page())
		}
	}
	return ""
}

// page is the last part of the path under siteUrl (assumed).
func (r Result) page() string {
	if r == Cancelled {
		return string(Rejected)
	}
	return string(r)
}

// usualReturn is the query of a return when the provider's own is not public (assumed).
func usualReturn(r Returning) [][2]string {
	return [][2]string{{"transactionId", r.Terms.ID}, {"status", string(r.Result)}}
}

// appendQuery adds parameters after the query, in their order.
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

// ReturnsByRequest says whether the merchant's call can name return URLs.
func (p Provider) ReturnsByRequest() bool { return p.ReturnsFrom != noReturns }
