package console_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestCompanies(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.get("/companies").hasNo("company-option").click("create-submit", "name", "sh@rd").want(400).has("error-problem", "name must").has("create-name", "sh@rd")
	b.click("create-submit", "name", "sh@rd", "like", "-").want(400)
	if _, ticked := b.one("create-like").attr["checked"]; ticked {
		t.Error("the box is ticked again")
	}
	b.click("create-submit", "name", "shard", "like", "yes").want(200).has("message", "The company is created").has("title", "shard")
	if got := len(b.page.all("rule-row")); got != 10 {
		t.Errorf("%d rules, want the demo company's", got)
	}
	b.has("clock-now", "manual").click("nav-payments").want(200).has("empty", "No payments yet")
	if !strings.Contains(b.at.RawQuery, "company=shard") {
		t.Errorf("the link loses the company: %s", b.at)
	}
	b.click("empty-next").want(200).click("cashier-submit").want(200).click("cashier-payment").want(200).click("decide-approve").want(200).has("payment-status", "approved")
	b.get("/payments").want(200).has("empty", "No payments yet")
	b.get("/companies").click("create-submit", "name", "shard").want(409).has("error", "belongs to another company")
	b.get("/companies").click("create-submit", "name", "bare", "like", "-").want(200).has("empty", "No rules")
	bare := b.at.Path
	b.click("delete-company").want(400).has("error", "tick the box")
	b.click("delete-company", "confirm", "yes").want(200).has("message", "Deleted")
	b.get(bare).want(404)
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	b := open(t)
	secret := b.company.Credentials.SecretKey
	b.get(b.home()).want(200).has("secret-key", "***")
	if strings.Contains(b.body, secret) {
		t.Error("the secret is shown unasked")
	}
	b.click("reveal").want(200).has("secret-key", secret).click("hide").want(200).has("secret-key", "***")
	b.click("tokens").want(200).has("company-jwt", "eyJ").has("user-jwt", "eyJ").has("curl", "/v1/api/mozarto/cashier")
	tokens, err := b.api.Tokens(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if b.one("company-jwt").text() != tokens.Company {
		t.Error("the company's JWT is another one than the API mints")
	}
	b.click("reset").want(400).has("error", "tick the box")
	b.pay("PAYONE-PAYIN")
	b.get(b.home()).click("reset", "confirm", "yes").want(200).has("message", "dropped")
	b.get("/payments").has("empty", "No payments yet")
	b.get("/payments/"+b.pay("PAYONE-PAYIN")).click("menu-reset").want(400).has("error", "tick the box")
	b.get("/payments").click("menu-reset", "confirm", "yes").want(200).has("message", "dropped").has("title", "Payments").has("empty", "No payments yet")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get(b.home()).click("settings-save", "userAuthUrl", "no url").want(400).has("error-problem", "userAuthUrl must").has("settings-user-auth-url", "no url")
	b.click("settings-save", "userAuthUrl", "https://shop.example/verify", "passwordExpired", "yes").want(200).has("message", "changed").has("settings-user-auth-url", "https://shop.example/verify")
	b.get("/cashier").click("cashier-submit").want(200).has("cashier-status", "403")
	b.get(b.home()).click("settings-save", "userAuthUrl", "", "passwordExpired", "-").want(200)
	b.get("/cashier?example=generated").want(200)
	first := b.one("cashier-body").text()
	if b.click("example-another").want(200).one("cashier-body").text() == first {
		t.Error("the next generated request is the same")
	}
	b.click("cashier-submit").want(200).has("cashier-status", "200")
}

func TestPSPForms(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get(b.home()+"/psps/PAYONE").want(200).has("psp-field-apiKey", "***")
	b.click("psp-save", "field:siteUrl", "not a url", "field:accountName", "kept").want(400).has("error-problem", "siteUrl must").has("psp-field-accountName", "kept").
		has("error", "Not saved").has("field-problem", "siteUrl must be an http or https URL")
	for _, name := range []string{"siteUrl", "accountName"} {
		if field := b.one("psp-field-" + name); (field.attr["aria-invalid"] == "true") != (name == "siteUrl") {
			t.Errorf("%s has %v", name, field.attr)
		}
	}
	b.click("psp-save", "field:siteUrl", "https://shop.example", "field:retrySchedule", "1s\n2m", "field:isWebhookSecured", "true", "field:webhookSecret", "a-shared-secret").want(200).has("message", "Saved")
	b.get(b.home()+"/psps/PAYONE?reveal=true").want(200).has("psp-field-apiKey", "demo-payone-key").has("psp-field-siteUrl", "https://shop.example").has("psp-field-retrySchedule", "1s\n2m")
	if got := b.one("psp-field-isWebhookSecured").selected(); got != "true" {
		t.Errorf("isWebhookSecured is %q", got)
	}
	b.get(b.home() + "/psps/CLEO").want(200)
	b.one("psp-field-cleoApiKey.chileApiKey")
	b.click("psp-save").want(200).has("message", "Saved")
	b.get(b.home()+"/psps/BRITE").click("psp-delete").want(200).has("message", "Deleted")
	b.get(b.home() + "/psps/BRITE").want(200).hasNo("psp-delete")
	b.get("/cashier?flow=BRITE-PAYIN").click("cashier-submit").want(200).has("cashier-answer", "PSP Configuration not found")
}

// Webhooks of all providers are sent to one place by one form, and a test shows that they arrive.
func TestWebhooksOfAllProviders(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get(b.home()+"?tab=psps").has("webhook-url", "inbox").click("webhook-save", "webhookUrl", "nowhere").want(400).has("error-problem", "webhookUrl must").has("webhook-url", "nowhere")
	if got := b.one("tab-psps").attr["aria-current"]; got != "page" {
		t.Errorf("the form's tab is marked %q", got)
	}
	var hooks atomic.Int32
	shop := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hooks.Add(1) }))
	t.Cleanup(shop.Close)
	b.get(b.home()+"?tab=psps").click("webhook-save", "webhookUrl", shop.URL).want(200).has("message", "go there now").has("webhook-url", shop.URL)
	if got := strings.Count(b.body, "<code>"+shop.URL+"</code>"); got != 8 { // two have none
		t.Errorf("%d providers send webhooks there", got)
	}
	for _, psp := range []string{"WORLDPAY_EU", "NEOSURF"} { // with a hosted page, and without
		b.get(b.home()+"/psps/"+psp).click("psp-test").want(200).has("message", "test payment").has("payment-status", "approved")
		b.advance(time.Hour)
	}
	if hooks.Load() < 2 {
		t.Errorf("%d webhooks arrived", hooks.Load())
	}
	b.get(b.home() + "/psps/BRITE").want(200).hasNo("psp-test")
}

