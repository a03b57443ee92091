package browsertest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"mozartosim/simulator/adminapi"
)

// A company is created, a provider is configured by its form, a rule is switched off, an outage is started and ended.
func TestCompanies(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	m.console(tab, "/companies")
	tab.Type("create-name", "acme")
	tab.Click("create-like") // from scratch
	tab.Follow("create-submit")
	acme := m.sim.Client.Company("acme").BackOffice()
	read := func() adminapi.Company {
		t.Helper()
		made, err := acme.Company(t.Context(), adminapi.Revealed)
		return must(m, made, err)
	}
	made := read()
	if len(made.PSPs) != 0 {
		t.Fatalf("acme: %+v", made)
	}
	home := "/companies/" + made.ID + "?company=acme"

	m.console(tab, "/companies/"+made.ID+"/psps/PAYONE?company=acme")
	tab.Type("psp-field-accountName", "acme")
	tab.Follow("psp-save")
	tab.WaitUntil("required fields are reported", `document.body.innerText.includes("lacks apiKey")`) // it is saved all the same
	m.console(tab, "/companies/"+made.ID+"/psps/PAYONE?company=acme")
	for field, value := range map[string]string{"accountName": "acme", "apiKey": "a-key-of-acme", "webhookUrl": "http://127.0.0.1:9/hook", "siteUrl": m.site.URL} {
		tab.Type("psp-field-"+field, value)
	}
	tab.Follow("psp-save")
	made = read()
	if got := made.PSPs["PAYONE"]["apiKey"]; got != "a-key-of-acme" {
		t.Errorf("the configuration has apiKey %q", got)
	}
	m.console(tab, "/companies/"+made.ID+"/psps/PAYONE?company=acme")
	if shown := Evaluate[string](tab, `document.querySelector('[data-testid="psp-field-apiKey"]').value`); shown == "a-key-of-acme" {
		t.Error("the secret is shown")
	}
	tab.Follow("psp-save") // a masked secret that is not changed stays
	m.console(tab, "/companies/"+made.ID+"/psps/PAYONE?company=acme")
	tab.Follow("reveal")
	if shown := Evaluate[string](tab, `document.querySelector('[data-testid="psp-field-apiKey"]').value`); shown != "a-key-of-acme" {
		t.Errorf("revealed, the secret is %q", shown)
	}

	m.console(tab, home)
	tab.Follow("tab-rules")
	tab.Choose("rule-psp", "PAYONE")
	tab.Follow("rule-add")
	tab.Follow("rule-toggle")
	made = read()
	if len(made.Rules) != 1 || made.Rules[0].Active {
		t.Errorf("rules: %+v", made.Rules)
	}
	tab.Follow("tab-outages")
	tab.Choose("outage-psp", "PAYONE")
	tab.Choose("outage-kind", "down")
	tab.Follow("outage-start")
	tab.WaitFor("outage-row")
	tab.Follow("outage-end")
	if tab.Visible("outage-row") {
		t.Error("the outage is still shown")
	}
	tab.Follow("tab-credentials")
	tab.Follow("tokens")
	for _, id := range []string{"company-jwt", "user-jwt"} {
		if token := Evaluate[string](tab, `document.querySelector('[data-testid="`+id+`"]').value`); strings.Count(token, ".") != 2 {
			t.Errorf("%s: %q", id, token)
		}
	}
	m.console(tab, home)
	tab.Follow("reveal")
	tab.WaitForText("secret-key", made.Credentials.SecretKey)
	tab.Follow("hide")
	tab.Follow("tab-remove")
	tab.Click("delete-confirm")
	tab.Follow("delete-company")
	var refused *adminapi.Error
	if _, err := acme.Company(t.Context(), adminapi.Masked); !errors.As(err, &refused) || refused.Status != http.StatusNotFound {
		t.Errorf("after the deletion: %v", err)
	}
}

