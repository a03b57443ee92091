package simulator

import (
	"context"
	"fmt"
	"strings"

	"mozartosim/simulator/control"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
)

// Over says that a delivery can't be cancelled any more.
type Over struct {
	Delivery string
	State    payment.DeliveryState
}

func (e *Over) Error() string {
	return fmt.Sprintf("delivery %s is %s: only a pending or retrying one can be cancelled", e.Delivery, e.State)
}

// Conflicts marks it as a matter of how things stand, not of the request.
func (*Over) Conflicts() {}

// Resend sends a webhook once more, as a new delivery that is due now and is tried once: with the same body or another one,
// to where the configuration sends webhooks now. The error is journal.ErrNotFound when there is no such delivery.
func (s *Simulator) Resend(ctx context.Context, company, delivery string, body *string) (control.Delivery, error) {
	var id string
	p, err := s.alter(ctx, s.tenant(company), paymentOf(delivery), func(c *change) error {
		old, ok := c.Delivery(delivery)
		if !ok {
			return journal.ErrNotFound
		}
		again := payment.Opening{
			ID: c.nextDelivery(), Notification: old.Notification, URL: c.target(), Body: old.Body, Auth: old.Auth, Due: c.now,
			Resend: true, Padded: old.Padded && body == nil,
		}
		if body != nil {
			again.Body = *body
		}
		id = again.ID
		return s.begin(c, again)
	})
	return shownDelivery(p, id, err)
}

// Cancel gives up a delivery to which another attempt is to come. Errors: *Over, journal.ErrNotFound.
func (s *Simulator) Cancel(ctx context.Context, company, delivery string) (control.Delivery, error) {
	p, err := s.alter(ctx, s.tenant(company), paymentOf(delivery), func(c *change) error {
		d, ok := c.Delivery(delivery)
		if !ok {
			return journal.ErrNotFound
		}
		if !d.State.Open() {
			return &Over{delivery, d.State}
		}
		event, err := c.CancelDelivery(payment.Cancellation{Delivery: delivery, By: "control"}, c.now)
		c.drop(attemptName(delivery))
		return c.note(event, err)
	})
	return shownDelivery(p, delivery, err)
}

func shownDelivery(p *payment.Payment, id string, err error) (control.Delivery, error) {
	if err != nil {
		return control.Delivery{}, err
	}
	d, ok := p.Delivery(id)
	if !ok {
		return control.Delivery{}, journal.ErrNotFound
	}
	return control.Delivery{Delivery: *d, Payment: p.ID, PSP: p.PSP}, nil
}

// paymentOf is the payment that a delivery's id names.
func paymentOf(delivery string) string {
	if i := strings.LastIndexByte(delivery, '-'); i > 0 {
		return delivery[:i]
	}
	return ""
}
