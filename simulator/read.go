package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"mozartosim/simulator/control"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// atATime is how many streams or entries a reader asks the journal for.
const atATime = 500

// Deliveries returns a company's deliveries: those of the newest payment first, and the newest of a payment first. Only
// payments that have some are folded. The error is journal.ErrNotFound when q names a payment that there isn't.
func (s *Simulator) Deliveries(ctx context.Context, company string, q control.DeliveryQuery) ([]control.Delivery, error) {
	if q.Payment != "" {
		p, err := s.payment(ctx, company, q.Payment)
		if err != nil {
			return nil, err
		}
		return q.Pick(nil, &p, p.Ordinal), nil
	}
	filter := journal.Query{Limit: atATime}
	if q.State.Open() {
		filter.Labels = journal.Labels{{Name: "deliveries", Value: "open"}}
	}
	if q.Before.Ordinal > 0 {
		filter.Before = q.Before.Ordinal + 1 // the payment at which the page before ended may have more
	}
	var found []control.Delivery
	for len(found) < q.Limit {
		streams, err := s.journal.List(ctx, company, filter)
		if err != nil || len(streams) == 0 {
			return found, err
		}
		for _, st := range streams {
			if st.Labels.Get("deliveries") == "" {
				continue
			}
			p, err := s.payment(ctx, company, st.ID)
			if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("payment %s: %w", st.ID, err)
			}
			if found = q.Pick(found, &p, st.Ordinal); len(found) == q.Limit {
				return found, nil
			}
		}
		filter.Before = streams[len(streams)-1].Ordinal
	}
	return found, nil
}

// Delivery returns one delivery. The error is journal.ErrNotFound when there is none.
func (s *Simulator) Delivery(ctx context.Context, company, id string) (control.Delivery, error) {
	p, err := s.payment(ctx, company, paymentOf(id))
	return shownDelivery(&p, id, err)
}

// Received returns what the built-in inbox received, newest first: attempts whose target it is, older than the entry before
// (0 = from the newest).
func (s *Simulator) Received(ctx context.Context, company string, before uint64, limit int) ([]control.Received, error) {
	folded := map[string]*payment.Payment{}
	var found []control.Received
	for reading := (journal.Reading{Newest: true, Before: before, Limit: atATime}); len(found) < limit; {
		entries, err := s.journal.Feed(ctx, company, reading)
		if err != nil || len(entries) == 0 {
			return found, err
		}
		for _, e := range entries {
			received, ok, err := s.received(ctx, company, e, folded)
			if err != nil {
				return nil, err
			}
			if ok {
				if found = append(found, received); len(found) == limit {
					return found, nil
				}
			}
		}
		if reading.Before = entries[len(entries)-1].Seq; reading.Before == 1 {
			break
		}
	}
	return found, nil
}

// received makes what the inbox received out of an entry; ok is false when it is none of that.
func (s *Simulator) received(
	ctx context.Context, company string, e journal.Happening, folded map[string]*payment.Payment,
) (r control.Received, ok bool, err error) {
	if payment.Kind(e.Kind) != payment.KindDeliveryAttempted {
		return r, false, nil
	}
	var made payment.Attempt
	if err := json.Unmarshal(e.Data, &made); err != nil {
		return r, false, fmt.Errorf("attempt of payment %s: %w", e.Stream, err)
	}
	p := folded[e.Stream]
	if p == nil {
		read, err := s.payment(ctx, company, e.Stream)
		if errors.Is(err, journal.ErrNotFound) {
			return r, false, nil
		}
		if err != nil {
			return r, false, fmt.Errorf("payment %s: %w", e.Stream, err)
		}
		p = &read
		folded[e.Stream] = p
	}
	d, ok := p.Delivery(made.Delivery)
	if !ok || d.URL != InboxURL {
		return r, false, nil
	}
	return control.Received{
		Seq: e.Seq, At: e.At, Delivery: d.ID, Payment: p.ID, N: made.N, Headers: made.Headers, Body: d.Body,
		Status: made.Status, Error: made.Error,
	}, true, nil
}

// DueWork returns a company's next work, in order, and how much there is in all.
func (s *Simulator) DueWork(ctx context.Context, company string, limit int) (next []journal.Due, all int, err error) {
	stats, err := s.journal.Stats(ctx, company)
	if err != nil {
		return nil, 0, err
	}
	next, err = s.journal.Waiting(ctx, company, limit)
	return slices.Clip(next), stats.Due, err
}

// DueOf returns the work of one payment, in order. A journal that can't tell a stream's work apart is asked for the next of
// the company's.
func (s *Simulator) DueOf(ctx context.Context, company, id string) ([]journal.Due, error) {
	type ofStream interface {
		WaitingOf(ctx context.Context, company, stream string) ([]journal.Due, error)
	}
	if j, ok := s.journal.(ofStream); ok {
		return j.WaitingOf(ctx, company, id)
	}
	next, err := s.journal.Waiting(ctx, company, atATime)
	return slices.DeleteFunc(next, func(d journal.Due) bool { return d.Stream != id }), err
}
