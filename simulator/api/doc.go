// Package api serves the Cashier API: the vendor's one endpoint over HTTP.
//
// It reads a call (method, content type, size, time, JSON), hands it to the Cashier that it was given, and writes the
// answer, late or broken where a scenario says so. Package refusal words the calls that are refused.
package api
