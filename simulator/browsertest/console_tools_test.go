package browsertest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"mozartosim/simulator/payment"
)

// A company is made, a provider configured by its form, a rule switched, a provider put out of order and in order again.
func TestCompanies(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	s.console(at, "/companies")
	at.Type("create-name", "acme")
	at.Click("create-like") // from scratch
	at.Leave("create-submit")
	made, ok := s.sim.Simulator.Company("acme")
	if !ok || len(made.PSPs) != 0 {
		t.Fatalf("acme: %t %+v", ok, made)
	}
	home := "/companies/" + made.ID + "?company=acme"

	s.console(at, "/companies/"+made.ID+"/psps/PAYONE?company=acme")
	at.Type("psp-field-accountName", "acme")
	at.Leave("psp-save")
	at.Reads("lacks apiKey") // kept, and said: the required ones are missing
	at.Open(s.sim.AdminURL + "/companies/" + made.ID + "/psps/PAYONE?company=acme")
	for field, value := range map[string]string{"accountName": "acme", "apiKey": "a-key-of-acme", "webhookUrl": "http://127.0.0.1:9/hook", "siteUrl": s.site.URL} {
		at.Type("psp-field-"+field, value)
	}
	at.Leave("psp-save")
	made, _ = s.sim.Simulator.Company("acme")
	if got := made.PSPs["PAYONE"].Text("apiKey"); got != "a-key-of-acme" {
		t.Errorf("the configuration has apiKey %q", got)
	}
	s.console(at, "/companies/"+made.ID+"/psps/PAYONE?company=acme")
	if shown := Ask[string](at, `document.querySelector('[data-testid="psp-field-apiKey"]').value`); shown == "a-key-of-acme" {
		t.Error("the secret is shown")
	}
	at.Leave("psp-save") // left alone, a masked secret stays
	s.console(at, "/companies/"+made.ID+"/psps/PAYONE?company=acme")
	at.Leave("reveal")
	if shown := Ask[string](at, `document.querySelector('[data-testid="psp-field-apiKey"]').value`); shown != "a-key-of-acme" {
		t.Errorf("revealed, the secret is %q", shown)
	}

	s.console(at, home)
	at.Choose("rule-psp", "PAYONE")
	at.Leave("rule-add")
	at.Leave("rule-toggle")
	made, _ = s.sim.Simulator.Company("acme")
	if len(made.Rules) != 1 || made.Rules[0].Active {
		t.Errorf("rules: %+v", made.Rules)
	}
	at.Choose("outage-psp", "PAYONE")
	at.Choose("outage-kind", "down")
	at.Leave("outage-begin")
	at.See("outage-row")
	at.Leave("outage-mend")
	at.Gone("outage-row")
	at.Leave("tokens")
	for _, id := range []string{"company-jwt", "user-jwt"} {
		if token := Ask[string](at, `document.querySelector('[data-testid="`+id+`"]').value`); strings.Count(token, ".") != 2 {
			t.Errorf("%s: %q", id, token)
		}
	}
	s.console(at, home)
	at.Leave("reveal")
	at.Says("secret-key", made.Credentials.SecretKey)
	at.Leave("hide")
	at.Click("delete-confirm")
	at.Leave("delete-company")
	if _, ok := s.sim.Simulator.Company("acme"); ok {
		t.Error("acme is still there")
	}
}

