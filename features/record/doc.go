// Package record is a proxy between a merchant and the vendor's API that writes down what passes, as files that `serve
// --answers-from` replays.
//
//	merchant ─▶ recorder ─▶ vendor             calls and their answers
//	vendor ─▶ recorder /webhooks ─▶ merchant   webhooks, if a target for them is configured
//
// It changes nothing of what passes. A copy, of bounded size, is kept; when the answer has passed whole, the exchange is masked
// and written to a file (package fixtures/recorded). What did not pass whole, or is too large, is not recorded.
package record
