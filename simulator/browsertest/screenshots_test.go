package browsertest

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/design"
)

// gallery checks one page after the other for accessibility and, where MOZARTOSIM_SCREENSHOTS names a folder
// (`make screenshots`), writes pictures of it there.
type gallery struct {
	*merchant
	tab     *Tab
	dir     string
	schemes []Scheme
}

func newGallery(t *testing.T, m *merchant, schemes ...Scheme) *gallery {
	t.Helper()
	a := &gallery{merchant: m, tab: m.newTab(), dir: os.Getenv("MOZARTOSIM_SCREENSHOTS"), schemes: schemes}
	if a.dir != "" {
		if err := os.MkdirAll(a.dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// look checks the page, and writes its pictures.
func (a *gallery) look(name string) {
	a.t.Helper()
	a.tab.Accessible(name)
	Evaluate[bool](a.tab, `(() => { document.activeElement?.blur(); scrollTo(0, 0); return true; })()`)
	if a.dir == "" {
		return
	}
	for _, screen := range []Screen{desktop, phone} {
		for _, scheme := range a.schemes {
			a.tab.Emulate(screen, scheme)
			a.tab.Screenshot(filepath.Join(a.dir, name+"-"+screen.Name+"-"+string(scheme)+".png"), true)
		}
	}
	a.tab.Emulate(desktop, Light)
}

// readme writes a picture for the README.
func (a *gallery) readme(name string, screen Screen) {
	a.t.Helper()
	if a.dir == "" {
		return
	}
	a.tab.Emulate(screen, Light)
	a.tab.Screenshot(filepath.Join(a.dir, "readme-"+name+".png"), false)
	a.tab.Emulate(desktop, Light)
}

// Every page is accessible in every state. `make screenshots` writes their pictures on the way.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			h.pages(newGallery(t, newMerchant(t), Light))
		})
	}
	t.Run("scripted", func(t *testing.T) {
		t.Parallel()
		m := newDemo(t, autoShopper)
		returnTo("https://shop.example", m.company.PSPs)
		for psp, configuration := range m.company.PSPs {
			put, err := m.api.BackOffice().PutPSP(t.Context(), psp, configuration)
			must(m, put, err)
		}
		scriptedPages(newGallery(t, m, Light, Dark))
	})
	t.Run("reports", func(t *testing.T) {
		t.Parallel()
		reportPages(newGallery(t, newMerchant(t), Light, Dark))
	})
	t.Run("shop", func(t *testing.T) {
		t.Parallel()
		shopPages(newGallery(t, newDemo(t), Light, Dark))
	})
	t.Run("console, empty", func(t *testing.T) {
		t.Parallel()
		emptyConsole(newGallery(t, newDemo(t), Light, Dark))
	})
	t.Run("console, filled", func(t *testing.T) {
		t.Parallel()
		filledConsole(newGallery(t, newDemo(t), Light, Dark))
	})
	t.Run("console, company", func(t *testing.T) {
		t.Parallel()
		companyPages(newGallery(t, newDemo(t), Light, Dark))
	})
	t.Run("console, scenarios and clock", func(t *testing.T) {
		t.Parallel()
		toolPages(newGallery(t, newDemo(t), Light, Dark))
	})
}

// pages shows a provider's page in its states.
func (h hostedPage) pages(a *gallery) {
	a.t.Helper()
	tab, name := a.tab, "page-"+h.psp+"-"
	h.start(a.merchant, tab)
	a.look(name + h.first)
	switch h.first {
	case "choose":
		tab.Follow("bank-success")
		a.look(name + "login")
		tab.Type("bank-user", "x")
		tab.Type("bank-password", "x")
		tab.Follow("bank-login")
		a.look(name + "login-wrong")
		tab.Open(a.loginTo(tab))
		a.look(name + "confirm")
		tab.Follow("bank-confirm")
	case "card":
		h.cardPages(a, name)
	case "challenge":
		tab.Type("otp", "000000")
		tab.Follow("otp-submit")
		a.look(name + "challenge-wrong")
		passStepUp(tab)
	case "invoice":
		tab.Follow("pay-under")
		a.look(name + "underpaid")
		tab.Follow("pay-exact")
		a.look(name + "processing")
		a.advanceUntilIdle()
		waitForState(tab, "decided")
	}
	a.look(name + "success")
	h.start(a.merchant, tab)
	tab.Follow("cancel")
	a.look(name + "cancelled")
	o := h.start(a.merchant, tab)
	tab.Follow("sim-decline")
	if h.psp == "TRUST" {
		a.look(name + "declined-again")
		tab.Follow("sim-expire")
	} else {
		a.look(name + "declined")
		o = h.start(a.merchant, tab)
		tab.Follow("sim-expire")
	}
	tab.Open(o.URL)
	a.look(name + "expired")
}

