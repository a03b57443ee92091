package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"mozartosim/simulator"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/simtest"
)

// consoleURL is the address of a page of the console, for the merchant's company unless the path names one.
func (m *merchant) consoleURL(path string) string {
	switch {
	case strings.Contains(path, "company="):
	case strings.Contains(path, "?"):
		path += "&company=" + m.company.Name
	default:
		path += "?company=" + m.company.Name
	}
	return m.sim.AdminURL + path
}

// console opens a page of the console.
func (m *merchant) console(tab *Tab, path string) {
	m.t.Helper()
	if status := tab.Open(m.consoleURL(path)); status != http.StatusOK {
		tab.fail("%s is answered %d", path, status)
	}
}

// waitUntilLive waits until the page is kept up to date, and marks it for wantSameDocument.
func waitUntilLive(tab *Tab) {
	tab.t.Helper()
	tab.WaitUntil("it is live", `document.body.dataset.live === "on"`)
	Evaluate[bool](tab, `window.marked = true`)
}

// wantSameDocument checks that the page was not loaded again since waitUntilLive.
func wantSameDocument(tab *Tab) {
	tab.t.Helper()
	if !Evaluate[bool](tab, `window.marked === true`) {
		tab.t.Error("the page was loaded again instead of being kept up to date")
	}
}

// On loopback no login is needed. Every page can be reached, and the empty list leads to a payment.
func TestFirstVisit(t *testing.T) {
	t.Parallel()
	m := newDemo(t)
	tab := m.newTab()
	m.console(tab, "/")
	tab.WaitFor("empty")
	for _, page := range []string{"cashier", "calls", "deliveries", "inbox", "scenarios", "clock", "companies", "ledger", "payments"} {
		if status := tab.Follow("nav-" + page); status != http.StatusOK {
			t.Errorf("%s is answered %d", page, status)
		}
		if current := tab.Attribute("nav-"+page, "aria-current"); current != "page" {
			t.Errorf("%s: aria-current of its link is %q", page, current)
		}
	}
	if tab.Visible("logout") {
		t.Error("there is a logout without a login")
	}
	tab.Follow("empty-next")
	tab.WaitFor("cashier-submit")
}

// When a token is needed, the printed link logs in; scripts and other sites can't read the cookie.
func TestLogin(t *testing.T) {
	t.Parallel()
	m := newDemo(t, simtest.Config(func(c *simulator.Config) { c.AdminToken = "a-token-for-this-test" }))
	tab := m.newTab()
	tab.Allow("401")
	tab.Allow("403")
	tab.Open(m.sim.AdminURL + "/payments")
	tab.WaitFor("login-token")
	tab.Accessible("login")
	tab.Type("login-token", "not-this-one")
	tab.Follow("login-submit")
	tab.WaitFor("error")
	tab.Type("login-token", "a-token-for-this-test")
	tab.Click("login-submit")
	tab.WaitFor("nav-payments")
	tab.Follow("logout")
	tab.WaitFor("login-token")

	tab.Open(m.sim.Simulator.ConsoleURL())
	tab.WaitFor("nav-payments")
	if at := Evaluate[string](tab, `location.href`); strings.Contains(at, "token") {
		t.Errorf("the token stays in the address: %s", at)
	}
	cookies, err := run(tab, func(ctx context.Context, target *chromedp.Target) (network.GetCookiesResult, error) {
		return cdp.Call(ctx, target, network.GetCookies, network.GetCookiesParams{})
	})
	if err != nil || len(cookies.Cookies) != 1 {
		t.Fatalf("cookies: %+v %v", cookies.Cookies, err)
	}
	if c := cookies.Cookies[0]; !c.HTTPOnly || c.SameSite != network.CookieSameSiteStrict || strings.Contains(c.Value, "a-token") {
		t.Errorf("the cookie: HttpOnly %t, SameSite %s", c.HTTPOnly, c.SameSite)
	}
	m.console(tab, "/clock")
	tab.Follow("clock-set") // forms work with a login
	tab.WaitFor("message")
}

// A payment is made in the console and paid on its page; meanwhile its timeline in another tab shows each step. Then the
// webhook is sent again, and once more with another body.
func TestPaymentInConsole(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	m.console(tab, "/cashier")
	tab.Choose("cashier-flow", "PAYONE-PAYIN")
	tab.WaitFor("cashier-submit")
	tab.Follow("example-minimal")
	tab.Click("cashier-payer-me")
	tab.Follow("cashier-submit")
	tab.WaitForText("cashier-status", "200")
	o := m.newest()

	timeline := tab.SecondTab()
	m.console(timeline, "/payments/"+o.ID)
	waitUntilLive(timeline)
	tab.Follow("cashier-page")
	payAtBank("bank-success")(tab)
	wantState(tab, "decided")
	waitForSteps(timeline, "decided", 1)
	timeline.Follow("advance-next")
	waitUntilLive(timeline)
	m.advanceUntilIdle()
	waitForSteps(timeline, "attempt", 1)
	wantSameDocument(timeline)
	if got := timeline.Attribute("payment-status", "data-status"); got != "approved" {
		t.Errorf("the timeline shows %s", got)
	}

	timeline.Follow("resend")
	m.advanceUntilIdle()
	waitForSteps(timeline, "attempt", 2)
	timeline.Click("edit-resend")
	timeline.Type("edit-resend-body", `{"edited": true}`)
	timeline.Follow("edit-resend-submit")
	m.advanceUntilIdle()
	waitForSteps(timeline, "attempt", 3)
	sent := m.deliveries()
	var bodies []string
	for _, d := range sent {
		bodies = append(bodies, d.Body)
	}
	if len(sent) != 3 || !strings.Contains(bodies[0], "edited") || bodies[1] != bodies[2] {
		t.Errorf("deliveries: %q", bodies)
	}
}

