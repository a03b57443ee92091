package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// Page is the kind of hosted page at a provider's redirect URL.
type Page string

// The kinds of hosted pages.
const (
	NoPage     Page = ""
	CryptoPage Page = "crypto"
	BankPage   Page = "bank"
	CardPage   Page = "card"
	StepUpPage Page = "step-up" // a 3-D Secure challenge
)

// Provider is one payment service provider, as the Cashier API shows it.
type Provider struct {
	Code      string // pspType
	Name      string // for people
	Slug      string // its part of a hosted page's path
	Redirect  string // the redirect URL's name in `data`; "" when there is none
	Page      Page
	Currency  string // of payments whose request need not name one (Gigadat: CAD)
	PayIn     Flow
	PayOut    Flow // without an Answer when the provider has no pay-out
	Words     Words
	Reasons   []Reason                    // its own reasons for declining
	Reference func(*random.Stream) string // draws the provider's own id of a payment; nil = it takes the transaction's (Gigadat)

	Voucher         bool          // paid with a voucher's PIN
	Retries         bool          // a declined card shows the form again
	RetryReason     string        // a decline for this reason alone does; "" = none
	CancelStaysOpen bool          // when the shopper cancels, no webhook is sent: the payment stays open until its page expires
	SingleUse       bool          // its page can be used once: a decision counts as the use (assumed)
	SessionLifetime time.Duration // of a hosted page; 0 = it never expires

	Webhook              bool                         // whether it has webhooks at all (documented)
	NoWebhookCurrency    bool                         // its webhooks have no currency
	WebhookExtra         Fields                       // what its webhooks have besides the common fields
	OpeningNotifications []Notification               // sent right after the call
	Sequence             func(Outcome) []Notification // after an outcome; nil, or a nil result = one notification in its own words
	DeclinedMessage      func(Outcome) string         // the text of a decline; nil = the usual one

	RawRefusal func(reason string) Fields // its raw answer to a call that it refuses; nil = the reason itself

	ReturnsFrom returnSource                // return URLs of the request that are used before the configured siteUrl
	ReturnsNeed string                      // a field of the configuration without which shoppers are not sent back; "" = none
	Returns     func(Returning) [][2]string // what it adds to a return URL's query; nil = transactionId and status
}

// Flow is a provider's pay-in or pay-out.
type Flow struct {
	Rules  []Rule // in the contract's order
	Answer func(*Call) (Answer, error)
}

// Rule is a named rule of the contract, in code. Check returns an *openapi.Invalid; it is nil for a rule that is part of the
// provider's answer.
type Rule struct {
	Name  string
	Check func(*Call) error
}

// Words are the provider's own words for the states of a payment, the `status` of its webhooks.
type Words struct {
	Pending, Approved, Declined, Cancelled, Expired string
	Rejected                                        string // of a pay-out that an admin rejected
	Initiated                                       string // of what was only begun, where there is another word for that
}

// Call is everything that a provider gets of a valid call. Rules get it without Terms.
type Call struct {
	Contract    *openapi.Contract
	Operation   *openapi.Operation
	Request     openapi.Document
	PSP         backoffice.PSP
	User        identity.User
	UserAgent   string
	Amount      money.Amount
	TestOutcome scenario.Outcome
	Terms       payment.Terms
	Random      *random.Stream
	Now         time.Time
	PublicURL   string // of the simulator, without a slash at the end
	Slug        string
}

// Answer is a provider's answer to a call that it accepts.
type Answer struct {
	Message string // of the envelope; "" leaves it out (old Neosurf and Flexepin samples)
	Data    Fields
	Status  payment.Status // the payment's status from now on; "" = pending
	Raw     string         // the provider's own word for that
}

// Flow returns the provider's flow by the request's `type`; ok is false when it has none.
func (p Provider) Flow(flow string) (f Flow, ok bool) {
	switch flow {
	case "PAYIN":
		f = p.PayIn
	case "PAYOUT":
		f = p.PayOut
	}
	return f, f.Answer != nil
}

// Page returns the URL of the payment's hosted page, with the query of the provider's own URL.
func (c *Call) Page(query string) string {
	page := c.PublicURL + "/pay/" + c.Slug + "/" + c.Terms.Session
	if query != "" {
		page += "?" + query
	}
	return page
}

// returnTo makes a URL under the merchant's site for the shopper's return (assumed: /payment/success and so on).
func returnTo(site, result string) string {
	joined, err := url.JoinPath(site, "payment", result)
	if err != nil {
		return site
	}
	return joined
}

// reference returns a function that draws prefix and n hexadecimal digits.
func reference(prefix string, n int) func(*random.Stream) string {
	return noCard(func(r *random.Stream) string { return prefix + r.Hex(n) })
}

// noCard returns draw, which draws once more when chance made what could be taken for a card number: an id is never masked.
func noCard(draw func(*random.Stream) string) func(*random.Stream) string {
	return func(r *random.Stream) string {
		for {
			if id := draw(r); mask.Cards(id) == id {
				return id
			}
		}
	}
}

// PSPTransactionID is the provider's own id of the payment with the transaction's id.
func (p Provider) PSPTransactionID(draw *random.Stream, id string) string {
	if p.Reference == nil {
		return id
	}
	return p.Reference(draw)
}

