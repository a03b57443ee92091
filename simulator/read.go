package simulator

import (
	"cmp"
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

// How many payments or entries one page of a list is made of: what is rare may take several pages to be found,
// but no page takes long.
const (
	mostFolded  = 500
	mostEntries = 20_000
)

// Deliveries returns a company's deliveries: those of the newest payment first, and the newest of a payment first. left is
// the place behind which to go on when it looked at as many payments as it may before the limit was reached; zero otherwise.
// The error is journal.ErrNotFound when q names a payment that there isn't.
func (s *Simulator) Deliveries(
	ctx context.Context, company string, q control.DeliveryQuery,
) (found []control.Delivery, left control.Place, err error) {
	if q.Payment != "" {
		p, err := s.payment(ctx, company, q.Payment)
		if err != nil {
			return nil, left, err
		}
		return q.Pick(nil, &p, p.Ordinal), left, nil
	}
	before := uint64(0)
	if q.Before.Ordinal > 0 {
		before = q.Before.Ordinal + 1 // the payment at which the page before ended may have more
	}
	for read, folded := 0, 0; ; {
		streams, err := s.withDeliveries(ctx, company, before, q.State)
		if err != nil || len(streams) == 0 {
			return found, left, err
		}
		for _, st := range streams {
			if read++; read == mostEntries || folded == mostFolded {
				return found, control.Place{Ordinal: st.Ordinal + 1, N: 1}, nil
			}
			if st.Labels.Get("deliveries") == "" {
				continue
			}
			folded++
			p, err := s.payment(ctx, company, st.ID)
			if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime
				continue
			}
			if err != nil {
				return nil, left, fmt.Errorf("payment %s: %w", st.ID, err)
			}
			if found = q.Pick(found, &p, st.Ordinal); len(found) == q.Limit {
				return found, left, nil
			}
		}
		before = streams[len(streams)-1].Ordinal
	}
}

// withDeliveries lists the newest payments that may have deliveries in a state, by how their deliveries are summed up. Where
// most payments may, they are all listed: to seek each sum by itself would be to look through the whole journal for the rare
// ones.
func (s *Simulator) withDeliveries(
	ctx context.Context, company string, before uint64, state payment.DeliveryState,
) (all []journal.Stream, err error) {
	queries := []journal.Labels{nil}
	switch open := (journal.Label{Name: "deliveries", Value: "open"}); {
	case state.Open():
		queries = []journal.Labels{{open}}
	case state == payment.DeliveryExhausted: // beside one that is exhausted another may be open
		queries = []journal.Labels{{open}, {{Name: "deliveries", Value: "exhausted"}}}
	}
	for _, labels := range queries {
		some, err := s.journal.List(ctx, company, journal.Query{Labels: labels, Before: before, Limit: atATime})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b journal.Stream) int { return cmp.Compare(b.Ordinal, a.Ordinal) })
	// A sum that changed in between may have listed a payment twice.
	all = slices.CompactFunc(all, func(a, b journal.Stream) bool { return a.Ordinal == b.Ordinal })
	return all[:min(len(all), atATime)], nil
}

// Delivery returns one delivery. The error is journal.ErrNotFound when there is none.
func (s *Simulator) Delivery(ctx context.Context, company, id string) (control.Delivery, error) {
	p, err := s.payment(ctx, company, paymentOf(id))
	return shownDelivery(&p, id, err)
}

// Received returns what the built-in inbox received, newest first: attempts whose target it is, older than the entry before
// (0 = from the newest). left is the entry before which to go on when it looked at as many entries as it may before the limit
// was reached, 0 otherwise.
func (s *Simulator) Received(
	ctx context.Context, company string, before uint64, limit int,
) (found []control.Received, left uint64, err error) {
	folded := map[string]*payment.Payment{}
	reading := journal.FeedQuery{Newest: true, Before: before, Limit: atATime}
	for read := 0; ; {
		entries, err := s.journal.Feed(ctx, company, reading)
		if err != nil || len(entries) == 0 {
			return found, 0, err
		}
		for _, e := range entries {
			received, ok, err := s.received(ctx, company, e, folded)
			if err != nil {
				return nil, 0, err
			}
			if ok {
				if found = append(found, received); len(found) == limit {
					return found, 0, nil
				}
			}
			if read++; e.Seq > 1 && (read == mostEntries || len(folded) > mostFolded) {
				return found, e.Seq, nil
			}
		}
		if reading.Before = entries[len(entries)-1].Seq; reading.Before == 1 {
			return found, 0, nil
		}
	}
}

// received makes what the inbox received out of an entry; ok is false when it is none of that.
func (s *Simulator) received(
	ctx context.Context, company string, e journal.FeedEntry, folded map[string]*payment.Payment,
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
func (s *Simulator) DueWork(ctx context.Context, company string, limit int) (next []journal.Job, all int, err error) {
	stats, err := s.journal.Stats(ctx, company)
	if err != nil {
		return nil, 0, err
	}
	next, err = s.journal.PendingJobs(ctx, company, journal.JobQuery{Limit: limit})
	return slices.Clip(next), stats.Jobs, err
}

// DueOf returns the pending jobs of one payment, in order.
func (s *Simulator) DueOf(ctx context.Context, company, id string) ([]journal.Job, error) {
	return s.journal.PendingJobs(ctx, company, journal.JobQuery{Stream: id})
}
