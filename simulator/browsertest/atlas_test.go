package browsertest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"mozartosim/simulator"
	"mozartosim/simulator/simtest"
)

// atlas looks at one page after the other: each is held against what people need, and, where the environment's
// MOZARTOSIM_SCREENSHOTS names a folder (`make screenshots`), its pictures are written there.
type atlas struct {
	*shop
	at      *Tab
	dir     string
	schemes []Scheme
}

func newAtlas(t *testing.T, s *shop, schemes ...Scheme) *atlas {
	t.Helper()
	a := &atlas{shop: s, at: s.tab(), dir: os.Getenv("MOZARTOSIM_SCREENSHOTS"), schemes: schemes}
	if a.dir != "" {
		if err := os.MkdirAll(a.dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// look holds the page as it stands against what people need, and takes its pictures.
func (a *atlas) look(name string) {
	a.t.Helper()
	a.at.Accessible(name)
	Ask[bool](a.at, `(() => { document.activeElement?.blur(); scrollTo(0, 0); return true; })()`)
	if a.dir == "" {
		return
	}
	for _, screen := range []Screen{Desktop(), Phone()} {
		for _, scheme := range a.schemes {
			a.at.Look(screen, scheme)
			a.at.Shoot(a.dir, name)
		}
	}
	a.at.Look(Desktop(), Light)
}

// readme takes a picture for the README.
func (a *atlas) readme(name string, screen Screen) {
	a.t.Helper()
	if a.dir == "" {
		return
	}
	a.at.Look(screen, Light)
	a.at.ShootWindow(filepath.Join(a.dir, "readme-"+name+".png"))
	a.at.Look(Desktop(), Light)
}

// Every page, in every state that it has, is usable by everybody. `make screenshots` takes their pictures on the way.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			h.pages(newAtlas(t, newShop(t), Light))
		})
	}
	t.Run("scripted", func(t *testing.T) {
		t.Parallel()
		scriptedPages(newAtlas(t, newShop(t, simtest.Config(func(c *simulator.Config) { c.Shopper = simulator.AutoShopper })), Light, Dark))
	})
	t.Run("console, empty", func(t *testing.T) {
		t.Parallel()
		emptyConsole(newAtlas(t, newShop(t), Light, Dark))
	})
	t.Run("console, filled", func(t *testing.T) {
		t.Parallel()
		filledConsole(newAtlas(t, newShop(t), Light, Dark))
	})
	t.Run("console, company", func(t *testing.T) {
		t.Parallel()
		companyPages(newAtlas(t, newShop(t), Light, Dark))
	})
	t.Run("console, scenarios and clock", func(t *testing.T) {
		t.Parallel()
		toolPages(newAtlas(t, newShop(t), Light, Dark))
	})
}

// pages are a provider's, in its states.
func (h hosted) pages(a *atlas) {
	a.t.Helper()
	at, name := a.at, "page-"+h.psp+"-"
	h.start(a.shop, at)
	a.look(name + h.first)
	at.Click("sim-toggle")
	a.look(name + "bar")
	switch h.first {
	case "choose":
		at.Leave("bank-success")
		a.look(name + "login")
		at.Type("bank-user", "x")
		at.Type("bank-password", "x")
		at.Leave("bank-login")
		a.look(name + "login-wrong")
		at.Open(a.loginTo(at))
		a.look(name + "confirm")
		at.Leave("bank-confirm")
	case "card":
		h.cardPages(a, name)
	case "challenge":
		at.Type("otp", "000000")
		at.Leave("otp-submit")
		a.look(name + "challenge-wrong")
		passStepUp(at)
	case "invoice":
		at.Leave("pay-under")
		a.look(name + "underpaid")
		at.Leave("pay-exact")
		a.look(name + "processing")
		a.sim.AdvanceUntilIdle(a.t)
		at.Says("outcome", "paid")
	}
	a.look(name + "success")
	h.start(a.shop, at)
	at.Leave("cancel")
	a.look(name + "cancelled")
	o := h.start(a.shop, at)
	bar(at, "sim-decline")
	if h.psp == "TRUST" {
		a.look(name + "declined-again")
		bar(at, "sim-expire")
	} else {
		a.look(name + "declined")
		o = h.start(a.shop, at)
		bar(at, "sim-expire")
	}
	at.Open(o.URL)
	a.look(name + "expired")
}

// loginTo logs in to the chosen test bank and returns where that leads.
func (a *atlas) loginTo(at *Tab) string {
	at.Type("bank-user", at.Text("test-user"))
	at.Type("bank-password", at.Text("test-password"))
	at.Leave("bank-login")
	return at.Location()
}

func (h hosted) cardPages(a *atlas, name string) {
	a.t.Helper()
	at := a.at
	fill(at, "4444333322221112", "01/20", "1", "Jane Doe")
	at.Leave("card-pay")
	a.look(name + "card-wrong")
	if h.psp == "WORLDPAY_EU" {
		at.Leave("apple-pay")
		a.look(name + "wallet")
		at.Leave("wallet-back")
		at.Leave("test-name-3DS")
	} else {
		at.Leave("test-card-0501")
	}
	a.look(name + "card-filled")
	if h.psp == "WORLDPAY_EU" {
		a.readme("page", Screen{Name: "readme", width: 480, height: 960})
	}
	at.Leave("card-pay")
	a.look(name + "challenge")
	passStepUp(at)
}

