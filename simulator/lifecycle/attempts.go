package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/company"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/webhook"
)

// attempt attempts a delivery once and records what came of it; nil when the delivery is over, because it was cancelled in the
// meantime. The error is *payments.Unrecorded when the webhook has left.
func (d *Deliveries) attempt(ctx context.Context, company string, job journal.Job, delivery string) (*adminapi.Attempt, error) {
	tx, err := d.Payments.Load(ctx, company, job.Stream)
	if err != nil {
		return nil, err
	}
	open, ok := tx.Payment.Delivery(delivery)
	if !ok || !open.Open() {
		_, err := d.Payments.UpdateLoaded(ctx, tx, func(tx *payments.Tx) error { tx.Complete(job); return nil })
		return nil, err
	}
	request, verdict := d.prepare(tx, open)
	ctx, span := d.Tracer.Attempt(ctx, tx.Payment.Trace)
	defer span.Close()
	span.Send(request.Header)
	headers := webhook.MaskHeaders(request.Headers())
	result, took := d.send(ctx, company, incoming(delivery, headers), request)
	r := sent{company, delivery, open.URL, open.Created, len(open.Attempts), job, headers, verdict, result, took}
	span.Answered(result.Status)
	if !result.Delivered() {
		span.Fail(errors.New(cmp.Or(result.Error, "answered "+strconv.Itoa(result.Status))))
	}
	span.Add("company", company, "payment", job.Stream, "psp", tx.Payment.PSP, "delivery", delivery, "attempt", strconv.Itoa(r.before+1), "url", open.URL,
		"stage", result.Stage)
	made, err := r.recordIn(ctx, d, func(do func(*payments.Tx) error) error {
		_, err := d.Payments.UpdateLoaded(ctx, tx, do)
		return err
	})
	return made, d.unrecorded(r, err)
}

// sent is an attempt that was made.
type sent struct {
	company, delivery, url string
	opened                 time.Time // tells the delivery from one of the same id after a reset
	before                 int       // attempts
	job                    journal.Job
	headers                map[string]string // masked
	verdict                webhook.Verdict   // on its secret
	result                 webhook.Result
	took                   time.Duration
}

// recordIn records an attempt and schedules the next one, if there is to be one, in a unit of work.
func (r sent) recordIn(ctx context.Context, d *Deliveries, update func(func(*payments.Tx) error) error) (*adminapi.Attempt, error) {
	var made adminapi.Attempt
	err := update(func(tx *payments.Tx) error {
		open, ok := tx.Payment.Delivery(r.delivery)
		if !ok || len(open.Attempts) != r.before || !open.Created.Equal(r.opened) {
			return journal.ErrLost
		}
		if open.Open() { // otherwise it was cancelled meanwhile, and its job is gone
			tx.Complete(r.job)
		}
		made = d.judge(tx, r)
		event, err := tx.Payment.Attempted(made, tx.Now)
		if err != nil {
			return err
		}
		tx.Record(event)
		if made.Next.IsZero() {
			return nil
		}
		return scheduleAttempt(tx, r.delivery, r.url, made.Next)
	})
	if err != nil {
		return nil, err
	}
	d.observe(ctx, r, made)
	return &made, nil
}

// unrecorded wraps why an attempt could not be recorded, for it to be recorded later; the webhook is not sent again.
func (d *Deliveries) unrecorded(r sent, err error) error {
	if err == nil || errors.Is(err, journal.ErrLost) || errors.Is(err, journal.ErrNotFound) {
		return err
	}
	d.Unrecorded()
	return &payments.Unrecorded{Err: err, Record: func(ctx context.Context) (string, error) {
		made, err := r.recordIn(ctx, d, func(do func(*payments.Tx) error) error {
			_, err := d.Payments.Update(ctx, r.company, r.job.Stream, do)
			return err
		})
		if err != nil {
			return "", err
		}
		return describe(made), nil
	}}
}

// observe counts an attempt, and logs a delivery's first failure and its end.
func (d *Deliveries) observe(ctx context.Context, r sent, made adminapi.Attempt) {
	d.Observe(r.company, made)
	told := made.N == 1 || made.State == payment.DeliveryExhausted
	if told && made.State != payment.DeliveryDelivered && r.url != backoffice.InboxURL {
		d.Log.WarnContext(ctx, "webhook failed", "company", r.company, "payment", r.job.Stream, "delivery", made.Delivery, "attempt", made.N, "url", r.url,
			"status", made.Status, "error", cmp.Or(made.Error, "not answered 2xx"), "now", made.State)
	}
}

