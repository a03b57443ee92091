// Package payments reads and changes payments in the journal.
//
// A payment is the fold of its events. Update is the unit of work: it loads a payment, lets a function change it through a Tx,
// and appends the events, the jobs that begin to wait and the jobs that are over in one append, all or nothing. When another
// writer was faster it loads again and calls the function again.
//
//	store.Update(ctx, company, id, func(tx *payments.Tx) error {
//		tx.Record(tx.Payment.Decide(decision, tx.Now))
//		tx.Cancel(payments.DecisionJob)
//		return tx.Schedule(payments.Expiry, payments.ExpiryJob, at, nil)
//	})
package payments
