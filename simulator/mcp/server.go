package mcp

import (
	"net/http"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

const instructions = `mozartosim stands in for the Mozarto Cashier API: a merchant's call makes a payment, a shopper or decide ends it, and webhooks
tell the merchant. make_payment makes a valid call by itself. When a call was refused, explain_call says why, how the rule is known, and
what to send instead. On a manual clock nothing happens before advance_clock; on another one wait until it has.`

// New makes a server.
func New(c Config) *sdk.Server {
	s := &server{Config: c, Server: sdk.NewServer(&sdk.Implementation{Name: "mozartosim", Title: "mozartosim", Version: c.Version},
		&sdk.ServerOptions{Instructions: instructions, Capabilities: &sdk.ServerCapabilities{}})}
	s.addPayments()
	s.addCalls()
	s.addTime()
	s.addScenarios()
	s.addContract()
	s.addHarness()
	s.addResources()
	return s.Server
}

// Handler serves New's server by streamable HTTP, without sessions. Whoever mounts it decides who may call it.
func Handler(c Config) http.Handler {
	s := New(c)
	return sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return s }, &sdk.StreamableHTTPOptions{Stateless: true, JSONResponse: true})
}
