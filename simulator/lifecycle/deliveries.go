package lifecycle

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/observed"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/tracing"
	"mozartosim/simulator/webhook"
)

// Deliveries deliver webhooks to merchants' handlers, or to the built-in inbox. The fields are what they work with.
type Deliveries struct {
	Payments      *payments.Store
	Observed      *observed.Observations
	Sender        *webhook.Client
	Inbox         *company.Settings  // answers for the companies' inboxes
	Originals     *company.Originals // puts what the merchant wrote back into a webhook that was kept masked
	Clock         func(company string) *clock.Clock
	Authorization string        // the template of secured webhooks' Authorization header
	Timeout       time.Duration // of one attempt
	Observe       func(company string, a adminapi.Attempt)
	Unrecorded    func() // is called when a webhook has left and what came of it could not be recorded at once
	Log           *slog.Logger
	Tracer        *tracing.Tracer // nil = attempts have no spans
}

// hugeBody is the one misbehaviour that is made for each attempt: megabytes of padding are not kept in the journal.
const hugeBody = "huge"

// open begins to deliver the nth copy of a notification's webhook.
func (d *Deliveries) open(tx *payments.Tx, n adminapi.Notification, nth int, c scenario.Copy, at time.Time) error {
	fields, seen := tx.Provider.Payload(tx.Payment.Terms, n), []string(nil)
	if webhook := d.Observed.Webhook(tx.Payment.PSP); webhook != nil {
		fields, seen = webhook.Apply(fields, observed.Payment{ID: tx.Payment.ID, Now: tx.Now})
	}
	body := fields.Append(make([]byte, 0, 512), true)
	padded := c.Body == hugeBody
	if c.Body != "" && !padded {
		body = d.mutate(tx, n.N, c.Body, body)
	}
	opening := adminapi.Delivery{
		ID: nextID(tx.Payment), Notification: n.N, URL: target(tx), Body: string(body),
		Auth: c.Auth, Padded: padded, Due: at, Observed: seen,
	}
	if nth > 1 {
		opening.Copy = nth
	}
	return begin(tx, opening)
}

// mutate spoils a webhook's body as a scenario says, the same way for every copy and attempt. A body that was observed without the
// field that is to be spoiled stays as it is.
func (d *Deliveries) mutate(tx *payments.Tx, notification int, kind string, body []byte) []byte {
	draw := tx.Random("body " + strconv.Itoa(notification))
	mutated, err := webhook.MutateBody(kind, body, draw, draw.ObjectID(tx.Now, tx.Payment.Ordinal))
	if err != nil {
		d.Log.Warn("a webhook is sent as it is: the scenario can't spoil it", "payment", tx.Payment.ID, "error", err)
		return body
	}
	return mutated
}

// target is where the payment's webhooks go, as the configuration has it now.
func target(tx *payments.Tx) string {
	if url := tx.Company.PSPs[tx.Payment.PSP].Text("webhookUrl"); url != "" {
		return url
	}
	return backoffice.InboxURL
}

func nextID(p *payment.Payment) string { return adminapi.DeliveryID(p.ID, len(p.Deliveries)+1) }

// begin records a delivery and schedules its first attempt.
func begin(tx *payments.Tx, o adminapi.Delivery) error {
	tx.Record(tx.Payment.Deliver(o, tx.Now))
	return scheduleAttempt(tx, o.ID, o.URL, o.Due)
}

func scheduleAttempt(tx *payments.Tx, delivery, url string, at time.Time) error {
	data := payments.AttemptData{Target: webhook.PoolKey(tx.Payment.Company, url)}
	return tx.Schedule(payments.Attempt, payments.AttemptJob(delivery), at, data)
}

// Resend sends a webhook once more, as a new delivery that is due now and is attempted once: with the same body or another
// one, to where the configuration sends webhooks now. It returns the payment and the new delivery's id. The error is
// journal.ErrNotFound when there is no such delivery.
func (d *Deliveries) Resend(ctx context.Context, company, delivery string, body *string) (p *payment.Payment, id string, err error) {
	of, _ := adminapi.ParseDeliveryID(delivery)
	p, err = d.Payments.Update(ctx, company, of, func(tx *payments.Tx) error {
		old, ok := tx.Payment.Delivery(delivery)
		if !ok {
			return journal.ErrNotFound
		}
		again := adminapi.Delivery{
			ID: nextID(tx.Payment), Notification: old.Notification, URL: target(tx), Body: old.Body, Auth: old.Auth, Due: tx.Now,
			Resend: true, Padded: old.Padded && body == nil, Observed: old.Observed,
		}
		if body != nil {
			again.Body, again.Observed = *body, nil
		}
		id = again.ID
		return begin(tx, again)
	})
	return p, id, err
}

// Cancel gives up a delivery that would be attempted again. Errors: *payment.NotCancellable, journal.ErrNotFound.
func (d *Deliveries) Cancel(ctx context.Context, company, delivery string) (*payment.Payment, error) {
	of, _ := adminapi.ParseDeliveryID(delivery)
	return d.Payments.Update(ctx, company, of, func(tx *payments.Tx) error {
		if _, ok := tx.Payment.Delivery(delivery); !ok {
			return journal.ErrNotFound
		}
		tx.Cancel(payments.AttemptJob(delivery))
		event, err := tx.Payment.CancelDelivery(delivery, "control", tx.Now)
		if err != nil {
			return err
		}
		tx.Record(event)
		return nil
	})
}
