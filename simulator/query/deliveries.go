package query

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
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

// place is where a delivery stands in a list: the ordinal of its payment's stream, and its number in the payment.
type place struct {
	ordinal uint64
	n       int
}

// cursor is the place after which a list goes on, as clients get it.
func (p place) cursor() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", p.ordinal, p.n))
}

// placeAt reads what cursor made; the zero value for "". The error is journal.ErrCursor.
func placeAt(cursor string) (p place, err error) {
	if cursor == "" {
		return p, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		ordinal, n, _ := strings.Cut(string(text), ".")
		if p.ordinal, err = strconv.ParseUint(ordinal, 10, 63); err == nil {
			p.n, err = strconv.Atoi(n)
		}
	}
	if err != nil || p.ordinal == 0 || p.n < 1 {
		return place{}, journal.ErrCursor
	}
	return p, nil
}

// Delivery returns one delivery. The error is journal.ErrNotFound when there is none.
func (q *Queries) Delivery(ctx context.Context, company, id string) (adminapi.Delivery, error) {
	of, _ := adminapi.ParseDeliveryID(id)
	p, _, err := q.payments.Read(ctx, company, of)
	if err != nil {
		return adminapi.Delivery{}, err
	}
	d, ok := p.Delivery(id)
	if !ok {
		return adminapi.Delivery{}, journal.ErrNotFound
	}
	return *d, nil
}

// Deliveries lists a company's deliveries: those of the newest payment first, and the newest of a payment first. A page may be short
// though Next tells to go on, when few deliveries match. The error is journal.ErrNotFound when the query names a payment that does not
// exist, journal.ErrCursor for a wrong cursor.
func (q *Queries) Deliveries(ctx context.Context, company string, by adminapi.DeliveryQuery) (out adminapi.DeliveryList, err error) {
	after, err := placeAt(by.Cursor)
	if err != nil {
		return out, err
	}
	page := deliveryPage{query: by, after: after, found: []adminapi.Delivery{}}
	if by.Payment == "" {
		err = q.fill(ctx, company, &page)
	} else {
		var p *payment.Payment
		if p, _, err = q.payments.Read(ctx, company, by.Payment); err == nil {
			page.add(p, p.Ordinal)
		}
	}
	if err != nil {
		return out, fmt.Errorf("list deliveries: %w", err)
	}
	return adminapi.DeliveryList{Deliveries: page.found, Next: page.next}, nil
}

// fill adds deliveries of a company's payments until the page is full.
func (q *Queries) fill(ctx context.Context, company string, page *deliveryPage) error {
	before := uint64(0)
	if page.after.ordinal > 0 {
		before = page.after.ordinal + 1 // the payment at which the page before ended may have more
	}
	for folded := 0; ; {
		streams, err := q.withDeliveries(ctx, company, before, page.query.State)
		if err != nil || len(streams) == 0 {
			return err
		}
		for _, st := range streams {
			if folded++; folded > maxFolded {
				page.next = place{st.Ordinal + 1, 1}.cursor()
				return nil
			}
			p, _, err := q.payments.Read(ctx, company, st.ID)
			if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime
				continue
			}
			if err != nil {
				return err
			}
			if page.add(p, st.Ordinal); page.next != "" {
				return nil
			}
		}
		before = streams[len(streams)-1].Ordinal
	}
}

// deliveryPage is a page of a list while it is made.
type deliveryPage struct {
	query adminapi.DeliveryQuery
	after place // where it begins
	found []adminapi.Delivery
	last  place  // of the last one that was found
	next  string // cursor of the next page, once it is known that there is one
}

// add adds those of a payment's deliveries that the query picks; ordinal is that of the payment's stream.
func (l *deliveryPage) add(p *payment.Payment, ordinal uint64) {
	for i, d := range slices.Backward(p.Deliveries) {
		at := place{ordinal, i + 1}
		if l.query.State != "" && d.State != l.query.State || l.after.ordinal == ordinal && at.n >= l.after.n {
			continue
		}
		if len(l.found) == l.query.Limit {
			l.next = l.last.cursor()
			return
		}
		l.found, l.last = append(l.found, d), at
	}
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
