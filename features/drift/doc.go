// Package drift says where two runs of the harness saw different things, or where one saw something else than the contract
// says: a field more or less, another type, another text, notices in another order, an assumption that held or did not.
//
//	two runs ──▶ scenarios, calls, webhooks that belong together ──▶ differences ──▶ findings
//	              (compare.go, notices.go)                            (fields.go)      (patch.go)
//	                                                                       │
//	                          the contract's ledger: whose rule, how known ┴ its YAML: the change that would settle it
//
// A call is compared with the call of the same label in the same scenario of the other run, a webhook with the one that has its
// words. Bodies are laid flat (body.go). What is another one in every run has a form (look.go: an id, a time, a token, a URL)
// or comes from somewhere (the request, the payment's answer), and is compared by that alone; everything else word for word.
// A field that is missing while one of its form stands beside it was renamed (moves.go). How long things take is compared by
// medians, beyond bounds (times.go). Assumed rules are judged by the scenarios that bear on them (assume.go).
//
// A change to the contract is made in the text of its YAML (edit.go, lines.go), so that everything that it isn't about stays
// as it is, and is told as a unified diff; what a line can't follow is left to a person, in words. Changes follow the run whose
// target is not the simulator.
package drift