// What holds while a field is not set stands there in the contract's words.
func TestUnsetFields(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get(b.home()+"/psps/WORLDPAY_EU").want(200).has("psp-field-integrationMode", "not set: hpp").has("psp-field-tokenizationEnabled", "not set: no")
	if got := b.one("psp-field-retrySchedule").attr["placeholder"]; got != "not set: 10s, 30s, 2m, 10m, 1h" {
		t.Errorf("retrySchedule has %q", got)
	}
	b.get(b.home()+"/psps/GIGADAT").has("psp-field-twoDecimals", "not set: yes")
}

// A list that is set to nothing, such as no retries, stays so when the form is saved.
func TestEmptyLists(t *testing.T) {
	t.Parallel()
	b := open(t)
	form := b.home() + "/psps/TRUST"
	b.get(form).has("psp-field-retrySchedule", "").click("psp-save", "field:retrySchedule", "none", "field:wallets", "APPLE_PAY\nGOOGLE_PAY").want(200)
	b.get(form).has("psp-field-retrySchedule", "none").click("psp-save", "field:wallets", "none").want(200)
	b.get(form).has("psp-field-retrySchedule", "none").has("psp-field-wallets", "none").click("psp-save", "field:retrySchedule", "10s").want(200)
	b.get(form).has("psp-field-retrySchedule", "10s").has("psp-field-wallets", "none")
}

func TestRulesAndOutages(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get(b.home()).click("rule-toggle").want(200).has("message", "rules are changed").has("rule-row", "off")
	b.click("rule-toggle").want(200).has("rule-row", "active").click("rule-delete").want(200)
	b.click("rule-add", "psp", "FORUMPAY").want(200)
	if got := len(b.page.all("rule-row")); got != 10 {
		t.Errorf("%d rules, want 10", got)
	}
	b.click("rule-add", "psp", "NOBODY", "brand", "kept").want(400).has("error-problem", "psp must be one of").has("rule-brand", "kept")
	b.get(b.home()).click("outage-start", "psp", "PAYONE", "kind", "slow").want(400).has("error-problem", "delay must say")
	b.click("outage-start", "psp", "PAYONE", "kind", "down", "for", "10m").want(200).has("outage-row", "Payone").has("outage-row", "down, until")
	for _, page := range []string{"/overview", "/payments", "/cashier"} {
		b.get(page).has("outage-banner", "Outage of Payone: down")
	}
	b.get("/cashier").click("cashier-submit").want(200).has("cashier-answer", "PSP_UNAVAILABLE")
	b.get(b.home()).click("outage-end").want(200).has("message", "outage has ended").hasNo("outage-row")
}

