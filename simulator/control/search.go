package control

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
)

// find lists the streams that q picks; with a text, only the one whose id or session it is, and those whose merchant
// reference or user it is.
func (s *server) find(ctx context.Context, company string, q journal.Query, text string) ([]journal.Stream, error) {
	if text == "" {
		return s.Payments.List(ctx, company, q)
	}
	if id, err := s.exactly(ctx, company, text); id != "" || err != nil {
		return s.one(ctx, company, q, id, err)
	}
	var found []journal.Stream
	for _, name := range [...]string{"merchantReference", "userId"} {
		by := q
		by.Labels = slices.Concat(q.Labels, journal.Labels{{Name: name, Value: text}})
		some, err := s.Payments.List(ctx, company, by)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	slices.SortFunc(found, func(a, b journal.Stream) int { return cmp.Compare(b.Ordinal, a.Ordinal) })
	found = slices.CompactFunc(found, func(a, b journal.Stream) bool { return a.Ordinal == b.Ordinal })
	return found[:min(len(found), q.Limit)], nil
}

// exactly returns the payment whose id or session a text is, "" when it is neither.
func (s *server) exactly(ctx context.Context, company, text string) (string, error) {
	if _, err := s.Payments.Entries(ctx, company, text); err == nil {
		return text, nil
	} else if !errors.Is(err, journal.ErrNotFound) {
		return "", err
	}
	if s.BySession == nil {
		return "", nil
	}
	owner, id, err := s.BySession(ctx, text)
	if errors.Is(err, journal.ErrNotFound) || owner != company {
		return "", nil
	}
	return id, err
}

// one is the list of the one payment, when it is what q picks.
func (s *server) one(ctx context.Context, company string, q journal.Query, id string, err error) ([]journal.Stream, error) {
	if err != nil || q.Before > 0 { // it stood on the first page
		return nil, err
	}
	p, entries, err := s.payment(ctx, company, id)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	labels := journal.Labels{
		{Name: "psp", Value: p.PSP}, {Name: "type", Value: p.Type}, {Name: "status", Value: string(p.Status)},
		{Name: "userId", Value: p.UserID}, {Name: "merchantReference", Value: p.MerchantReference},
		{Name: "deliveries", Value: p.DeliverySummary()},
	}
	for _, want := range q.Labels {
		if labels.Get(want.Name) != want.Value {
			return nil, nil
		}
	}
	return []journal.Stream{{Company: company, ID: id, Ordinal: p.Ordinal, Length: len(entries), Labels: labels}}, nil
}

// page is where the shopper pays, "" when the answer led nowhere.
func (s *server) page(p *payment.Payment) string {
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
			return s.PublicURL + "/pay/" + known.Slug + "/" + p.Session
		}
	}
	return ""
}
