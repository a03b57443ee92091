package openapi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mozartosim/openapi"
)

func TestOperations(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	var got []string
	for _, op := range c.Operations() {
		got = append(got, strings.TrimSpace(strings.Join([]string{op.PSP, op.Type, op.Variant}, " ")))
	}
	want := []string{
		"FORUMPAY PAYIN", "FORUMPAY PAYOUT", "GIGADAT PAYIN", "GIGADAT PAYOUT ETO", "GIGADAT PAYOUT ACH", "WORLDPAY_EU PAYIN",
		"TRUST PAYIN", "CLEO PAYIN", "CLEO PAYOUT", "PAYONE PAYIN", "PAYONE PAYOUT", "NEOSURF PAYIN", "FLEXEPIN PAYIN",
		"BRITE PAYIN", "EMERCHANTPAY PAYIN",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct{ psp, flow, variant, schema string }{
		{"PAYONE", "PAYIN", "", "PayonePayInRequest"},
		{"GIGADAT", "PAYOUT", "", "GigadatPayOutEtoRequest"}, // the first
		{"GIGADAT", "PAYOUT", "ACH", "GigadatPayOutAchRequest"},
		{"GIGADAT", "PAYOUT", "SEPA", ""},
		{"BRITE", "PAYOUT", "", ""},
		{"payone", "PAYIN", "", ""},
		{"", "", "", ""},
	} {
		op, ok := c.Operation(test.psp, test.flow, test.variant)
		if ok != (test.schema != "") || ok && op.Schema != test.schema {
			t.Errorf("%s %s %s is %+v, %t", test.psp, test.flow, test.variant, op, ok)
		}
	}
}

// Every operation has what belongs to it: an example, an answer, a webhook where the provider sends one, and a redirect
// field that the answer has.
func TestOperationsAreWhole(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	for _, op := range c.Operations() {
		silent := op.PSP == "FLEXEPIN" || op.PSP == "BRITE" // documented: no webhook
		if (op.Webhook == "") != silent || op.Webhook != "" && !c.HasSchema(op.Webhook) || !c.HasSchema(op.Answer) {
			t.Errorf("%s: answer %q, webhook %q", op.Schema, op.Answer, op.Webhook)
		}
		for _, name := range []string{op.Schema, op.Answer, op.Webhook} {
			if _, ok := c.Example(name); !ok && name != "" {
				t.Errorf("there is no example %s", name)
			}
		}
		found := op.Redirect == ""
		for _, f := range c.FieldsOf(op.Answer) {
			found = found || f.Path == op.Redirect
		}
		if !found {
			t.Errorf("%s: its answer has no %s", op.Schema, op.Redirect)
		}
		if only := op.UserToken == "required"; only != (op.Type == "PAYIN" && (op.PSP == "FORUMPAY" || op.PSP == "EMERCHANTPAY")) {
			t.Errorf("%s: user token is %q", op.Schema, op.UserToken)
		}
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	const psps = "pspType must be one of: FORUMPAY, GIGADAT, WORLDPAY_EU, TRUST, CLEO, PAYONE, NEOSURF, FLEXEPIN, BRITE, EMERCHANTPAY"
	missing := func(name string) openapi.Invalid { return openapi.Invalid{Missing: name} }
	problem := func(text string) openapi.Invalid {
		path, reason, _ := strings.Cut(text, " ")
		return openapi.Invalid{Problems: openapi.Problems{{Path: path, Reason: reason}}}
	}
	tests := []struct {
		body string
		want openapi.Invalid
	}{
		{`{}`, missing("pspType")},
		{`{"type":"PAYIN"}`, missing("pspType")},
		{`{"pspType":null,"type":"PAYIN"}`, missing("pspType")},
		{`{"pspType":"PAYPAL","type":"PAYIN"}`, problem(psps)},
		{`{"pspType":"payone","type":"PAYIN"}`, problem(psps)},
		{`{"pspType":"","type":"PAYIN"}`, problem(psps)},
		{`{"pspType":"PAYONE ","type":"PAYIN"}`, problem(psps)},
		{`{"pspType":1}`, problem("pspType must be a string")},
		{`{"pspType":true}`, problem("pspType must be a string")},
		{`{"pspType":["PAYONE"]}`, problem("pspType must be a string")},
		{`{"pspType":{"a":1}}`, problem("pspType must be a string")},

		{`{"pspType":"PAYONE"}`, missing("type")},
		{`{"pspType":"PAYONE","type":null}`, missing("type")},
		{`{"pspType":"PAYONE","type":"PAYBACK"}`, problem("type must be one of: PAYIN, PAYOUT")},
		{`{"pspType":"PAYONE","type":"payin"}`, problem("type must be one of: PAYIN, PAYOUT")},
		{`{"pspType":"BRITE","type":"PAYOUT"}`, problem("type must be one of: PAYIN")}, // documented: no pay-out
		{`{"pspType":"PAYONE","type":1}`, problem("type must be a string")},
		{`{"pspType":"PAYONE","type":[]}`, problem("type must be a string")},

		{`{"pspType":"GIGADAT","type":"PAYOUT"}`, missing("payoutType")},
		{`{"pspType":"GIGADAT","type":"PAYOUT","payoutType":null}`, missing("payoutType")},
		{`{"pspType":"GIGADAT","type":"PAYOUT","payoutType":"SEPA"}`, problem("payoutType must be one of: ETO, ACH")},
		{`{"pspType":"GIGADAT","type":"PAYOUT","payoutType":7}`, problem("payoutType must be a string")},
	}
	c := cashier(t)
	for _, test := range tests {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			op, err := c.Select(decode(t, test.body))
			if op != nil {
				t.Errorf("selected %s", op.Schema)
			}
			if diff := cmp.Diff(test.want, invalid(t, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, op := range c.Operations() { // and each example is what it claims to be
		got, err := c.Select(example(t, c, op.Schema))
		if err != nil || got != op {
			t.Errorf("%s: selected %+v, %v", op.Schema, got, err)
		}
	}
	// payoutType means nothing where there is nothing to choose.
	if op, err := c.Select(decode(t, `{"pspType":"PAYONE","type":"PAYOUT","payoutType":7}`)); err != nil || op.Schema != "PayonePayOutRequest" {
		t.Errorf("selected %+v, %v", op, err)
	}
}

// properties returns the names of an object's members in the order of the text.
func properties(t *testing.T, text []byte, names ...string) []string {
	t.Helper()
	dec := newTokens(t, text)
	dec.descend(names...)
	return dec.names()
}

// Fields come in the order in which the contract writes them, at every level: it decides which missing field is named.
func TestFieldsAreInTheContractsOrder(t *testing.T) {
	t.Parallel()
	for name, c := range contracts(t) {
		for _, schema := range properties(t, c.Bundled(), "components", "schemas") {
			if under(bundledOnce(t, name, c), "components", "schemas", schema, "properties") == nil {
				continue
			}
			want := properties(t, c.Bundled(), "components", "schemas", schema, "properties")
			var got []string
			for _, f := range c.FieldsOf(schema) {
				if !strings.Contains(f.Path, ".") {
					got = append(got, f.Path)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", schema, diff)
			}
		}
	}
	var nested []string
	for _, f := range cashier(t).FieldsOf("EmerchantpayPayInRequest") {
		if strings.HasPrefix(f.Path, "card") {
			nested = append(nested, f.Path)
		}
	}
	want := []string{"card", "card.pan", "card.cvv", "card.expMonth", "card.expYear", "card.cardHolderName"}
	if diff := cmp.Diff(want, nested); diff != "" {
		t.Error(diff)
	}
}

func TestConfigurations(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	for _, psp := range c.PSPs() {
		schema := c.ConfigurationOf(psp)
		if !c.HasSchema(schema) {
			t.Errorf("%s has no schema of its configuration (%q)", psp, schema)
		}
		missing, err := c.CheckPSP(psp, decode(t, `{}`))
		if err != nil || missing == "" {
			t.Errorf("%s: an empty configuration lacks %q, %v", psp, missing, err)
		}
		_, err = c.CheckPSP(psp, decode(t, `{"nonsense":1}`))
		if got := invalid(t, err); len(got.Problems) != 1 || !strings.HasPrefix(got.Problems[0].String(), "nonsense must not be set: known are ") {
			t.Errorf("%s: %+v", psp, got)
		}
	}
	if got := c.ConfigurationOf("PAYPAL"); got != "" {
		t.Errorf("PAYPAL has the configuration %s", got)
	}
	_, err := c.CheckPSP("PAYPAL", decode(t, `{}`))
	if got := invalid(t, err); len(got.Problems) != 1 || !strings.HasPrefix(got.Problems[0].String(), "PAYPAL must be one of: FORUMPAY, ") {
		t.Errorf("%+v", got)
	}
	missing, err := c.CheckPSP("PAYONE", decode(t, `{"apiKey":"k","siteUrl":"https://shop.example"}`))
	if err != nil || missing != "accountName, webhookUrl" {
		t.Errorf("Payone lacks %q, %v", missing, err)
	}
}

func TestUnknownNames(t *testing.T) {
	t.Parallel()
	c := cashier(t)
	if err := c.ValidateAs("Nonsense", openapi.Document{}); err == nil {
		t.Error("an unknown schema can't be validated against")
	}
	if c.HasSchema("Nonsense") || len(c.FieldsOf("Nonsense")) > 0 || len(c.Problems("Nonsense", openapi.Document{})) != 1 {
		t.Error("an unknown schema has no fields, and says so")
	}
	if _, ok := c.Example("Nonsense"); ok {
		t.Error("an unknown example was found")
	}
	if alone, err := openapi.Version(); err != nil || alone == "" || alone != c.Version() {
		t.Errorf("the contract has the version %q, read alone %q: %v", c.Version(), alone, err)
	}
}
