// Package api is the front door: the vendor's one endpoint over HTTP.
//
// It reads a call (method, content type, size, time, JSON), hands it to the Cashier that it was given, and writes the
// answer. errors.go is the one place that turns the stages' typed errors into the vendor's bodies and picks a status code.
package api
