// Package lifecycle is what follows a cashier call: outcomes, notifications, deliveries.
//
//	call ─▶ Outcomes.Follow ─▶ decision, expiry (jobs)
//	shopper, admin, test, job ─▶ Outcomes.Decide ─▶ notifications (now, or as jobs)
//	notification ─▶ Deliveries ─▶ attempt (job) ─▶ the merchant's handler or the inbox ─▶ retry (job), delivered, exhausted
//
//	admin ─▶ Outcomes.Possible: what Decide takes now, and the retries to come
//
// Every step is one unit of work of package payments; Outcomes.Run runs the scheduled ones when they are due.
package lifecycle
