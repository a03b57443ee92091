package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"mozartosim/simulator"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/simtest"
)

// console opens the console at a path.
func (s *shop) console(at *Tab, path string) {
	s.t.Helper()
	if status := at.Open(s.sim.AdminURL + path); status != http.StatusOK {
		at.fail(fmt.Sprintf("%s is answered with %d", path, status), nil)
	}
}

// live waits until the page follows what happens, and marks it: stayed then says whether it is still the same page.
func live(at *Tab) {
	at.t.Helper()
	at.When("it is live", `document.body.dataset.live === "on"`)
	Ask[bool](at, `window.mark = true`)
}

func stayed(at *Tab) {
	at.t.Helper()
	if !Ask[bool](at, `window.mark === true`) {
		at.t.Error("the page was loaded anew instead of being kept up to date")
	}
}

// A newcomer opens the console on loopback, where no login is needed, and finds the way from the empty list to a payment.
func TestFirstVisit(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	s.console(at, "/")
	at.See("empty")
	for _, page := range []string{"cashier", "deliveries", "inbox", "scenarios", "clock", "companies", "ledger", "payments"} {
		if status := at.Leave("nav-" + page); status != http.StatusOK {
			t.Errorf("%s is answered with %d", page, status)
		}
		if current := at.Attribute("nav-"+page, "aria-current"); current != "page" {
			t.Errorf("%s: its link is not the current one: %q", page, current)
		}
	}
	if at.Has("logout") {
		t.Error("there is a way to log out, and nobody logged in")
	}
	at.Leave("empty-next")
	at.See("cashier-submit")
}

// Where the listener asks for a token, the printed link logs in; the cookie is out of scripts' and other sites' reach.
func TestLogin(t *testing.T) {
	t.Parallel()
	s := newShop(t, simtest.Config(func(c *simulator.Config) { c.AdminToken = "a-token-for-this-test" }))
	at := s.tab()
	at.Allow("401")
	at.Allow("403")
	at.Open(s.sim.AdminURL + "/payments")
	at.See("login-token")
	at.Accessible("login")
	at.Type("login-token", "not-this-one")
	at.Leave("login-submit")
	at.See("error")
	at.Type("login-token", "a-token-for-this-test")
	at.Click("login-submit")
	at.See("nav-payments")
	at.Leave("logout")
	at.See("login-token")

	at.Open(s.sim.Simulator.ConsoleURL())
	at.See("nav-payments")
	if strings.Contains(at.Location(), "token") {
		t.Errorf("the token stays in the address: %s", at.Location())
	}
	cookies, err := runIn(at, func(ctx context.Context, target *chromedp.Target) (network.GetCookiesResult, error) {
		return cdp.Call(ctx, target, network.GetCookies, network.GetCookiesParams{})
	})
	if err != nil || len(cookies.Cookies) != 1 {
		t.Fatalf("cookies: %+v %v", cookies.Cookies, err)
	}
	if c := cookies.Cookies[0]; !c.HTTPOnly || c.SameSite != network.CookieSameSiteStrict || strings.Contains(c.Value, "a-token") {
		t.Errorf("the cookie: HttpOnly %t, SameSite %s", c.HTTPOnly, c.SameSite)
	}
	s.console(at, "/clock")
	at.Leave("clock-set") // a form holds, with a login
	at.See("notice")
}

// From the form to the webhook: a payment is made in the console, paid on its page, and its timeline shows both and the
// webhook while it stands open in another tab; then the webhook is sent again, and once more with another body.
func TestPaymentInConsole(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	s.console(at, "/cashier")
	at.Leave("flow-PAYONE-PAYIN")
	at.Leave("example-minimal")
	at.Click("cashier-payer-me")
	at.Leave("cashier-submit")
	at.Says("cashier-status", "200")
	o := order{ID: s.sim.Payments(t)[0].ID}

	timeline := at.Twin()
	s.console(timeline, "/payments/"+o.ID)
	live(timeline)
	at.Leave("cashier-page")
	payAtBank("bank-success")(at)
	stands(at, "decided")
	shows(timeline, "decided", 1)
	timeline.Leave("advance-next")
	live(timeline)
	s.sim.AdvanceUntilIdle(t)
	shows(timeline, "attempt", 1)
	stayed(timeline)
	if got := timeline.Attribute("payment-status", "data-status"); got != "approved" {
		t.Errorf("the timeline says %s", got)
	}

	timeline.Leave("resend")
	s.sim.AdvanceUntilIdle(t)
	shows(timeline, "attempt", 2)
	timeline.Click("edit-resend")
	timeline.Fill("edit-resend-body", `{"edited": true}`)
	timeline.Leave("edit-resend-submit")
	s.sim.AdvanceUntilIdle(t)
	shows(timeline, "attempt", 3)
	sent := s.sim.Deliveries(t)
	var bodies []string
	for _, d := range sent {
		bodies = append(bodies, d.Body)
	}
	if len(sent) != 3 || bodies[0] != bodies[1] || !strings.Contains(bodies[2], "edited") {
		t.Errorf("deliveries: %q", bodies)
	}
}

