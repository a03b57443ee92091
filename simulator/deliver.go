package simulator

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/webhook"
)

// attempting is the data of a due attempt.
type attempting struct {
	Delivery string `json:"delivery"`
	Lane     string `json:"lane"` // deliveries of a company to one target share it
}

// tell notes what the provider told and opens the webhooks that follow: none, one, or copies of it.
func (s *Simulator) tell(c *change, n telling) error {
	notice := payment.Notification{
		N: len(c.Notifications) + 1, Status: n.Status, TransactionStatus: n.As, Raw: n.Raw, Message: n.Message,
		Dropped: slices.Contains(c.plan.Webhooks.Drop, len(c.Notifications)+1),
	}
	if notice.TransactionStatus == "" {
		notice.TransactionStatus = n.Status.Normalised()
	}
	event, err := c.Notify(notice, c.now)
	if err := c.note(event, err); err != nil || notice.Dropped || !c.provider.Webhook {
		return err
	}
	for i := range max(1, c.plan.Webhooks.Copies) {
		at := n.Deliver.Add(time.Duration(i) * c.plan.Webhooks.Spaced.Fixed)
		if at.Before(c.now) {
			at = c.now
		}
		if err := s.openDelivery(c, notice, i+1, at); err != nil {
			return err
		}
	}
	return nil
}

func (s *Simulator) openDelivery(c *change, n payment.Notification, copies int, at time.Time) error {
	body := c.provider.Payload(c.Terms, n).Append(make([]byte, 0, 512), true)
	padded := c.plan.Webhooks.Body == hugeBody
	if kind := c.plan.Webhooks.Body; kind != "" && !padded {
		mutated, err := s.mutate(c, n.N, kind, body)
		if err != nil {
			return err
		}
		body = mutated
	}
	opening := payment.Opening{
		ID: c.nextDelivery(), Notification: n.N, URL: c.target(), Body: string(body),
		Auth: c.plan.Webhooks.Auth, Padded: padded, Due: at,
	}
	if copies > 1 {
		opening.Copy = copies
	}
	return s.begin(c, opening)
}

// hugeBody is the one misbehaviour that is made anew for each attempt: nobody wants megabytes of padding in the journal.
const hugeBody = "huge"

// mutate spoils a webhook's body as a scenario says, the same way for every copy and attempt.
func (s *Simulator) mutate(c *change, notice int, kind string, body []byte) ([]byte, error) {
	draw := s.draw(c.company.Seed, c.Company, c.Ordinal, "body "+strconv.Itoa(notice))
	mutated, err := webhook.MutateBody(kind, body, draw, draw.ObjectID(c.now, c.Ordinal))
	if err != nil {
		return nil, fmt.Errorf("webhook body %s: %w", kind, err)
	}
	return mutated, nil
}

// target is where the payment's webhooks go, as the configuration has it now.
func (c *change) target() string {
	if url := c.company.PSPs[c.PSP].Text("webhookUrl"); url != "" {
		return url
	}
	return InboxURL
}

func (c *change) nextDelivery() string { return fmt.Sprintf("%s-%d", c.ID, len(c.Deliveries)+1) }

// begin notes a delivery and puts its first attempt on the agenda.
func (s *Simulator) begin(c *change, o payment.Opening) error {
	event, err := c.Deliver(o, c.now)
	if err := c.note(event, err); err != nil {
		return err
	}
	return c.later(dueAttempt, attemptName(o.ID), o.Due, attempting{o.ID, webhook.PoolKey(c.Company, o.URL)})
}

func attemptName(delivery string) string { return "attempt-" + delivery }

