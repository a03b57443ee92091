package merchant

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/snippet"
)

// DefaultURL is where serve puts the Cashier API unless a flag says otherwise.
const DefaultURL = "http://127.0.0.1:8080"

// Company is a company with its credentials.
type Company struct {
	Settings *backoffice.Company

	admin *adminapi.Client // of the simulator that runs and has it; nil = a configuration has it
}

// Named returns the one of configured companies with a name or id, the first for "".
func Named(all []*backoffice.Company, name string) (*Company, error) {
	names := make([]string, len(all))
	for i, one := range all {
		if name == "" || name == one.Name || name == one.ID {
			return &Company{Settings: one}, nil
		}
		names[i] = one.Name
	}
	return nil, fmt.Errorf("there is no company %q: use one of %s%s", name, strings.Join(names, ", "), openapi.DidYouMean(name, names))
}

// Running asks the simulator that runs at a URL for a company with its credentials.
func Running(ctx context.Context, admin *adminapi.Client, adminURL, name string) (*Company, error) {
	shown, err := admin.Company(name).BackOffice().Company(ctx, adminapi.Revealed)
	if err != nil {
		return nil, err
	}
	if shown.Credentials.APIKey == "" || shown.Credentials.SecretKey == "" {
		return nil, fmt.Errorf("the simulator at %s should have shown the credentials of %q, but did not", adminURL, shown.Name)
	}
	reader, err := backoffice.NewReader()
	if err != nil {
		return nil, err
	}
	settings, err := reader.Shown(shown)
	return &Company{settings, admin}, err
}

// Now is the time from which tokens count: the machine's, or that of the simulator that runs, whose clock checks them.
func (c *Company) Now(ctx context.Context) (time.Time, error) {
	if c.admin == nil {
		return clock.Wall(), nil
	}
	shown, err := c.admin.Company(c.Settings.ID).Clock(ctx)
	return shown.Now, err
}

// CashierURL is the Cashier API of the simulator that runs, else the usual one.
func (c *Company) CashierURL(ctx context.Context) (string, error) {
	if c.admin == nil {
		return DefaultURL, nil
	}
	public, err := c.admin.PublicURL(ctx)
	return strings.TrimRight(public.URL, "/"), err
}

// Tokens mints the tokens of a company and of its first user, which do not expire.
func Tokens(c *backoffice.Company) (minted adminapi.Tokens, err error) {
	claims, err := c.Claims("")
	if err != nil {
		return minted, err
	}
	minted.Company, minted.User, err = identity.Tokens(c.Credentials.APIKey, c.Credentials.SecretKey, claims, identity.Epoch())
	return minted, err
}

// Curl is a call of the Cashier API as one line for a shell.
func Curl(cashierURL string, tokens adminapi.Tokens, request json.RawMessage) (string, error) {
	var body bytes.Buffer
	if err := json.Compact(&body, request); err != nil {
		return "", fmt.Errorf("curl: %w", err)
	}
	return snippet.Call{Method: http.MethodPost, URL: strings.TrimRight(cashierURL, "/") + openapi.CashierPath, Headers: []snippet.Header{
		{Name: "Authorization", Value: "Bearer " + tokens.Company}, {Name: "x-user-token", Value: "Bearer " + tokens.User}, {Name: "Content-Type", Value: "application/json"},
	}, Body: body.String()}.Curl(), nil
}

// Environment are the variables of the environment that a merchant's system needs to call a company of the simulator whose admin API is
// at a URL, and that its tests need.
func Environment(ctx context.Context, adminURL string, company *adminapi.CompanyClient) (map[string]string, error) {
	of, err := company.BackOffice().Company(ctx, adminapi.Masked)
	if err != nil {
		return nil, err
	}
	tokens, err := company.Tokens(ctx, "")
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"MOZARTO_BASE_URL": strings.TrimSuffix(tokens.URL, openapi.CashierPath), "MOZARTO_CASHIER_URL": tokens.URL,
		"MOZARTO_COMPANY_TOKEN": tokens.Company, "MOZARTO_USER_TOKEN": tokens.User,
		"MOZARTOSIM_ADMIN_URL": adminURL, "MOZARTOSIM_COMPANY": of.Name,
	}, nil
}
