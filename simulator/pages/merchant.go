package pages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/inprocess"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/query"
	"mozartosim/simulator/scenario"
)

// Merchant is one of the simulator's own: the demo company, as its server sees it. It keeps the company's tokens to itself.
type Merchant struct {
	MerchantConfig
	cashier  http.RoundTripper // of the Cashier API, in this process
	examples []shopExample
	vouchers []fixtures.Voucher
}

// MerchantConfig is what a Merchant needs.
type MerchantConfig struct {
	Cashier   http.Handler // the Cashier API
	Directory *backoffice.Directory
	Providers map[string]*provider.Provider
	Queries   *query.Queries
	Stored    func(context.Context) (context.Context, context.CancelFunc) // bounds how long the journal may take
}

// shopExample is a provider's request, which the shop changes.
type shopExample struct {
	psp              string
	amount, currency string
	fields           map[string]jsontext.Value
}

// NewMerchant makes the demo shop, whose requests are the minimal examples: of cards by the call one whose shopper has to step up.
func NewMerchant(config MerchantConfig) (*Merchant, error) {
	all, err := fixtures.Requests()
	if err != nil {
		return nil, fmt.Errorf("demo shop: %w", err)
	}
	made := &Merchant{MerchantConfig: config, cashier: inprocess.Cashier(config.Cashier)}
	if made.vouchers, err = fixtures.Vouchers(); err != nil {
		return nil, fmt.Errorf("demo shop: %w", err)
	}
	for _, r := range all {
		kind := "minimal"
		if r.PSP == "EMERCHANTPAY" {
			kind = "challenge"
		}
		if r.Type != "PAYIN" || r.Kind != kind {
			continue
		}
		e := shopExample{psp: r.PSP}
		var says struct {
			Currency string `json:"currency"`
		}
		if err := errors.Join(json.Unmarshal(r.Body, &e.fields), json.Unmarshal(r.Body, &says)); err != nil {
			return nil, fmt.Errorf("demo shop: %w", err)
		}
		e.amount, e.currency = string(e.fields["baseamount"]), says.Currency
		made.examples = append(made.examples, e)
	}
	return made, nil
}

// Checkouts lists what can be paid with; nothing when there is no demo company.
func (s *Merchant) Checkouts() (all []Checkout) {
	c, ok := s.Directory.Get(backoffice.DemoName)
	if !ok {
		return nil
	}
	for _, e := range s.examples {
		psp, configured := c.PSPs[e.psp]
		if !configured {
			continue
		}
		known := s.Providers[e.psp]
		var vouchers []choice
		for _, v := range s.vouchers {
			if v.PSP == e.psp && v.Outcome == declined {
				vouchers = append(vouchers, choice{Value: v.Reason, Text: v.Note})
			}
		}
		all = append(all, Checkout{
			Vouchers: vouchers, PSP: e.psp, Name: known.Name, Amount: e.amount, Currency: cmp.Or(e.currency, c.BillingCurrency),
			HasPage: known.HasPage("PAYIN"), HasWebhooks: psp.Text("webhookUrl") != "",
		})
	}
	return all
}

// Pay calls the Cashier API by the checkout of a provider; base is the URL by which the shopper reaches the pages. page is where
// the shopper pays, "" when the answer has no redirect; refused says why no payment was made, "" when one was.
func (s *Merchant) Pay(ctx context.Context, base string, c Checkout) (page, refused string, err error) {
	call, err := s.call(ctx, base, c)
	if err != nil {
		return "", "", fmt.Errorf("demo shop: %w", err)
	}
	refused, rejected := s.send(call)
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	made, err := s.Order(ctx, c.Reference)
	if err == nil && rejected || errors.Is(err, journal.ErrNotFound) {
		return "", refused, nil
	}
	return made.Page, "", err
}

// send sends a call. refused is what the shopper reads where it made no payment; rejected says that the answer is that of one which
// the provider did not take. A scenario may break the answer, or close the connection after the payment was made.
func (s *Merchant) send(call *http.Request) (refused string, rejected bool) {
	answer, err := s.cashier.RoundTrip(call)
	if err != nil {
		return "there was no answer", false
	}
	defer answer.Body.Close()
	var said struct {
		Message string   `json:"message"`
		Errors  []string `json:"errors"`
	}
	_ = json.UnmarshalRead(answer.Body, &said)
	refused = strings.TrimSpace(fmt.Sprintf("%d %s %s", answer.StatusCode, said.Message, strings.Join(said.Errors, "; ")))
	return refused, answer.StatusCode/100 == 4 && said.Message != ""
}

// Order reads the demo company's payment of a reference. The error is journal.ErrNotFound when there is none.
func (s *Merchant) Order(ctx context.Context, reference string) (adminapi.Payment, error) {
	ctx, cancel := s.Stored(ctx)
	defer cancel()
	c, ok := s.Directory.Get(backoffice.DemoName)
	if !ok {
		return adminapi.Payment{}, journal.ErrNotFound
	}
	found, err := s.Queries.Payments(ctx, c.ID, adminapi.PaymentQuery{MerchantReference: reference, Page: adminapi.Page{Limit: 1}})
	if err != nil {
		return adminapi.Payment{}, err
	}
	if len(found.Payments) == 0 {
		return adminapi.Payment{}, journal.ErrNotFound
	}
	return s.Queries.Payment(ctx, c.ID, found.Payments[0].ID)
}

// call is what the merchant's server sends.
func (s *Merchant) call(ctx context.Context, base string, c Checkout) (*http.Request, error) {
	fields := map[string]jsontext.Value{}
	for _, e := range s.examples {
		if e.psp == c.PSP {
			fields = maps.Clone(e.fields)
		}
	}
	fields["baseamount"], fields["merchantReference"] = jsontext.Value(c.Amount), jsontext.Value(`"`+c.Reference+`"`)
	if pin := s.rejected(c); pin != "" {
		fields["voucherPin"] = jsontext.Value(`"` + pin + `"`)
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	company, user, err := s.tokens()
	if err != nil {
		return nil, err
	}
	scenario := ""
	if c.HasPage || strings.HasPrefix(c.Wish, "webhook-") { // without a page no shopper decides
		scenario = c.Wish
	}
	call, err := adminapi.Tokens{URL: base + openapi.CashierPath, Company: company, User: user}.Request(ctx, body, scenario)
	if err == nil {
		call.Header.Set("User-Agent", "mozartosim-demo-shop")
	}
	return call, err
}

// declined is the outcome of a voucher that is rejected.
const declined = string(scenario.Decline)

// rejected is the PIN of a test voucher that is rejected as the customer wishes; "" where another outcome is wished for, or no
// voucher taken.
func (s *Merchant) rejected(c Checkout) string {
	for _, v := range s.vouchers {
		if v.PSP == c.PSP && v.Outcome == declined && (c.Wish == "shopper-declined" || c.Wish == v.Reason) {
			return v.PIN
		}
	}
	return ""
}

// tokens are those of the demo company and of its first user.
func (s *Merchant) tokens() (company, user string, err error) {
	c, ok := s.Directory.Get(backoffice.DemoName)
	if !ok {
		return "", "", journal.ErrNotFound
	}
	claims, err := c.Claims("")
	if err != nil {
		return "", "", err
	}
	return identity.Tokens(c.Credentials.APIKey, c.Credentials.SecretKey, claims, clock.Wall())
}
