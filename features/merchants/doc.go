// Package merchants holds two small shops that take payments by the Cashier API, as samples of a merchant's system and as
// tests of the certifier:
//
//	Correct   does what the vendor asks of merchants; it gets full marks
//	Naive     is as good, but for the Mistakes that it is told to make; each of them is found
//
// They have the same four doors: POST /start starts a payment, POST /webhook takes webhooks, GET /orders/{reference} is the
// probe, GET /payment/{result} is where the shopper comes back to. Both keep their orders in memory. Run them:
//
//	go run ./features/merchants/correct --help
//	go run ./features/merchants/naive --help
package merchants
