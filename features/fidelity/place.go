package fidelity

import (
	"regexp"
	"slices"
	"strings"

	"mozartosim/openapi"
)

// subject is a capability and what the ids of its rules begin with.
type subject struct {
	capability string
	ids        *regexp.Regexp
}

// subjects are the capabilities in the order in which they are shown; the first that fits a rule's id has it.
func subjects() []subject {
	return []subject{
		{"authentication", regexp.MustCompile(`^(company-token|user-|verify-user|password-|UserToken)`)},
		{"pay-in request", regexp.MustCompile(`^[A-Z][a-z]+PayInRequest`)},
		{"pay-in answer", regexp.MustCompile(`^[A-Z][a-z]+PayInAnswer`)},
		{"pay-out request", regexp.MustCompile(`^[A-Z][a-z]+PayOut[A-Za-z]*Request`)},
		{"pay-out answer", regexp.MustCompile(`^[A-Z][a-z]+PayOutAnswer`)},
		{"errors", regexp.MustCompile(`^(transport-|rule-status|Error|TransportError|[A-Z][a-z]+(Rejection|Refusal))`)},
		{"webhooks", regexp.MustCompile(`^(webhook-|worldpay-|POST [a-z]|[A-Za-z]*Webhook)`)},
		{"pages and returns", regexp.MustCompile(`^(return-|page-|crypto-|RedirectUrl|ReturnUrl)`)},
		{"configuration", regexp.MustCompile(`^(brand-rules|incomplete-configuration|[A-Z][a-z]+Configuration)`)},
		{"calls and values", regexp.MustCompile(``)}, // what several of them use
	}
}

// subjectOf is a rule's place in subjects.
func subjectOf(all []subject, id string) int {
	return slices.IndexFunc(all, func(s subject) bool { return s.ids.MatchString(id) })
}

// providerOf finds the provider that a rule is about: its id says so. "" when it is about all of them.
func providerOf(contract *openapi.Contract, id string) string {
	if strings.HasPrefix(id, "crypto-") {
		return "FORUMPAY" // the only one that takes crypto currencies
	}
	owner, _, _ := strings.Cut(strings.ToLower(id), ".")
	for _, psp := range contract.PSPs() {
		if strings.Contains(owner, nameOf(contract, psp)) {
			return psp
		}
	}
	return ""
}

// nameOf is what a provider's schemas and webhook are named by, in small letters.
func nameOf(contract *openapi.Contract, psp string) string {
	return strings.ToLower(strings.TrimSuffix(contract.ConfigurationOf(psp), "Configuration"))
}
