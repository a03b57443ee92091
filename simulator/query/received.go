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

// Received lists what the built-in inbox received, newest first: attempts at it. A page may be short though Next tells to go on, when few
// entries match. A wrong cursor is journal.ErrCursor.
func (q *Queries) Received(ctx context.Context, company string, page adminapi.Page) (out adminapi.ReceivedList, err error) {
	out.Received = []adminapi.Received{}
	by := journal.FeedQuery{Newest: true, Limit: pageSize}
	if by.Before, err = journal.Before(page.Cursor); err != nil {
		return out, err
	}
	folded := map[string]*payment.Payment{}
	for read, last := 0, uint64(0); ; {
		entries, err := q.journal.Feed(ctx, company, by)
		if err != nil || len(entries) == 0 {
			return out, err
		}
		for _, e := range entries {
			received, ok, err := q.received(ctx, company, e, folded)
			if err != nil {
				return out, err
			}
			if ok {
				if len(out.Received) == page.Limit { // there is a next page
					out.Next = journal.Cursor(last)
					return out, nil
				}
				out.Received, last = append(out.Received, received), e.Seq
			}
			if read++; e.Seq > 1 && (read == maxEntries || len(folded) > maxFolded) {
				out.Next = journal.Cursor(e.Seq)
				return out, nil
			}
		}
		if by.Before = entries[len(entries)-1].Seq; by.Before == 1 {
			return out, nil
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
		if p, _, err = q.payments.Read(ctx, company, e.Stream); errors.Is(err, journal.ErrNotFound) {
			return r, false, nil
		}
		if err != nil {
			return r, false, err
		}
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
