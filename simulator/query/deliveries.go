package query

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// How many payments or entries one page of a list is made of: what is rare may take several pages to be found, but no page
// takes long.
const (
	maxFolded  = 500
	maxEntries = 8_000
)

// Place is where a delivery stands in a list: the ordinal of its payment's stream, and its number in the payment.
type Place struct {
	Ordinal uint64
	N       int
}

// DeliveryQuery picks deliveries, newest first.
type DeliveryQuery struct {
	Payment string // only of this payment
	State   string // only in this state
	Before  Place  // only those after this one in the list
	Limit   int
}

// listed is a delivery and where it stands in the list.
type listed struct {
	delivery adminapi.Delivery
	place    Place
}

// pick appends those of a payment's deliveries that q picks, up to one more than its limit, which tells whether there is a next
// page; ordinal is that of the payment's stream.
func (q DeliveryQuery) pick(found []listed, p *payment.Payment, ordinal uint64) []listed {
	for i := len(p.Deliveries) - 1; i >= 0 && len(found) <= q.Limit; i-- {
		d := &p.Deliveries[i]
		if q.State != "" && d.State != q.State || q.Before.Ordinal == ordinal && i+1 >= q.Before.N {
			continue
		}
		found = append(found, listed{*d, Place{ordinal, i + 1}})
	}
	return found
}

// page cuts what was found to the limit. left is the place after which to go on, zero at the end.
func (q DeliveryQuery) page(found []listed) (page []adminapi.Delivery, left Place) {
	if len(found) > q.Limit {
		found = found[:q.Limit]
		left = found[q.Limit-1].place
	}
	for _, l := range found {
		page = append(page, l.delivery)
	}
	return page, left
}

// DeliveryOf returns one of a payment's deliveries. The error is journal.ErrNotFound when it has none of the id.
func DeliveryOf(p *payment.Payment, id string) (adminapi.Delivery, error) {
	d, ok := p.Delivery(id)
	if !ok {
		return adminapi.Delivery{}, journal.ErrNotFound
	}
	return *d, nil
}

// Delivery returns one delivery. The error is journal.ErrNotFound when there is none.
func (q *Queries) Delivery(ctx context.Context, company, id string) (adminapi.Delivery, error) {
	of, _, _ := strings.Cut(id, "-")
	p, err := q.payments.Read(ctx, company, of)
	if err != nil {
		return adminapi.Delivery{}, err
	}
	return DeliveryOf(&p, id)
}

// Deliveries lists a company's deliveries: those of the newest payment first, and the newest of a payment first. left is the
// place after which to go on, zero at the end; a page may be short when few deliveries match. The error is journal.ErrNotFound
// when d names a payment that does not exist.
func (q *Queries) Deliveries(
	ctx context.Context, company string, d DeliveryQuery,
) (page []adminapi.Delivery, left Place, err error) {
	var found []listed
	if d.Payment != "" {
		p, err := q.payments.Read(ctx, company, d.Payment)
		if err != nil {
			return nil, left, err
		}
		page, left = d.page(d.pick(nil, &p, p.Ordinal))
		return page, left, nil
	}
	before := uint64(0)
	if d.Before.Ordinal > 0 {
		before = d.Before.Ordinal + 1 // the payment at which the page before ended may have more
	}
	for folded := 0; len(found) <= d.Limit; {
		streams, err := q.withDeliveries(ctx, company, before, d.State)
		if err != nil {
			return nil, left, err
		}
		if len(streams) == 0 {
			break
		}
		for _, st := range streams {
			if folded++; folded > maxFolded {
				page, _ = d.page(found)
				return page, Place{Ordinal: st.Ordinal + 1, N: 1}, nil
			}
			p, err := q.payments.Read(ctx, company, st.ID)
			if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime
				continue
			}
			if err != nil {
				return nil, left, err
			}
			if found = d.pick(found, &p, st.Ordinal); len(found) > d.Limit {
				break
			}
		}
		before = streams[len(streams)-1].Ordinal
	}
	page, left = d.page(found)
	return page, left, nil
}

// withDeliveries lists the newest payments that may have deliveries in a state, by how their deliveries are summed up. Where
// most payments may, they are all listed: to seek each sum by itself would read the whole journal for the rare ones.
func (q *Queries) withDeliveries(
	ctx context.Context, company string, before uint64, state string,
) (all []journal.Stream, err error) {
	const sum = "deliveries"
	queries := []journal.Query{{Having: sum}}
	switch open := (journal.Label{Name: sum, Value: "open"}); state {
	case payment.DeliveryPending, payment.DeliveryRetrying:
		queries = []journal.Query{{Labels: journal.Labels{open}}}
	case payment.DeliveryExhausted: // beside one that is exhausted another may be open
		queries = []journal.Query{{Labels: journal.Labels{open}}, {Labels: journal.Labels{{Name: sum, Value: "exhausted"}}}}
	}
	for _, one := range queries {
		one.Before, one.Limit = before, pageSize
		some, err := q.journal.List(ctx, company, one)
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
