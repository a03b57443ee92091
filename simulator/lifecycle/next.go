package lifecycle

import (
	"context"
	"slices"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
)

// Possible returns what an admin may decide about a payment now, and the attempts that follow if the scheduled ones fail. Final and Jobs
// are left out. The error is journal.ErrNotFound when there is no such payment.
func (o *Outcomes) Possible(ctx context.Context, company, id string) (adminapi.PaymentNext, error) {
	tx, err := o.Payments.Load(ctx, company, id)
	if err != nil {
		return adminapi.PaymentNext{}, err
	}
	next := adminapi.PaymentNext{
		Approval: tx.Payment.Status == payment.AwaitingApproval, Actions: []string{}, Retries: o.Deliveries.retries(tx),
	}
	for _, action := range actions() {
		if d := (adminapi.Decision{Action: string(action), By: "control"}); decidable(tx, d) == nil {
			next.Actions = append(next.Actions, d.Action)
		}
	}
	return next, nil
}

// retries are the attempts that follow the scheduled ones, in the order of their times, which are the earliest: a handler that takes
// its time to fail puts them off.
func (d *Deliveries) retries(tx *payments.Tx) []adminapi.PaymentRetry {
	all, schedule := []adminapi.PaymentRetry{}, d.retrySchedule(tx)
	for _, open := range tx.Payment.Deliveries {
		if !open.Open() || open.Resend {
			continue
		}
		at := open.Next
		for n := len(open.Attempts) + 1; ; n++ {
			wait, more := schedule.Next(n)
			if !more {
				break
			}
			at = at.Add(wait)
			all = append(all, adminapi.PaymentRetry{Delivery: open.ID, N: n + 1, At: at})
		}
	}
	slices.SortStableFunc(all, func(a, b adminapi.PaymentRetry) int { return a.At.Compare(b.At) })
	return all
}
