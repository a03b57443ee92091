package merchants

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"mozartosim/fixtures"
	"mozartosim/openapi"
)

// Config is the configuration of a shop.
type Config struct {
	CashierURL   string // base URL of the Cashier API
	CompanyToken string // the company's JWT, from the back office
	Secret       string // of webhooks; "" = they have none
	Client       *http.Client
}

// reply is the cashier's answer to a call.
type reply struct {
	status   int
	doc      openapi.Document
	redirect string // the URL that the shopper is redirected to; "" = none
}

// word is the reply's transaction_status.
func (r reply) word() string { return r.doc.Text("data.transaction_status") }

// final reports whether no webhook follows: a voucher that is redeemed at once, a card whose issuer asks for nothing.
func (r reply) final(psp string) bool {
	return psp == "FLEXEPIN" || psp == "EMERCHANTPAY" && r.status == http.StatusOK && r.redirect == ""
}

// pay makes the call that starts an order's payment. The error is that of a call without a readable answer.
func (c Config) pay(ctx context.Context, o order) (reply, error) {
	contract, err := openapi.Cashier()
	if err != nil {
		return reply{}, err
	}
	op, known := contract.Operation(o.PSP, o.Type, o.Variant)
	if !known {
		return reply{}, fmt.Errorf("there is no %s %s %s", o.PSP, o.Type, o.Variant)
	}
	body, userID, err := o.request(op)
	if err != nil {
		return reply{}, err
	}
	user, err := userToken(userID)
	if err != nil {
		return reply{}, err
	}
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(c.CashierURL, "/")+openapi.CashierPath, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	call.Header.Set("Content-Type", "application/json")
	call.Header.Set("Authorization", "Bearer "+c.CompanyToken)
	call.Header.Set("x-user-token", "Bearer "+user)
	answer, err := c.Client.Do(call)
	if err != nil {
		return reply{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return reply{}, err
	}
	doc, err := openapi.Decode(text)
	return reply{answer.StatusCode, doc, doc.Text(op.Redirect)}, err
}

// request makes a valid call. What a real shop knows about its shopper is taken from the fixtures.
func (o order) request(op *openapi.Operation) (body []byte, userID string, err error) {
	example, err := fixtures.Example(op.PSP, op.Type, op.Variant, "minimal")
	if err != nil {
		return nil, "", err
	}
	doc, err := openapi.Decode(example)
	if err != nil {
		return nil, "", err
	}
	doc.Fields["baseamount"] = json.Number(o.Amount.Fixed(2))
	doc.Fields["merchantReference"] = o.Reference
	for _, name := range []string{"currency", "currencyCode"} {
		if doc.Has(name) {
			doc.Fields[name] = o.Currency
		}
	}
	body, err = json.Marshal(doc.Fields)
	return body, doc.Text("userId"), err
}

// userToken identifies the shopper. The documentation does not say that its signature is checked.
func userToken(id string) (string, error) {
	if id == "" {
		id = "shopper-1"
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"userId": id, "email": "shopper@example.com", "firstName": "Sam", "lastName": "Shopper",
		"phone": "4165550123", "countryCode": "CA",
	}).SignedString([]byte("the shop's own"))
}
