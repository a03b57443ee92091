package backoffice

import (
	"fmt"
	"maps"
	"slices"
)

// Warnings name what is allowed in a company and probably not meant, in words.
func (c *Company) Warnings() []string {
	found := []string{}
	for _, code := range slices.Sorted(maps.Keys(c.PSPs)) {
		if w := c.PSPs[code].warning(code); w != "" {
			found = append(found, w)
		}
	}
	brands := map[string]bool{"": true}
	for _, b := range c.Brands {
		brands[b.ID] = true
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

// warning says what the configuration of a PSP lacks, "" when it is complete.
func (p PSP) warning(code string) string {
	if p.missing == "" {
		return ""
	}
	return fmt.Sprintf("psps.%s lacks %s: it counts as not found", code, p.missing)
}

// Warnings of a configuration by itself.
func (p PSP) Warnings(code string) []string {
	if w := p.warning(code); w != "" {
		return []string{w}
	}
	return []string{}
}
