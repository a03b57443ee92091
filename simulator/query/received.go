package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// Received lists what the built-in inbox received, newest first: attempts at it, older than the entry before (0 = from the
// newest). left is the entry before which to go on, 0 at the end; a page may be short when few entries match.
func (q *Queries) Received(
	ctx context.Context, company string, before uint64, limit int,
) (found []adminapi.Received, left uint64, err error) {
	folded := map[string]*payment.Payment{}
	page := journal.FeedQuery{Newest: true, Before: before, Limit: pageSize}
	for read, last := 0, uint64(0); ; {
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
				if len(found) == limit { // there is a next page
					return found, last, nil
				}
				found, last = append(found, received), e.Seq
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

// received makes what the inbox received of an entry; ok is false when it is another entry.
func (q *Queries) received(
	ctx context.Context, company string, e journal.FeedEntry, folded map[string]*payment.Payment,
) (r adminapi.Received, ok bool, err error) {
	if payment.Kind(e.Kind) != payment.KindDeliveryAttempted {
		return r, false, nil
	}
	var made adminapi.Attempt
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
	return adminapi.Received{
		At: e.At, Delivery: d.ID, Payment: p.ID, PSP: p.PSP, N: made.N, Headers: made.Headers, Body: d.Body,
		Status: made.Status, Error: made.Error, Verdict: made.Verdict,
	}, true, nil
}
