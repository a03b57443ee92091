package backoffice

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/random"
)

// Company is one merchant: a sandbox of its own.
type Company struct {
	adminapi.Profile
	PSPs  map[string]PSP  `json:"psps,omitempty"`
	Rules []adminapi.Rule `json:"rules,omitempty"`

	Former map[string]string `json:"-"` // by PSP: the webhookSecret before its last change; a Directory fills it in, a Store saves it
}

// PSP is a PSP configuration: the provider's fields of the contract's <Psp>Configuration schema.
type PSP struct {
	doc     openapi.Document
	missing string // the required fields that it lacks, with commas; "" when it is complete
}

// NewPSP makes a configuration of the fields in doc; missing is what Contract.CheckPSP found.
func NewPSP(doc openapi.Document, missing string) PSP { return PSP{doc: doc, missing: missing} }

// Text returns a field's value as text, "" when it isn't set; nested names are dotted.
func (p PSP) Text(name string) string { return p.doc.Text(name) }

// Flag returns a boolean field's value, or otherwise when it isn't set.
func (p PSP) Flag(name string, otherwise bool) bool {
	if value, ok := p.doc.Fields[name].(bool); ok {
		return value
	}
	return otherwise
}

// Secured says whether webhooks carry a secret: isWebhookSecured is set, and a webhookSecret.
func (p PSP) Secured() bool { return p.Flag("isWebhookSecured", false) && p.Text(webhookSecret) != "" }

// Texts returns a list field's values: nil when it isn't set, empty when it is set to nothing.
func (p PSP) Texts(name string) []string {
	values, ok := p.doc.Fields[name].([]any)
	if !ok {
		return nil
	}
	out := []string{}
	for _, v := range values {
		if text, ok := v.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// Missing are the required fields that the configuration lacks, with commas; "" when it is complete.
func (p PSP) Missing() string { return p.missing }

// MarshalJSON writes the fields.
func (p PSP) MarshalJSON() ([]byte, error) { return json.Marshal(p.doc.Fields) }

// UnmarshalJSON leaves the configuration empty: a Reader makes it, of checked fields.
func (p *PSP) UnmarshalJSON([]byte) error { return nil }

// remember takes over the webhook secrets that the company had before this change.
func (c *Company) remember(before *Company) {
	c.Former = maps.Clone(before.Former)
	for code, psp := range before.PSPs {
		if secret := psp.Text(webhookSecret); secret != "" && secret != c.PSPs[code].Text(webhookSecret) {
			if c.Former == nil {
				c.Former = map[string]string{}
			}
			c.Former[code] = secret
		}
	}
}

// FormerSecret is the webhookSecret of a PSP's configuration before its last change. When it was never changed, one that is drawn
// from the company's seed stands in for it.
func (c *Company) FormerSecret(psp string) string {
	if secret := c.Former[psp]; secret != "" && secret != c.PSPs[psp].Text(webhookSecret) {
		return secret
	}
	return random.New(c.Seed, c.ID, "former secret", psp).Hex(32)
}

// complete gives a company the id, credentials and rule ids that it lacks, drawn from the seed and the company's name, so that two
// processes with the same seed agree.
func (c *Company) complete(seed uint64, now time.Time) {
	draw := random.New(seed, "company", c.Name)
	id, key, secret, own := draw.Hex(24), "mz_"+draw.Hex(32), draw.Hex(64), draw.Uint64()>>11 // a number that every JSON reader reads exactly
	if c.ID == "" {
		c.ID = id
	}
	if c.Credentials.APIKey == "" {
		c.Credentials.APIKey = key
	}
	if c.Credentials.SecretKey == "" {
		c.Credentials.SecretKey = secret
	}
	if c.Seed == 0 {
		c.Seed = own
	}
	c.nameRules()
	if c.Created.IsZero() {
		c.Created = now
	}
}

// nameRules gives rules without an id a free one: rule-1, rule-2 by their place, or the next free number.
func (c *Company) nameRules() {
	for i := range c.Rules {
		if c.Rules[i].ID == "" {
			c.Rules[i].ID = c.FreeRuleID(i + 1)
		}
	}
}

// FreeRuleID returns "rule-<n>" with the smallest n from the given one on that no rule of the company has.
func (c *Company) FreeRuleID(n int) string {
	for {
		id := fmt.Sprintf("rule-%d", n)
		if !slices.ContainsFunc(c.Rules, func(r adminapi.Rule) bool { return r.ID == id }) {
			return id
		}
		n++
	}
}

// Errors of the route to a provider; api decides what is answered.
type (
	// RuleNotMatched says that no active orchestration rule leads to the PSP.
	RuleNotMatched struct{ PSP, Brand string }
	// PSPNotFound says that the company has no complete configuration of the PSP.
	PSPNotFound struct{ PSP, Missing string }
)

func (e *RuleNotMatched) Error() string {
	return fmt.Sprintf("no active rule for %s and brand %q", e.PSP, e.Brand)
}

func (e *PSPNotFound) Error() string {
	if e.Missing != "" {
		return fmt.Sprintf("the configuration of %s lacks %s", e.PSP, e.Missing)
	}
	return "no configuration of " + e.PSP
}

// Route returns the configuration with which the company calls the PSP. A rule for the brand decides before the company's
// own (assumed). Errors: *RuleNotMatched, *PSPNotFound.
func (c *Company) Route(psp, brand string) (PSP, error) {
	if !c.active(psp, brand) {
		return PSP{}, &RuleNotMatched{PSP: psp, Brand: brand}
	}
	config, ok := c.PSPs[psp]
	if !ok {
		return PSP{}, &PSPNotFound{PSP: psp}
	}
	if missing := config.Missing(); missing != "" {
		return PSP{}, &PSPNotFound{PSP: psp, Missing: missing}
	}
	return config, nil
}

func (c *Company) active(psp, brand string) bool {
	own, ofBrand, hasBrand := false, false, false
	for _, r := range c.Rules {
		switch {
		case r.PSP != psp:
		case r.Brand == "":
			own = own || r.Active
		case r.Brand == brand:
			hasBrand, ofBrand = true, ofBrand || r.Active
		}
	}
	return hasBrand && ofBrand || !hasBrand && own
}
