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
	at.Choose("decide-action", "decline")
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