// shows waits until the timeline has that many steps of a kind.
func shows(at *Tab, kind string, n int) {
	at.t.Helper()
	at.When(fmt.Sprintf("the timeline shows %d %s", n, kind),
		fmt.Sprintf(`document.querySelectorAll('[data-testid="step"][data-kind=%s]').length === %d`, quote(kind), n))
}

// Every flow can be made from the form as it stands, and each that has a page can be gone on to.
func TestEveryFlowFromTheForm(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	s.console(at, "/cashier")
	flows := Ask[[]string](at, `[...document.querySelectorAll('[data-testid^="flow-"]')].map(a => a.dataset.testid)`)
	if len(flows) < 15 {
		t.Errorf("only %d flows: %q", len(flows), flows)
	}
	for _, flow := range flows {
		at.Leave(flow)
		at.Leave("cashier-submit")
		at.Says("cashier-status", "200")
		at.See("cashier-payment")
		if at.Has("cashier-page") {
			at.Leave("cashier-page")
			at.See("page")
			s.console(at, "/cashier")
		}
	}
	if made := s.sim.Payments(t); len(made) != len(flows) {
		t.Errorf("%d payments for %d flows", len(made), len(flows))
	}
}

// The list follows what happens, filters, searches, and turns its pages.
func TestPaymentList(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	s.console(at, "/")
	live(at)
	trust := s.pay("trust/payin.full", nil)
	at.When("the new payment is listed", fmt.Sprintf(`document.querySelector('[data-testid="payment-row"][data-key=%s]')`, quote(trust.ID)))
	s.decide(trust, "cancel", "")
	at.When("its status follows", fmt.Sprintf(`document.querySelector('[data-key=%s]').dataset.status === "cancelled"`, quote(trust.ID)))
	stayed(at)

	for n := range 60 {
		s.pay("payone/payin.minimal", map[string]any{"merchantReference": fmt.Sprintf("order-%d", n)})
	}
	s.console(at, "/")
	first := keys(at)
	at.Leave("next-page")
	if second := keys(at); len(second) == 0 || second[0] == first[0] {
		t.Errorf("the second page shows %q", second)
	}
	at.Leave("first-page")
	at.Choose("filter-psp", "TRUST")
	at.Leave("filter-submit")
	if got := keys(at); len(got) != 1 || got[0] != trust.ID {
		t.Errorf("Trust's payments: %q", got)
	}
	at.Leave("filter-clear")
	at.Type("filter-q", "order-7")
	at.Leave("filter-submit")
	if got := keys(at); len(got) != 1 {
		t.Errorf("order-7: %q", got)
	}
	at.Type("filter-q", "nobody-has-this")
	at.Leave("filter-submit")
	at.See("empty")
	at.Leave("empty-next")
	at.See("payment-row")
}

func keys(at *Tab) []string {
	at.t.Helper()
	return Ask[[]string](at, `[...document.querySelectorAll('[data-testid="payment-row"]')].map(r => r.dataset.key)`)
}

// Each one-click decision of the timeline, a reason, a pay-out's approval.
func TestDecideInConsole(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	for _, does := range []string{"approve", "decline", "cancel", "expire"} {
		o := s.pay("worldpay/payin.full", nil)
		s.console(at, "/payments/"+o.ID)
		at.Leave("decide-" + does)
		shows(at, "decided", 1)
		s.decided(o, does)
		if at.Has("decide-approve") {
			t.Errorf("after %s it can be decided again", does)
		}
	}
	o := s.pay("worldpay/payin.full", nil)
	s.console(at, "/payments/"+o.ID)
	at.Click("decide-form")
	at.Choose("decide-does", "decline")
	at.Type("decide-reason", "51")
	at.Leave("decide-submit")
	s.decided(o, "decline 51")

	o = s.pay("gigadat/payout-eto.full", nil)
	s.console(at, "/payments/"+o.ID)
	at.Leave("approve")
	s.decided(o, "approve-payout")
	o = s.pay("gigadat/payout-eto.full", nil)
	s.console(at, "/payments/"+o.ID)
	at.Type("reject-reason", "not today")
	at.Leave("reject")
	s.decided(o, "reject-payout not today")
}

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
	at.Fill("scenario-text", "name: mine\nmatch: {named: true}\nshopper: {does: dance}\n")
	at.Leave("scenario-check")
	if line := at.Attribute("problem", "data-line"); line != "3" {
		t.Errorf("the problem stands in line %q instead of 3", line)
	}
	at.Fill("scenario-text", "name: mine\nmatch: {named: true}\nshopper: {does: decline, reason: limit_exceeded, after: 5s}\n")
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
