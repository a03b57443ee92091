package console_test

import (
	"strings"
	"testing"

	"mozartosim/simulator/adminapi"
)

func TestCompanies(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.get("/companies").hasNo("company-select").click("create-submit", "name", "sh@rd").want(400).has("error-problem", "name must").has("create-name", "sh@rd")
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
	tokens, err := b.api.Tokens(t.Context(), adminapi.TokensInput{})
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
	b.click("psp-save", "field:siteUrl", "not a url", "field:accountName", "kept").want(400).has("error-problem", "siteUrl must").has("psp-field-accountName", "kept")
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
	b.click("outage-start", "psp", "PAYONE", "kind", "down", "for", "10m").want(200).has("outage-row", "Payone")
	b.get("/cashier").click("cashier-submit").want(200).has("cashier-answer", "PSP_UNAVAILABLE")
	b.get(b.home()).click("outage-end").want(200).has("message", "outage has ended").hasNo("outage-row")
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.get("/scenarios?q=PAYONE+declined").want(200).has("scenario-row", "payone")
	b.get("/scenarios/new").click("scenario-check", "yaml", "name: mine\nshopper:\n  action: dance\n").want(422).has("problem", "Line 3").has("scenario-text", "dance")
	if got := b.one("problem").attr["data-line"]; got != "3" {
		t.Errorf("the problem is in line %s", got)
	}
	b.click("scenario-put", "yaml", "name: mine\nanswer: [").want(422).has("problem", "Line ")
	b.click("scenario-check", "yaml", "name: mine\nmatch: {named: true}\nshopper: {action: decline, after: 0s}\n").want(200).has("scenario-valid", "1 scenario")
	b.get("/scenarios/mine").want(404)
	b.get("/scenarios/new").click("scenario-put", "yaml", "name: mine\nmatch: {named: true}\nshopper: {action: decline, after: 0s}\n").want(200).has("message", "in force").has("scenario-source", "action: decline")
	b.click("run-submit", "flow", "TRUST-PAYIN").want(200).has("message", "The payment is made").has("payment-psp", "Trust")
	b.get("/scenarios/mine").click("scenario-delete").want(200).has("message", "Deleted")
	b.get("/scenarios/mine").want(404)
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