// prepare makes the request of an attempt, with the secret as the configuration has it now, and judges that.
func (d *Deliveries) prepare(tx *payments.Tx, open *adminapi.Delivery) (webhook.Attempt, webhook.Verdict) {
	psp := tx.Company.PSPs[tx.Payment.PSP]
	header, template, seen := http.Header{}, d.Authorization, d.Observed.Webhook(tx.Payment.PSP)
	if seen != nil {
		maps.Copy(header, seen.Headers)
		if template == webhook.DefaultTemplate { // another one was asked for
			template = cmp.Or(seen.Authorization, template)
		}
	}
	right, old := "", ""
	if psp.Secured() {
		right = webhook.Authorization(template, psp.Text("webhookSecret"))
	}
	auth := right
	if open.Auth != "" {
		old = webhook.Authorization(template, tx.Company.FormerSecret(tx.Payment.PSP))
		auth = webhook.MutateAuth(open.Auth, right, old, tx.Random("auth"))
	}
	if auth != "" {
		header.Set("Authorization", auth)
	}
	body := []byte(open.Body)
	if open.Padded {
		body = d.mutate(tx, open.Notification, hugeBody, body)
	}
	request := webhook.Attempt{URL: open.URL, Header: header, Body: d.Originals.Reveal(tx.Payment.Terms, body)}
	return request, webhook.Judge(auth, right, old)
}

// send makes the attempt: to the built-in inbox, or over HTTP. On a manual clock nothing takes time but what the inbox was told
// to take, so that two runs give the same journal.
func (d *Deliveries) send(ctx context.Context, company string, in company.Incoming, a webhook.Attempt) (result webhook.Result, took time.Duration) {
	at := d.Clock(company)
	mode, _ := at.Mode()
	if a.URL == backoffice.InboxURL {
		result, took = d.Inbox.InboxAnswer(ctx, company, in, d.Timeout)
		if mode != clock.Manual {
			_, _ = at.Hold(ctx, took)
		}
		if took > 0 || result.Took == 0 {
			return result, took
		}
	} else {
		result = d.Sender.Send(ctx, a)
	}
	if mode == clock.Manual {
		return result, 0
	}
	return result, result.Took
}

// incoming is an attempt as the inbox gets it.
func incoming(delivery string, headers map[string]string) company.Incoming {
	return company.Incoming{Delivery: delivery, Headers: headers}
}

// judge says what an attempt makes of its delivery: delivered, another attempt by the retry schedule, or exhausted.
func (d *Deliveries) judge(tx *payments.Tx, s sent) adminapi.Attempt {
	open, _ := tx.Payment.Delivery(s.delivery)
	r := s.result
	made := adminapi.Attempt{
		Delivery: s.delivery, N: len(open.Attempts) + 1, Headers: s.headers,
		Status: r.Status, Answer: r.Header, Body: r.Body, Truncated: r.Truncated, TookMS: s.took.Milliseconds(),
		Error: r.Error, Stage: r.Stage, State: payment.DeliveryDelivered,
	}
	if s.url == backoffice.InboxURL {
		made.Verdict = string(s.verdict)
	}
	if r.Delivered() {
		return made
	}
	if !open.Open() { // cancelled while it was under way
		made.State = open.State
		return made
	}
	wait, more := d.retrySchedule(tx).Next(made.N)
	if made.State = payment.DeliveryExhausted; more && !open.Resend {
		made.State, made.Next = payment.DeliveryRetrying, tx.Now.Add(wait)
	}
	return made
}

// retrySchedule is the configuration's own, or the observed one, or the usual one; an empty one means no retries.
func (d *Deliveries) retrySchedule(tx *payments.Tx) webhook.RetrySchedule {
	own := tx.Company.PSPs[tx.Payment.PSP].Texts("retrySchedule")
	if seen := d.Observed.Webhook(tx.Payment.PSP); own == nil && seen != nil && seen.Retries != nil {
		return seen.Retries
	}
	schedule, err := webhook.ParseRetrySchedule(own)
	if err != nil { // the contract has checked its form; what is left is a duration out of bounds
		d.Log.Warn("retrySchedule is not usable, the usual one counts", "company", tx.Company.ID, "psp", tx.Payment.PSP, "error", err)
		return webhook.DefaultRetrySchedule()
	}
	return schedule
}
