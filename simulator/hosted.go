package simulator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/mux"

	"mozartosim/fixtures"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/pages"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// hosted is what hosted pages need of the simulator.
type hosted struct{ *Simulator }

// mountPages adds the hosted pages to the public router.
func (s *Simulator) mountPages(router *mux.Router) error {
	cards, err := fixtures.Cards()
	if err != nil {
		return fmt.Errorf("test cards: %w", err)
	}
	names, err := fixtures.CardNames()
	if err != nil {
		return fmt.Errorf("test names: %w", err)
	}
	return pages.Mount(router, pages.Config{
		Sessions: hosted{s}, Cards: s.magic, TestCards: cards, TestNames: names, PublicURL: s.publicURL, Log: s.log,
	})
}

// Session implements pages.Sessions.
func (h hosted) Session(ctx context.Context, slug, session string) (*pages.Session, error) {
	found, err := h.journal.Find(ctx, sessionKey(session))
	if errors.Is(err, journal.ErrNotFound) {
		return nil, pages.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	company, ok := h.companies.Get(found.Company)
	if !ok { // deleted between the two look-ups
		return nil, pages.ErrUnknown
	}
	c, err := h.read(ctx, h.tenant(company.ID), company, found.ID)
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return nil, pages.ErrUnknown
	case err != nil:
		return nil, err
	case c.provider.Slug != slug:
		return nil, pages.ErrUnknown
	}
	return h.session(c), nil
}

func (h hosted) session(c *change) *pages.Session {
	mode, factor := h.tenant(c.Company).clock.Mode()
	return &pages.Session{
		Payment: c.Payment, Provider: c.provider, PSP: c.company.PSPs[c.PSP], Merchant: c.company.Name,
		Scripted: c.plan.HasThen, Decimals: h.rules.Currencies[c.Currency].Decimals,
		Now: c.now, Mode: mode, Factor: factor, Shopper: h.waitedFor(c),
		Draw: func(purpose string) *random.Stream { return h.draw(c.company.Seed, c.Company, c.Ordinal, purpose) },
	}
}

// waitedFor is the decision that is due by itself, as awaitOutcome has put it on the agenda; nil when there is none, or when
// somebody on the page has taken it over.
func (h hosted) waitedFor(c *change) *pages.Shopper {
	if c.Status != payment.Pending || outcomes(c.Payment) > 0 || !c.PageVisit().TakenOver.IsZero() || abandoned(c.Payment) {
		return nil
	}
	paged, by, from := c.Type == "PAYIN", "shopper", c.Created
	if !paged {
		by, from = "provider", c.Updated // when an admin approved it
	}
	if c.Answer != nil && paged && c.plan.Webhooks.Order != scenario.BeforeAnswer {
		from = from.Add(time.Duration(c.Answer.Delay) * time.Millisecond)
	}
	deed := h.shopper(c.plan, paged)
	if deed == nil || deed.Action == scenario.ActionAbandon {
		return nil
	}
	return &pages.Shopper{Does: deed.Action, Reason: deed.Reason, By: by, At: from.Add(deed.After.Fixed)}
}

// abandoned says whether somebody has said that nothing shall be done; the decision that was due is then gone.
func abandoned(p *payment.Payment) bool {
	for _, d := range p.Decisions {
		if scenario.ShopperAction(d.Action) == scenario.ActionAbandon {
			return true
		}
	}
	return false
}

// Opened implements pages.Sessions.
func (h hosted) Opened(ctx context.Context, s *pages.Session) error {
	return h.act(ctx, s, func(c *change) error {
		if event, ok := c.OpenPage(c.now); ok {
			return c.note(event, nil)
		}
		return nil
	})
}

// TakeOver implements pages.Sessions. The decision that was due is dropped; should it be under way already, it changes
// nothing (decidable).
func (h hosted) TakeOver(ctx context.Context, s *pages.Session) error {
	return h.act(ctx, s, func(c *change) error {
		if c.Status != payment.Pending || outcomes(c.Payment) > 0 {
			return pages.ErrStale
		}
		c.drop(nameDecision)
		if event, ok := c.TakeOverPage(c.now); ok {
			return c.note(event, nil)
		}
		return nil
	})
}

// Decide implements pages.Sessions. How many decisions there are is looked at in the very change that makes another one, so
// that of two clicks one decides.
func (h hosted) Decide(ctx context.Context, s *pages.Session, turn int, d payment.Decision) error {
	return h.act(ctx, s, func(c *change) error {
		over := !c.PageExpires.IsZero() && !c.now.Before(c.PageExpires)
		if len(c.Decisions) != turn || over && d.Action != string(provider.ActionExpire) {
			return pages.ErrStale
		}
		return h.decide(c, d)
	})
}

// Approve implements pages.Sessions.
func (h hosted) Approve(ctx context.Context, s *pages.Session, approved bool) error {
	_, err := h.Simulator.Approve(ctx, s.Payment.Company, s.Payment.ID, approved, "")
	return err
}

// Left implements pages.Sessions.
func (h hosted) Left(ctx context.Context, s *pages.Session, r payment.Return) error {
	return h.act(ctx, s, func(c *change) error {
		event, ok, err := c.LeavePage(r, c.now)
		if !ok {
			return err
		}
		return c.note(event, err)
	})
}

// act changes a page's payment; the page goes on with what came of it.
func (h hosted) act(ctx context.Context, s *pages.Session, do func(*change) error) error {
	p, err := h.alter(ctx, h.tenant(s.Payment.Company), s.Payment.ID, do)
	if errors.Is(err, journal.ErrNotFound) {
		return pages.ErrStale
	}
	if err == nil {
		s.Payment = p
	}
	return err
}