// scriptedPages are those that nobody touches: the simulated shopper's, a pay-out's, and the ones that are none.
func scriptedPages(a *atlas) {
	a.t.Helper()
	at := a.at
	at.Open(a.pay("payone/payin.full", nil).URL)
	a.look("page-simulated")
	a.sim.AdvanceUntilIdle(a.t)
	becomes(at, "decided")
	a.look("page-simulated-decided")
	at.Open(a.pay("gigadat/payout-eto.full", nil).URL)
	a.look("page-payout-awaiting")
	bar(at, "sim-reject-payout")
	a.look("page-payout-rejected")
	for country, currency := range map[string]string{"CL": "CLP", "PE": "PEN", "MX": "MXN"} {
		at.Open(a.payUnder("shopper-by-hand", "cleo/payin.full", map[string]any{"countryCode": country, "currency": currency, "currencyCode": currency}).URL)
		a.look("page-CLEO-" + country)
	}
	at.Allow("404")
	at.Open(a.sim.URL + "/pay/payone/unknown")
	a.look("page-unknown")
}

func emptyConsole(a *atlas) {
	a.t.Helper()
	for _, page := range []string{"payments", "cashier", "deliveries", "inbox", "clock", "companies"} {
		a.console(a.at, "/"+page)
		a.look("console-" + page + "-empty")
	}
	a.console(a.at, "/scenarios?q=nothing-is-called-so")
	a.look("console-scenarios-empty")
	a.console(a.at, "/scenarios?q=trust")
	a.look("console-scenarios")
}

// filledConsole is a console after some work: payments in many states, webhooks that failed and came through.
func filledConsole(a *atlas) {
	a.t.Helper()
	at := a.at
	a.console(at, "/inbox")
	at.Fill("program-replies", "200\n500 x2\n200 after 3s")
	at.Leave("program-submit")
	for _, h := range hostedPages() {
		o := a.pay(h.fixture, nil)
		if does := map[string]string{"FORUMPAY": "approve", "GIGADAT": "decline", "WORLDPAY_EU": "approve", "TRUST": "cancel", "CLEO": "expire"}[h.psp]; does != "" {
			a.decide(o, does, "")
		}
	}
	a.pay("gigadat/payout-eto.full", nil)
	o := a.payUnder("shopper-approves", "payone/payin.full", nil)
	a.sim.Advance(a.t, time.Minute)
	a.console(at, "/payments")
	a.look("console-payments")
	a.readme("console", Screen{Name: "readme", width: 1280, height: 760})
	a.console(at, "/payments/"+o.ID)
	a.look("console-timeline")
	at.Click("edit-resend")
	a.look("console-timeline-edit")
	waiting := a.pay("gigadat/payout-ach.full", nil)
	a.console(at, "/payments/"+waiting.ID)
	a.look("console-timeline-payout")
	open := a.pay("worldpay/payin.full", nil)
	a.console(at, "/payments/"+open.ID)
	at.Click("decide-form")
	a.look("console-timeline-open")
	a.console(at, "/deliveries")
	a.look("console-deliveries")
	at.Leave("delivery-link")
	a.look("console-delivery")
	a.console(at, "/inbox")
	a.look("console-inbox")
	at.Allow("404")
	at.Open(a.sim.AdminURL + "/payments/0123456789abcdef01234567")
	a.look("console-not-found")
}

func companyPages(a *atlas) {
	a.t.Helper()
	at := a.at
	a.console(at, "/companies")
	at.Type("create-name", "acme")
	at.Leave("create-submit")
	a.look("console-company-made")
	at.Leave("tokens")
	a.look("console-company-tokens")
	made, _ := a.sim.Simulator.Company("acme")
	home := "/companies/" + made.ID
	a.console(at, home+"?company=acme")
	at.Leave("outage-begin")
	a.look("console-company-outage")
	a.console(at, "/companies")
	a.look("console-companies")
	for _, psp := range []string{"WORLDPAY_EU", "CLEO"} {
		a.console(at, home+"/psps/"+psp+"?company=acme")
		a.look("console-psp-" + psp)
	}
	a.console(at, "/payments?company=acme")
	a.look("console-payments-second-company")
}

func toolPages(a *atlas) {
	a.t.Helper()
	at := a.at
	a.console(at, "/scenarios/shopper-returns-first")
	a.look("console-scenario")
	a.console(at, "/scenarios/new")
	at.Allow("422")
	at.Fill("scenario-text", "name: mine\nmatch: {named: true}\nshopper: {action: dance}\n")
	at.Leave("scenario-check")
	a.look("console-scenario-wrong")
	a.payUnder("shopper-approves", "payone/payin.full", nil)
	a.console(at, "/clock")
	a.look("console-clock")
	at.Type("advance-by", "5m")
	at.Leave("advance-submit")
	a.look("console-clock-moved")
	a.console(at, "/cashier?flow=FORUMPAY-PAYIN")
	at.Leave("cashier-submit")
	a.look("console-cashier-sent")
	a.console(at, "/cashier")
	at.Allow("answered 4")
	at.Allow("status of 4")
	at.Fill("cashier-body", `{"pspType": "PAYONE"`)
	at.Leave("cashier-submit")
	a.look("console-cashier-wrong")
	a.console(at, "/ledger?basis=assumed&psp=TRUST")
	a.look("console-ledger")
}
