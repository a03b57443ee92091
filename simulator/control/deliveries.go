package control

import (
	"context"
	"net/url"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

func listDeliveries(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	by := queryOf[adminapi.DeliveryQuery](r)
	found, err := r.Queries.Deliveries(ctx, c.ID, by)
	return found, orNotFound(err, "company %s has no payment %s", c.Name, by.Payment)
}

func readDelivery(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	found, err := r.Queries.Delivery(ctx, c.ID, r.path["delivery"])
	return found, orNotFound(err, "company %s has no delivery %s", c.Name, r.path["delivery"])
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

// ofPayment answers with a delivery of a payment that was changed.
func ofPayment(r *request, c *backoffice.Company, p *payment.Payment, id string, err error) (any, error) {
	if err == nil {
		if d, ok := p.Delivery(id); ok {
			return *d, nil
		}
		err = journal.ErrNotFound
	}
	return nil, orNotFound(err, "company %s has no delivery %s", c.Name, r.path["delivery"])
}
