package provider

import (
	"fmt"
	"slices"
	"strings"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/money"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

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
