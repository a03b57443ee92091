package certify

import (
	"slices"
	"strings"

	"mozartosim/openapi"
)

// flow is a configured flow with what the contract says about it, and what the run saw.
type flow struct {
	Flow
	op          *openapi.Operation
	hasCurrency bool // its webhooks have a currency
	hasSite     bool // its configuration has a siteUrl

	broken string     // the check that could not start a payment at all
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