// A scenario is checked, which names the line that is wrong, put into force, and run.
func TestScenarioInConsole(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	s.console(at, "/scenarios")
	at.Type("scenario-q", "returns-first")
	at.Leave("scenario-search")
	at.Leave("scenario-link")
	at.See("scenario-text")
	s.console(at, "/scenarios/new")
	at.Allow("422")
	at.Fill("scenario-text", "name: mine\nmatch: {named: true}\nshopper: {action: dance}\n")
	at.Leave("scenario-check")
	if line := at.Attribute("problem", "data-line"); line != "3" {
		t.Errorf("the problem stands in line %q instead of 3", line)
	}
	at.Fill("scenario-text", "name: mine\nmatch: {named: true}\nshopper: {action: decline, reason: limit_exceeded, after: 5s}\n")
	at.Leave("scenario-check")
	at.See("scenario-holds")
	at.Leave("scenario-put")
	s.console(at, "/scenarios/mine")
	at.Choose("run-psp", "PAYONE-PAYIN")
	at.Leave("run-submit")
	at.See("timeline")
	s.sim.AdvanceUntilIdle(t)
	s.decided(order{ID: s.sim.Payments(t)[0].ID}, "decline limit_exceeded")
	shows(at, "decided", 1)
}

// The clock is moved, tells what happened on the way, and is set going.
func TestClockInConsole(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	o := s.payUnder("shopper-approves", "payone/payin.full", nil)
	s.console(at, "/clock")
	at.See("due-row")
	at.Type("advance-by", "5m")
	at.Leave("advance-submit")
	at.See("happened-row")
	s.decided(o, "approve")
	if sent := s.sim.Deliveries(t); len(sent) != 1 || sent[0].State != payment.DeliveryDelivered {
		t.Errorf("deliveries: %+v", sent)
	}
	at.Allow("400")
	at.Type("advance-by", "soon")
	at.Leave("advance-submit")
	at.See("error")
	at.Choose("clock-set-mode", "scaled")
	at.Type("clock-factor", "60")
	at.Leave("clock-set")
	if mode := at.Attribute("clock-mode", "data-mode"); mode != "scaled" {
		t.Errorf("the clock is %s", mode)
	}
}

// The inbox is told to fail; the deliveries page shows the attempts, and giving up ends them.
func TestInboxAndDeliveries(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	s.console(at, "/inbox")
	at.See("empty")
	at.Fill("program-replies", "500 x2\nhang up")
	at.Leave("program-submit")
	at.Says("program-left", "2")
	o := s.pay("payone/payin.full", nil)
	s.decide(o, "approve", "")
	s.sim.Advance(t, 20*time.Second)
	at.When("the inbox shows two", `document.querySelectorAll('[data-testid="inbox-row"]').length === 2`)
	s.console(at, "/deliveries")
	if state := at.Attribute("delivery-row", "data-state"); state != "retrying" {
		t.Errorf("the delivery is %s", state)
	}
	at.Leave("delivery-link")
	if n := Ask[int](at, `document.querySelectorAll('[data-testid="attempt"]').length`); n != 2 {
		t.Errorf("%d attempts are shown", n)
	}
	at.Leave("cancel-delivery")
	if state := s.sim.Deliveries(t)[0].State; state != payment.DeliveryDropped {
		t.Errorf("the delivery is %s", state)
	}
}

// The ledger says how much is known, and filters.
func TestLedgerInConsole(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	s.console(at, "/ledger")
	at.Choose("filter-basis", "assumed")
	at.Leave("filter-submit")
	if others := Ask[int](at, `document.querySelectorAll('[data-testid="ledger-row"]:not([data-basis="assumed"])').length`); others != 0 {
		t.Errorf("%d rows are not assumed", others)
	}
	at.See("ledger-row")
}

// A form that another site sends does nothing: it has no token, and the browser says where it comes from.
func TestForeignForm(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	at.Allow("403")
	at.Allow("favicon.ico") // the refusal is a line of text
	at.Open(s.site.URL)
	Ask[chromedp.Void](at, fmt.Sprintf(`(() => {
		const f = document.createElement("form");
		f.method = "post"; f.action = %s;
		f.innerHTML = '<input name="do" value="by"><input name="by" value="1h">';
		document.body.append(f); f.submit();
	})()`, quote(s.sim.AdminURL+"/clock/advance")))
	at.When("the console answers", `location.port !== `+quote(portOf(s.site.URL)))
	s.console(at, "/clock")
	at.Says("clock-time", "2026-01-01 00:00:00")
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }
