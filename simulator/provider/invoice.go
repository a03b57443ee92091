package provider

import (
	"fmt"
	"strings"

	"mozartosim/simulator/money"
	"mozartosim/simulator/random"
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
