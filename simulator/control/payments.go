package control

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/query"
)

// filters are the query parameters that pick payments: each has the name of a label of a payment's stream.
var filters = [...]string{"psp", "type", "status", "userId", "merchantReference"}

// summary is a payment as a list shows it.
type summary struct {
	ID                string         `json:"id"`
	Company           string         `json:"company"`
	Ordinal           uint64         `json:"ordinal"`
	PSP               string         `json:"psp"`
	Type              string         `json:"type"`
	Variant           string         `json:"variant,omitempty"`
	Status            payment.Status `json:"status"`
	TransactionStatus string         `json:"transactionStatus"`
	UserID            string         `json:"userId"`
	BrandID           string         `json:"brandId,omitempty"`
	Amount            money.Amount   `json:"amount"`
	Currency          string         `json:"currency"`
	MerchantReference string         `json:"merchantReference"`
	Webhooks          string         `json:"webhooks,omitempty"` // taken together
	Created           time.Time      `json:"created"`
	Updated           time.Time      `json:"updated"`
}

// event is one thing that happened to a payment, as it is answered.
type event struct {
	Seq  uint64          `json:"seq"`
	At   time.Time       `json:"at"`
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}

// listPayments answers for both lists of payments: the company stands in the path, or in the query, or is the first.
func (s *server) listPayments(r *request) (reply, error) {
	name := r.path["company"]
	if name == "" {
		name = r.query["company"]
	}
	c, err := s.company(name)
	if err != nil {
		return reply{}, err
	}
	q, err := wanted(r.query)
	if err != nil {
		return reply{}, err
	}
	limit := q.Limit
	q.Limit++ // one more tells whether there is a next page
	streams, err := s.find(r.Context(), c.ID, q, r.query["q"])
	if err != nil {
		return reply{}, fmt.Errorf("list payments: %w", err)
	}
	next := ""
	if len(streams) > limit {
		streams = streams[:limit]
		next = cursorAfter(streams[limit-1].Ordinal)
	}
	list := []summary{}
	for _, st := range streams {
		p, _, err := s.payment(r.Context(), c.ID, st.ID)
		if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime, or no payment
			continue
		}
		if err != nil {
			return reply{}, err
		}
		list = append(list, summarise(p, st.Labels.Get("deliveries")))
	}
	return ok(map[string]any{"payments": list, "next": next})
}

func wanted(query map[string]string) (q journal.Query, err error) {
	for _, name := range filters {
		if query[name] != "" {
			q.Labels = append(q.Labels, journal.Label{Name: name, Value: query[name]})
		}
	}
	if sum := query["webhooks"]; sum != "" {
		q.Labels = append(q.Labels, journal.Label{Name: "deliveries", Value: sum})
	}
	if q.Before, err = cursorOrdinal(query["cursor"]); err != nil {
		return q, err
	}
	q.Limit, err = strconv.Atoi(query["limit"])
	return q, err
}

// cursorAfter makes the cursor of the page behind a payment: its ordinal, wrapped up so that nobody builds on that.
func cursorAfter(ordinal uint64) string {
	return base64.RawURLEncoding.EncodeToString(strconv.AppendUint(nil, ordinal, 36))
}

func cursorOrdinal(cursor string) (uint64, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		var ordinal uint64
		if ordinal, err = strconv.ParseUint(string(text), 36, 64); err == nil && ordinal > 0 {
			return ordinal, nil
		}
	}
	return 0, invalid("the request breaks the contract", "cursor must be what an earlier answer gave as next")
}

func summarise(p payment.Payment, webhooks string) summary {
	return summary{
		ID: p.ID, Company: p.Company, Ordinal: p.Ordinal, PSP: p.PSP, Type: p.Type, Variant: p.Variant,
		Status: p.Status, TransactionStatus: p.Status.Normalised(), UserID: p.UserID, BrandID: p.BrandID,
		Amount: p.Amount, Currency: p.Currency, MerchantReference: p.MerchantReference,
		Webhooks: webhooks, Created: p.Created, Updated: p.Updated,
	}
}

// paymentShown is a payment with everything that happened to it.
type paymentShown struct {
	payment.Payment
	TransactionStatus string           `json:"transactionStatus"`
	Webhooks          string           `json:"webhooks,omitempty"`
	Page              string           `json:"page,omitempty"`
	Deliveries        []query.Delivery `json:"deliveries,omitempty"`
	Events            []event          `json:"events"`
}

func (s *server) readPayment(r *request) (reply, error) {
	c, err := s.company(r.query["company"])
	if err != nil {
		return reply{}, err
	}
	return s.showPayment(r, c, r.path["payment"])
}

func (s *server) showPayment(r *request, c *backoffice.Company, id string) (reply, error) {
	shown, err := s.paymentShown(r.Context(), c, id)
	if err != nil {
		return reply{}, err
	}
	return ok(shown)
}

func (s *server) paymentShown(ctx context.Context, c *backoffice.Company, id string) (shown paymentShown, err error) {
	p, entries, err := s.payment(ctx, c.ID, id)
	if errors.Is(err, journal.ErrNotFound) {
		return shown, notFound("company %s has no payment %s", c.Name, id)
	}
	if err != nil {
		return shown, err
	}
	shown = paymentShown{Payment: p, TransactionStatus: p.Status.Normalised(), Webhooks: p.DeliverySummary(), Page: s.page(&p)}
	for _, d := range p.Deliveries {
		shown.Deliveries = append(shown.Deliveries, query.Delivery{Delivery: d, Payment: p.ID, PSP: p.PSP})
	}
	for _, e := range entries {
		shown.Events = append(shown.Events, event{e.Seq, e.At, e.Kind, e.Data})
	}
	return shown, nil
}

// payment makes a payment out of its events.
func (s *server) payment(ctx context.Context, company, id string) (payment.Payment, []journal.Entry, error) {
	entries, err := s.Payments.Entries(ctx, company, id)
	if err != nil {
		return payment.Payment{}, nil, fmt.Errorf("read payment %s: %w", id, err)
	}
	if len(entries) == 0 || entries[0].Kind != string(payment.KindOpened) { // another kind of stream
		return payment.Payment{}, nil, journal.ErrNotFound
	}
	events := make([]payment.Event, len(entries))
	for i, e := range entries {
		events[i] = payment.Event{Kind: payment.Kind(e.Kind), At: e.At, Data: e.Data}
	}
	p, err := payment.Fold(events)
	if err != nil {
		return payment.Payment{}, nil, fmt.Errorf("read payment %s: %w", id, err)
	}
	return p, entries, nil
}
