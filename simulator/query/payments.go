package query

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/listener"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
)

// PaymentQuery picks payments, newest first.
type PaymentQuery struct {
	Labels journal.Labels // those of payments.Labels that must match
	Text   string         // only what search finds by it; "" = all
	Before uint64         // only payments with a smaller ordinal; 0 = all
	Limit  int
}

// Find lists payments. left is the ordinal before which to go on, 0 at the end; a page of a search may be short.
func (q *Queries) Find(ctx context.Context, company string, p PaymentQuery) (found []adminapi.PaymentSummary, left uint64, err error) {
	for i, label := range p.Labels {
		p.Labels[i].Value = mask.Cards(label.Value) // as it is kept
	}
	list := journal.Query{Labels: p.Labels, Before: p.Before, Limit: p.Limit + 1} // one more tells whether there is a next page
	var streams []journal.Stream
	if p.Text == "" {
		streams, err = q.journal.List(ctx, company, list)
	} else {
		streams, left, err = q.search(ctx, company, list, mask.Cards(p.Text))
	}
	if err != nil {
		return nil, 0, fmt.Errorf("list payments: %w", err)
	}
	if len(streams) > p.Limit {
		streams = streams[:p.Limit]
		left = streams[p.Limit-1].Ordinal
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
	out.Events = each(entries, func(e journal.Entry) adminapi.Event {
		return adminapi.Event{Seq: e.Seq, At: e.At, Kind: e.Kind, Data: e.Data}
	})
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
	for _, known := range provider.All() {
		if known.Code != p.PSP || known.Redirect == "" {
			continue
		}
		var answer struct {
			Data map[string]json.RawMessage `json:"data"`
		}
		if json.Unmarshal(p.Answer.Body, &answer) == nil && len(answer.Data[known.Redirect]) > len(`""`) {
			return q.baseOf(answer.Data[known.Redirect]) + "/pay/" + known.Slug + "/" + p.Session
		}
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

// search lists the streams that list picks: the one whose id, session or end of an id a text is, or those whose merchant
// reference or user it is, or else those that have it in one of these, or that are of this amount. For the last it looks at
// so many streams and no more; left is where to go on then.
func (q *Queries) search(ctx context.Context, company string, list journal.Query, text string) (found []journal.Stream, left uint64, err error) {
	if id, err := q.byID(ctx, company, text); id != "" || err != nil {
		found, err = q.one(ctx, company, list, id, err)
		return found, 0, err
	}
	for _, name := range [...]string{"merchantReference", "userId"} {
		by := list
		by.Labels = slices.Concat(list.Labels, journal.Labels{{Name: name, Value: text}})
		some, err := q.journal.List(ctx, company, by)
		if err != nil {
			return nil, 0, err
		}
		found = append(found, some...)
	}
	slices.SortFunc(found, func(a, b journal.Stream) int { return cmp.Compare(b.Ordinal, a.Ordinal) })
	found = slices.CompactFunc(found, func(a, b journal.Stream) bool { return a.Ordinal == b.Ordinal })
	if len(found) > 0 {
		return found[:min(len(found), list.Limit)], 0, nil
	}
	return q.scan(ctx, company, list, text)
}

// mostSearched is how many payments scan looks at.
const mostSearched = 2000

// scan is the last part of search.
func (q *Queries) scan(ctx context.Context, company string, list journal.Query, text string) (found []journal.Stream, left uint64, err error) {
	limit, text, sum := list.Limit, strings.ToLower(text), twoDecimals(text)
	list.Limit = mostSearched / 4
	for range 4 {
		some, err := q.journal.List(ctx, company, list)
		if err != nil {
			return nil, 0, err
		}
		for _, st := range some {
			whole := strings.ToLower(st.ID + "\n" + st.Labels.Get("merchantReference") + "\n" + st.Labels.Get("userId"))
			if !strings.Contains(whole, text) && twoDecimals(st.Labels.Get("amount")) != sum {
				continue
			}
			if found = append(found, st); len(found) == limit {
				return found, 0, nil
			}
		}
		if len(some) < list.Limit {
			return found, 0, nil
		}
		list.Before = some[len(some)-1].Ordinal
	}
	return found, list.Before, nil
}

// twoDecimals writes an amount with two decimals at least, by which amounts that are written otherwise are the same.
func twoDecimals(amount string) string {
	whole, decimals, _ := strings.Cut(amount, ".")
	return whole + "." + decimals + "00"[:max(0, 2-len(decimals))]
}

// byID returns the payment whose id, end of an id or session a text is, "" when it is none.
func (q *Queries) byID(ctx context.Context, company, text string) (string, error) {
	if _, err := q.journal.Entries(ctx, company, text); err == nil {
		return text, nil
	} else if !errors.Is(err, journal.ErrNotFound) {
		return "", err
	}
	if id, err := q.byEnd(ctx, company, strings.ToLower(text)); id != "" || err != nil {
		return id, err
	}
	owner, id, err := q.payments.BySession(ctx, text)
	if errors.Is(err, journal.ErrNotFound) || owner != company {
		return "", nil
	}
	return id, err
}

// byEnd returns the payment whose id ends so: its last six digits are its ordinal.
func (q *Queries) byEnd(ctx context.Context, company, end string) (string, error) {
	end = strings.TrimPrefix(end, "…")
	if len(end) < 6 {
		return "", nil
	}
	ordinal, err := strconv.ParseUint(end[len(end)-6:], 16, 64)
	if err != nil {
		return "", nil //nolint:nilerr // it is no end of an id
	}
	at, err := q.journal.List(ctx, company, journal.Query{Before: ordinal + 1, Limit: 1})
	if err != nil || len(at) == 0 || !strings.HasSuffix(at[0].ID, end) {
		return "", err
	}
	return at[0].ID, nil
}

// one lists the one payment, when list picks it.
func (q *Queries) one(ctx context.Context, company string, list journal.Query, id string, err error) ([]journal.Stream, error) {
	if err != nil || list.Before > 0 { // it was on the first page
		return nil, err
	}
	p, entries, err := q.fold(ctx, company, id)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	labels := payments.Labels(&p)
	for _, want := range list.Labels {
		if labels.Get(want.Name) != want.Value {
			return nil, nil
		}
	}
	return []journal.Stream{{Company: company, ID: id, Ordinal: p.Ordinal, Length: len(entries), Labels: labels}}, nil
}