// HasPage says whether a flow's payments have a hosted page: pay-ins of providers that redirect, and pay-outs that an admin must
// approve (Gigadat).
func (p Provider) HasPage(flow string) bool {
	return p.Page != NoPage && (flow == "PAYIN" || p.Words.Rejected != "")
}

// redirectByURL is the answer of providers that redirect by `url`.
func redirectByURL(raw string) func(*Call) (Answer, error) {
	return func(c *Call) (Answer, error) {
		return Answer{Message: "Successfully", Raw: raw, Data: Fields{
			{"status", "PENDING"},
			{"url", c.Page("")},
			{"sessionId", c.Terms.Session},
			{"transactionId", c.Terms.ID},
			{"merchantReference", c.Terms.MerchantReference},
			{"amount", c.Amount},
		}}, nil
	}
}

// Common are the named rules of every provider; they are checked before the provider's own.
type Common struct {
	Currencies money.Currencies
	TestCard   func(number string) bool
	Unenforced map[string]bool // rules, by name, that are not enforced
}

// Check checks a valid request and returns its amount. All broken rules are listed, in the order of the contract; the error is
// an *openapi.Invalid.
func (c Common) Check(request openapi.Document) (money.Amount, error) {
	var problems openapi.Problems
	amount, reason := c.amount(request)
	if reason != "" {
		problems.Add("baseamount", "%s", reason)
	}
	if number := request.Text("card.pan"); mask.CouldBeCard(number) && !c.TestCard(number) {
		problems.Add("card.pan", "must be a published test card number: the simulator refuses what could be a live card")
	}
	if problems != nil {
		return money.Amount{}, problems.Err()
	}
	return amount, nil
}

// maxDecimals is how many decimals an amount may have where their number is not enforced.
const maxDecimals = 6

// amount reads baseamount with the decimals of its currency, at least two (assumed); the reason is why it is wrong, "" for none.
func (c Common) amount(request openapi.Document) (amount money.Amount, reason string) {
	decimals := max(2, c.Currencies[request.Text("currency")].Decimals)
	if c.Unenforced["amount-decimals"] {
		decimals = maxDecimals
	}
	amount, err := money.Parse(request.Text("baseamount"), decimals)
	switch {
	case errors.Is(err, money.ErrTooLarge):
		return amount, "must have at most 12 digits before the point"
	case errors.Is(err, money.ErrTooFine):
		return amount, fmt.Sprintf("must have at most %d decimals", decimals)
	case err != nil:
		return amount, "must be a decimal number of ordinary size"
	case !amount.Positive():
		return amount, "must be greater than 0"
	}
	return amount, ""
}

// nested validates the object under field by a component schema; paths in the error begin with field.
func nested(c *Call, field, schema string) error {
	err := c.Contract.ValidateAs(schema, openapi.Document{Fields: c.Request.Object(field)})
	var invalid *openapi.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	if invalid.Missing != "" {
		return missing(field + "." + invalid.Missing)
	}
	return invalid.Problems.Below(field).Err()
}

// broken makes the error of a rule that a field breaks, in the vendor's voice.
func broken(field, reason string) error { return openapi.Problems{{Path: field, Reason: reason}}.Err() }

// missing makes the error of a field that a rule requires.
func missing(field string) error { return &openapi.Invalid{Missing: field} }

// Field is a named value of an answer or a webhook: string, bool, nil, Fields, []string, money.Amount, Secret, or any other value of
// JSON as it is written, json.RawMessage.
type Field struct {
	Name  string
	Value any
}

// Fields are a JSON object in the order in which the vendor writes it.
type Fields []Field

// Secret is a text that only the caller gets in clear: the journal and logs get Masked.
type Secret struct{ Clear, Masked string }

// Append writes the object to dst, secrets and card numbers in clear, or masked.
func (f Fields) Append(dst []byte, masked bool) []byte {
	dst = append(dst, '{')
	for i, field := range f {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, field.Name)
		dst = append(dst, ':')
		dst = appendValue(dst, field.Value, masked)
	}
	return append(dst, '}')
}

// Has says whether the object has a field of that name.
func (f Fields) Has(name string) bool {
	return slices.ContainsFunc(f, func(field Field) bool { return field.Name == name })
}

// Secret says whether there is a Secret in the object.
func (f Fields) Secret() bool {
	return slices.ContainsFunc(f, func(field Field) bool {
		nested, _ := field.Value.(Fields)
		_, secret := field.Value.(Secret)
		return secret || nested.Secret()
	})
}

func appendValue(dst []byte, value any, masked bool) []byte {
	switch value := value.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		if masked {
			value = mask.Cards(value)
		}
		return appendText(dst, value)
	case bool:
		return strconv.AppendBool(dst, value)
	case money.Amount:
		return append(dst, value.String()...)
	case json.RawMessage:
		return append(dst, value...)
	case Fields:
		return value.Append(dst, masked)
	case []string:
		return appendTexts(dst, value)
	case Secret:
		if masked {
			return appendText(dst, value.Masked)
		}
		return appendText(dst, value.Clear)
	}
	panic(fmt.Sprintf("provider: a field can't be a %T", value))
}

func appendTexts(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, text)
	}
	return append(dst, ']')
}

// appendText writes a JSON string; invalid UTF-8 becomes U+FFFD.
func appendText(dst []byte, text string) []byte {
	dst, _ = jsontext.AppendQuote(dst, text)
	return dst
}
