package console_test

import (
	"strings"
	"testing"
)

func TestCompanies(t *testing.T) {
	t.Parallel()
	b := visit(t)
	b.get("/companies").not("company-select").click("create-submit", "name", "sh@rd").want(400).sees("error-problem", "name must").sees("create-name", "sh@rd")
	b.click("create-submit", "name", "sh@rd", "like", "-").want(400)
	if _, ticked := b.one("create-like").attr["checked"]; ticked {
		t.Error("the box is ticked again")
	}
	b.click("create-submit", "name", "shard", "like", "yes").want(200).sees("notice", "The company is there").sees("title", "shard")
	if got := len(b.page.all("rule-row")); got != 10 {
		t.Errorf("%d rules, want the demo company's", got)
	}
	b.sees("clock-now", "manual").click("nav-payments").want(200).sees("empty", "No payments yet")
	if !strings.Contains(b.at.RawQuery, "company=shard") {
		t.Errorf("the company is lost: %s", b.at)
	}
	b.click("empty-next").want(200).click("cashier-submit").want(200).click("cashier-payment").want(200).click("decide-approve").want(200).sees("payment-status", "approved")
	b.get("/payments").want(200).sees("empty", "No payments yet")
	b.get("/companies").click("create-submit", "name", "shard").want(409).sees("error", "belongs to another company")
	b.get("/companies").click("create-submit", "name", "bare", "like", "-").want(200).sees("empty", "No rules")
	bare := b.at.Path
	b.click("delete-company").want(400).sees("error", "tick the box")
	b.click("delete-company", "confirm", "yes").want(200).sees("notice", "Deleted")
	b.get(bare).want(404)
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	b := visit(t)
	secret := b.sim.Company.Credentials.SecretKey
	b.get("/companies/demo").want(200).sees("secret-key", "***")
	if strings.Contains(b.text, secret) {
		t.Error("the secret is shown before anybody asked")
	}
	b.click("reveal").want(200).sees("secret-key", secret).click("hide").want(200).sees("secret-key", "***")
	b.click("tokens").want(200).sees("company-jwt", "eyJ").sees("user-jwt", "eyJ").sees("curl", "/v1/api/mozarto/cashier")
	if b.one("company-jwt").words() != b.sim.CompanyToken {
		t.Error("the company's JWT is another one than the tests use")
	}
	b.click("reset").want(400).sees("error", "tick the box")
	b.make("PAYONE-PAYIN")
	b.get("/companies/demo").click("reset", "confirm", "yes").want(200).sees("notice", "forgotten")
	b.get("/payments").sees("empty", "No payments yet")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	b := visit(t)
	b.get("/companies/demo").click("settings-save", "userAuthUrl", "no url").want(400).sees("error-problem", "userAuthUrl must").sees("settings-user-auth-url", "no url")
	b.click("settings-save", "userAuthUrl", "https://shop.example/verify", "passwordExpired", "yes").want(200).sees("notice", "changed").sees("settings-user-auth-url", "https://shop.example/verify")
	b.get("/cashier").click("cashier-submit").want(200).sees("cashier-status", "403")
	b.get("/companies/demo").click("settings-save", "userAuthUrl", "", "passwordExpired", "-").want(200)
	b.get("/cashier?example=generated").want(200)
	first := b.one("cashier-body").words()
	if b.click("example-another").want(200).one("cashier-body").words() == first {
		t.Error("the next generated request is the same")
	}
	b.click("cashier-submit").want(200).sees("cashier-status", "200")
}

func TestPSPForms(t *testing.T) {
	t.Parallel()
	b := visit(t)
	b.get("/companies/demo/psps/PAYONE").want(200).sees("psp-field-apiKey", "***")
	b.click("psp-save", "field:siteUrl", "not a url", "field:accountName", "kept").want(400).sees("error-problem", "siteUrl must").sees("psp-field-accountName", "kept")
	b.click("psp-save", "field:siteUrl", "https://shop.example", "field:retrySchedule", "1s\n2m", "field:isWebhookSecured", "true", "field:webhookSecret", "a-shared-secret").want(200).sees("notice", "Saved")
	b.get("/companies/demo/psps/PAYONE?reveal=true").want(200).sees("psp-field-apiKey", "demo-payone-key").sees("psp-field-siteUrl", "https://shop.example").sees("psp-field-retrySchedule", "1s\n2m")
	if got := b.one("psp-field-isWebhookSecured").chosen(); got != "true" {
		t.Errorf("isWebhookSecured is %q", got)
	}
	b.get("/companies/demo/psps/CLEO").want(200)
	b.one("psp-field-cleoApiKey.chileApiKey")
	b.click("psp-save").want(200).sees("notice", "Saved")
	b.get("/companies/demo/psps/BRITE").click("psp-delete").want(200).sees("notice", "Deleted")
	b.get("/companies/demo/psps/BRITE").want(200).not("psp-delete")
	b.get("/cashier?flow=BRITE-PAYIN").click("cashier-submit").want(200).sees("cashier-answer", "PSP Configuration not found")
}

