package adminapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// Client calls the admin API of one simulator. It is safe for concurrent use. Contexts bound its calls: it has no timeout
// of its own, since advancing a clock takes as long as the webhooks on the way.
type Client struct {
	base, token string
	http        *http.Client
}

// Option changes a client.
type Option func(*Client)

// WithHTTPClient makes the client's calls by c, such as one whose transport records them.
func WithHTTPClient(c *http.Client) Option { return func(client *Client) { client.http = c } }

// WithFingerprint trusts the TLS certificate with this SHA-256 and no other, as `serve --tls-self-signed` prints it.
func WithFingerprint(sha256 string) Option {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = TrustFingerprint(sha256)
	return WithHTTPClient(&http.Client{Transport: transport})
}

// New makes a client of the admin API at a URL such as http://127.0.0.1:8081. token is the admin token, "" when the
// simulator has none.
func New(baseURL, token string, options ...Option) *Client {
	c := &Client{base: strings.TrimRight(baseURL, "/"), token: token, http: http.DefaultClient}
	for _, option := range options {
		option(c)
	}
	return c
}

// Secrets says whether secrets are answered masked or in clear.
type Secrets bool

// How secrets are answered.
const (
	Masked   Secrets = false
	Revealed Secrets = true
)

func (s Secrets) query() url.Values {
	if s == Revealed {
		return url.Values{"reveal": {"true"}}
	}
	return nil
}

// path joins the parts of a path, each escaped.
func path(parts ...string) string {
	var out strings.Builder
	for _, part := range parts {
		out.WriteString("/" + url.PathEscape(part))
	}
	return out.String()
}

// Health says whether the process is alive.
func (c *Client) Health(ctx context.Context) error { return c.get(ctx, "/healthz", nil, new(any)) }

// Ready says whether the simulator takes calls; until then the error has status 503.
func (c *Client) Ready(ctx context.Context) error { return c.get(ctx, "/readyz", nil, new(any)) }

// Version returns the versions of the simulator and its contracts.
func (c *Client) Version(ctx context.Context) (out Version, err error) {
	return out, c.get(ctx, "/version", nil, &out)
}

// PublicURL returns the URL by which merchants and browsers reach the simulator.
func (c *Client) PublicURL(ctx context.Context) (out PublicURL, err error) {
	return out, c.get(ctx, "/v1/public-url", nil, &out)
}

// SetPublicURL sets the URL by which merchants and browsers reach the simulator, for this process; "" has
// redirect URLs follow each call's Host.
func (c *Client) SetPublicURL(ctx context.Context, to string) (out PublicURL, err error) {
	return out, c.do(ctx, http.MethodPut, "/v1/public-url", nil, map[string]string{"url": to}, &out)
}

// Metrics returns counters and gauges in Prometheus' text format.
func (c *Client) Metrics(ctx context.Context) (string, error) {
	text, err := c.call(ctx, http.MethodGet, "/metrics", nil, nil)
	return string(text), err
}

// CashierContract returns the OpenAPI document of the Cashier API.
func (c *Client) CashierContract(ctx context.Context) (out json.RawMessage, err error) {
	return out, c.get(ctx, "/openapi/cashier.json", nil, &out)
}

// ControlContract returns the OpenAPI document of the admin API.
func (c *Client) ControlContract(ctx context.Context) (out json.RawMessage, err error) {
	return out, c.get(ctx, "/openapi/control.json", nil, &out)
}

// GeneratorContract returns a contract as OpenAPI 3.0.3, for generators that don't know 3.1; document is cashier.json or control.json.
func (c *Client) GeneratorContract(ctx context.Context, document string) (out json.RawMessage, err error) {
	return out, c.get(ctx, "/openapi/3.0/"+url.PathEscape(document), nil, &out)
}

// ResetOption changes what a reset does.
type ResetOption string

// KeepClock leaves clocks as they are; otherwise they stand again as they did at the start.
const KeepClock ResetOption = "keepClock"

func resetQuery(company string, options []ResetOption) url.Values {
	q := url.Values{}
	if company != "" {
		q.Set("company", company)
	}
	for _, option := range options {
		q.Set(string(option), "true")
	}
	return q
}

// Reset drops the payments of all companies, deletes those that were created by the API and restores the configured ones.
// With a company it only drops that company's payments.
func (c *Client) Reset(ctx context.Context, company string, options ...ResetOption) (out ResetResult, err error) {
	return out, c.do(ctx, http.MethodPost, "/v1/reset", resetQuery(company, options), nil, &out)
}

// Providers lists the payment providers.
func (c *Client) Providers(ctx context.Context) ([]Provider, error) {
	return entries[Provider](ctx, c, "/v1/providers", nil)
}

// Examples lists valid requests of a flow, the smallest first and the generated one last.
func (c *Client) Examples(ctx context.Context, q ExampleQuery) ([]ExampleRequest, error) {
	return entries[ExampleRequest](ctx, c, "/v1/examples", parameters(q))
}

// Ledger lists the rules of the Cashier API's contract and how each is known.
func (c *Client) Ledger(ctx context.Context, q LedgerQuery) (out Ledger, err error) {
	return out, c.get(ctx, "/v1/ledger", parameters(q), &out)
}

// Companies lists companies, oldest first; the first one is the demo company.
func (c *Client) Companies(ctx context.Context, page Page, s Secrets) (out CompanyList, err error) {
	q := parameters(page)
	if s == Revealed {
		q.Set("reveal", "true")
	}
	return out, c.get(ctx, "/v1/companies", q, &out)
}

// CreateCompany creates a company. Its credentials are answered in clear.
func (c *Client) CreateCompany(ctx context.Context, in CompanyInput) (out Company, err error) {
	return out, c.do(ctx, http.MethodPost, "/v1/companies", nil, in, &out)
}
