// Package record stands between a merchant and the vendor's API and writes down what passes, as files that `serve
// --answers-from` replays.
//
//	merchant ─▶ recorder ─▶ vendor             calls and their answers
//	vendor ─▶ recorder /webhooks ─▶ merchant   webhooks, when the recorder is told where they go
//
// It changes nothing of what passes. A copy, of bounded size, is kept aside; when the answer has gone through whole, it is
// masked and written to a file (package fixtures/recorded). What did not come through whole, or is too large, passes all the
// same and is not recorded.
package record
