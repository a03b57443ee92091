package query

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/condition"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// maxCandidates bounds how many payments a wait that gives up lists.
const maxCandidates = 20

// Wait is a condition over {payment, delivery}, or over {call}, and how long to wait for it in real time.
type Wait struct {
	Condition *condition.Condition
	Limit     time.Duration
}

// Wait returns when a payment of the company, or one of its deliveries, meets the condition, or when the limit of real time has
// passed. On a manual clock nothing happens by itself: it looks once. The candidates are the newest payments and what the
// condition read of them.
func (q *Queries) Wait(ctx context.Context, company string, w Wait) (adminapi.WaitResult, error) {
	rt := q.runtimes.Get(company)
	if ReadsRequests(w.Condition) {
		return q.waitForRequest(ctx, rt, w)
	}
	limited, cancel := context.WithTimeout(ctx, w.Limit)
	defer cancel()
	s := search{queries: q, company: company, condition: w.Condition}
	resets := -1
	for {
		changed := q.journal.Changed(company)
		if times, _ := rt.Resets.Get(); times != resets { // everything is new
			resets, s.all = times, true
		}
		result, err := s.next(ctx)
		if err != nil || result.Met {
			return result, err
		}
		if mode, _ := rt.Clock.Mode(); mode == clock.Manual || !changedWithin(limited, time.Hour, changed, rt) {
			result.Candidates, err = s.candidates(ctx)
			return result, err
		}
	}
}

// search looks for what meets a condition.
type search struct {
	queries   *Queries
	company   string
	condition *condition.Condition

	all bool   // look at everything, not only at what has changed
	at  uint64 // the last entry that it has looked at
}

func (s *search) next(ctx context.Context) (result adminapi.WaitResult, err error) {
	if !s.all {
		return s.nextChanged(ctx)
	}
	if s.at, err = s.queries.newest(ctx, s.company); err != nil {
		return result, err
	}
	s.all = false
	err = s.queries.eachPayment(ctx, s.company, func(p *payment.Payment) (bool, error) {
		result, err = s.judge(ctx, p)
		return !result.Met, err
	})
	return result, err
}

// nextChanged looks at the payments to which something happened since the last time.
func (s *search) nextChanged(ctx context.Context) (adminapi.WaitResult, error) {
	for {
		entries, err := s.queries.journal.Feed(ctx, s.company, journal.FeedQuery{After: s.at, Limit: pageSize})
		if err != nil || len(entries) == 0 {
			return adminapi.WaitResult{}, err
		}
		s.at = entries[len(entries)-1].Seq
		looked := map[string]bool{}
		for _, e := range entries {
			if looked[e.Stream] {
				continue
			}
			looked[e.Stream] = true
			p, err := s.queries.payments.Read(ctx, s.company, e.Stream)
			if errors.Is(err, journal.ErrNotFound) {
				continue
			}
			if err != nil {
				return adminapi.WaitResult{}, err
			}
			if result, err := s.judge(ctx, &p); err != nil || result.Met {
				return result, err
			}
		}
	}
}

// judge checks a payment, or each of its deliveries when the condition is about them.
func (s *search) judge(ctx context.Context, p *payment.Payment) (result adminapi.WaitResult, err error) {
	if result.Delivery, result.Met, err = meets(s.condition, p); err != nil || !result.Met {
		return result, err
	}
	met, err := s.queries.Payment(ctx, s.company, p.ID)
	result.Payment = &met
	return result, err
}

// candidates lists the newest payments, and what the condition reads of them.
func (s *search) candidates(ctx context.Context) ([]adminapi.Candidate, error) {
	found := []adminapi.Candidate{}
	err := s.queries.eachPayment(ctx, s.company, func(p *payment.Payment) (bool, error) {
		views, err := viewsOf(s.condition, p)
		for _, v := range views {
			if len(found) == maxCandidates {
				break
			}
			c := adminapi.Candidate{Payment: p.ID, Description: v.describe(s.condition)}
			if v.delivery != nil {
				c.Delivery = v.delivery.ID
			}
			found = append(found, c)
		}
		if len(views) == 0 {
			found = append(found, adminapi.Candidate{Payment: p.ID, Description: fmt.Sprintf("the payment is %s and has no delivery", p.Status)})
		}
		return len(found) < maxCandidates, err
	})
	return found, err
}
