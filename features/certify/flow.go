package certify

import (
	"fmt"
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
	hasToken    bool // its answer has a token

	broken string     // the check that could not start a payment at all
	valid  []delivery // the webhooks of all checks that were as they should be
}

func newFlow(f Flow, contract *openapi.Contract) *flow {
	op, _ := contract.Operation(f.PSP, f.Type, f.Variant) // the configuration was read with the same contract
	has := func(schema, path string) bool {
		return slices.ContainsFunc(contract.FieldsOf(schema), func(field openapi.Field) bool { return field.Path == path })
	}
	return &flow{
		Flow: f, op: op, hasCurrency: has(op.Webhook, "currency"), hasSite: has(contract.ConfigurationOf(f.PSP), "siteUrl"),
		hasToken: slices.ContainsFunc(contract.FieldsOf(op.Answer), func(field openapi.Field) bool {
			return strings.HasSuffix(strings.ToLower(field.Path), "token")
		}),
	}
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

// payment names a payment of the flow in sentences.
func (f *flow) payment() string {
	return fmt.Sprintf("%s of %s %s", f.words(), f.Amount.Fixed(2), f.Currency)
}

// otherCurrency is one that the flow doesn't have.
func (f *flow) otherCurrency() string {
	if f.Currency == "JPY" {
		return "EUR"
	}
	return "JPY"
}

// short names the flow in tags and lists.
func (f *flow) short() string { return strings.TrimSpace(f.PSP + " " + f.Type + " " + f.Variant) }

func (f *flow) webhooks() bool { return f.op.Webhook != "" }

// is reports whether the flow is one of those that the tag @for: of a check names.
func (f *flow) is(kind string) bool {
	switch kind {
	case "":
		return f.webhooks()
	case "final": // the API's answer is all there is (documented for Flexepin)
		return f.op.Redirect == "" && !f.webhooks()
	case "open":
		return !f.is("final")
	case "redirects":
		return f.op.Redirect != ""
	case "returns": // and nothing else tells the result
		return f.op.Redirect != "" && !f.webhooks()
	case "returns-and-notifies":
		return f.op.Redirect != "" && f.webhooks()
	case "immediate": // the webhook may come before the API's answer; a pay-out of Gigadat waits for an approval (documented)
		return f.webhooks() && !(f.PSP == "GIGADAT" && f.Type == "PAYOUT")
	case "tokens": // the answer has some
		return f.hasToken
	case "currency":
		return f.webhooks() && f.hasCurrency
	}
	return f.Type == "PAYIN" && slices.Contains(strings.Split(kind, ","), f.PSP)
}
