package certify

import (
	"slices"

	"mozartosim/openapi"
)

// check is one thing that must be true of a merchant's system, tried on one flow.
type check struct {
	id         string
	capability string
	name       string // what must be true, as a sentence
	points     int    // 3 where money is at stake, else 1
	advice     string
	fits       func(*flow) bool // nil = every flow that has webhooks
	once       bool             // for the first flow that it fits: it does not depend on the provider
	run        func(*trial)
}

// The capabilities, in the order in which they are graded.
func capabilities() []string {
	return []string{starting, crediting, idempotency, order, secrets, robustness, amounts, resilience, acknowledging}
}

const (
	starting      = "starting payments"
	crediting     = "crediting"
	idempotency   = "idempotency"
	order         = "order and delay"
	secrets       = "secrets and strangers"
	robustness    = "odd webhooks"
	amounts       = "amounts"
	resilience    = "a cashier that fails"
	acknowledging = "acknowledging"
)

// Checks are all checks, in the order in which they are made. The first is that everything works as it should; those of
// the last capability judge the webhooks of all others.
func checks() []check {
	return slices.Concat(
		startingChecks(), creditingChecks(), idempotencyChecks(), orderChecks(), secretChecks(),
		oddChecks(), amountChecks(), resilienceChecks(), acknowledgingChecks(),
	)
}

// Listed is a check as it is listed.
type Listed struct {
	ID, Capability, Name, Advice string
	Points                       int
}

// Checks lists what is tried, for people.
func Checks() []Listed {
	var all []Listed
	for _, c := range checks() {
		all = append(all, Listed{c.id, c.capability, c.name, c.advice, c.points})
	}
	return all
}

// Capabilities are what can be chosen and is graded.
func Capabilities() []string { return capabilities() }

// flow is a configured flow with what the contract knows of it.
type flow struct {
	Flow
	op   *openapi.Operation
	acks []ack // of the webhooks that were as they should be

	deaf        bool // whether no payment could be started in the very first check
	hasCurrency bool // whether its webhooks name the currency
	hasSite     bool // whether its configuration has a siteUrl
}

// ack is how a webhook of a check was answered.
type ack struct {
	check, reference string
	sent
}

func newFlow(f Flow, contract *openapi.Contract) *flow {
	op, _ := contract.Operation(f.PSP, f.Type, f.Variant) // the configuration was read with the same contract
	known := &flow{Flow: f, op: op}
	for _, field := range contract.FieldsOf(op.Webhook) {
		known.hasCurrency = known.hasCurrency || field.Path == "currency"
	}
	for _, field := range contract.FieldsOf(contract.ConfigurationOf(f.PSP)) {
		known.hasSite = known.hasSite || field.Path == "siteUrl"
	}
	return known
}

// words names the flow for people.
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

// short names the flow as tags and lists do.
func (f *flow) short() string {
	name := f.PSP + " " + f.Type
	if f.Variant != "" {
		name += " " + f.Variant
	}
	return name
}

func (f *flow) webhooks() bool { return f.op.Webhook != "" }

// final says whether the API's answer is all there is (documented for Flexepin).
func (f *flow) final() bool { return f.PSP == "FLEXEPIN" }

// waits says whether a pay-out waits for an admin (documented for Gigadat).
func (f *flow) waits() bool { return f.PSP == "GIGADAT" && f.Type == "PAYOUT" }

func hasWebhooks(f *flow) bool { return f.webhooks() }
func isFinal(f *flow) bool     { return f.final() }
func isOpen(f *flow) bool      { return !f.final() }
func redirects(f *flow) bool   { return f.op.Redirect != "" }
func pays(psps ...string) func(*flow) bool {
	return func(f *flow) bool { return f.Type == "PAYIN" && slices.Contains(psps, f.PSP) }
}
