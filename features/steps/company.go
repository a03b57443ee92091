package steps

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"mozartosim/openapi"
)

// Mailboxes opens addresses at which webhooks arrive.
type Mailboxes interface {
	Open(key string) *Mailbox
	Close(m *Mailbox)
}

// siteURL is where shoppers of the companies that scenarios make come back to.
const siteURL = "https://shop.example"

// newCompany makes a company with all providers and a rule for each, on a clock that stands; or takes the one that the
// target gives to all scenarios.
func (w *World) newCompany(suffix string) (*Company, error) {
	if w.env.Fixed != nil {
		if suffix != "" {
			return nil, &NotRun{"needs a second company"}
		}
		return w.env.Fixed, nil
	}
	if w.env.Control == nil {
		return nil, &NotRun{"needs a company: a profile, or the simulator's control API to make one"}
	}
	c := &Company{Name: "contract-" + w.key + suffix, User: Jane()}
	if w.env.Mail != nil {
		c.Mail = w.env.Mail.Open(w.key + suffix)
	}
	in, err := w.companyInput(c)
	if err != nil {
		return nil, err
	}
	var made struct {
		ID          string `json:"id"`
		Credentials struct {
			APIKey    string `json:"apiKey"`
			SecretKey string `json:"secretKey"`
		} `json:"credentials"`
	}
	if err := w.env.Control.ask(w.ctx, http.MethodPost, "/v1/companies", nil, in, &made); err != nil {
		return nil, fmt.Errorf("make a company for the scenario: %w", err)
	}
	c.ID, c.APIKey, c.SecretKey = made.ID, made.Credentials.APIKey, made.Credentials.SecretKey
	var clock struct {
		Now time.Time `json:"now"`
	}
	if err := w.env.Control.ask(w.ctx, http.MethodPut, "/v1/companies/"+c.ID+"/clock", nil, map[string]any{"mode": "manual"}, &clock); err != nil {
		return nil, fmt.Errorf("stop the company's clock: %w", err)
	}
	w.now = clock.Now
	c.Token = CompanyToken(c.APIKey, c.SecretKey, clock.Now.Add(-time.Minute), time.Time{})
	w.env.Masker.Hide(secretsOf(c)...)
	return c, nil
}

func secretsOf(c *Company) []string { return []string{c.APIKey, c.SecretKey, c.Token} }

func (w *World) companyInput(c *Company) (map[string]any, error) {
	psps, rules := map[string]any{}, []any{}
	for _, psp := range w.env.Contract.PSPs() {
		configuration, err := w.configuration(psp, c)
		if err != nil {
			return nil, err
		}
		psps[psp] = configuration
		rules = append(rules, map[string]any{"psp": psp, "id": "rule-" + psp})
	}
	in := map[string]any{
		"name": c.Name, "psps": psps, "rules": rules, "brands": []any{map[string]any{"id": "gold", "name": "Gold"}},
		"users": []any{c.User},
	}
	if c.Mail != nil {
		in["userAuthUrl"] = c.Mail.URL + "/verify-user"
	}
	return in, nil
}

// configuration makes a provider's: every required field with some value, webhooks to the scenario's mailbox.
func (w *World) configuration(psp string, c *Company) (map[string]any, error) {
	made := map[string]any{}
	schema := w.env.Contract.ConfigurationOf(psp)
	for _, f := range w.env.Contract.FieldsOf(schema) {
		var value any = "contract-" + f.Path
		switch {
		case f.Path == "webhookUrl":
			if c.Mail == nil {
				continue
			}
			value = c.Mail.URL + "/webhooks"
		case f.Path == "siteUrl":
			value = siteURL
		case f.Path == "forumpayUserId": // the provider refuses everything without it, though the contract doesn't require it
		case !f.Required:
			continue
		case f.Type == "object":
			value = map[string]any{}
		case len(f.Enum) > 0:
			value = f.Enum[0]
		}
		if err := set(made, f.Path, value); err != nil {
			return nil, fmt.Errorf("configuration of %s: %w", psp, err)
		}
	}
	text, err := json.Marshal(made)
	if err != nil {
		return nil, err
	}
	doc, err := openapi.Decode(text)
	if err != nil {
		return nil, err
	}
	if problems := w.env.Contract.Problems(schema, doc); problems != nil {
		return nil, fmt.Errorf("configuration of %s: %v", psp, problems)
	}
	return made, nil
}
