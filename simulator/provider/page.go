package provider

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
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

// Invoice is what a shopper pays in crypto.
type Invoice struct {
	Coin    string
	Address string       // btc- and 32 hexadecimal digits, as the provider's sandbox has them (provider; of other coins assumed)
	Amount  money.Amount // of the coin, to eight decimals
	Rate    money.Amount // what one coin costs
	URI     string       // for wallets: bitcoin:<address>?amount=<amount>
}

// Coins are those that a hosted page offers; the first one is used unless the shopper chooses (assumed).
func Coins() []string { return []string{"BTC", "ETH", "USDT"} }

// NewInvoice makes the invoice of an amount in a coin. draw must be a stream of the payment, so that the page always shows the
// same one; rates are made up (assumed).
func NewInvoice(amount money.Amount, coin string, draw *random.Stream) (Invoice, error) {
	rate := cryptoRate(draw, coin)
	coins, err := amount.Div(rate, 8)
	if err != nil {
		return Invoice{}, fmt.Errorf("invoice in %s: %w", coin, err)
	}
	prefix, scheme := "btc-", "bitcoin"
	switch coin {
	case "ETH":
		prefix, scheme = "eth-", "ethereum"
	case "USDT":
		prefix, scheme = "usdt-", "tether"
	}
	address := prefix + draw.Hex(32)
	return Invoice{
		Coin: coin, Address: address, Amount: coins, Rate: rate, URI: scheme + ":" + address + "?amount=" + coins.Fixed(8),
	}, nil
}

// cryptoRate draws what one coin costs, within 2 % of a made-up price (assumed; the fiat currency makes no difference).
func cryptoRate(draw *random.Stream, crypto string) money.Amount {
	price := 100_00
	switch {
	case crypto == "BTC":
		price = 62_500_00
	case crypto == "ETH":
		price = 2_600_00
	case strings.HasPrefix(crypto, "USD"):
		price = 1_00
	}
	cents := price + draw.IntN(price/25+1) - price/50
	return money.MustParse(fmt.Sprintf("%d.%02d", cents/100, cents%100))
}

// Bank is a test bank of a hosted page, with a fixed outcome.
type Bank struct {
	ID     string // success, or the reason for which it declines
	Name   string
	Action scenario.ShopperAction
	Reason string
}

// Wallet is a wallet of a card page, a test double.
type Wallet struct {
	ID, Name string
	setting  string // its word in the configuration's `wallets`
}

// Wallets returns those that a card page offers: all, unless the configuration lists them (assumed; that Trust offers what the site
// reference has enabled is documented).
func (p Provider) Wallets(psp backoffice.PSP) []Wallet {
	if p.Page != CardPage {
		return nil
	}
	all := []Wallet{{"apple-pay", "Apple Pay", "APPLE_PAY"}, {"google-pay", "Google Pay", "GOOGLE_PAY"}}
	enabled := psp.Texts("wallets")
	if enabled == nil {
		return all
	}
	return slices.DeleteFunc(all, func(w Wallet) bool { return !slices.Contains(enabled, w.setting) })
}

// TestUser and TestPassword open an account at every test bank, and nowhere else.
const (
	TestUser     = "demo"
	TestPassword = "demo"
)

// Banks returns the test banks of a payment in a country ("" = the provider's usual one): one where it succeeds, and one for
// each reason for declining (names assumed; no real bank has them).
func (p Provider) Banks(country string) []Bank {
	if p.Page != BankPage {
		return nil
	}
	banks := []Bank{{ID: string(Succeeded), Name: "Test Bank" + countryName(country), Action: scenario.ActionApprove}}
	for _, reason := range p.PageReasons() {
		name := "Test Bank: " + p.ReasonText(reason)
		banks = append(banks, Bank{ID: reason, Name: name, Action: scenario.ActionDecline, Reason: reason})
	}
	return banks
}

func countryName(country string) string {
	return map[string]string{"CL": " Chile", "PE": " Perú", "MX": " México", "CA": " Canada"}[country]
}