// loginTo logs in to the chosen test bank and returns where that leads.
func (a *gallery) loginTo(tab *Tab) string {
	tab.Type("bank-user", tab.Text("test-user"))
	tab.Type("bank-password", tab.Text("test-password"))
	tab.Follow("bank-login")
	return Evaluate[string](tab, `location.href`)
}

func (h hostedPage) cardPages(a *gallery, name string) {
	a.t.Helper()
	tab := a.tab
	fill(tab, "4444333322221112", "01/20", "1", "Jane Doe")
	tab.Follow("card-pay")
	a.look(name + "card-wrong")
	if h.psp == "WORLDPAY_EU" {
		tab.Follow("apple-pay")
		a.look(name + "wallet")
		tab.Follow("wallet-back")
		tab.Follow("test-name-3DS")
	} else {
		tab.Follow("test-card-0501")
	}
	a.look(name + "card-filled")
	if h.psp == "WORLDPAY_EU" {
		a.readme("page", Screen{Name: "readme", width: 480, height: 960})
	}
	tab.Follow("card-pay")
	a.look(name + "challenge")
	passStepUp(tab)
}

// shopPages buys in the demo shop: nothing but what a person would click, until the webhook turns the order's page by itself.
func shopPages(a *gallery) {
	a.t.Helper()
	tab := a.tab
	tab.Open(a.sim.URL)
	a.look("front")
	tab.Follow("front-shop")
	a.look("shop")
	tab.Type("shop-amount", "1,5")
	tab.Follow("shop-pay")
	a.look("shop-wrong")
	tab.Type("shop-amount", "12.50")
	tab.Choose("shop-psp", "NEOSURF")
	offered := `[...document.querySelectorAll('[data-testid="shop-what"] option:not([disabled])')].map(o => o.value).join(" ")`
	if got := Evaluate[string](tab, offered); !strings.HasPrefix(got, "shopper-approves shopper-declined webhook-twice") || strings.Contains(got, "by-hand") {
		a.t.Errorf("Neosurf is offered with %s", got)
	}
	tab.Choose("shop-psp", "TRUST")
	tab.Choose("shop-what", "shopper-by-hand")
	tab.Follow("shop-pay")
	wantState(tab, "card")
	tab.Follow("google-pay")
	tab.Follow("wallet-pay")
	tab.WaitFor("order-returned") // the page leaves for the shop by itself
	wantState(tab, "waiting")
	a.look("shop-waiting")
	a.advanceUntilIdle()
	waitForState(tab, "paid")
	a.look("shop-paid")
	if link := tab.Attribute("timeline", "href"); !strings.HasPrefix(link, a.sim.AdminURL+"/payments/") {
		a.t.Errorf("the timeline is at %s", link)
	}
	tab.Follow("shop-again")
	tab.Choose("shop-psp", "PAYONE")
	tab.Follow("shop-pay")
	tab.Click("sim-reasons")
	a.look("page-PAYONE-reasons")
	tab.Follow("sim-decline-insufficient_funds")
	tab.WaitFor("order-returned")
	a.advanceUntilIdle()
	waitForState(tab, "unpaid")
	a.look("shop-unpaid")
	other := a.newTab() // another browser has bought nothing
	other.Open(a.sim.URL + "/demo/payment/success?transactionId=1&status=success")
	wantState(other, "foreign")
	a.tab = other
	a.look("shop-foreign")
}

