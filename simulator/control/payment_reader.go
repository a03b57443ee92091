package control

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
)

// paymentReader finds and reads payments.
type paymentReader struct {
	journal   Payments
	bySession func(ctx context.Context, session string) (company, payment string, err error)
	publicURL string
}

// read returns a payment with everything that happened to it.
func (p *paymentReader) read(ctx context.Context, c *backoffice.Company, id string) (out adminapi.Payment, err error) {
	read, entries, err := p.fold(ctx, c.ID, id)
	if err != nil {
		return out, orNotFound(err, "company %s has no payment %s", c.Name, id)
	}
	out = paymentOf(&read)
	out.Page = p.page(&read)
	out.Events = each(entries, func(e journal.Entry) adminapi.Event {
		return adminapi.Event{Seq: e.Seq, At: e.At, Kind: e.Kind, Data: e.Data}
	})
	return out, nil
}

// fold makes a payment of its events. The error is journal.ErrNotFound when there is none.
func (p *paymentReader) fold(ctx context.Context, company, id string) (payment.Payment, []journal.Entry, error) {
	entries, err := p.journal.Entries(ctx, company, id)
	if err != nil {
		return payment.Payment{}, nil, fmt.Errorf("read payment %s: %w", id, err)
	}
	if len(entries) == 0 || entries[0].Kind != string(payment.KindOpened) { // another kind of stream
		return payment.Payment{}, nil, journal.ErrNotFound
	}
	read, err := payment.Fold(each(entries, func(e journal.Entry) payment.Event {
		return payment.Event{Kind: payment.Kind(e.Kind), At: e.At, Data: e.Data}
	}))
	if err != nil {
		return payment.Payment{}, nil, fmt.Errorf("read payment %s: %w", id, err)
	}
	return read, entries, nil
}

// page is where the shopper pays, "" when the answer had no redirect.
func (p *paymentReader) page(read *payment.Payment) string {
	if read.Answer == nil {
		return ""
	}
	for _, known := range provider.All() {
		if known.Code != read.PSP || known.Redirect == "" {
			continue
		}
		var answer struct {
			Data map[string]json.RawMessage `json:"data"`
		}
		if json.Unmarshal(read.Answer.Body, &answer) == nil && len(answer.Data[known.Redirect]) > len(`""`) {
			return p.publicURL + "/pay/" + known.Slug + "/" + read.Session
		}
	}
	return ""
}

// find lists the streams that q picks; with a text, only the payment whose id or session it is, or those whose merchant
// reference or user it is.
func (p *paymentReader) find(ctx context.Context, company string, q journal.Query, text string) ([]journal.Stream, error) {
	if text == "" {
		return p.journal.List(ctx, company, q)
	}
	if id, err := p.byID(ctx, company, text); id != "" || err != nil {
		return p.one(ctx, company, q, id, err)
	}
	var found []journal.Stream
	for _, name := range [...]string{"merchantReference", "userId"} {
		by := q
		by.Labels = slices.Concat(q.Labels, journal.Labels{{Name: name, Value: text}})
		some, err := p.journal.List(ctx, company, by)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	slices.SortFunc(found, func(a, b journal.Stream) int { return cmp.Compare(b.Ordinal, a.Ordinal) })
	found = slices.CompactFunc(found, func(a, b journal.Stream) bool { return a.Ordinal == b.Ordinal })
	return found[:min(len(found), q.Limit)], nil
}

// byID returns the payment whose id or session a text is, "" when it is neither.
func (p *paymentReader) byID(ctx context.Context, company, text string) (string, error) {
	if _, err := p.journal.Entries(ctx, company, text); err == nil {
		return text, nil
	} else if !errors.Is(err, journal.ErrNotFound) {
		return "", err
	}
	if p.bySession == nil {
		return "", nil
	}
	owner, id, err := p.bySession(ctx, text)
	if errors.Is(err, journal.ErrNotFound) || owner != company {
		return "", nil
	}
	return id, err
}

// one lists the one payment, when q picks it.
func (p *paymentReader) one(ctx context.Context, company string, q journal.Query, id string, err error) ([]journal.Stream, error) {
	if err != nil || q.Before > 0 { // it was on the first page
		return nil, err
	}
	read, entries, err := p.fold(ctx, company, id)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	labels := journal.Labels{
		{Name: "psp", Value: read.PSP}, {Name: "type", Value: read.Type}, {Name: "status", Value: string(read.Status)},
		{Name: "userId", Value: read.UserID}, {Name: "merchantReference", Value: read.MerchantReference},
		{Name: "deliveries", Value: read.DeliverySummary()},
	}
	for _, want := range q.Labels {
		if labels.Get(want.Name) != want.Value {
			return nil, nil
		}
	}
	return []journal.Stream{{Company: company, ID: id, Ordinal: read.Ordinal, Length: len(entries), Labels: labels}}, nil
}
