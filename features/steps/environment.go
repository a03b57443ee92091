package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/features/receiver"
	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// Environment is what feature scenarios are given: the target as far as it can be reached. All scenarios of a run share it; but for
// what it gathers itself it never changes.
type Environment struct {
	Contract *openapi.Contract
	BaseURL  string                                   // of the Cashier API
	Client   *http.Client                             // throttled where the target is the vendor's
	Admin    func(http.RoundTripper) *adminapi.Client // makes a client of the simulator's admin API; nil for any other target
	Fixed    *Company                                 // the one company of all scenarios; nil = one is made for each
	Receiver *receiver.Receiver                       // nil = webhooks can't be received
	Masker   *evidence.Masker
	Fixtures func() ([]fixtures.Request, error) // the valid requests that are written by hand
	// Check refuses a body before it is sent, as one with a card number that could be live; nil = everything may be sent.
	Check func(body []byte) error
	// Patience is how long a webhook is waited for in real time; a target with an admin API has a clock to move instead.
	Patience time.Duration
	// Quiet is how long no webhook must arrive in real time to count as none.
	Quiet time.Duration
	Now   func() time.Time
	// Simulated says that the target, which has no admin API here, has a shopper of its own who approves every payment.
	Simulated bool
	// Say reports what the scenario waits for; nil = it is not reported.
	Say func(text string)

	mu       sync.Mutex
	payments map[string]bool // ids of those that scenarios of a shared company made
}

// Company is one that feature scenarios call for.
type Company struct {
	ID        string // in the admin API; "" elsewhere
	Name      string
	APIKey    string // "" when only a token is known
	SecretKey string
	Token     string            // the company JWT
	User      map[string]any    // claims of x-user-token
	Mailbox   *receiver.Mailbox // where its webhooks arrive; nil = nowhere
	Shared    bool              // whether other scenarios use the company too, so that its webhooks are of several scenarios
}

func (c *Company) secrets() []string { return []string{c.APIKey, c.SecretKey, c.Token} }

// siteURL is where shoppers of the companies that scenarios make come back to.
const siteURL = "https://shop.example"

// newCompany makes a company with all providers and a rule for each, on a clock that stands, and returns what that clock says.
// key names it and its mailbox.
func (e *Environment) newCompany(ctx context.Context, setup *adminapi.Client, key string) (*Company, time.Time, error) {
	c := &Company{Name: "contract-" + key, User: Jane()}
	if e.Receiver != nil {
		c.Mailbox = e.Receiver.Open(key)
	}
	in, err := companyInput(e.Contract, c)
	if err != nil {
		return nil, time.Time{}, err
	}
	made, err := setup.CreateCompany(ctx, in)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("make a company for the scenario: %w", err)
	}
	c.ID, c.APIKey, c.SecretKey = made.ID, made.Credentials.APIKey, made.Credentials.SecretKey
	clock, err := setup.Company(c.ID).SetClock(ctx, adminapi.ClockInput{Mode: "manual"})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("stop the company's clock: %w", err)
	}
	c.Token = CompanyToken(c.APIKey, c.SecretKey, clock.Now.Add(-time.Minute), time.Time{})
	e.Masker.Hide(c.secrets()...)
	return c, clock.Now, nil
}

func companyInput(contract *openapi.Contract, c *Company) (adminapi.CompanyInput, error) {
	in := adminapi.CompanyInput{Name: c.Name, PSPs: map[string]map[string]any{}, Brands: []adminapi.Brand{{ID: "gold", Name: "Gold"}}}
	for _, psp := range contract.PSPs() {
		configuration, err := newConfiguration(contract, psp, c)
		if err != nil {
			return in, err
		}
		in.PSPs[psp] = configuration
		in.Rules = append(in.Rules, adminapi.RuleInput{ID: "rule-" + psp, PSP: psp})
	}
	if c.Mailbox != nil {
		in.UserAuthURL = c.Mailbox.URL + "/verify-user"
	}
	user, err := json.Marshal([]any{c.User})
	if err != nil {
		return in, err
	}
	return in, json.Unmarshal(user, &in.Users)
}

// newConfiguration is that of a company that a scenario makes: webhooks go to its mailbox.
func newConfiguration(contract *openapi.Contract, psp string, c *Company) (map[string]any, error) {
	webhookURL := ""
	if c.Mailbox != nil {
		webhookURL = c.Mailbox.URL + "/webhooks"
	}
	return Configuration(contract, psp, webhookURL, siteURL)
}

// Configuration makes a provider's configuration of the simulator: every required field with some value. webhookURL "" = none.
func Configuration(contract *openapi.Contract, psp, webhookURL, siteURL string) (map[string]any, error) {
	made := map[string]any{}
	for _, f := range contract.FieldsOf(contract.ConfigurationOf(psp)) {
		var value any = "contract-" + f.Path
		switch {
		case f.Path == "webhookUrl":
			if webhookURL == "" {
				continue
			}
			value = webhookURL
		case f.Path == "siteUrl":
			value = siteURL
		case f.Path == "forumpayUserId", f.Path == "siteSecurityPassword":
			// not required, but ForumPay refuses everything without the one, and Trust gets no return URLs without the other
		case !f.Required:
			continue
		case f.Type == "object":
			value = map[string]any{}
		case len(f.Enum) > 0:
			value = f.Enum[0]
		}
		if err := openapi.Set(made, f.Path, value); err != nil {
			return nil, fmt.Errorf("configuration of %s: %w", psp, err)
		}
	}
	return made, nil
}
