package browsertest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A decision is made once, however often it is sent: by a double click, by a form that is sent five times at once, with the
// page's script and without.
func TestNoDecisionTwice(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			at := s.tab()
			for _, script := range []bool{true, false} {
				at.Script(script)
				o := h.start(s, at)
				at.DoubleClick("cancel")
				movesOn(at)
				at.Open(o.URL)
				s.decided(o, "cancel")

				o = h.start(s, at)
				at.Click("sim-toggle")
				at.Hammer("sim-approve", 5)
				movesOn(at)
				at.Open(o.URL)
				s.decided(o, "approve")
				s.ends(o, "Approved")
			}
		})
	}
}

// movesOn waits until the page shows that something was decided.
func movesOn(at *Tab) {
	at.t.Helper()
	at.When("the page moves on", `(document.querySelector('[data-testid="page"]')?.dataset.turn ?? "0") !== "0"`)
}

// Two tabs of one payment: the first decides, the second is told so, whatever it is asked for.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			at := s.tab()
			o := h.start(s, at)
			twin := at.Twin()
			twin.Script(false) // so that it doesn't follow the first by itself
			twin.Open(o.URL)
			bar(at, "sim-approve")
			twin.Leave("cancel")
			s.decided(o, "approve")
			if state := twin.Attribute("page", "data-state"); state != h.paid {
				t.Errorf("the second tab stands at %s instead of %s", state, h.paid)
			}
			s.ends(o, "Approved")

			o = h.start(s, at) // with its script, the second tab follows
			twin.Script(true)
			twin.Open(o.URL)
			bar(at, "sim-cancel")
			twin.When("the twin follows", `document.querySelector('[data-testid="outcome"]')?.dataset.result === "cancelled"`)
			s.decided(o, "cancel")
		})
	}
}

// Going back and pressing F5 after a decision show how things stand, and decide nothing.
func TestBackAndReload(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			at := s.tab()
			o := h.start(s, at)
			h.pay(at)
			at.Reload()
			stands(at, h.paid)
			at.Back() // to the last form, which the browser may have kept: sending it again changes nothing
			Ask[bool](at, `(() => {
				const button = document.querySelector('[data-testid="cancel"]');
				return !button || navigator.sendBeacon(button.form.action, new URLSearchParams(new FormData(button.form, button)));
			})()`)
			at.Open(o.URL)
			stands(at, h.paid)
			s.decided(o, "approve")
			s.ends(o, "Approved")
		})
	}
}

// Pages that are none: an unknown session, another provider's, a session after a reset.
func TestUnknownPages(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	at.Allow("404")
	o := s.pay("payone/payin.full", nil)
	for _, address := range []string{
		s.sim.URL + "/pay/payone/00000000-0000-4000-8000-000000000000",
		strings.Replace(o.URL, "/payone/", "/brite/", 1),
		o.URL + "/deposit",
		s.sim.URL + "/pay/nobody/x",
	} {
		if status := at.Open(address); status != http.StatusNotFound {
			t.Errorf("%s is answered with %d", address, status)
		}
		stands(at, "unknown")
		if at.Has("sim-approve") {
			t.Errorf("%s lets people decide", address)
		}
		at.Accessible("unknown page")
	}
	s.decided(o)
}

// What a page redirects to is what the merchant configured or sent, whatever is added to its address.
func TestNoOpenRedirect(t *testing.T) {
	t.Parallel()
	s := newOpenShop(t)
	at := s.tab()
	for _, h := range hostedPages() {
		o := s.pay(h.fixture, map[string]any{"hppSuccessUrl": s.site.URL + "/own/done", "hppFailureUrl": s.site.URL + "/own/not"})
		evil := url.Values{}
		for _, name := range []string{"to", "url", "next", "return", "returnUrl", "redirect", "siteUrl", "hppSuccessUrl", "hppFailureUrl", "success_url"} {
			evil.Set(name, "http://evil.example/")
		}
		at.Open(o.URL + "?" + evil.Encode())
		at.Open(o.URL + "/return?" + evil.Encode()) // the watch fails the test on a request to another host
		at.Open(o.URL + "?" + evil.Encode() + "&done=1")
		if strings.Contains(at.Location(), "evil.example/") && !strings.HasPrefix(at.Location(), s.sim.URL) {
			t.Errorf("%s: led to %s", h.psp, at.Location())
		}
		if links := Ask[[]string](at, `[...document.querySelectorAll("a[href], form[action]")].map(e => new URL(e.href ?? e.action).hostname)`); len(links) > 0 {
			for _, host := range links {
				if host != "127.0.0.1" {
					t.Errorf("%s: a link leads to %s", h.psp, host)
				}
			}
		}
		s.decided(o)
	}
	for _, visit := range s.site.visits() {
		if strings.Contains(visit, "evil") {
			t.Errorf("the merchant is sent what a stranger added: %s", visit)
		}
	}
}

// A decision that is made elsewhere shows on an open page, without anybody's touching it.
func TestPageFollows(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	o := s.pay("brite/payin.full", nil)
	at.Open(o.URL)
	s.decide(o, "decline", "psu_no_funds")
	becomes(at, "decided")
	turnsOut(at, "failure")
	at.Says("decided-by", "admin API")
}

// The countdown is on the company's clock: it stands on a manual one, and goes on as that is moved.
func TestCountdown(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	o := s.pay("trust/payin.full", nil)
	at.Open(o.URL)
	at.Says("countdown", "5:00")
	s.sim.Advance(t, 2*time.Minute)
	at.Says("countdown", "3:00")
}
