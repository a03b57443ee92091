package lifecycle

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// notifyAll schedules notifications. What is due at once is notified in this very change, so that a decision shows.
func (o *Outcomes) notifyAll(tx *payments.Tx, all []provider.Notification) error {
	if len(all) == 0 {
		return nil
	}
	draw := tx.Random("webhooks " + strconv.Itoa(len(tx.Payment.Notifications)))
	how, outcome := tx.Plan.Webhooks, countOutcomes(tx.Payment)
	if seen := o.Observed.Webhook(tx.Payment.PSP); seen != nil && how.Delay.Zero() {
		how.Delay = seen.Delay
	}
	times := deliveryTimes(all, how, draw)
	for i, n := range all {
		data := payments.NotificationData{
			Outcome: outcome, Status: n.Status, Raw: n.Raw, Message: n.Message, TransactionStatus: n.TransactionStatus,
			Deliver: tx.Now.Add(tx.Lead + times[i]), Webhook: n.Webhook,
		}
		if n.After+tx.Lead <= 0 {
			if err := o.notify(tx, data); err != nil {
				return err
			}
			continue
		}
		name := payments.NotificationJob(outcome, i+1)
		if err := tx.Schedule(payments.Notification, name, tx.Now.Add(tx.Lead+n.After), data); err != nil {
			return err
		}
	}
	return nil
}

// notify records a notification and opens the deliveries that follow: none, one, or copies of it.
func (o *Outcomes) notify(tx *payments.Tx, data payments.NotificationData) error {
	number := len(tx.Payment.Notifications) + 1
	n := adminapi.Notification{
		N: number, Status: string(data.Status), TransactionStatus: cmp.Or(data.TransactionStatus, data.Status.Normalised()), Raw: data.Raw,
		Message: data.Message, Dropped: slices.Contains(tx.Plan.Webhooks.Drop, number),
	}
	tx.Record(tx.Payment.Notify(n, tx.Now))
	if n.Dropped || !tx.Provider.Webhook {
		return nil
	}
	for i, c := range tx.Plan.Webhooks.CopiesOf(data.Webhook) {
		at := data.Deliver.Add(c.After.Fixed)
		if at.Before(tx.Now) {
			at = tx.Now
		}
		if err := o.Deliveries.open(tx, n, i+1, c, at); err != nil {
			return err
		}
	}
	return nil
}

// deliveryTimes says when the webhook of each notification leaves, counted from the outcome: at its own time, or, when the
// order is changed, all of them after the last, a millisecond apart.
func deliveryTimes(all []provider.Notification, plan scenario.Webhooks, draw *random.Stream) []time.Duration {
	at := make([]time.Duration, len(all))
	last := time.Duration(0)
	for i, n := range all {
		at[i] = n.After + plan.Delay.Draw(draw)
		last = max(last, at[i])
	}
	if plan.Order == scenario.BeforeAnswer && len(at) > 0 {
		at[0] = all[0].After // nothing delays it
	}
	if plan.Order != scenario.Reversed && plan.Order != scenario.Shuffled {
		return at
	}
	for i, place := range places(len(all), plan.Order, draw) {
		at[i] = last + time.Duration(place)*time.Millisecond
	}
	return at
}

// places returns the place of each of n notifications in an order.
func places(n int, order scenario.Order, draw *random.Stream) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
		if order == scenario.Reversed {
			all[i] = n - 1 - i
		}
	}
	if order == scenario.Shuffled {
		for i := n - 1; i > 0; i-- {
			j := draw.IntN(i + 1)
			all[i], all[j] = all[j], all[i]
		}
	}
	return all
}
