package browsertest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A decision is made once, however often it is sent: by a double click, or by five clicks at once, with the page's script and
// without.
func TestNoDecisionTwice(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			m := newMerchant(t)
			tab := m.newTab()
			for _, script := range []bool{true, false} {
				tab.EnableScripts(script)
				o := h.start(m, tab)
				tab.DoubleClick("cancel")
				waitForDecision(tab)
				tab.Open(o.URL)
				m.wantDecisions(o, "cancel")

				o = h.start(m, tab)
				tab.ClickRepeatedly("sim-approve", 5)
				waitForDecision(tab)
				tab.Open(o.URL)
				m.wantDecisions(o, "approve")
				m.wantFinal(o, "Approved")
			}
		})
	}
}

// waitForDecision waits until the page shows a decision.
func waitForDecision(tab *Tab) {
	tab.t.Helper()
	tab.WaitUntil("a decision is shown", `(document.querySelector('[data-testid="page"]')?.dataset.turn ?? "0") !== "0"`)
}

// Of two tabs of one payment the first decides, and the second shows that, whatever it is asked for.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			m := newMerchant(t)
			tab := m.newTab()
			o := h.start(m, tab)
			second := tab.SecondTab()
			second.EnableScripts(false) // so that it does not follow the first
			second.Open(o.URL)
			tab.Follow("sim-approve")
			second.Follow("cancel")
			m.wantDecisions(o, "approve")
			if state := second.Attribute("page", "data-state"); state != h.paid {
				t.Errorf("the second tab is in the state %s, want %s", state, h.paid)
			}
			m.wantFinal(o, "Approved")

			o = h.start(m, tab) // with its script, the second tab follows
			second.EnableScripts(true)
			second.Open(o.URL)
			tab.Follow("sim-cancel")
			second.WaitUntil("the second follows", `document.querySelector('[data-testid="outcome"]')?.dataset.result === "cancelled"`)
			m.wantDecisions(o, "cancel")
		})
	}
}

// Going back and reloading after a decision show the current state, and decide nothing.
func TestBackAndReload(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			m := newMerchant(t)
			tab := m.newTab()
			o := h.start(m, tab)
			h.pay(tab)
			tab.Reload()
			wantState(tab, h.paid)
			tab.Back() // to the last form, which the browser may have kept: sending it again changes nothing
			Evaluate[bool](tab, `(() => {
				const button = document.querySelector('[data-testid="cancel"]');
				return !button || navigator.sendBeacon(button.form.action, new URLSearchParams(new FormData(button.form, button)));
			})()`)
			tab.Open(o.URL)
			wantState(tab, h.paid)
			m.wantDecisions(o, "approve")
			m.wantFinal(o, "Approved")
		})
	}
}

// Addresses without a page: an unknown session, another provider's session, an unknown provider.
func TestUnknownPages(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	tab.Allow("404")
	o := m.pay("payone/payin.full", nil)
	for _, address := range []string{
		m.sim.URL + "/pay/payone/00000000-0000-4000-8000-000000000000",
		strings.Replace(o.URL, "/payone/", "/brite/", 1),
		o.URL + "/deposit",
		m.sim.URL + "/pay/nobody/x",
	} {
		if status := tab.Open(address); status != http.StatusNotFound {
			t.Errorf("%s is answered %d", address, status)
		}
		wantState(tab, "unknown")
		if tab.Visible("sim-approve") {
			t.Errorf("%s can be decided on", address)
		}
		tab.Accessible("unknown page")
	}
	m.wantDecisions(o)
}

// A page redirects only to what the merchant configured or sent, whatever is added to its address.
func TestNoOpenRedirect(t *testing.T) {
	t.Parallel()
	m := newMerchant(t, withSite)
	tab := m.newTab()
	for _, h := range hostedPages() {
		o := m.pay(h.fixture, map[string]any{"hppSuccessUrl": m.site.URL + "/own/done", "hppFailureUrl": m.site.URL + "/own/not"})
		evil := url.Values{}
		for _, name := range []string{"to", "url", "next", "return", "returnUrl", "redirect", "siteUrl", "hppSuccessUrl", "hppFailureUrl", "success_url"} {
			evil.Set(name, "http://evil.example/")
		}
		tab.Open(o.URL + "?" + evil.Encode())
		tab.Open(o.URL + "/return?" + evil.Encode()) // the monitor fails the test on a request to another host
		tab.Open(o.URL + "?" + evil.Encode() + "&done=1")
		if at := Evaluate[string](tab, `location.href`); strings.Contains(at, "evil.example/") && !strings.HasPrefix(at, m.sim.URL) {
			t.Errorf("%s: led to %s", h.psp, at)
		}
		if links := Evaluate[[]string](tab, `[...document.querySelectorAll("a[href], form[action]")].map(e => new URL(e.href ?? e.action).hostname)`); len(links) > 0 {
			for _, host := range links {
				if host != "127.0.0.1" {
					t.Errorf("%s: a link leads to %s", h.psp, host)
				}
			}
		}
		m.wantDecisions(o)
	}
	for _, visit := range m.site.visits() {
		if strings.Contains(visit, "evil") {
			t.Errorf("the merchant is sent what was added to the address: %s", visit)
		}
	}
}

// An open page shows a decision that is made elsewhere.
func TestPageFollows(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	o := m.pay("brite/payin.full", nil)
	tab.Open(o.URL)
	m.decide(o, "decline", "psu_no_funds")
	waitForState(tab, "decided")
	wantOutcome(tab, "failure")
	tab.WaitForText("decided-by", "admin API")
}

// The countdown follows the company's clock: on a manual one it moves when that is advanced.
func TestCountdown(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	o := m.pay("trust/payin.full", nil)
	tab.Open(o.URL)
	tab.WaitForText("countdown", "5:00")
	m.advance(2 * time.Minute)
	tab.WaitForText("countdown", "3:00")
}
