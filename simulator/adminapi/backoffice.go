package adminapi

import (
	"encoding/json"
	"time"
)

// CompanyInput is a company as it is created or replaced. What is absent is drawn from the simulator's seed.
type CompanyInput struct {
	ID              string                    `json:"id,omitempty"`
	Name            string                    `json:"name"`
	FirstName       string                    `json:"firstName,omitempty"`
	LastName        string                    `json:"lastName,omitempty"`
	Email           string                    `json:"email,omitempty"`
	BillingCurrency string                    `json:"billingCurrency,omitempty"`
	Country         string                    `json:"country,omitempty"`
	Credentials     *CredentialsInput         `json:"credentials,omitempty"`
	PasswordExpired bool                      `json:"passwordExpired,omitempty"` // answers every cashier call with 403
	UserAuthURL     string                    `json:"userAuthUrl,omitempty"`
	Seed            uint64                    `json:"seed,omitempty"`
	Brands          []Brand                   `json:"brands,omitempty"`
	PSPs            map[string]map[string]any `json:"psps,omitempty"` // PSP configurations by provider code
	Rules           []RuleInput               `json:"rules,omitempty"`
	Users           []User                    `json:"users,omitempty"`
}

// CredentialsInput are API credentials as they are set; what is absent is drawn.
type CredentialsInput struct {
	APIKey    string `json:"apiKey,omitempty"`
	SecretKey string `json:"secretKey,omitempty"`
}

// Profile is a company but for its providers and rules.
type Profile struct {
	ID              string      `json:"id"`
	Name            string      `json:"name"`
	FirstName       string      `json:"firstName,omitempty"`
	LastName        string      `json:"lastName,omitempty"`
	Email           string      `json:"email,omitempty"`
	BillingCurrency string      `json:"billingCurrency,omitempty"`
	Country         string      `json:"country,omitempty"`
	Credentials     Credentials `json:"credentials"`
	PasswordExpired bool        `json:"passwordExpired,omitempty"`
	UserAuthURL     string      `json:"userAuthUrl,omitempty"`
	Seed            uint64      `json:"seed"`
	Brands          []Brand     `json:"brands,omitempty"`
	Users           []User      `json:"users,omitempty"`
	Created         time.Time   `json:"created"`
}

// Company is a company as it is answered. Secrets are masked unless they were asked for.
type Company struct {
	Profile
	PSPs     map[string]map[string]any `json:"psps"`
	Rules    []Rule                    `json:"rules"`
	Warnings []string                  `json:"warnings"` // what is allowed but probably a mistake
}

// Credentials are a company's API credentials (documented: apiKey and secretKey).
type Credentials struct {
	APIKey    string `json:"apiKey"`
	SecretKey string `json:"secretKey"`
}

// CompanyList is a page of companies.
type CompanyList struct {
	Companies []Company `json:"companies"`
	Next      string    `json:"next"` // cursor of the next page, "" at the end
}

// Brand is a sub-brand of a company; requests name it as brandId.
type Brand struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// User is a user for whom tokens can be minted.
type User struct {
	UserID        string `json:"userId"`
	Email         string `json:"email,omitempty"`
	FirstName     string `json:"firstName,omitempty"`
	LastName      string `json:"lastName,omitempty"`
	Phone         string `json:"phone,omitempty"`
	CountryCode   string `json:"countryCode,omitempty"`
	EmailVerified any    `json:"emailVerified,omitempty"` // a string or a boolean
}

// Psp is a PSP configuration of a company.
type Psp struct {
	PSP           string         `json:"psp"`
	Configuration map[string]any `json:"configuration"`
	Warnings      []string       `json:"warnings"`
}

// RuleInput is an orchestration rule as it is created or replaced.
type RuleInput struct {
	ID     string `json:"id,omitempty"`
	PSP    string `json:"psp"`
	Brand  string `json:"brand,omitempty"`  // "" = the whole company
	Active *bool  `json:"active,omitempty"` // nil = active
}

// Rule is an orchestration rule: it allows a company, or one of its brands, to use a provider.
type Rule struct {
	ID     string `json:"id"`
	PSP    string `json:"psp"`
	Brand  string `json:"brand,omitempty"` // "" = the whole company
	Active bool   `json:"active"`
}

// UnmarshalJSON reads a rule, also as it is sent: an absent `active` is true.
func (r *Rule) UnmarshalJSON(text []byte) error {
	type plain Rule
	rule := plain{Active: true}
	if err := json.Unmarshal(text, &rule); err != nil {
		return err
	}
	*r = Rule(rule)
	return nil
}

// Deleted names what was deleted.
type Deleted struct {
	Deleted  string `json:"deleted"`
	Payments int    `json:"payments,omitzero"` // of a deleted company
}

// Tokens are what a call to the Cashier API needs.
type Tokens struct {
	URL     string `json:"url"`     // the Cashier API's endpoint
	Company string `json:"company"` // for Authorization
	User    string `json:"user"`    // for x-user-token
}

// ScenarioSummary is a scenario in force.
type ScenarioSummary struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	File        string `json:"file"` // "" when it was put by the API
	Line        int    `json:"line"`
	PSP         string `json:"psp,omitempty"` // whose payments it is limited to; "" = any provider's
	Matched     int    `json:"matched"`       // calls; counted for scenarios with nth
	Applied     int    `json:"applied"`       // payments; counted for scenarios with times
}

// CheckInput is scenarios in YAML that are to be checked.
type CheckInput struct {
	YAML string `json:"yaml"`
	Name string `json:"name,omitempty"` // of the one scenario, where the text does not name it
}

// CheckResult says what is wrong with scenarios, line by line.
type CheckResult struct {
	Valid     bool              `json:"valid"`
	Problems  []LineProblem     `json:"problems"`
	Scenarios []json.RawMessage `json:"scenarios"` // the valid ones
	Warnings  []string          `json:"warnings,omitempty"`
}

// LineProblem is something wrong at a place of a text.
type LineProblem struct {
	Line        int    `json:"line"`
	Column      int    `json:"column"`
	Description string `json:"description"`
}

// OverrideInput names a scenario in force, or has one of its own: it decides the next payment that it matches.
type OverrideInput struct {
	Name     string `json:"name,omitempty"`
	Scenario any    `json:"scenario,omitempty"` // its JSON, such as a map or a json.RawMessage
}

// OverrideResult says which scenario waits.
type OverrideResult struct {
	Name    string `json:"name"`
	Waiting int    `json:"waiting"` // overrides that wait now, this one included

	Warnings []string `json:"warnings,omitempty"`
}

// Override is a scenario that decides the next payment that it matches, once.
type Override struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Scenario    json.RawMessage `json:"scenario"` // as it was written
}

// UnsetResult says how many overrides were cancelled.
type UnsetResult struct {
	Unset   int `json:"unset"`
	Waiting int `json:"waiting"` // that still wait
}

// OutageInput makes a provider unavailable.
type OutageInput struct {
	Kind  string `json:"kind" jsonschema:"how it is unavailable"` // by one of the words of OutageKinds
	For   string `json:"for,omitempty" jsonschema:"how long on the company's clock, such as 10m; until end_outage unless set"`
	Delay string `json:"delay,omitempty" jsonschema:"how late the provider answers, for slow, such as 3s"`
}

// Outage is an outage in force.
type Outage struct {
	PSP   string    `json:"psp"`
	Kind  string    `json:"kind"`
	For   string    `json:"for,omitempty"`
	Delay string    `json:"delay,omitempty"`
	Until time.Time `json:"until,omitzero"`
}
