package control

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/query"
)

func listDeliveries(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	q := query.DeliveryQuery{Payment: r.query["payment"], State: r.query["state"], Limit: r.limit()}
	var err error
	if q.Before, err = cursorPlace(r.query["cursor"]); err != nil {
		return nil, err
	}
	found, left, err := r.Queries.Deliveries(ctx, c.ID, q)
	if err != nil {
		return nil, orNotFound(fmt.Errorf("list deliveries: %w", err), "company %s has no payment %s", c.Name, q.Payment)
	}
	return adminapi.DeliveryList{Deliveries: orEmpty(found), Next: cursorOf(left)}, nil
}

// cursorOf makes the cursor of the page after a delivery, "" for none.
func cursorOf(p query.Place) string {
	if p.Ordinal == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", p.Ordinal, p.N))
}

func cursorPlace(cursor string) (p query.Place, err error) {
	if cursor == "" {
		return p, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		ordinal, n, _ := strings.Cut(string(text), ".")
		if p.Ordinal, err = strconv.ParseUint(ordinal, 10, 63); err == nil {
			p.N, err = strconv.Atoi(n)
		}
	}
	if err != nil || p.Ordinal == 0 || p.N < 1 {
		return query.Place{}, wrongCursor()
	}
	return p, nil
}

func readDelivery(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	found, err := r.Queries.Delivery(ctx, c.ID, r.path["delivery"])
	return answerDelivery(r, c, found, err)
}

func resendDelivery(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	in, err := r.optional("ResendInput")
	if err != nil {
		return nil, err
	}
	var body *string // nil = the same again
	if text, given := in.Fields["body"].(string); given {
		body = &text
	}
	p, id, err := r.Deliveries.Resend(ctx, c.ID, r.path["delivery"], body)
	answer, err := ofPayment(r, c, p, id, err)
	return created{"/v1/deliveries/" + id + "?company=" + url.QueryEscape(c.ID), answer}, err
}

func cancelDelivery(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	p, err := r.Deliveries.Cancel(ctx, c.ID, r.path["delivery"])
	return ofPayment(r, c, p, r.path["delivery"], err)
}

func answerDelivery(r *request, c *backoffice.Company, d adminapi.Delivery, err error) (any, error) {
	if err != nil {
		return nil, orNotFound(err, "company %s has no delivery %s", c.Name, r.path["delivery"])
	}
	return d, nil
}

// ofPayment answers with a delivery of a payment that was changed.
func ofPayment(r *request, c *backoffice.Company, p *payment.Payment, id string, err error) (any, error) {
	if err != nil {
		return answerDelivery(r, c, adminapi.Delivery{}, err)
	}
	found, err := query.DeliveryOf(p, id)
	return answerDelivery(r, c, found, err)
}
