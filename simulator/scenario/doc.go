// Package scenario decides what shall happen to a payment.
//
//	YAML, admin API ──▶ Reader ──▶ Scenario ──▶ Set.Choose ──▶ Scenario.Plan ──▶ stored with the payment
//	                    (check)                 (which one)    (durations drawn)
//
// A Reader makes scenarios of files and of the admin API's JSON, by one set of rules: openapi/scenario.yaml, and check.go for
// what a schema can't say. A Set is a company's scenarios; it chooses and counts. A match's condition over the request
// is a condition.Condition, and TestData knows the values in a request that pick an outcome.
//
//	reader.go, dir.go                    files and folders of scenarios
//	build.go, check.go                   a document becomes a Scenario, or problems
//	scenario.go, duration.go             what a Scenario says, and the Plan of one payment
//	set.go, choose.go                    which scenario a payment gets
//	test_data.go                         test cards, names, amounts and vouchers
package scenario