// attempt tries a delivery once and keeps what came of it. A delivery that is over, because somebody cancelled it in the
// meantime, is left alone.
func (s *Simulator) attempt(ctx context.Context, t *tenant, d journal.Job, delivery string) (*payment.Attempt, error) {
	company, ok := s.companies.Get(t.id)
	if !ok {
		return nil, journal.ErrNotFound
	}
	c, err := s.read(ctx, t, company, d.Stream)
	if err != nil {
		return nil, err
	}
	open, ok := c.Delivery(delivery)
	if !ok || !open.State.Open() {
		_, err := s.alter(ctx, t, d.Stream, func(c *change) error { c.settled = append(c.settled, d.ID); return nil })
		return nil, err
	}
	send, err := s.prepare(c, open)
	if err != nil {
		return nil, err
	}
	result, took := s.send(ctx, t, send)
	var made payment.Attempt
	_, err = s.alterRead(ctx, t, c, func(c *change) error {
		made = s.judgeAttempt(c, delivery, send.Headers(), result, took)
		event, err := c.Attempted(made, c.now)
		c.settled = append(c.settled, d.ID)
		if err := c.note(event, err); err != nil {
			return err
		}
		if made.Next.IsZero() {
			return nil
		}
		return c.later(dueAttempt, attemptName(delivery), made.Next, attempting{delivery, webhook.PoolKey(c.Company, open.URL)})
	})
	s.metrics.attempt(made)
	if first := made.N == 1 || made.State == payment.DeliveryExhausted; first && made.State != payment.DeliveryDelivered && open.URL != InboxURL {
		s.log.Warn("webhook failed", "company", t.id, "payment", d.Stream, "delivery", delivery, "attempt", made.N, "url", open.URL,
			"status", made.Status, "error", made.Error, "now", made.State)
	}
	return &made, err
}

// prepare makes the request of an attempt, with the secret as the configuration has it now.
func (s *Simulator) prepare(c *change, d *payment.Delivery) (webhook.Attempt, error) {
	psp := c.company.PSPs[c.PSP]
	header := http.Header{}
	auth := ""
	if psp.Flag("isWebhookSecured", false) {
		auth = webhook.Authorization(s.config.WebhookAuthorization, psp.Text("webhookSecret"))
	}
	if d.Auth != "" {
		auth = webhook.MutateAuth(d.Auth, auth, s.draw(c.company.Seed, c.Company, c.Ordinal, "auth"))
	}
	if auth != "" {
		header.Set("Authorization", auth)
	}
	body := []byte(d.Body)
	if d.Padded {
		padded, err := s.mutate(c, d.Notification, hugeBody, body)
		if err != nil {
			return webhook.Attempt{}, err
		}
		body = padded
	}
	return webhook.Attempt{URL: d.URL, Header: header, Body: body, Key: c.ID, PoolKey: webhook.PoolKey(c.Company, d.URL)}, nil
}

// send makes the attempt: to the built-in inbox, or over HTTP. On a manual clock nothing takes time but what the inbox was
// told to take, so that two runs give the same journal.
func (s *Simulator) send(ctx context.Context, t *tenant, a webhook.Attempt) (result webhook.Result, took time.Duration) {
	mode, _ := t.clock.Mode()
	if a.URL == InboxURL {
		result, took = s.inboxAnswer(ctx, t)
		if mode != clock.Manual {
			_, _ = t.clock.Hold(ctx, took)
		}
		return result, took
	}
	result = s.webhooks.Send(ctx, a)
	if mode == clock.Manual {
		return result, 0
	}
	return result, result.Took
}

// judgeAttempt says what an attempt makes of its delivery: delivered, another try after the ladder's next rung, or exhausted.
func (s *Simulator) judgeAttempt(c *change, delivery string, header http.Header, r webhook.Result, took time.Duration) payment.Attempt {
	d, _ := c.Delivery(delivery)
	made := payment.Attempt{
		Delivery: delivery, N: len(d.Attempts) + 1, Headers: webhook.MaskHeaders(header),
		Status: r.Status, Answer: r.Header, Body: r.Body, Truncated: r.Truncated, TookMS: took.Milliseconds(),
		Error: r.Error, Stage: r.Stage, State: payment.DeliveryDelivered,
	}
	if r.Delivered() {
		return made
	}
	if !d.State.Open() { // cancelled while it was under way
		made.State = d.State
		return made
	}
	wait, more := s.ladder(c).Next(made.N)
	if made.State = payment.DeliveryExhausted; more && !d.Resend {
		made.State, made.Next = payment.DeliveryRetrying, c.now.Add(wait)
	}
	return made
}

// ladder is the configuration's own, or the usual one; an empty one means no retries.
func (s *Simulator) ladder(c *change) webhook.RetrySchedule {
	ladder, err := webhook.ParseRetrySchedule(c.company.PSPs[c.PSP].Texts("retrySchedule"))
	if err != nil { // the contract has checked its form; what is left is a rung out of bounds
		s.log.Warn("retrySchedule is not usable, the usual one counts", "company", c.Company, "psp", c.PSP, "error", err)
		return webhook.DefaultRetrySchedule()
	}
	return ladder
}
