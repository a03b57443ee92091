package pages

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/merchant"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/query"
	"mozartosim/simulator/scenario"
)

// Merchant is one of the simulator's own: the demo company, as its server sees it.
type Merchant struct {
	MerchantConfig
	checkouts []Checkout // of all providers
}

// MerchantConfig is what a Merchant needs.
type MerchantConfig struct {
	Cashier   http.RoundTripper // makes the calls of the Cashier API
	Directory *backoffice.Directory
	Providers map[string]*provider.Provider
	Queries   *query.Queries
	Stored    func(context.Context) (context.Context, context.CancelFunc) // bounds how long the journal may take
}

// declined is the outcome of a voucher that is rejected.
const declined = string(scenario.Decline)

// NewMerchant makes the demo shop, whose requests are the minimal examples: of cards by the call one whose shopper has to step up.
func NewMerchant(config MerchantConfig) (*Merchant, error) {
	all, err := fixtures.Requests()
	if err != nil {
		return nil, fmt.Errorf("demo shop: %w", err)
	}
	vouchers, err := fixtures.Vouchers()
	if err != nil {
		return nil, fmt.Errorf("demo shop: %w", err)
	}
	made := &Merchant{MerchantConfig: config}
	for _, r := range all {
		kind := "minimal"
		if r.PSP == "EMERCHANTPAY" {
			kind = "challenge"
		}
		if r.Type != "PAYIN" || r.Kind != kind {
			continue
		}
		body, err := openapi.Decode(r.Body)
		if err != nil {
			return nil, fmt.Errorf("demo shop: %w", err)
		}
		known := config.Providers[r.PSP]
		c := Checkout{
			PSP: r.PSP, Name: known.Name, example: kind, Amount: body.Text("baseamount"), Currency: body.Text("currency"), HasPage: known.HasPage("PAYIN"),
		}
		for _, v := range vouchers {
			if v.PSP == r.PSP && v.Outcome == declined {
				c.Vouchers = append(c.Vouchers, choice{Value: v.Reason, Text: v.Note})
			}
		}
		made.checkouts = append(made.checkouts, c)
	}
	return made, nil
}

// Checkouts lists what can be paid with; nothing when there is no demo company.
func (s *Merchant) Checkouts() (all []Checkout) {
	company, ok := s.Directory.Get(backoffice.DemoName)
	if !ok {
		return nil
	}
	for _, c := range s.checkouts {
		psp, configured := company.PSPs[c.PSP]
		if !configured {
			continue
		}
		c.Currency, c.HasWebhooks = cmp.Or(c.Currency, company.BillingCurrency), psp.Text("webhookUrl") != ""
		all = append(all, c)
	}
	return all
}

// Pay calls the Cashier API by the checkout of a provider; base is the URL by which the shopper reaches the pages. page is where
// the shopper pays, "" when the answer has no redirect; refused says why no payment was made, "" when one was. A scenario may break
// the answer, or close the connection after the payment was made.
func (s *Merchant) Pay(ctx context.Context, base string, c Checkout) (page, refused string, err error) {
	order := merchant.Order{URL: base}
	if c.HasPage || strings.HasPrefix(c.Wish, "webhook-") { // without a page no shopper decides
		order.Scenario = c.Wish
	}
	if order.Body, err = c.request(); err != nil {
		return "", "", fmt.Errorf("demo shop: %w", err)
	}
	sent, err := order.Send(ctx, s.Cashier, s)
	if err != nil {
		return "", "", fmt.Errorf("demo shop: %w", err)
	}
	refused, rejected := refusedBy(sent.Answer)
	if sent.Payment == "" || rejected {
		return "", refused, nil
	}
	made, err := s.Order(ctx, c.Reference)
	return made.Page, "", err
}

// request is what the merchant's server sends.
func (c Checkout) request() ([]byte, error) {
	wanted := fixtures.Wanted{Kind: c.example, Reference: c.Reference, Amount: c.Amount}
	for _, v := range c.Vouchers {
		if c.Wish == v.Value || c.Wish == "shopper-declined" && wanted.Reason == "" {
			wanted.Outcome, wanted.Reason = declined, v.Value
		}
	}
	return wanted.Request(c.PSP, "PAYIN", "")
}

// refusedBy is what the shopper reads where a call made no payment; rejected says that the answer is that of one which the provider did
// not take.
func refusedBy(answer adminapi.CashierAnswer) (refused string, rejected bool) {
	if answer.Status == 0 {
		return "there was no answer", false
	}
	var said struct {
		Message string   `json:"message"`
		Errors  []string `json:"errors"`
	}
	_ = json.Unmarshal(answer.Body, &said)
	refused = strings.TrimSpace(fmt.Sprintf("%d %s %s", answer.Status, said.Message, strings.Join(said.Errors, "; ")))
	return refused, answer.Status/100 == 4 && said.Message != ""
}

// Order reads the demo company's payment of a reference. The error is journal.ErrNotFound when there is none.
func (s *Merchant) Order(ctx context.Context, reference string) (made adminapi.Payment, err error) {
	ctx, cancel := s.Stored(ctx)
	defer cancel()
	found, err := s.Payments(ctx, adminapi.PaymentQuery{MerchantReference: reference, Page: adminapi.Page{Limit: 1}})
	switch {
	case err != nil:
		return made, err
	case len(found.Payments) == 0:
		return made, journal.ErrNotFound
	}
	return s.Queries.Payment(ctx, found.Payments[0].Company, found.Payments[0].ID)
}

// Payments implements merchant.Simulator.
func (s *Merchant) Payments(ctx context.Context, q adminapi.PaymentQuery) (list adminapi.PaymentList, err error) {
	ctx, cancel := s.Stored(ctx)
	defer cancel()
	c, ok := s.Directory.Get(backoffice.DemoName)
	if !ok {
		return list, journal.ErrNotFound
	}
	return s.Queries.Payments(ctx, c.ID, q)
}

// Tokens implements merchant.Simulator.
func (s *Merchant) Tokens(context.Context, string) (tokens adminapi.Tokens, err error) {
	c, ok := s.Directory.Get(backoffice.DemoName)
	if !ok {
		return tokens, journal.ErrNotFound
	}
	return merchant.Tokens(c)
}
