package simulator

import (
	"context"
	"errors"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/pages"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
)

// hosted is what hosted pages need of the simulator.
type hosted struct{ simulator *Simulator }

// Session implements pages.Sessions.
func (h hosted) Session(ctx context.Context, slug, session string) (*pages.Session, error) {
	ctx, cancel := h.simulator.cashier.Stored(ctx)
	defer cancel()
	company, id, err := h.simulator.payments.BySession(ctx, session)
	noteSession(ctx, company, id, err)
	if err == nil {
		var tx *payments.Tx
		if tx, err = h.simulator.payments.Load(ctx, company, id); err == nil && tx.Provider.Slug == slug {
			return h.session(tx), nil
		}
	}
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, err
	}
	return nil, pages.ErrUnknown
}

func (h hosted) session(tx *payments.Tx) *pages.Session {
	p := tx.Payment
	mode, factor := h.simulator.runtimes.Get(p.Company).Clock.Mode()
	return &pages.Session{
		Tx: tx, Decimals: h.simulator.rules.Currencies[p.Currency].Decimals, Mode: mode, Factor: factor, Shopper: h.simulator.outcomes.Next(tx),
		Reveal: func(text []byte) []byte { return h.simulator.originals.Reveal(p.Terms, text) },
	}
}

// Opened implements pages.Sessions.
func (h hosted) Opened(ctx context.Context, s *pages.Session) error {
	return h.update(ctx, s, func(tx *payments.Tx) error {
		if event, ok := tx.Payment.OpenPage(tx.Now); ok {
			return tx.Record(event, nil)
		}
		return nil
	})
}

// TakeOver implements pages.Sessions.
func (h hosted) TakeOver(ctx context.Context, s *pages.Session) error {
	return h.update(ctx, s, func(tx *payments.Tx) error {
		ok, err := h.simulator.outcomes.TakeOver(tx)
		if !ok {
			return pages.ErrStale
		}
		return err
	})
}

// Decide implements pages.Sessions. How many decisions there are is counted in the very change that makes another one, so that
// of two clicks one decides.
func (h hosted) Decide(ctx context.Context, s *pages.Session, turn int, d adminapi.Decision) error {
	return h.update(ctx, s, func(tx *payments.Tx) error {
		expires := tx.Payment.PageExpires
		over := !expires.IsZero() && !tx.Now.Before(expires)
		if len(tx.Payment.Decisions) != turn || over && d.Action != string(provider.ActionExpire) {
			return pages.ErrStale
		}
		return h.simulator.outcomes.DecideIn(tx, d)
	})
}

// Approve implements pages.Sessions.
func (h hosted) Approve(ctx context.Context, s *pages.Session, approved bool) error {
	_, err := h.simulator.outcomes.Approve(ctx, s.Payment.Company, s.Payment.ID, approved, "")
	return err
}

// Left implements pages.Sessions.
func (h hosted) Left(ctx context.Context, s *pages.Session, result provider.Result, to string) error {
	return h.update(ctx, s, func(tx *payments.Tx) error {
		event, ok := tx.Payment.LeavePage(string(result), to, tx.Now)
		if !ok {
			return nil
		}
		return tx.Record(event, nil)
	})
}

// update changes a page's payment; the page goes on with what came of it.
func (h hosted) update(ctx context.Context, s *pages.Session, do func(*payments.Tx) error) error {
	ctx, cancel := h.simulator.cashier.Stored(ctx)
	defer cancel()
	p, err := h.simulator.payments.Update(ctx, s.Payment.Company, s.Payment.ID, do)
	if errors.Is(err, journal.ErrNotFound) {
		return pages.ErrStale
	}
	if err == nil {
		s.Payment = p
	}
	return err
}
