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
	"mozartosim/simulator/provider"
)

// Payments lists payments, newest first. A page of a search may be short though Next tells to go on. A wrong cursor is journal.ErrCursor.
func (q *Queries) Payments(ctx context.Context, company string, by adminapi.PaymentQuery) (out adminapi.PaymentList, err error) {
	out.Payments = []adminapi.PaymentSummary{}
	list := journal.Query{Labels: wanted(by), Limit: by.Limit + 1} // one more tells whether there is a next page
	if list.Before, err = journal.Before(by.Cursor); err != nil {
		return out, err
	}
	var streams []journal.Stream
	var left uint64
	if by.Search == "" {
		streams, err = q.journal.List(ctx, company, list)
	} else {
		streams, left, err = q.search(ctx, company, list, mask.Cards(by.Search))
	}
	if err != nil {
		return out, fmt.Errorf("list payments: %w", err)
	}
	if len(streams) > by.Limit {
		streams = streams[:by.Limit]
		left = streams[by.Limit-1].Ordinal
	}
	out.Next = journal.Cursor(left)
	for _, st := range streams {
		one, _, err := q.payments.Read(ctx, company, st.ID)
		if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime, or no payment
			continue
		}
		if err != nil {
			return out, err
		}
		out.Payments = append(out.Payments, summaryOf(one))
	}
	return out, nil
}

// wanted are the labels, of payments.Labels, that are asked for; their values as they are kept.
func wanted(by adminapi.PaymentQuery) (labels journal.Labels) {
	for _, want := range [...]journal.Label{
		{Name: "psp", Value: by.PSP}, {Name: "type", Value: by.Type}, {Name: "status", Value: by.Status}, {Name: "userId", Value: by.UserID},
		{Name: "merchantReference", Value: by.MerchantReference}, {Name: "deliveries", Value: by.Webhooks},
	} {
		if want.Value != "" {
			labels = append(labels, journal.Label{Name: want.Name, Value: mask.Cards(want.Value)})
		}
	}
	return labels
}

// Payment reads a payment with its history. The error is journal.ErrNotFound when there is none.
func (q *Queries) Payment(ctx context.Context, company, id string) (adminapi.Payment, error) {
	p, entries, err := q.payments.Read(ctx, company, id)
	if err != nil {
		return adminapi.Payment{}, err
	}
	out := paymentOf(p)
	out.Page = q.page(p)
	for _, e := range entries {
		out.Events = append(out.Events, adminapi.Event{Seq: e.Seq, At: e.At, Kind: e.Kind, Data: e.Data})
	}
	return out, nil
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
