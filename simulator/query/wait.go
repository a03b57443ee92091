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

// maxCandidates bounds how many payments or calls a wait that gives up lists.
const maxCandidates = 20

// Wait returns when a payment of the company, one of its deliveries, or a call meets the condition, or when the limit of real time has
// passed. On a manual clock nothing happens by itself: it looks once. The candidates are the newest payments or calls and what the
// condition read of them. A wrong condition is *openapi.Invalid.
func (q *Queries) Wait(ctx context.Context, company, condition string, limit time.Duration) (adminapi.WaitResult, error) {
	compiled, err := compile(q.contract, "condition", condition)
	if err != nil {
		return adminapi.WaitResult{}, err
	}
	rt := q.runtimes.Get(company)
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	s := search{queries: q, company: company, condition: compiled, calls: readsCalls(compiled)}
	if s.calls {
		defer q.requests.Watch()()
	}
	last := -1
	for {
		changed := q.journal.Changed(company)
		if resets := rt.Resets.Get(); resets.Times != last { // everything is new
			last, s.all = resets.Times, true
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
	calls     bool // the condition is about calls

	all  bool   // look at all payments, not only at those that have changed
	at   uint64 // the last entry that it has looked at
	call string // the newest call that it has looked at
}

// next looks at what is new.
func (s *search) next(ctx context.Context) (result adminapi.WaitResult, err error) {
	visit := func(one *subject) (more bool, err error) {
		result, err = s.judge(ctx, one)
		return !result.Met, err
	}
	seen := s.call
	switch {
	case s.calls:
		err = s.queries.each(ctx, s.company, true, func(one *subject) (bool, error) {
			if one.call.ID == seen { // it and those before it did not meet the condition
				return false, nil
			}
			if s.call == seen {
				s.call = one.call.ID
			}
			return visit(one)
		})
	case s.all:
		if s.at, err = s.queries.newest(ctx, s.company); err == nil {
			s.all = false
			err = s.queries.each(ctx, s.company, false, visit)
		}
	default:
		err = s.eachChanged(ctx, visit)
	}
	return result, err
}

// eachChanged visits the payments to which something happened since the last time.
func (s *search) eachChanged(ctx context.Context, visit func(*subject) (more bool, err error)) error {
	for {
		entries, err := s.queries.journal.Feed(ctx, s.company, journal.FeedQuery{After: s.at, Limit: pageSize})
		if err != nil || len(entries) == 0 {
			return err
		}
		s.at = entries[len(entries)-1].Seq
		looked := map[string]bool{}
		for _, e := range entries {
			if looked[e.Stream] {
				continue
			}
			looked[e.Stream] = true
			more, err := visit(&subject{queries: s.queries, company: s.company, payment: journal.Stream{ID: e.Stream}})
			if errors.Is(err, journal.ErrNotFound) {
				continue
			}
			if err != nil || !more {
				return err
			}
		}
	}
}

// judge checks a call, or a payment, or each of its deliveries when the condition is about them.
func (s *search) judge(ctx context.Context, one *subject) (result adminapi.WaitResult, err error) {
	by, _, err := one.meets(ctx, s.condition)
	if err != nil || by == nil {
		return result, err
	}
	result = adminapi.WaitResult{Met: true, Delivery: by.delivery, Request: one.call}
	if one.call == nil {
		met, err := s.queries.Payment(ctx, s.company, one.payment.ID)
		if err != nil {
			return adminapi.WaitResult{}, err // it was dropped in the meantime
		}
		result.Payment = &met
	}
	return result, nil
}

// candidates lists the newest payments or calls, what the condition reads of them, and what they wait for.
func (s *search) candidates(ctx context.Context) ([]adminapi.Candidate, error) {
	found, stands := []adminapi.Candidate{}, ""
	if mode, _ := s.queries.runtimes.Get(s.company).Clock.Mode(); mode == clock.Manual {
		stands = "; the clock is manual: advance it"
	}
	err := s.queries.each(ctx, s.company, s.calls, func(one *subject) (bool, error) {
		views, err := one.views(ctx, s.condition)
		for _, v := range views[:min(len(views), maxCandidates-len(found))] {
			c := one.name()
			if c.Description = v.describe(s.condition); v.delivery != nil {
				c.Delivery = v.delivery.ID
				c.Description += waitsFor(v.delivery, stands)
			}
			found = append(found, c)
		}
		if len(views) == 0 && err == nil {
			c := adminapi.Candidate{Payment: one.payment.ID, Description: fmt.Sprintf("the payment is %s and has no delivery", one.read.Status)}
			if one.read.Status == payment.Pending { // no job follows a final one
				c.Description += stands
			}
			found = append(found, c)
		}
		return len(found) < maxCandidates, err
	})
	return found, err
}

// waitsFor says what came of an open delivery's last attempt, and that its clock stands.
func waitsFor(d *adminapi.Delivery, stands string) (text string) {
	if n := len(d.Attempts); n > 0 && d.State != payment.DeliveryDelivered {
		text = fmt.Sprintf("; attempt %d: %s", n, d.Attempts[n-1].Result())
	}
	if d.Open() {
		text += stands
	}
	return text
}
