package clients

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/ogen-go/ogen/ogenerrors"

	oapicashier "mozartosim/openapi/clients/generated/oapi/cashier"
	oapicontrol "mozartosim/openapi/clients/generated/oapi/control"
	ogencashier "mozartosim/openapi/clients/generated/ogen/cashier"
)

// payIn is a pay-in by Payone as its sender writes it.
const payIn = `{"pspType":"PAYONE","type":"PAYIN","baseamount":100.5,"currency":"CAD","currencyCode":"CAD","userId":"user-1001","email":"ann@mail.example",
	"firstName":"Ann","lastName":"Lee","phone":"4165550123","merchantReference":null}`

// settings are a PSP configuration.
const settings = `{"accountName":"a","apiKey":"key-7","webhookUrl":"https://shop.example/hook","siteUrl":"https://shop.example"}`

// What oapi-codegen makes of both documents makes a payment, finds it, and changes a PSP configuration.
func TestOapiCodegen(t *testing.T) {
	with := func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+given(t, "COMPANY_TOKEN"))
		r.Header.Set("x-user-token", "Bearer "+given(t, "USER_TOKEN"))
		return nil
	}
	c, err := oapicashier.NewClientWithResponses(given(t, "URL"), oapicashier.WithRequestEditorFn(with))
	if err != nil {
		t.Fatal(err)
	}
	var payment oapicashier.Payone
	var request oapicashier.CashierRequest
	read(t, payIn, &payment)
	if err := request.FromPayone(payment); err != nil {
		t.Fatal(err)
	}
	answer, err := c.CashierWithResponse(t.Context(), request)
	if err != nil || answer.JSON200 == nil || answer.JSON200.Data.RedirectUrl == nil {
		t.Fatalf("answered %+v, %v", answer, err)
	}
	admin, err := oapicontrol.NewClientWithResponses(given(t, "ADMIN_URL"))
	if err != nil {
		t.Fatal(err)
	}
	listed, err := admin.ListPaymentsWithResponse(t.Context(), nil)
	if err != nil || listed.JSON200 == nil || len(listed.JSON200.Payments) == 0 || listed.JSON200.Payments[0].Id != answer.JSON200.Data.TransactionId {
		t.Errorf("listed %+v, %v", listed, err)
	}
	var fields oapicontrol.PspFields
	read(t, settings, &fields)
	put, err := admin.PutPspWithResponse(t.Context(), "demo", "PAYONE", nil, fields)
	if err != nil || put.JSON200 == nil || put.JSON200.Psp != "PAYONE" {
		t.Errorf("put %+v, %v", put, err)
	}
}

// tokens are what ogen's client of the Cashier API asks for.
type tokens struct{ company, user string }

func (s tokens) Company(context.Context, ogencashier.OperationName) (ogencashier.Company, error) {
	return ogencashier.Company{Token: s.company}, nil
}

func (s tokens) User(context.Context, ogencashier.OperationName) (ogencashier.User, error) {
	return ogencashier.User{APIKey: "Bearer " + s.user}, nil
}

func (s tokens) Session(context.Context, ogencashier.OperationName) (ogencashier.Session, error) {
	return ogencashier.Session{}, ogenerrors.ErrSkipClientSecurity
}

// What ogen makes of the Cashier API's document makes a payment.
func TestOgen(t *testing.T) {
	c, err := ogencashier.NewClient(given(t, "URL"), tokens{given(t, "COMPANY_TOKEN"), given(t, "USER_TOKEN")})
	if err != nil {
		t.Fatal(err)
	}
	var request ogencashier.CashierRequest
	read(t, payIn, &request)
	answer, err := c.Cashier(t.Context(), request)
	paid, ok := answer.(*ogencashier.CashierAnswer)
	if err != nil || !ok || paid.Data.TransactionId == "" || !paid.Data.RedirectURL.IsSet() {
		t.Fatalf("answered %+v, %v", answer, err)
	}
}

// given is what the test that starts the simulator says of it.
func given(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv("SIMULATOR_" + name)
	if value == "" {
		t.Fatal("no SIMULATOR_" + name + ": run simtest's TestGeneratedClients, which starts a simulator and this")
	}
	return value
}

func read(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}
