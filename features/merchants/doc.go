// Package merchants has two small shops that take payments by the Cashier API, as samples of a merchant's system and as tests of
// the certifier:
//
//	Correct   does what the vendor asks of merchants; it gets full marks: read shop.go and webhook.go as if it made no Mistakes
//	Naive     makes the Mistakes that it is given; the certifier finds each of them
//
// They have the same four endpoints: POST /start starts a payment, POST /webhook takes webhooks, GET /orders/{reference} is the
// probe, GET /payment/{result} is where the shopper comes back to. Both keep their orders in memory. Run them:
//
//	go run ./features/merchants/correct --help
//	go run ./features/merchants/naive --help
package merchants
