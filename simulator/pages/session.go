package pages

import (
	"context"
	"errors"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/lifecycle"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
)

// ErrUnknown says that no payment has the session.
var ErrUnknown = errors.New("unknown session")

// ErrStale says that the payment has changed since the page was shown, or was removed: nothing was changed.
var ErrStale = errors.New("the payment has moved on since the page was shown")

// Sessions are the payments of hosted pages, and what a page does with them.
type Sessions interface {
	// Session finds the payment of a page. The error is ErrUnknown when there is none.
	Session(ctx context.Context, slug, session string) (*Session, error)
	// Opened records that the page was opened, once.
	Opened(ctx context.Context, s *Session) error
	// TakeOver lets the person on the page decide instead of the simulated shopper.
	TakeOver(ctx context.Context, s *Session) error
	// Decide ends the payment, if exactly turn decisions have been made so far; otherwise the error is ErrStale. An error that
	// has the method Conflicts says that the payment can't be decided so.
	Decide(ctx context.Context, s *Session, turn int, d adminapi.Decision) error
	// Approve approves a waiting pay-out, or rejects it.
	Approve(ctx context.Context, s *Session, approved bool) error
	// Left records that the browser was sent back to the merchant with a result, to a URL without its query.
	Left(ctx context.Context, s *Session, result provider.Result, to string) error
}

// Session is a hosted page's payment at one moment; nothing is recorded in its Tx.
type Session struct {
	*payments.Tx
	Decimals int                      // of the payment's currency
	Mode     clock.Mode               // how the company's clock moves
	Factor   float64                  // how many times as fast as the machine's; 0 when manual
	Shopper  *lifecycle.NextDecision  // the simulated shopper's, or of a pay-out the provider's; nil when none is about to decide
	Public   string                   // by which the browser reaches the pages
	Reveal   func(text []byte) []byte // puts the merchant's own words back into what was kept masked
}

// returnURL is where the shopper returns with a result; "" when it is unknown.
func (s *Session) returnURL(result provider.Result) (to string, example bool) {
	r := provider.Returning{Terms: s.Payment.Terms, PSP: s.Company.PSPs[s.Payment.PSP], Result: result, Decimals: s.Decimals, Public: s.Public}
	if s.Provider.ReturnsByRequest() {
		r.Request, _ = openapi.Decode(s.Reveal(s.Payment.Request)) // what can't be read has no URLs
	}
	target, ok := s.Provider.ReturnURL(r)
	if !ok {
		return "", false
	}
	return target.String(), exampleHost(target.Hostname())
}