// waitForSteps waits until the timeline has that many steps of a kind.
func waitForSteps(tab *Tab, kind string, n int) {
	tab.t.Helper()
	tab.WaitUntil(fmt.Sprintf("the timeline shows %d %s", n, kind),
		fmt.Sprintf(`document.querySelectorAll('[data-testid="step"][data-kind=%s]').length === %d`, quote(kind), n))
}

// Each flow's form makes a payment as it is first shown, and leads to the hosted page if there is one.
func TestEveryFlowFromTheForm(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	m.console(tab, "/cashier")
	flows := Evaluate[[]string](tab, `[...document.querySelectorAll('[data-testid^="flow-"]')].map(o => o.value)`)
	if len(flows) < 15 {
		t.Errorf("only %d flows: %q", len(flows), flows)
	}
	for _, flow := range flows {
		m.console(tab, "/cashier?flow="+flow)
		tab.Follow("cashier-submit")
		tab.WaitForText("cashier-status", "200")
		tab.WaitFor("cashier-payment")
		if tab.Visible("cashier-page") {
			tab.Follow("cashier-page")
			tab.WaitFor("page")
		}
	}
	made, err := m.api.Payments(t.Context(), adminapi.PaymentQuery{})
	if err != nil || len(made.Payments) != len(flows) {
		t.Errorf("%d payments for %d flows, %v", len(made.Payments), len(flows), err)
	}
}

// The list is kept up to date, filters, searches, and has pages.
func TestPaymentList(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	m.console(tab, "/payments")
	waitUntilLive(tab)
	trust := m.pay("trust/payin.full", nil)
	tab.WaitUntil("the new payment is listed", fmt.Sprintf(`document.querySelector('[data-testid="payment-row"][data-key=%s]')`, quote(trust.ID)))
	m.decide(trust, "cancel", "")
	tab.WaitUntil("its status follows", fmt.Sprintf(`document.querySelector('[data-key=%s]').dataset.status === "cancelled"`, quote(trust.ID)))
	wantSameDocument(tab)

	for n := range 60 {
		m.pay("payone/payin.minimal", map[string]any{"merchantReference": fmt.Sprintf("order-%d", n)})
	}
	m.console(tab, "/payments")
	first := paymentIDs(tab)
	tab.Follow("next-page")
	if second := paymentIDs(tab); len(second) == 0 || second[0] == first[0] {
		t.Errorf("the second page shows %q", second)
	}
	tab.Follow("first-page")
	only := `document.querySelectorAll('[data-testid="payment-row"]').length === 1 && `
	tab.Choose("filter-psp", "TRUST")
	tab.WaitUntil("Trust's payment is listed", only+fmt.Sprintf(`document.querySelector('[data-key=%s]')`, quote(trust.ID)))
	tab.Follow("filter-clear")
	for text, what := range map[string]string{"order-7": "its reference", trust.ID[12:]: "the end of its id", "RDER-23": "a part of its reference"} {
		tab.Enter("filter-q", text)
		tab.WaitUntil("a payment is found by "+what, only+fmt.Sprintf(`document.querySelector('[data-testid="payments"]').innerHTML.toLowerCase().includes(%s)`, quote(strings.ToLower(text))))
	}
	tab.Enter("filter-q", "no-such-order")
	tab.WaitFor("empty")
	tab.Follow("empty-next")
	tab.WaitFor("payment-row")
}

func paymentIDs(tab *Tab) []string {
	tab.t.Helper()
	return Evaluate[[]string](tab, `[...document.querySelectorAll('[data-testid="payment-row"]')].map(r => r.dataset.key)`)
}

// Each one-click decision of the timeline, one with a reason, and the approval of a pay-out.
func TestDecideInConsole(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	for _, action := range []string{"approve", "decline", "cancel", "expire"} {
		o := m.pay("payone/payin.full", nil)
		m.console(tab, "/payments/"+o.ID)
		if action != "approve" {
			tab.Click("more-actions")
		}
		tab.Follow("decide-" + action)
		waitForSteps(tab, "decided", 1)
		m.wantDecisions(o, action)
		if tab.Visible("decide-approve") {
			t.Errorf("after %s it can be decided again", action)
		}
	}
	o := m.pay("worldpay/payin.full", nil)
	m.console(tab, "/payments/"+o.ID)
	tab.Click("more-actions")
	tab.Choose("decide-action", "decline")
	tab.Type("decide-reason", "51")
	tab.Follow("decide-submit")
	m.wantDecisions(o, "decline 51")

	o = m.pay("gigadat/payout-eto.full", nil)
	m.console(tab, "/payments/"+o.ID)
	tab.Follow("approve")
	m.wantDecisions(o, "approve-payout")
	o = m.pay("gigadat/payout-eto.full", nil)
	m.console(tab, "/payments/"+o.ID)
	tab.Click("more-actions")
	tab.Type("reject-reason", "not today")
	tab.Follow("reject")
	m.wantDecisions(o, "reject-payout not today")
}
