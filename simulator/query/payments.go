package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
)

// Find lists payments, newest first: those that list picks by payments.Labels, and only what search finds by text unless that is "".
// left is the ordinal before which to go on, 0 at the end; a page of a search may be short.
func (q *Queries) Find(ctx context.Context, company string, list journal.Query, text string) (found []adminapi.PaymentSummary, left uint64, err error) {
	for i, label := range list.Labels {
		list.Labels[i].Value = mask.Cards(label.Value) // as it is kept
	}
	limit := list.Limit
	list.Limit++ // one more tells whether there is a next page
	var streams []journal.Stream
	if text == "" {
		streams, err = q.journal.List(ctx, company, list)
	} else {
		streams, left, err = q.search(ctx, company, list, mask.Cards(text))
	}
	if err != nil {
		return nil, 0, fmt.Errorf("list payments: %w", err)
	}
	if len(streams) > limit {
		streams = streams[:limit]
		left = streams[limit-1].Ordinal
	}
	for _, st := range streams {
		one, _, err := q.fold(ctx, company, st.ID)
		if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime, or no payment
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		found = append(found, summaryOf(&one))
	}
	return found, left, nil
}

// Payment reads a payment with its history. The error is journal.ErrNotFound when there is none.
func (q *Queries) Payment(ctx context.Context, company, id string) (adminapi.Payment, error) {
	p, entries, err := q.fold(ctx, company, id)
	if err != nil {
		return adminapi.Payment{}, err
	}
	out := paymentOf(&p)
	out.Page = q.page(&p)
	for _, e := range entries {
		out.Events = append(out.Events, adminapi.Event{Seq: e.Seq, At: e.At, Kind: e.Kind, Data: e.Data})
	}
	return out, nil
}

// fold reads a payment and its entries.
func (q *Queries) fold(ctx context.Context, company, id string) (payment.Payment, []journal.Entry, error) {
	entries, err := q.journal.Entries(ctx, company, id)
	if err != nil {
		return payment.Payment{}, nil, fmt.Errorf("read payment %s: %w", id, err)
	}
	if len(entries) == 0 || entries[0].Kind != string(payment.KindOpened) { // another kind of stream
		return payment.Payment{}, nil, journal.ErrNotFound
	}
	p, err := payments.Fold(entries)
	if err != nil {
		return payment.Payment{}, nil, fmt.Errorf("read payment %s: %w", id, err)
	}
	return *p, entries, nil
}

// page is where the shopper pays, "" when the answer had no redirect.
func (q *Queries) page(p *payment.Payment) string {
	if p.Answer == nil {
		return ""
	}
	known, _ := provider.Find(p.PSP)
	var answer struct {
		Data map[string]json.RawMessage `json:"data"`
	}
	if known.Redirect != "" && json.Unmarshal(p.Answer.Body, &answer) == nil && len(answer.Data[known.Redirect]) > len(`""`) {
		return q.baseOf(answer.Data[known.Redirect]) + "/pay/" + known.Slug + "/" + p.Session
	}
	return ""
}

// baseOf is the base URL of a page: the one that was set, or else that of the redirect that was answered.
func (q *Queries) baseOf(redirect json.RawMessage) string {
	var text string
	if q.base.Fixed() == "" && json.Unmarshal(redirect, &text) == nil {
		if base, _, found := strings.Cut(text, "/pay/"); found && listener.CheckBase(base) == nil {
			return base
		}
	}
	return q.base.URL()
}
