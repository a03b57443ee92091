package provider_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
	"mozartosim/simulator/identity"
	"mozartosim/simulator/provider"
)

// testCard is the one card number that these tests take for a published one.
const testCard = "4111111111111111"

func TestCommonRules(t *testing.T) {
	t.Parallel()
	const (
		live = "card.pan must be a published test card number: the simulator refuses what could be a live card"
	)
	tests := []struct {
		request string
		amount  string
		want    []string
	}{
		{`{"baseamount":100.00,"currency":"CAD"}`, "100", nil},
		{`{"baseamount":0.01,"currency":"CAD","currencyCode":"EUR"}`, "0.01", nil},
		{`{"baseamount":999999999999.99,"currency":"CAD"}`, "999999999999.99", nil},
		{`{"baseamount":100}`, "100", nil}, // Gigadat's currency may be absent: two decimals
		{`{"baseamount":1e2,"currency":"CAD"}`, "100", nil},
		{`{"baseamount":1.500,"currency":"CAD"}`, "1.5", nil}, // zeros after it say nothing
		{`{"baseamount":1.005,"currency":"CAD"}`, "", []string{"baseamount must have at most 2 decimals"}},
		{`{"baseamount":1.005,"currency":"BHD"}`, "1.005", nil}, // three decimals
		{`{"baseamount":1.0005,"currency":"BHD"}`, "", []string{"baseamount must have at most 3 decimals"}},
		{`{"baseamount":1.0005,"currency":"CLF"}`, "1.0005", nil}, // four
		{`{"baseamount":1.55,"currency":"JPY"}`, "1.55", nil},     // none, and two are taken all the same (assumed)
		{`{"baseamount":1.555,"currency":"JPY"}`, "", []string{"baseamount must have at most 2 decimals"}},
		{`{"baseamount":1000000000000,"currency":"CAD"}`, "", []string{"baseamount must have at most 12 digits before the point"}},
		{`{"baseamount":1e300,"currency":"CAD"}`, "", []string{"baseamount must have at most 12 digits before the point"}},
		{`{"baseamount":1e-300,"currency":"CAD"}`, "", []string{"baseamount must have at most 2 decimals"}},
		{`{"baseamount":99.99999999999999999999,"currency":"CAD"}`, "", []string{"baseamount must have at most 2 decimals"}},
		{`{"baseamount":-0,"currency":"CAD"}`, "", []string{"baseamount must be greater than 0"}},
		{`{"currency":"CAD"}`, "", []string{"baseamount must be a decimal number of ordinary size"}},

		{`{"baseamount":1,"card":{"pan":"4111111111111111"}}`, "1", nil},
		{`{"baseamount":1,"card":{"pan":"4111111111111112"}}`, "1", nil}, // no card at all by the Luhn check
		{`{"baseamount":1,"card":{"pan":"5555555555554444"}}`, "", []string{live}},
		{`{"baseamount":1,"card":{"pan":"5555 5555-5555 4444"}}`, "", []string{live}},
		{`{"baseamount":1,"card":{"pan":5555555555554444}}`, "", []string{live}},
		{`{"baseamount":1,"card":"5555555555554444"}`, "1", nil}, // the contract refuses it before

		{`{"baseamount":0,"card":{"pan":"5555555555554444"}}`, "",
			[]string{"baseamount must be greater than 0", live}},
	}
	rules := provider.Common{
		Currencies: currencies(t),
		TestCard:   func(number string) bool { return number == testCard },
	}
	for _, test := range tests {
		t.Run(test.request, func(t *testing.T) {
			t.Parallel()
			amount, err := rules.Check(decode(t, test.request))
			if diff := cmp.Diff(test.want, problems(t, err)); diff != "" {
				t.Error(diff)
			}
			if err == nil && amount.String() != test.amount {
				t.Errorf("the amount is %s, want %s", amount, test.amount)
			}
		})
	}
}

// problems are what a rule complained about: nil when it did not; a missing field in the vendor's words.
func problems(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var invalid *openapi.Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("got %v, want an *openapi.Invalid", err)
	}
	if invalid.Missing != "" {
		return []string{"Missing required field: " + invalid.Missing}
	}
	return invalid.Problems.Texts()
}

