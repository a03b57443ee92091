package certify

import (
	"slices"
)

// The capabilities.
const (
	starting      = "starting payments"
	crediting     = "crediting"
	idempotency   = "idempotency"
	order         = "order and delay"
	authenticity  = "authenticity"
	robustness    = "unusual webhooks"
	amounts       = "amounts"
	resilience    = "cashier failures"
	acknowledging = "acknowledging"
)

// Checks are all checks, in the order in which they are made. The first is that a simple payment works; those of the last
// capability judge the webhooks of all others.
func Checks() []Check {
	var all []Check
	for _, group := range []struct {
		capability string
		checks     []Check
	}{
		{starting, startingChecks()}, {crediting, creditingChecks()}, {idempotency, idempotencyChecks()}, {order, orderChecks()},
		{authenticity, authenticityChecks()}, {robustness, robustnessChecks()}, {amounts, amountChecks()},
		{resilience, resilienceChecks()}, {acknowledging, acknowledgingChecks()},
	} {
		for _, c := range group.checks {
			c.Capability = group.capability
			if c.appliesTo == nil {
				c.appliesTo = (*flow).webhooks
			}
			all = append(all, c)
		}
	}
	return all
}

// Capabilities are what can be selected and is graded, in the order of the checks.
func Capabilities() []string {
	var all []string
	for _, c := range Checks() {
		if !slices.Contains(all, c.Capability) {
			all = append(all, c.Capability)
		}
	}
	return all
}
