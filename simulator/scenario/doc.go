// Package scenario decides what shall happen to a payment.
//
// So far it knows the magic values in a request: the providers' test cards, test names and test amounts, and the
// simulator's own test vouchers, all of them from fixtures.
package scenario
