// Package scenario decides what shall happen to a payment.
//
//	YAML, admin API ──▶ Reader ──▶ Scenario ──▶ Set.Choose ──▶ Scenario.Plan ──▶ kept with the payment
//	                    (check)                 (which one)    (chances drawn)
//
// A Reader makes scenarios of files and of the admin API's JSON, by one set of rules: openapi/scenario.yaml, and check.go for
// what that can't say. A Set holds a company's scenarios, counts, and chooses; an Expression is a condition over a request.
//
// It also knows the magic values in a request: the providers' test cards, test names and test amounts, and the
// simulator's own test vouchers, all of them from fixtures.
package scenario