func TestProviderRules(t *testing.T) {
	t.Parallel()
	const (
		decimals = "baseamount must be written with exactly two decimals, such as 100.00"
		digits   = " must be 10 digits, or 11 beginning with 1, of a North American number"
	)
	token := func(phone string) identity.User { return identity.User{Phone: phone, FromToken: true} }
	session := func(phone string) identity.User { return identity.User{Phone: phone} }
	tests := []struct {
		psp, rule     string
		request       string
		configuration string
		user          identity.User
		want          string // one problem, or none
	}{
		{psp: "GIGADAT", rule: "gigadat-two-decimals", request: `{"baseamount":100.00}`},
		{psp: "GIGADAT", rule: "gigadat-two-decimals", request: `{"baseamount":0.10}`},
		{psp: "GIGADAT", rule: "gigadat-two-decimals", request: `{"baseamount":100}`, want: decimals},
		{psp: "GIGADAT", rule: "gigadat-two-decimals", request: `{"baseamount":100.5}`, want: decimals},
		{psp: "GIGADAT", rule: "gigadat-two-decimals", request: `{"baseamount":100.000}`, want: decimals},
		{psp: "GIGADAT", rule: "gigadat-two-decimals", request: `{"baseamount":1e2}`, want: decimals},
		{psp: "GIGADAT", rule: "gigadat-two-decimals", request: `{"baseamount":100.00e0}`, want: decimals},
		{psp: "GIGADAT", rule: "gigadat-two-decimals", request: `{"baseamount":100}`, configuration: `{"twoDecimals":false}`},
		{psp: "GIGADAT", rule: "gigadat-two-decimals", request: `{"baseamount":100}`, configuration: `{"twoDecimals":true}`, want: decimals},

		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"4165550123"}`},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"14165550123"}`},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"24165550123"}`, want: "phone" + digits},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"416555012"}`, want: "phone" + digits},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"114165550123"}`, want: "phone" + digits},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"+14165550123"}`, want: "phone" + digits},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"416-555-0123"}`, want: "phone" + digits},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"4165550123\n"}`, want: "phone" + digits},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"٤١٦٥٥٥٠١٢٣"}`, want: "phone" + digits}, // other scripts' digits
		// The phone of a user token takes precedence, and must comply (documented); one from verify-user doesn't.
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"447700900142"}`, user: token("4165550123")},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"4165550123"}`, user: token("447700900142"), want: "x-user-token.phone" + digits},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"4165550123"}`, user: token("")},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"4165550123"}`, user: session("447700900142")},
		{psp: "GIGADAT", rule: "gigadat-phone", request: `{"phone":"447700900142"}`, user: session("4165550123"), want: "phone" + digits},

		{psp: "CLEO", rule: "cleo-country-currency", request: `{"countryCode":"CL","currency":"CLP"}`},
		{psp: "CLEO", rule: "cleo-country-currency", request: `{"countryCode":"PE","currency":"PEN"}`},
		{psp: "CLEO", rule: "cleo-country-currency", request: `{"countryCode":"MX","currency":"MXN"}`},
		{psp: "CLEO", rule: "cleo-country-currency", request: `{"countryCode":"MX","currency":"CLP"}`, want: "currency must be MXN for countryCode MX"},
		{psp: "CLEO", rule: "cleo-country-currency", request: `{"countryCode":"CL","currency":"USD"}`, want: "currency must be CLP for countryCode CL"},
		{psp: "CLEO", rule: "cleo-currency-code", request: `{"currency":"CLP","currencyCode":"CLP"}`},
		{psp: "CLEO", rule: "cleo-currency-code", request: `{"currency":"CLP","currencyCode":"PEN"}`, want: "currencyCode must equal currency"},

		{psp: "PAYONE", rule: "payone-currency", request: `{"currency":"CAD","currencyCode":"CAD"}`},
		{psp: "PAYONE", rule: "payone-currency", request: `{"currency":"CAD","currencyCode":"EUR"}`, want: "currencyCode must be one of: CAD"},
		{psp: "PAYONE", rule: "payone-currency", request: `{"currency":"EUR","currencyCode":"EUR"}`, want: "currency must be one of: CAD; currencyCode must be one of: CAD"},
		{psp: "PAYONE", rule: "payone-currency", request: `{"currency":"EUR","currencyCode":"CAD"}`, configuration: `{"currencies":["CAD","EUR"]}`},
		{psp: "PAYONE", rule: "payone-currency", request: `{"currency":"CAD","currencyCode":"EUR"}`, configuration: `{"currencies":["EUR"]}`, want: "currency must be one of: EUR"},

		{psp: "TRUST", rule: "trust-no-card", request: `{}`},
		{psp: "TRUST", rule: "trust-no-card", request: `{"card":null}`},
		{psp: "TRUST", rule: "trust-no-card", request: `{"card":{}}`, want: "card must not be sent"},
		{psp: "TRUST", rule: "trust-no-card", request: `{"card":"4111111111111111"}`, want: "card must not be sent"},

		{psp: "WORLDPAY_EU", rule: "worldpay-direct-card", request: `{}`},
		{psp: "WORLDPAY_EU", rule: "worldpay-direct-card", request: `{"card":{"anything":1}}`, configuration: `{"integrationMode":"hpp"}`},
		{psp: "WORLDPAY_EU", rule: "worldpay-direct-card", request: `{}`, configuration: `{"integrationMode":"direct"}`, want: "Missing required field: card"},
		{psp: "WORLDPAY_EU", rule: "worldpay-direct-card", request: `{"card":{}}`, configuration: `{"integrationMode":"direct"}`, want: "Missing required field: card.pan"},
		{psp: "WORLDPAY_EU", rule: "worldpay-direct-card", request: `{"card":{"pan":"4444333322221111","expiry":"12/2030","name_on_card":"J"}}`,
			configuration: `{"integrationMode":"direct"}`, want: "Missing required field: card.cvv"},
		{psp: "WORLDPAY_EU", rule: "worldpay-direct-card", request: `{"card":{"pan":"4444333322221111","expiry":"12/2030","cvv":"123","name_on_card":"J"}}`,
			configuration: `{"integrationMode":"direct"}`},
		{psp: "WORLDPAY_EU", rule: "worldpay-direct-card", request: `{"card":{"pan":"x","expiry":"13/2030","cvv":"1","name_on_card":""}}`, configuration: `{"integrationMode":"direct"}`,
			want: "card.pan must have 12 to 19 digits; card.expiry must be written MM/YYYY; card.cvv must have 3 or 4 digits; card.name_on_card must not be empty"},

		{psp: "EMERCHANTPAY", rule: "emerchantpay-us-state", request: `{}`},
		{psp: "EMERCHANTPAY", rule: "emerchantpay-us-state", request: `{"countryCode":"CA"}`},
		{psp: "EMERCHANTPAY", rule: "emerchantpay-us-state", request: `{"countryCode":"US","address":{"state":"NY"}}`},
		{psp: "EMERCHANTPAY", rule: "emerchantpay-us-state", request: `{"countryCode":"US"}`, want: "Missing required field: address.state"},
		{psp: "EMERCHANTPAY", rule: "emerchantpay-us-state", request: `{"countryCode":"US","address":{"state":""}}`, want: "Missing required field: address.state"},
	}
	seen := map[string]bool{}
	for _, test := range tests {
		seen[test.rule] = true
		t.Run(test.rule+" "+test.request+test.configuration+test.user.Phone, func(t *testing.T) {
			t.Parallel()
			if test.configuration == "" {
				test.configuration = `{}`
			}
			c := &provider.Call{
				Contract: contract(t), Request: decode(t, test.request), PSP: configuration(t, test.configuration), User: test.user,
			}
			got := strings.Join(problems(t, rule(t, test.psp, test.rule).Check(c)), "; ")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, p := range provider.All() { // no rule goes without a line here
		for _, r := range append(p.PayIn.Rules, p.PayOut.Rules...) {
			if r.Check != nil && !seen[r.Name] {
				t.Errorf("%s is not tested", r.Name)
			}
		}
	}
}

func rule(t *testing.T, psp, name string) provider.Rule {
	t.Helper()
	p := byCode(t, psp)
	for _, r := range append(p.PayIn.Rules, p.PayOut.Rules...) {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("%s has no rule %s", psp, name)
	return provider.Rule{}
}
