package pages

import (
	"context"
	"errors"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/lifecycle"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
)

// errUnknown says that no payment has the session.
var errUnknown = errors.New("unknown session")

// errStale says that the payment has changed since the page was shown, or was removed: nothing was changed.
var errStale = errors.New("the payment has moved on since the page was shown")

// Sessions are the payments of hosted pages, and what a page does with them.
type Sessions struct {
	Payments   *payments.Store
	Outcomes   *lifecycle.Outcomes
	Originals  *company.Originals
	Clock      func(company string) *clock.Clock
	Currencies money.Currencies
	Stored     func(context.Context) (context.Context, context.CancelFunc) // bounds how long the journal may take
}

// session is a hosted page's payment at one moment; nothing is recorded in its Tx.
type session struct {
	*payments.Tx
	Decimals int                      // of the payment's currency
	Mode     clock.Mode               // how the company's clock moves
	Factor   float64                  // how many times as fast as the machine's; 0 when manual
	Shopper  *lifecycle.NextDecision  // the simulated shopper's, or of a pay-out the provider's; nil when none is about to decide
	Public   string                   // by which the browser reaches the pages
	Reveal   func(text []byte) []byte // puts the merchant's own words back into what was kept masked
}

// find finds the payment of a page by its provider and the name of its session. The error is errUnknown when there is none.
func (all *Sessions) find(ctx context.Context, slug, name string) (*session, error) {
	ctx, cancel := all.Stored(ctx)
	defer cancel()
	company, id, err := all.Payments.BySession(ctx, name)
	noteSession(ctx, company, id, err)
	if err == nil {
		var tx *payments.Tx
		if tx, err = all.Payments.Load(ctx, company, id); err == nil && tx.Provider.Slug == slug {
			return all.session(tx), nil
		}
	}
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, err
	}
	return nil, errUnknown
}

func (all *Sessions) session(tx *payments.Tx) *session {
	p := tx.Payment
	mode, factor := all.Clock(p.Company).Mode()
	return &session{
		Tx: tx, Decimals: all.Currencies[p.Currency].Decimals, Mode: mode, Factor: factor, Shopper: all.Outcomes.Next(tx),
		Reveal: func(text []byte) []byte { return all.Originals.Reveal(p.Terms, text) },
	}
}

// opened records that the page was opened, once.
func (all *Sessions) opened(ctx context.Context, s *session) error {
	return all.update(ctx, s, func(tx *payments.Tx) error {
		if event, ok := tx.Payment.OpenPage(tx.Now); ok {
			tx.Record(event)
		}
		return nil
	})
}

// takeOver lets the person on the page decide instead of the simulated shopper.
func (all *Sessions) takeOver(ctx context.Context, s *session) error {
	return all.update(ctx, s, func(tx *payments.Tx) error {
		if !all.Outcomes.TakeOver(tx) {
			return errStale
		}
		return nil
	})
}

// decide ends the payment, if exactly turn decisions have been made so far; otherwise the error is errStale. An error that has the
// method Conflicts says that the payment can't be decided so. How many decisions there are is counted in the very change that makes
// another one, so that of two clicks one decides.
func (all *Sessions) decide(ctx context.Context, s *session, turn int, d adminapi.Decision) error {
	return all.update(ctx, s, func(tx *payments.Tx) error {
		expires := tx.Payment.PageExpires
		over := !expires.IsZero() && !tx.Now.Before(expires)
		if len(tx.Payment.Decisions) != turn || over && d.Action != string(provider.ActionExpire) {
			return errStale
		}
		return all.Outcomes.DecideIn(tx, d)
	})
}

// approve approves a waiting pay-out, or rejects it.
func (all *Sessions) approve(ctx context.Context, s *session, approved bool) error {
	_, err := all.Outcomes.Approve(ctx, s.Payment.Company, s.Payment.ID, approved, "")
	return err
}

// left records that the browser was sent back to the merchant with a result, to a URL without its query.
func (all *Sessions) left(ctx context.Context, s *session, result provider.Result, to string) error {
	return all.update(ctx, s, func(tx *payments.Tx) error {
		if event, ok := tx.Payment.LeavePage(string(result), to, tx.Now); ok {
			tx.Record(event)
		}
		return nil
	})
}

// update changes a page's payment; the page goes on with what came of it.
func (all *Sessions) update(ctx context.Context, s *session, do func(*payments.Tx) error) error {
	ctx, cancel := all.Stored(ctx)
	defer cancel()
	p, err := all.Payments.Update(ctx, s.Payment.Company, s.Payment.ID, do)
	if errors.Is(err, journal.ErrNotFound) {
		return errStale
	}
	if err == nil {
		s.Payment = p
	}
	return err
}

// returnURL is where the shopper returns with a result; "" when it is unknown.
func (s *session) returnURL(result provider.Result) (to string, example bool) {
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