// A scenario may have any name, also the word for one that is not written yet.
func TestScenarioNamedNew(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get("/new-scenario").click("scenario-put", "yaml", "name: new\nmatch: {named: true}\nanswer: {reason: no}\n").want(200).has("title", "Scenario new")
	b.get("/scenarios/new").want(200).has("scenario-text", "name: new").click("scenario-delete").want(200).has("message", "Deleted")
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get("/scenarios?q=PAYONE+declined").want(200).has("scenario-row", "payone")
	b.get("/new-scenario").click("scenario-check", "yaml", "name: mine\nshopper:\n  action: dance\n").want(422).has("problem", "Line 3").has("scenario-text", "dance")
	if got := b.one("problem").attr["data-line"]; got != "3" {
		t.Errorf("the problem is in line %s", got)
	}
	b.click("scenario-put", "yaml", "name: mine\nanswer: [").want(422).has("problem", "Line ")
	b.click("scenario-check", "yaml", "name: mine\nmatch: {named: true}\nshopper: {action: decline, after: 0s}\n").want(200).has("scenario-valid", "1 scenario")
	b.get("/scenarios/mine").want(404)
	b.get("/new-scenario").click("scenario-put", "yaml", "name: mine\nmatch: {named: true}\nshopper: {action: decline, after: 0s}\n").want(200).has("message", "in force").has("scenario-text", "action: decline").has("scenario-from", "saved here")
	b.click("run-submit", "flow", "TRUST-PAYIN").want(200).has("message", "The payment is made").has("payment-psp", "Trust")
	b.get("/scenarios/mine").click("scenario-delete").want(200).has("message", "Deleted")
	b.get("/scenarios/mine").want(404)
	b.get("/scenarios/payone-declined").has("scenario-description", "turns the transfer down").has("scenario-from", "payone.yaml:")
	for _, psp := range []string{"PAYONE", "PAYONE"} {
		b.click("override-submit", "psp", psp).want(200).has("message", "decides the next payment")
	}
	b.has("override-waiting", "next 2 payments").click("override-unset").want(200).has("message", "cancelled").has("title", "payone-declined").hasNo("override-waiting")
	b.get("/scenarios/answer-lost").click("override-submit", "psp", "TRUST").want(200)
	b.get("/scenarios").has("override-row", "answer-lost").has("override-row", "\"psp\": \"TRUST\"").click("override-unset").want(200).has("title", "Scenarios")
	b.get("/scenarios?psp=TRUST&q=card").want(200)
	for _, row := range b.page.all("scenario-row") {
		if !strings.Contains(row.text(), "Trust Payments") {
			t.Errorf("the list of Trust's has %s", row.attr["data-key"])
		}
	}
	b.get("/scenarios/worldpay-settled").want(200).click("run-submit").want(200).has("payment-psp", "Worldpay")
}

func TestClock(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pay("PAYONE-PAYIN", "payer", "simulated")
	b.get("/clock").want(200).has("clock-mode", "manual").has("job-row", "the shopper will approve")
	b.click("advance-next").want(200).has("completed-row", "approve")
	b.pay("PAYONE-PAYIN", "payer", "simulated")
	b.get("/clock").click("advance-deliveries").want(200)
	if got := b.page.all("completed-row"); len(got) < 2 || got[len(got)-1].attr["data-kind"] != "attempt" {
		t.Errorf("%d jobs were carried out until the next webhook", len(got))
	}
	b.click("advance-submit", "by", "5m").want(200).click("advance-idle").want(200)
	b.get("/clock").click("clock-set", "mode", "scaled", "factor", "60").want(200).has("message", "clock is set").has("clock-mode", "scaled")
	b.click("advance-submit", "by", "1m").want(409).has("error", "manual")
	id := b.pay("PAYONE-PAYIN")
	b.get("/payments/"+id).click("switch-manual").want(200).has("message", "manual")
	b.one("advance-next")
}