// A scenario is checked, which names the wrong line, put into force, and run.
func TestScenarioInConsole(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	m.console(tab, "/scenarios")
	tab.Type("scenario-q", "returns-first")
	tab.Follow("scenario-search")
	tab.Follow("scenario-link")
	tab.WaitFor("scenario-text")
	m.console(tab, "/new-scenario")
	tab.Allow("422")
	tab.Type("scenario-text", "name: mine\nmatch: {named: true}\nshopper: {action: dance}\n")
	tab.Follow("scenario-check")
	if line := tab.Attribute("problem", "data-line"); line != "3" {
		t.Errorf("the problem is in line %q, want 3", line)
	}
	tab.Type("scenario-text", "name: mine\nmatch: {named: true}\nshopper: {action: decline, reason: limit_exceeded, after: 5s}\n")
	tab.Follow("scenario-check")
	tab.WaitFor("scenario-valid")
	tab.Follow("scenario-put")
	m.console(tab, "/scenarios/mine")
	tab.Choose("run-psp", "PAYONE-PAYIN")
	tab.Follow("run-submit")
	tab.WaitFor("timeline")
	m.advanceUntilIdle()
	m.wantDecisions(m.newest(), "decline limit_exceeded")
	waitForSteps(tab, "decided", 1)
}

// The clock is advanced, which shows the completed jobs, and switched to another mode.
func TestClockInConsole(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	o := m.payUnder("shopper-approves", "payone/payin.full", nil)
	m.console(tab, "/clock")
	tab.WaitFor("job-row")
	tab.Type("advance-by", "5m")
	tab.Follow("advance-submit")
	tab.WaitFor("completed-row")
	m.wantDecisions(o, "approve")
	if sent := m.deliveries(); len(sent) != 1 || sent[0].State != "delivered" {
		t.Errorf("deliveries: %+v", sent)
	}
	tab.Allow("400")
	tab.Type("advance-by", "soon")
	tab.Follow("advance-submit")
	tab.WaitFor("error")
	tab.Click("clock-set-scaled")
	tab.Type("clock-factor", "60")
	tab.Follow("clock-set")
	if mode := tab.Attribute("clock-mode", "data-mode"); mode != "scaled" {
		t.Errorf("the clock is %s", mode)
	}
}

// The inbox fails as it was set to; the deliveries page shows the attempts, and cancelling ends them.
func TestInboxAndDeliveries(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	m.console(tab, "/inbox")
	tab.WaitFor("empty")
	tab.Click("replies-open")
	tab.Type("replies", "500 x2\nhang up")
	tab.Follow("replies-submit")
	tab.WaitForText("replies-left", "500 x2, hang up")
	o := m.pay("payone/payin.full", nil)
	m.decide(o, "approve", "")
	m.advance(20 * time.Second)
	tab.WaitUntil("the inbox shows two", `document.querySelectorAll('[data-testid="inbox-row"]').length === 2`)
	m.console(tab, "/deliveries")
	if state := tab.Attribute("delivery-row", "data-state"); state != "retrying" {
		t.Errorf("the delivery is %s", state)
	}
	tab.Follow("delivery-link")
	if n := Evaluate[int](tab, `document.querySelectorAll('[data-testid="attempt"]').length`); n != 2 {
		t.Errorf("%d attempts are shown", n)
	}
	tab.Follow("cancel-delivery")
	if state := m.deliveries()[0].State; state != "dropped" {
		t.Errorf("the delivery is %s", state)
	}
}

// The ledger filters by basis.
func TestLedgerInConsole(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	m.console(tab, "/ledger")
	tab.Choose("filter-basis", "assumed")
	tab.Follow("filter-submit")
	if others := Evaluate[int](tab, `document.querySelectorAll('[data-testid="ledger-row"]:not([data-basis="assumed"])').length`); others != 0 {
		t.Errorf("%d rows are not assumed", others)
	}
	tab.WaitFor("ledger-row")
}

// A form of another site does nothing: it has no token, and the browser reports where it comes from.
func TestForeignForm(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	tab.Allow("403")
	tab.Allow("favicon.ico") // the refusal is a line of text
	tab.Open(m.site.URL)
	Evaluate[chromedp.Void](tab, fmt.Sprintf(`(() => {
		const f = document.createElement("form");
		f.method = "post"; f.action = %s;
		f.innerHTML = '<input name="do" value="by"><input name="by" value="1h">';
		document.body.append(f); f.submit();
	})()`, quote(m.consoleURL("/clock/advance"))))
	tab.WaitUntil("the console answers", `location.port !== `+quote(portOf(m.site.URL)))
	m.console(tab, "/clock")
	tab.WaitForText("clock-time", "2026-01-01 00:00:00")
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }
