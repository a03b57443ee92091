// Package drift reports where two runs of the harness differ, or where a run differs from the contract: a field more or less,
// another type, another text, webhooks in another order, an assumption that was confirmed or refuted.
//
//	two runs ──▶ matching scenarios, calls, webhooks ──▶ differences ──▶ findings
//	              (compare.go, webhooks.go)               (difference.go)  (judge.go)
//
// A call is compared with the call of the same label in the same scenario of the other run, a webhook with the one whose status
// words are the same. Bodies are flattened (body.go). A value that is different in every run has a format (an id, a time, a
// token, a URL; value.go) or an origin (the request, the payment's answer; origin.go) and is compared by that alone; everything
// else is compared word for word. A field that is missing while another with its format stands next to it was renamed
// (renames.go). A refusal is about the rule that its sentence and the request name (refusals.go). Durations are compared by medians,
// beyond bounds (timing.go), moments when they are further apart than a run's answers take. Assumed rules are judged by the
// scenarios that are tagged with them (assumptions.go). One cause is one finding: other texts for one field, a named rule of several
// requests, what at least three providers show alike, what is missing after a webhook that came too much.
//
// Each finding names the ledger's rule and has what differs as values, from which package observe makes observations.
package drift
