package backoffice

import (
	"fmt"
	"maps"
	"slices"

	"mozartosim/simulator/adminapi"
)

// Warnings lists, in words, what is allowed in a company and probably a mistake.
func (c *Company) Warnings() []string {
	found := []string{}
	for _, code := range slices.Sorted(maps.Keys(c.PSPs)) {
		found = append(found, c.PSPs[code].Warnings(code)...)
	}
	brands := map[string]bool{"": true}
	for _, b := range c.Brands {
		brands[b.ID] = true
	}
	if !slices.ContainsFunc(c.Rules, func(r adminapi.Rule) bool { return r.Active }) {
		found = append(found, "no rule is active: every call is refused")
	}
	for _, r := range c.Rules {
		if _, ok := c.PSPs[r.PSP]; !ok && r.Active {
			found = append(found, fmt.Sprintf("rules.%s leads to %s, which has no configuration", r.ID, r.PSP))
		}
		if !brands[r.Brand] {
			found = append(found, fmt.Sprintf("rules.%s is for the brand %s, which the company does not have", r.ID, r.Brand))
		}
	}
	return found
}

// Warnings lists what a PSP's configuration lacks: a required field, or the secret of secured webhooks.
func (p PSP) Warnings(code string) []string {
	found := []string{}
	if p.missing != "" {
		found = append(found, fmt.Sprintf("psps.%s lacks %s: it counts as not found", code, p.missing))
	}
	if p.Flag("isWebhookSecured", false) && p.Text(webhookSecret) == "" {
		found = append(found, fmt.Sprintf("psps.%s has isWebhookSecured but no webhookSecret: its webhooks carry no Authorization", code))
	}
	if code == "TRUST" && p.Text("siteUrl") != "" && p.Text("siteSecurityPassword") == "" {
		found = append(found, "psps.TRUST has siteUrl but no siteSecurityPassword: its shoppers are not sent back")
	}
	return found
}
