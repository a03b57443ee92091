package control

import (
	"encoding/json"
	"strings"
	"testing"

	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
)

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func somePayment(end string) payment.Terms {
	return payment.Terms{
		ID: "665f1c2ab7e4d93a5c0f1a" + end, Ordinal: 1, PSP: "PAYONE", Type: "PAYIN", UserID: "user-1", Session: "session-of-" + end, MerchantReference: "order-" + end,
	}
}

func TestPSPs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := b.call("GET", "/v1/companies/demo/psps", "").want(200).list("psps")
	var codes []string
	for _, p := range list {
		codes = append(codes, p.Text("psp"))
	}
	if got, want := strings.Join(codes, " "), strings.Join(contracts().Cashier.PSPs(), " "); got != want {
		t.Errorf("listed %s, want %s", got, want)
	}
	path := "/v1/companies/demo/psps/PAYONE"
	b.call("GET", path, "").want(200).is("psp", "PAYONE", "configuration.apiKey", "***-key", "configuration.accountName", "demo")
	b.call("GET", path+"?reveal=true", "").is("configuration.apiKey", "demo-payone-key")
	b.call("GET", "/v1/companies/demo/psps/CLEO", "").is("configuration.cleoApiKey.chileApiKey", "***y-cl", "configuration.customerExternalKeyForCleo", "***omer")

	put := b.call("PUT", path, `{"accountName": "new", "apiKey": "***-key"}`).want(200).is("configuration.accountName", "new")
	if got := put.texts("warnings"); got != "psps.PAYONE lacks siteUrl: it counts as not found" {
		t.Errorf("warnings %q", got)
	}
	b.call("GET", path+"?reveal=true", "").is("configuration.apiKey", "demo-payone-key")
	b.call("PUT", path, payone).want(200)

	b.call("DELETE", path, "").want(200).is("deleted", "PAYONE")
	b.call("GET", path, "").fails(404, "not_found", "company demo has no configuration of PAYONE")
	b.call("DELETE", path, "").fails(404, "not_found")
	b.call("PUT", path+"?reveal=true", payone).want(200).is("configuration.apiKey", "payone-secret-key-1")
	if got := len(b.call("GET", "/v1/companies/demo/psps", "").list("psps")); got != len(provider.All()) {
		t.Errorf("%d configurations, want one for every provider", got)
	}
}

func TestPSPsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		body := map[string]string{"PUT": "{}"}[method]
		b.call(method, "/v1/companies/demo/psps/PAYTWO", body).fails(404, "not_found", "there is no provider PAYTWO: known are FORUMPAY")
		b.call(method, "/v1/companies/nobody/psps/PAYONE", body).fails(404, "not_found", "there is no company nobody")
	}
	b.call("GET", "/v1/companies/nobody/psps", "").fails(404, "not_found")
	path := "/v1/companies/demo/psps/PAYONE"
	b.call("PUT", path, `{"siteurl": "https://x.example", "isWebhookSecured": "yes"}`).
		fails(400, "invalid", "isWebhookSecured must be a boolean", "siteurl must not be set: known are siteUrl")
	b.call("PUT", path, `{"retrySchedule": ["soon"]}`).fails(400, "invalid", "retrySchedule.0 must be a duration")
	b.call("PUT", path, `{"apiKey": "***nope"}`).fails(400, "invalid", "apiKey must not be a masked value")
	b.call("PUT", path, `{`).fails(400, "invalid")
	b.call("PUT", path, large(MaxBody)).fails(413, "too_large")
	b.call("PUT", path, `{}`, "Content-Type", "text/plain").fails(415, "unsupported_media_type")
}

func TestRules(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.create(`{"name": "a", "brands": [{"id": "x"}]}`)
	path := "/v1/companies/a/rules"
	first := b.call("POST", path, `{"psp": "PAYONE"}`).want(201)
	if first.text != `{"id":"rule-1","psp":"PAYONE","active":true}`+"\n" {
		t.Errorf("the rule is %s", first.text)
	}
	b.call("GET", first.header.Get("Location"), "").want(200).is("id", "rule-1")
	b.call("POST", path, `{"id": "rule-3", "psp": "TRUST", "brand": "x", "active": false}`).want(201)
	b.call("POST", path, `{"psp": "CLEO"}`).want(201).is("id", "rule-4")
	b.call("PUT", path+"/rule-3", `{"psp": "BRITE"}`).want(200).is("id", "rule-3", "psp", "BRITE", "brand", "")
	b.call("DELETE", path+"/rule-1", "").want(200).is("deleted", "rule-1")
	var left []string
	for _, r := range b.call("GET", path, "").want(200).list("rules") {
		left = append(left, r.Text("id")+" "+r.Text("psp"))
	}
	if got := strings.Join(left, ", "); got != "rule-3 BRITE, rule-4 CLEO" {
		t.Errorf("rules are %s", got)
	}
	b.create(`{"name": "b", "rules": [{"id": "rule-2", "psp": "PAYONE"}, {"psp": "TRUST"}, {"psp": "CLEO"}]}`)
	b.call("GET", "/v1/companies/b/rules/rule-3", "").is("psp", "TRUST")
	b.call("GET", "/v1/companies/b/rules/rule-4", "").is("psp", "CLEO")
}

func TestRulesRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := "/v1/companies/demo/rules"
	b.call("POST", path, `{"psp": "PAYTWO"}`).fails(400, "invalid", "psp must be one of: FORUMPAY")
	b.call("POST", path, `{"active": "yes"}`).fails(400, "invalid", "psp must not be missing", "active must be a boolean")
	b.call("POST", path, `{"id": "a/b", "psp": "PAYONE"}`).fails(400, "invalid", "id must begin with a letter or a digit")
	b.call("POST", path, `{"id": "rule-1", "psp": "PAYONE"}`).fails(409, "conflict", "company demo has a rule rule-1 already")
	b.call("POST", path, `{"psp": "PAYONE"}`, "Content-Type", "text/plain").fails(415, "unsupported_media_type")
	b.call("PUT", path+"/rule-1", `{"psp": "PAYONE", "id": "rule-2"}`).fails(400, "invalid", "id must be rule-1: it can't be changed")
	b.call("PUT", path+"/rule-1", `{}`).fails(400, "invalid", "psp must not be missing")
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		body := map[string]string{"PUT": `{"psp": "PAYONE"}`}[method]
		b.call(method, path+"/rule-99", body).fails(404, "not_found", "company demo has no rule rule-99")
		b.call(method, "/v1/companies/nobody/rules/rule-1", body).fails(404, "not_found", "there is no company nobody")
	}
	b.call("GET", "/v1/companies/nobody/rules", "").fails(404, "not_found")
	b.call("POST", "/v1/companies/nobody/rules", `{"psp": "PAYONE"}`).fails(404, "not_found")

	b.create(`{"name": "many", "rules": [` + strings.Repeat(`{"psp": "PAYONE"},`, 999) + `{"psp": "PAYONE"}]}`)
	b.call("POST", "/v1/companies/many/rules", `{"psp": "PAYONE"}`).fails(400, "invalid", "rules must have at most 1000 entries")
}