func TestRulesAndOutages(t *testing.T) {
	t.Parallel()
	b := visit(t)
	b.get("/companies/demo").click("rule-toggle").want(200).sees("notice", "rules are changed").sees("rule-row", "off")
	b.click("rule-toggle").want(200).sees("rule-row", "active").click("rule-delete").want(200)
	b.click("rule-add", "psp", "FORUMPAY").want(200)
	if got := len(b.page.all("rule-row")); got != 10 {
		t.Errorf("%d rules, want 10", got)
	}
	b.click("rule-add", "psp", "NOBODY", "brand", "kept").want(400).sees("error-problem", "psp must be one of").sees("rule-brand", "kept")
	b.get("/companies/demo").click("outage-begin", "psp", "PAYONE", "kind", "slow").want(400).sees("error-problem", "delay must say")
	b.click("outage-begin", "psp", "PAYONE", "kind", "down", "for", "10m").want(200).sees("outage-row", "Payone")
	b.get("/cashier").click("cashier-submit").want(200).sees("cashier-answer", "PSP_UNAVAILABLE")
	b.get("/companies/demo").click("outage-mend").want(200).sees("notice", "in order").not("outage-row")
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	b := visit(t)
	b.get("/scenarios?q=PAYONE+declined").want(200).sees("scenario-row", "payone")
	b.get("/scenarios/new").click("scenario-check", "yaml", "name: mine\nshopper:\n  action: dance\n").want(422).sees("problem", "Line 3").sees("scenario-text", "dance")
	if got := b.one("problem").attr["data-line"]; got != "3" {
		t.Errorf("the problem stands in line %s", got)
	}
	b.click("scenario-put", "yaml", "name: mine\nanswer: [").want(422).sees("problem", "Line ")
	b.click("scenario-check", "yaml", "name: mine\nmatch: {named: true}\nshopper: {action: decline, after: 0s}\n").want(200).sees("scenario-holds", "1 scenario")
	b.get("/scenarios/mine").want(404)
	b.get("/scenarios/new").click("scenario-put", "yaml", "name: mine\nmatch: {named: true}\nshopper: {action: decline, after: 0s}\n").want(200).sees("notice", "in force").sees("scenario-source", "action: decline")
	b.click("run-submit", "flow", "TRUST-PAYIN").want(200).sees("notice", "The payment is made").sees("payment-psp", "Trust")
	b.get("/scenarios/mine").click("scenario-delete").want(200).sees("notice", "Deleted")
	b.get("/scenarios/mine").want(404)
	b.get("/scenarios/worldpay-settled").want(200).click("run-submit").want(200).sees("payment-psp", "Worldpay")
}

func TestClock(t *testing.T) {
	t.Parallel()
	b := visit(t)
	b.make("PAYONE-PAYIN", "payer", "simulated")
	b.get("/clock").want(200).sees("clock-mode", "manual").sees("due-row", "the shopper will approve")
	b.click("advance-next").want(200).sees("happened-row", "approve")
	b.make("PAYONE-PAYIN", "payer", "simulated")
	b.get("/clock").click("advance-deliveries").want(200)
	if got := b.page.all("happened-row"); len(got) < 2 || got[len(got)-1].attr["data-kind"] != "attempt" {
		t.Errorf("%d things happened on the way to the next webhook", len(got))
	}
	b.click("advance-submit", "by", "5m").want(200).click("advance-idle").want(200)
	b.get("/clock").click("clock-set", "mode", "scaled", "factor", "60").want(200).sees("notice", "clock is set").sees("clock-mode", "scaled")
	b.click("advance-submit", "by", "1m").want(409).sees("error", "manual")
	id := b.make("PAYONE-PAYIN")
	b.get("/payments/"+id).click("switch-manual").want(200).sees("notice", "manual")
	b.one("advance-next")
}
