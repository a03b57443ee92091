package query

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// How many payments or entries one page of a list is made of: what is rare may take several pages to be found, but no page
// takes long.
const (
	maxFolded  = 500
	maxEntries = 20_000
)

// Delivery is a webhook's delivery with the payment that it belongs to.
type Delivery struct {
	payment.Delivery
	Payment string `json:"payment"`
	PSP     string `json:"psp"`
	Place   Place  `json:"-"`
}

// Place is where a delivery stands in a list: the ordinal of its payment's stream, and its number in the payment.
type Place struct {
	Ordinal uint64
	N       int
}

// DeliveryQuery picks deliveries, newest first.
type DeliveryQuery struct {
	Payment string                // only of this payment
	State   payment.DeliveryState // only in this state
	Before  Place                 // only those after this one in the list
	Limit   int
}

// pick appends those of a payment's deliveries that q picks, up to its limit; ordinal is that of the payment's stream.
func (q DeliveryQuery) pick(found []Delivery, p *payment.Payment, ordinal uint64) []Delivery {
	for i := len(p.Deliveries) - 1; i >= 0 && len(found) < q.Limit; i-- {
		d := &p.Deliveries[i]
		if q.State != "" && d.State != q.State || q.Before.Ordinal == ordinal && i+1 >= q.Before.N {
			continue
		}
		found = append(found, Delivery{Delivery: *d, Payment: p.ID, PSP: p.PSP, Place: Place{ordinal, i + 1}})
	}
	return found
}

// DeliveryOf returns one of a payment's deliveries. The error is journal.ErrNotFound when it has none of the id.
func DeliveryOf(p *payment.Payment, id string) (Delivery, error) {
	d, ok := p.Delivery(id)
	if !ok {
		return Delivery{}, journal.ErrNotFound
	}
	return Delivery{Delivery: *d, Payment: p.ID, PSP: p.PSP}, nil
}

// Delivery returns one delivery. The error is journal.ErrNotFound when there is none.
func (q *Queries) Delivery(ctx context.Context, company, id string) (Delivery, error) {
	of, _, _ := strings.Cut(id, "-")
	p, err := q.payments.Read(ctx, company, of)
	if err != nil {
		return Delivery{}, err
	}
	return DeliveryOf(&p, id)
}

// Deliveries returns a company's deliveries: those of the newest payment first, and the newest of a payment first. left is the
// place after which to go on when it read as many payments as it may before the limit was reached; zero otherwise. The error
// is journal.ErrNotFound when d names a payment that does not exist.
func (q *Queries) Deliveries(ctx context.Context, company string, d DeliveryQuery) (found []Delivery, left Place, err error) {
	if d.Payment != "" {
		p, err := q.payments.Read(ctx, company, d.Payment)
		if err != nil {
			return nil, left, err
		}
		return d.pick(nil, &p, p.Ordinal), left, nil
	}
	before := uint64(0)
	if d.Before.Ordinal > 0 {
		before = d.Before.Ordinal + 1 // the payment at which the page before ended may have more
	}
	for read, folded := 0, 0; ; {
		streams, err := q.withDeliveries(ctx, company, before, d.State)
		if err != nil || len(streams) == 0 {
			return found, left, err
		}
		for _, st := range streams {
			if read++; read == maxEntries || folded == maxFolded {
				return found, Place{Ordinal: st.Ordinal + 1, N: 1}, nil
			}
			if st.Labels.Get("deliveries") == "" {
				continue
			}
			folded++
			p, err := q.payments.Read(ctx, company, st.ID)
			if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime
				continue
			}
			if err != nil {
				return nil, left, err
			}
			if found = d.pick(found, &p, st.Ordinal); len(found) == d.Limit {
				return found, left, nil
			}
		}
		before = streams[len(streams)-1].Ordinal
	}
}

// withDeliveries lists the newest payments that may have deliveries in a state, by how their deliveries are summed up. Where
// most payments may, they are all listed: to seek each sum by itself would read the whole journal for the rare ones.
func (q *Queries) withDeliveries(
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
		some, err := q.journal.List(ctx, company, journal.Query{Labels: labels, Before: before, Limit: pageSize})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b journal.Stream) int { return cmp.Compare(b.Ordinal, a.Ordinal) })
	// A sum that changed in between may have listed a payment twice.
	all = slices.CompactFunc(all, func(a, b journal.Stream) bool { return a.Ordinal == b.Ordinal })
	return all[:min(len(all), pageSize)], nil
}

// Received is a webhook that the built-in inbox received.
type Received struct {
	Seq      uint64            `json:"-"` // of its entry
	At       time.Time         `json:"at"`
	Delivery string            `json:"delivery"`
	Payment  string            `json:"payment"`
	N        int               `json:"n"` // the delivery's n-th attempt
	Headers  map[string]string `json:"headers"`
	Body     string            `json:"body"`
	Status   int               `json:"status,omitempty"` // what the inbox answered
	Error    string            `json:"error,omitempty"`  // why it did not
}

// Received returns what the built-in inbox received, newest first: attempts at it, older than the entry before (0 = from the
// newest). left is the entry before which to go on when it read as many entries as it may before the limit was reached, 0
// otherwise.
func (q *Queries) Received(
	ctx context.Context, company string, before uint64, limit int,
) (found []Received, left uint64, err error) {
	folded := map[string]*payment.Payment{}
	page := journal.FeedQuery{Newest: true, Before: before, Limit: pageSize}
	for read := 0; ; {
		entries, err := q.journal.Feed(ctx, company, page)
		if err != nil || len(entries) == 0 {
			return found, 0, err
		}
		for _, e := range entries {
			received, ok, err := q.received(ctx, company, e, folded)
			if err != nil {
				return nil, 0, err
			}
			if ok {
				if found = append(found, received); len(found) == limit {
					return found, 0, nil
				}
			}
			if read++; e.Seq > 1 && (read == maxEntries || len(folded) > maxFolded) {
				return found, e.Seq, nil
			}
		}
		if page.Before = entries[len(entries)-1].Seq; page.Before == 1 {
			return found, 0, nil
		}
	}
}

// received makes what the inbox received of an entry; ok is false when it is nothing of that.
func (q *Queries) received(
	ctx context.Context, company string, e journal.FeedEntry, folded map[string]*payment.Payment,
) (r Received, ok bool, err error) {
	if payment.Kind(e.Kind) != payment.KindDeliveryAttempted {
		return r, false, nil
	}
	var made payment.Attempt
	if err := json.Unmarshal(e.Data, &made); err != nil {
		return r, false, fmt.Errorf("attempt of payment %s: %w", e.Stream, err)
	}
	p := folded[e.Stream]
	if p == nil {
		read, err := q.payments.Read(ctx, company, e.Stream)
		if errors.Is(err, journal.ErrNotFound) {
			return r, false, nil
		}
		if err != nil {
			return r, false, err
		}
		p = &read
		folded[e.Stream] = p
	}
	d, ok := p.Delivery(made.Delivery)
	if !ok || d.URL != backoffice.InboxURL {
		return r, false, nil
	}
	return Received{
		Seq: e.Seq, At: e.At, Delivery: d.ID, Payment: p.ID, N: made.N, Headers: made.Headers, Body: d.Body,
		Status: made.Status, Error: made.Error,
	}, true, nil
}
