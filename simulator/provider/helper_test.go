package provider_test

import (
	"sync"
	"testing"
	"time"

	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/money"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
)

var load = sync.OnceValues(openapi.Cashier)

func contract(t testing.TB) *openapi.Contract {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func decode(t testing.TB, text string) openapi.Document {
	t.Helper()
	doc, err := openapi.Decode([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return doc
}

func configuration(t testing.TB, text string) backoffice.PSP {
	t.Helper()
	return backoffice.NewPSP(decode(t, text), "")
}

func byCode(t testing.TB, code string) provider.Provider {
	t.Helper()
	for _, p := range provider.All() {
		if p.Code == code {
			return p
		}
	}
	t.Fatalf("there is no provider %s", code)
	return provider.Provider{}
}

// call is a valid call of an operation, made of its example.
func call(t testing.TB, p provider.Provider, op *openapi.Operation) *provider.Call {
	t.Helper()
	c := contract(t)
	text, ok := c.Example(op.Schema)
	if !ok {
		t.Fatalf("there is no example %s", op.Schema)
	}
	doc, stream := decode(t, string(text)), random.New(1, op.Schema)
	amount, err := money.Parse(doc.Text("baseamount"), 2)
	if err != nil {
		t.Fatal(err)
	}
	id, session := stream.ObjectID(time.Unix(1_780_000_000, 0), 7), stream.UUID()
	return &provider.Call{
		Contract: c, Operation: op, Request: doc, Amount: amount, Random: stream, Now: time.Unix(1_780_000_000, 0),
		PSP:  configuration(t, `{"forumpayUserId":"payer","secret":"s","merchantCode":"M&C","siteUrl":"https://shop.example/a?b=c"}`),
		User: identity.User{Phone: "4165550123", FromToken: true}, PublicURL: "http://127.0.0.1:8080", Slug: p.Slug,
		Terms: payment.Terms{
			ID: id, Session: session, PSPTransactionID: p.PSPTransactionID(stream, id),
			Currency: doc.Text("currency"), MerchantReference: doc.Text("merchantReference"), Amount: amount,
		},
	}
}

func currencies(t testing.TB) money.Currencies {
	t.Helper()
	table, err := money.ReadCurrencies(fixtures.Currencies())
	if err != nil {
		t.Fatal(err)
	}
	return table
}
