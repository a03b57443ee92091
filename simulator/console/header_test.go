package console_test

import (
	"strings"
	"testing"
)

// The header moves the clock from every page, and the page stays; what is wrong is told by the clock's page.
func TestClockInHeader(t *testing.T) {
	t.Parallel()
	b := open(t)
	id := b.pay("PAYONE-PAYIN", "payer", "simulated")
	b.get("/payments?status=approved").want(200).has("empty", "No payment matches").has("clock-quick-next", "in ")
	b.has("clock-waiting", "2 jobs wait, next in")
	before := b.one("clock-now").text()
	b.click("clock-quick-next").want(200).has("message", "advanced").has("title", "Payments")
	if !strings.Contains(b.at.RawQuery, "status=approved") || b.one("clock-now").text() == before {
		t.Errorf("the page is %s at %s", b.at, b.one("clock-now").text())
	}
	b.get("/payments/"+id).click("clock-quick").want(200).has("payment-id", id)
	b.click("clock-quick-submit", "by", "soon").want(400).has("title", "Clock").has("error-problem", "by must be a duration")
	for _, to := range []string{"//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example", "elsewhere"} {
		b.get("/payments").click("clock-quick", "back", to).want(200).has("title", "Clock")
	}
	b.get("/clock").click("clock-set", "mode", "real").want(200).hasNo("clock-quick").click("clock-quick-manual").want(200).has("clock-now", "manual")
}

// The company's menu leads to the same page of another company.
func TestCompanySwitch(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.get("/companies").click("create-submit", "name", "other", "like", "-").want(200)
	b.get("/deliveries").want(200).has("company-select", "demo")
	if got := b.page.all("company-option")[1].attr["href"]; got != "/deliveries?company=other" {
		t.Errorf("the menu leads to %s", got)
	}
}
