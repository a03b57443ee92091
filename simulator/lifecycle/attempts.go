package lifecycle

import (
	"context"
	"net/http"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/webhook"
)

// attempt attempts a delivery once and keeps what came of it; nil when the delivery is over, because it was cancelled in the
// meantime.
func (d *Deliveries) attempt(ctx context.Context, company string, job journal.Job, delivery string) (*payment.Attempt, error) {
	tx, err := d.Payments.Load(ctx, company, job.Stream)
	if err != nil {
		return nil, err
	}
	open, ok := tx.Payment.Delivery(delivery)
	if !ok || !open.State.Open() {
		_, err := d.Payments.UpdateLoaded(ctx, tx, func(tx *payments.Tx) error { tx.Complete(job.ID); return nil })
		return nil, err
	}
	request, err := d.prepare(tx, open)
	if err != nil {
		return nil, err
	}
	url := open.URL
	result, took := d.send(ctx, company, request)
	var made payment.Attempt
	_, err = d.Payments.UpdateLoaded(ctx, tx, func(tx *payments.Tx) error {
		made = d.judge(tx, delivery, request.Headers(), result, took)
		tx.Complete(job.ID)
		if err := tx.Record(tx.Payment.Attempted(made, tx.Now)); err != nil {
			return err
		}
		if made.Next.IsZero() {
			return nil
		}
		return scheduleAttempt(tx, delivery, url, made.Next)
	})
	d.observe(company, job.Stream, url, made)
	return &made, err
}

// observe counts an attempt, and logs a delivery's first failure and its end.
func (d *Deliveries) observe(company, id, url string, made payment.Attempt) {
	d.Observe(made)
	told := made.N == 1 || made.State == payment.DeliveryExhausted
	if told && made.State != payment.DeliveryDelivered && url != backoffice.InboxURL {
		d.Log.Warn("webhook failed", "company", company, "payment", id, "delivery", made.Delivery, "attempt", made.N, "url", url,
			"status", made.Status, "error", made.Error, "now", made.State)
	}
}

// prepare makes the request of an attempt, with the secret as the configuration has it now.
func (d *Deliveries) prepare(tx *payments.Tx, open *payment.Delivery) (webhook.Attempt, error) {
	psp := tx.Company.PSPs[tx.Payment.PSP]
	header := http.Header{}
	auth := ""
	if psp.Flag("isWebhookSecured", false) {
		auth = webhook.Authorization(d.Authorization, psp.Text("webhookSecret"))
	}
	if open.Auth != "" {
		auth = webhook.MutateAuth(open.Auth, auth, tx.Random("auth"))
	}
	if auth != "" {
		header.Set("Authorization", auth)
	}
	body := []byte(open.Body)
	if open.Padded {
		padded, err := mutate(tx, open.Notification, hugeBody, body)
		if err != nil {
			return webhook.Attempt{}, err
		}
		body = padded
	}
	return webhook.Attempt{URL: open.URL, Header: header, Body: d.Originals.Reveal(tx.Payment.Terms, body)}, nil
}

// send makes the attempt: to the built-in inbox, or over HTTP. On a manual clock nothing takes time but what the inbox was told
// to take, so that two runs give the same journal.
func (d *Deliveries) send(ctx context.Context, company string, a webhook.Attempt) (result webhook.Result, took time.Duration) {
	at := d.Clock(company)
	mode, _ := at.Mode()
	if a.URL == backoffice.InboxURL {
		result, took = d.Inbox.InboxAnswer(ctx, company, d.Timeout)
		if mode != clock.Manual {
			_, _ = at.Hold(ctx, took)
		}
		return result, took
	}
	result = d.Sender.Send(ctx, a)
	if mode == clock.Manual {
		return result, 0
	}
	return result, result.Took
}

// judge says what an attempt makes of its delivery: delivered, another attempt by the retry schedule, or exhausted.
func (d *Deliveries) judge(tx *payments.Tx, delivery string, header http.Header, r webhook.Result, took time.Duration) payment.Attempt {
	open, _ := tx.Payment.Delivery(delivery)
	made := payment.Attempt{
		Delivery: delivery, N: len(open.Attempts) + 1, Headers: webhook.MaskHeaders(header),
		Status: r.Status, Answer: r.Header, Body: r.Body, Truncated: r.Truncated, TookMS: took.Milliseconds(),
		Error: r.Error, Stage: r.Stage, State: payment.DeliveryDelivered,
	}
	if r.Delivered() {
		return made
	}
	if !open.State.Open() { // cancelled while it was under way
		made.State = open.State
		return made
	}
	wait, more := d.retrySchedule(tx).Next(made.N)
	if made.State = payment.DeliveryExhausted; more && !open.Resend {
		made.State, made.Next = payment.DeliveryRetrying, tx.Now.Add(wait)
	}
	return made
}

// retrySchedule is the configuration's own, or the usual one; an empty one means no retries.
func (d *Deliveries) retrySchedule(tx *payments.Tx) webhook.RetrySchedule {
	schedule, err := webhook.ParseRetrySchedule(tx.Company.PSPs[tx.Payment.PSP].Texts("retrySchedule"))
	if err != nil { // the contract has checked its form; what is left is a duration out of bounds
		d.Log.Warn("retrySchedule is not usable, the usual one counts", "company", tx.Company.ID, "psp", tx.Payment.PSP, "error", err)
		return webhook.DefaultRetrySchedule()
	}
	return schedule
}
