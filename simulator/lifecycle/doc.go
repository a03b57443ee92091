// Package lifecycle is what follows a cashier call: outcomes, notifications, deliveries.
//
//	call ─▶ Outcomes.Follow ─▶ decision, expiry (jobs)
//	shopper, admin, test, job ─▶ Outcomes.Decide ─▶ notifications (now, or as jobs)
//	notification ─▶ Deliveries ─▶ attempt (job) ─▶ the merchant's handler or the inbox ─▶ retry (job), delivered, exhausted
//
//	admin, for a pay-out that waits ─▶ Outcomes.Approve ─▶ decision (job), or a notification that it is rejected
//	person on the page ─▶ Outcomes.TakeOver: no decision (job) any more; Decide is up to that person
//	admin ─▶ Outcomes.Possible: what Decide takes now, and the retries to come
//	admin ─▶ Deliveries.Resend: a new delivery; Deliveries.Cancel: no attempt (job) any more
//
// Each of these is a unit of work of package payments: its own, or, for Follow, DecideIn and TakeOver, that of the caller, to which they
// add. Outcomes.Run runs the scheduled ones when they are due.
//
// Its tests drive it through the simulator, with a journal and a clock: decide_test.go, control_test.go and hosted_test.go in package simulator
// (decisions), next_test.go (what can follow), webhooks_test.go, answer_order_test.go and retries_test.go (notifications, deliveries),
// unrecorded_test.go (a journal that fails), and the timelines of library_test.go (all of it).
package lifecycle