// reportPages shows the reports that features/report holds as goldens; the filter's state stands in the address.
func reportPages(a *gallery) {
	a.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		golden, err := os.ReadFile(filepath.Join("../../features/report/testdata", filepath.Base(r.URL.Path)))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		// the goldens leave the design out, and the hash of the style sheet with it
		page := strings.Replace(string(golden), "\n/* simulator/design */\n", design.CSS(), 1)
		_, style, _ := strings.Cut(page, "<style>")
		style, _, _ = strings.Cut(style, "</style>")
		sum := sha256.Sum256([]byte(style))
		page = strings.Replace(page, "style-src &#39;HASH&#39;", "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'", 1)
		_, _ = io.WriteString(w, page)
	}))
	a.t.Cleanup(server.Close)
	a.tab = newTab(a.t, server.URL)
	for _, name := range []string{"contract", "certify", "fidelity", "drift"} {
		a.tab.Open(server.URL + "/" + name + ".html")
		a.look("report-" + name)
	}
	a.tab.Open(server.URL + "/contract.html#show=failed&text=redirect")
	shown := `Array.from(document.querySelectorAll('.scenario:not([hidden])'), (s) => s.dataset.state).join()`
	if got := Evaluate[string](a.tab, shown); got != "failed" {
		a.t.Errorf("the filter of the address shows %q", got)
	}
	Evaluate[bool](a.tab, `document.querySelector('[data-show=passed]').click() || true`)
	if got := Evaluate[string](a.tab, `location.hash`); got != "#show=passed&text=redirect" {
		a.t.Errorf("the address has the filter %q", got)
	}
}

// scriptedPages shows pages on which nobody acts: the simulated shopper's, a pay-out's, unknown ones.
func scriptedPages(a *gallery) {
	a.t.Helper()
	tab := a.tab
	tab.Open(a.pay("payone/payin.full", nil).URL)
	a.look("page-simulated")
	a.advanceUntilIdle()
	waitForState(tab, "decided")
	a.look("page-simulated-decided")
	tab.Open(a.pay("gigadat/payout-eto.full", nil).URL)
	a.look("page-payout-awaiting")
	tab.Follow("sim-reject-payout")
	a.look("page-payout-rejected")
	for country, currency := range map[string]string{"CL": "CLP", "PE": "PEN", "MX": "MXN"} {
		tab.Open(a.payUnder("shopper-by-hand", "cleo/payin.full", map[string]any{"countryCode": country, "currency": currency, "currencyCode": currency}).URL)
		a.look("page-CLEO-" + country)
	}
	tab.Allow("404")
	tab.Open(a.sim.URL + "/pay/payone/unknown")
	a.look("page-unknown")
}

func emptyConsole(a *gallery) {
	a.t.Helper()
	for _, page := range []string{"overview", "payments", "cashier", "calls", "deliveries", "inbox", "clock", "companies", "style"} {
		a.console(a.tab, "/"+page)
		a.look("console-" + page + "-empty")
	}
	a.console(a.tab, "/scenarios?q=nothing-is-called-so")
	a.look("console-scenarios-empty")
	a.console(a.tab, "/scenarios?q=trust")
	a.look("console-scenarios")
}

// filledConsole shows a console with payments in many states, and webhooks that failed and were delivered.
func filledConsole(a *gallery) {
	a.t.Helper()
	tab := a.tab
	a.console(tab, "/inbox")
	tab.Click("replies-open")
	tab.Type("replies", "200\n500 x2\n200 after 3s")
	tab.Follow("replies-submit")
	for _, h := range hostedPages() {
		o := a.pay(h.fixture, nil)
		if action := map[string]string{"FORUMPAY": "approve", "GIGADAT": "decline", "WORLDPAY_EU": "approve", "TRUST": "cancel", "CLEO": "expire"}[h.psp]; action != "" {
			a.decide(o, action, "")
		}
	}
	a.pay("gigadat/payout-eto.full", nil)
	o := a.payUnder("shopper-approves", "payone/payin.full", nil)
	a.advance(time.Minute)
	a.console(tab, "/overview")
	tab.Click("keys-open")
	tab.Click("keys-close")
	a.look("console-overview")
	a.console(tab, "/payments")
	a.look("console-payments")
	a.readme("console", Screen{Name: "readme", width: 1280, height: 760})
	a.console(tab, "/payments/"+o.ID)
	a.look("console-timeline")
	tab.Click("edit-resend")
	a.look("console-timeline-edit")
	waiting := a.pay("gigadat/payout-ach.full", nil)
	a.console(tab, "/payments/"+waiting.ID)
	a.look("console-timeline-payout")
	open := a.pay("worldpay/payin.full", nil)
	a.console(tab, "/payments/"+open.ID)
	tab.Click("more-actions")
	a.look("console-timeline-open")
	refused := a.refusedCall(true, `{"pspType":"PAYONE","type":"PAYIN","card":{"pan":"4539578763621486"},"note":"it's"}`)
	a.refusedCall(false, `{}`)
	a.console(tab, "/calls")
	a.look("console-calls")
	a.console(tab, "/calls/"+refused)
	tab.Click("call-headers-open")
	a.look("console-call-refused")
	a.console(tab, "/calls?payment="+o.ID)
	tab.Follow("call-link")
	a.look("console-call-accepted")
	a.console(tab, "/calls?unknown=true")
	a.look("console-calls-unknown")
	a.console(tab, "/deliveries")
	a.look("console-deliveries")
	tab.Follow("delivery-link")
	a.look("console-delivery")
	a.console(tab, "/inbox")
	a.look("console-inbox")
	tab.Allow("400")
	tab.Allow("404")
	tab.Open(a.sim.AdminURL + "/calls?status=abc")
	a.look("console-calls-problem")
	tab.Open(a.sim.AdminURL + "/payments/0123456789abcdef01234567")
	a.look("console-not-found")
}

