package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
)

// Run runs one job and describes what came of it. The job is completed in the same append as its effect.
func (o *Outcomes) Run(ctx context.Context, company string, job journal.Job) (description string, err error) {
	switch payments.JobKind(job.Kind) {
	case payments.Attempt:
		return o.runAttempt(ctx, company, job)
	case payments.Notification:
		return o.runNotification(ctx, company, job)
	case payments.Decision, payments.Expiry:
		return o.runDecision(ctx, company, job)
	}
	return "", fmt.Errorf("job of the unknown kind %q", job.Kind)
}

// Target returns what bounds a job that talks to a merchant's handler: jobs of one target run beside all others, a few at a
// time. ok is false for a job that runs at once.
func (o *Outcomes) Target(job journal.Job) (target string, ok bool, err error) {
	if payments.JobKind(job.Kind) != payments.Attempt {
		return "", false, nil
	}
	var data payments.AttemptData
	if err := jsonv2.Unmarshal(job.Data, &data); err != nil {
		return "", false, fmt.Errorf("data of an attempt: %w", err)
	}
	return data.Target, true, nil
}

func (o *Outcomes) runAttempt(ctx context.Context, company string, job journal.Job) (string, error) {
	delivery := payments.DeliveryOf(job)
	made, err := o.Deliveries.attempt(ctx, company, job, delivery)
	if err != nil || made == nil {
		return "delivery " + delivery + " is over", err
	}
	return describe(made), nil
}

func describe(made *adminapi.Attempt) string {
	came := made.Error
	if came == "" {
		came = "answered " + strconv.Itoa(made.Status)
	}
	return "delivery " + made.Delivery + ", attempt " + strconv.Itoa(made.N) + ": " + came + ", " + made.State
}

func (o *Outcomes) runNotification(ctx context.Context, company string, job journal.Job) (string, error) {
	var data payments.NotificationData
	if err := json.Unmarshal(job.Data, &data); err != nil {
		return "", err
	}
	replaced, began := false, clock.Wall()
	p, err := o.Payments.Update(ctx, company, job.Stream, func(tx *payments.Tx) error {
		tx.Complete(job)
		if replaced = data.Outcome < countOutcomes(tx.Payment); replaced {
			return nil
		}
		return o.notify(tx, data)
	})
	o.ended(ctx, company, p, job, began, err)
	switch {
	case err != nil:
		return "", err
	case replaced:
		return "a later decision has replaced " + data.Raw, nil
	}
	return fmt.Sprintf("%s notifies %s, the payment is %s", p.PSP, data.Raw, p.Status), nil
}

// ended makes the span of a job; p is nil when it failed.
func (o *Outcomes) ended(ctx context.Context, company string, p *payment.Payment, job journal.Job, began time.Time, err error) {
	if o.Tracer == nil {
		return
	}
	kept, status := "", ""
	if p != nil {
		kept, status = p.Trace, string(p.Status)
	}
	o.Tracer.Job(ctx, kept, job.Kind, began, err, "company", company, "payment", job.Stream, "status", status)
}

// runDecision carries out the shopper's decision or the session's end; a payment that was decided otherwise is left alone.
func (o *Outcomes) runDecision(ctx context.Context, company string, job journal.Job) (string, error) {
	decision := adminapi.Decision{Action: string(provider.ActionExpire), By: "clock"}
	if payments.JobKind(job.Kind) == payments.Decision {
		if err := jsonv2.Unmarshal(job.Data, &decision); err != nil {
			return "", err
		}
	}
	var late *Undecidable
	began := clock.Wall()
	p, err := o.Payments.Update(ctx, company, job.Stream, func(tx *payments.Tx) error {
		late = nil
		tx.Complete(job)
		if err := o.DecideIn(tx, decision); !errors.As(err, &late) {
			return err
		}
		return nil
	})
	o.ended(ctx, company, p, job, began, err)
	if err != nil {
		return "", err
	}
	if late != nil {
		return fmt.Sprintf("%s: %s changes nothing: %s", decision.By, decision.Action, late.Reason), nil //nolint:nilerr // to come too late is an outcome
	}
	return decision.By + ": " + decision.Action + ", the payment is " + string(p.Status), nil
}
