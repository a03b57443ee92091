package control

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// payments answers for payments and what people decide about them.
type payments struct {
	directory directory
	reader    *paymentReader
	decisions Decisions
}

func (p *payments) routes() map[string]methods {
	of := p.directory.of
	return map[string]methods{
		"/v1/companies/{company}/payments": {"GET": of(p.list)},
		"/v1/payments":                     {"GET": of(p.list)},
		"/v1/payments/{payment}":           {"GET": of(p.read)},
		"/v1/payments/{payment}/decide":    {"POST": of(p.decide)},
		"/v1/payments/{payment}/approve":   {"POST": of(p.approve)},
		"/v1/payments/{payment}/reject":    {"POST": of(p.reject)},
	}
}

func (p *payments) list(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	q, err := queryOf(r)
	if err != nil {
		return nil, err
	}
	limit := q.Limit
	q.Limit++ // one more tells whether there is a next page
	streams, err := p.reader.find(ctx, c.ID, q, r.query["q"])
	if err != nil {
		return nil, fmt.Errorf("list payments: %w", err)
	}
	out := adminapi.PaymentList{Payments: []adminapi.PaymentSummary{}}
	if len(streams) > limit {
		streams = streams[:limit]
		out.Next = cursorAfter(streams[limit-1].Ordinal)
	}
	for _, st := range streams {
		one, _, err := p.reader.fold(ctx, c.ID, st.ID)
		if errors.Is(err, journal.ErrNotFound) { // dropped in the meantime, or no payment
			continue
		}
		if err != nil {
			return nil, err
		}
		out.Payments = append(out.Payments, summaryOf(&one))
	}
	return out, nil
}

// queryOf picks payments by the labels of their streams, which are named as the query parameters are.
func queryOf(r *request) (q journal.Query, err error) {
	for _, name := range [...]string{"psp", "type", "status", "userId", "merchantReference"} {
		if r.query[name] != "" {
			q.Labels = append(q.Labels, journal.Label{Name: name, Value: r.query[name]})
		}
	}
	if state := r.query["webhooks"]; state != "" {
		q.Labels = append(q.Labels, journal.Label{Name: "deliveries", Value: state})
	}
	q.Limit = r.number("limit")
	q.Before, err = cursorOrdinal(r.query["cursor"])
	return q, err
}

// cursorAfter makes the cursor of the page after a payment: its ordinal, encoded so that clients don't rely on it.
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
	return 0, wrongCursor()
}

func wrongCursor() error { return breaks("cursor must be what an earlier answer gave as next") }

func (p *payments) read(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	return p.reader.read(ctx, c, r.path["payment"])
}

func (p *payments) decide(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	in, err := body[adminapi.DecisionInput](r)
	if err != nil {
		return nil, err
	}
	_, err = p.decisions.Decide(ctx, c.ID, r.path["payment"], payment.Decision{Action: in.Action, Reason: in.Reason, By: "control"})
	return p.decided(ctx, r, c, err)
}

func (p *payments) approve(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	_, err := p.decisions.Approve(ctx, c.ID, r.path["payment"], true, "")
	return p.decided(ctx, r, c, err)
}

func (p *payments) reject(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	in, err := optionalBody[adminapi.RejectionInput](r)
	if err != nil {
		return nil, err
	}
	_, err = p.decisions.Approve(ctx, c.ID, r.path["payment"], false, in.Reason)
	return p.decided(ctx, r, c, err)
}

// decided answers with the payment as it is after a decision.
func (p *payments) decided(ctx context.Context, r *request, c *backoffice.Company, err error) (any, error) {
	if err != nil {
		return nil, orNotFound(err, "company %s has no payment %s", c.Name, r.path["payment"])
	}
	return p.read(ctx, r, c)
}