func companyPages(a *gallery) {
	a.t.Helper()
	tab := a.tab
	a.console(tab, "/companies")
	tab.Type("create-name", "acme")
	tab.Follow("create-submit")
	a.look("console-company-made")
	tab.Follow("tokens")
	a.look("console-company-tokens")
	made, err := a.sim.Client.Company("acme").BackOffice().Company(a.t.Context(), adminapi.Masked)
	must(a.merchant, made, err)
	home := "/companies/" + made.ID
	a.console(tab, home+"?company=acme")
	tab.Follow("tab-outages")
	tab.Follow("outage-start")
	a.look("console-company-outage")
	for _, part := range []string{"psps", "rules", "remove"} {
		tab.Follow("tab-" + part)
		if part == "rules" {
			tab.Click("rule-delete-open")
		}
		a.look("console-company-" + part)
	}
	a.console(tab, "/companies")
	a.look("console-companies")
	for _, psp := range []string{"WORLDPAY_EU", "CLEO"} {
		a.console(tab, home+"/psps/"+psp+"?company=acme")
		a.look("console-psp-" + psp)
	}
	tab.Allow("400")
	tab.Click("psp-generate")
	if secret := Evaluate[string](tab, `document.querySelector('[data-testid="psp-field-webhookSecret"]').value`); len(secret) != 48 {
		a.t.Errorf("the secret that was made is %q", secret)
	}
	tab.Type("psp-field-webhookUrl", "nowhere")
	tab.Follow("psp-save")
	// Browsers follow autofocus with the next frame.
	tab.WaitUntil("the focus is on the field that is wrong", `document.activeElement.dataset.testid === "psp-field-webhookUrl"`)
	a.look("console-psp-wrong")
	a.console(tab, "/payments?company=acme")
	a.look("console-payments-second-company")
}

func toolPages(a *gallery) {
	a.t.Helper()
	tab := a.tab
	a.console(tab, "/scenarios/shopper-returns-first")
	tab.Follow("override-submit")
	a.look("console-scenario")
	a.console(tab, "/new-scenario")
	tab.Allow("422")
	tab.Type("scenario-text", "name: mine\nmatch: {named: true}\nshopper: {action: dance}\n")
	tab.Follow("scenario-check")
	a.look("console-scenario-wrong")
	a.payUnder("shopper-approves", "payone/payin.full", nil)
	a.console(tab, "/clock")
	a.look("console-clock")
	tab.Type("advance-by", "5m")
	tab.Follow("advance-submit")
	a.look("console-clock-moved")
	a.console(tab, "/cashier?flow=FORUMPAY-PAYIN")
	tab.Follow("cashier-submit")
	a.look("console-cashier-sent")
	a.console(tab, "/cashier?mode=form")
	a.look("console-cashier-form")
	a.console(tab, "/cashier")
	tab.Allow("answered 4")
	tab.Allow("status of 4")
	tab.Type("cashier-body", `{"pspType": "PAYONE"`)
	tab.Follow("cashier-submit")
	a.look("console-cashier-wrong")
	a.console(tab, "/ledger?basis=assumed&psp=TRUST")
	a.look("console-ledger")
	for _, page := range []string{"", "/recipes", "/recipes/payment.sh"} {
		a.console(tab, "/docs"+page)
		a.look("docs" + strings.ReplaceAll(page, "/", "-"))
	}
}
