package certify

import (
	"slices"
	"strings"

	"mozartosim/openapi"
)

// Check is one thing that must be true of a merchant's system. It is made for each flow that it applies to.
type Check struct {
	ID         string
	Capability string
	Name       string // what must be true, as a sentence
	Points     int    // 3 where money is at stake, else 1
	Advice     string // for when it fails

	appliesTo func(*flow) bool // nil = every flow that has webhooks
	once      bool             // only for the first flow: the result does not depend on the provider
	steps     []step
}

// step is one step of a check.
type step func(*checkRun)

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

// flow is a configured flow with what the contract says about it, and what the run saw.
type flow struct {
	Flow
	op          *openapi.Operation
	hasCurrency bool // its webhooks have a currency
	hasSite     bool // its configuration has a siteUrl

	broken bool       // the first check could not start a payment
	valid  []delivery // the webhooks of all checks that were as they should be
}

func newFlow(f Flow, contract *openapi.Contract) *flow {
	op, _ := contract.Operation(f.PSP, f.Type, f.Variant) // the configuration was read with the same contract
	has := func(schema, path string) bool {
		return slices.ContainsFunc(contract.FieldsOf(schema), func(field openapi.Field) bool { return field.Path == path })
	}
	return &flow{Flow: f, op: op, hasCurrency: has(op.Webhook, "currency"), hasSite: has(contract.ConfigurationOf(f.PSP), "siteUrl")}
}

// words names the flow in sentences.
func (f *flow) words() string {
	words := f.PSP + " pay-in"
	if f.Type == "PAYOUT" {
		words = f.PSP + " pay-out"
	}
	if f.Variant != "" {
		words += " by " + f.Variant
	}
	return words
}

// short names the flow in tags and lists.
func (f *flow) short() string { return strings.TrimSpace(f.PSP + " " + f.Type + " " + f.Variant) }

func (f *flow) webhooks() bool { return f.op.Webhook != "" }

// final reports whether the API's answer is all there is (documented for Flexepin).
func (f *flow) final() bool { return f.PSP == "FLEXEPIN" }

func (f *flow) open() bool { return !f.final() }

func (f *flow) redirects() bool { return f.op.Redirect != "" }

// returnsAndNotifies is a flow whose shopper comes back, and whose result comes by webhook.
func (f *flow) returnsAndNotifies() bool { return f.redirects() && f.webhooks() }

// immediate is a flow whose webhook may come before the API's answer. A pay-out of Gigadat waits for an approval (documented).
func (f *flow) immediate() bool { return f.webhooks() && !(f.PSP == "GIGADAT" && f.Type == "PAYOUT") }

// hasTokens is a flow whose answer has tokens.
func (f *flow) hasTokens() bool {
	return f.PSP == "GIGADAT" || f.PSP == "FORUMPAY" && f.Type == "PAYOUT"
}

func payInsOf(psps ...string) func(*flow) bool {
	return func(f *flow) bool { return f.Type == "PAYIN" && slices.Contains(psps, f.PSP) }
}
