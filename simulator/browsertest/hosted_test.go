package browsertest

import (
	"strings"
	"testing"
	"time"
)

// hostedPage is a provider's page, and how a shopper pays on it.
type hostedPage struct {
	psp, fixture string
	first        string // the state of the page when it is opened
	pay          func(*Tab)
	paid         string // the state that paying leads to
	reason       string // one of the provider's reasons, "" when it has none
}

func hostedPages() []hostedPage {
	return []hostedPage{
		{"FORUMPAY", "forumpay/payin.full", "invoice", func(tab *Tab) { tab.Follow("pay-exact") }, "processing", ""},
		{"GIGADAT", "gigadat/payin.full", "choose", payAtBank("bank-success"), "decided", "STATUS_REJECTED"},
		{"PAYONE", "payone/payin.full", "choose", payAtBank("bank-success"), "decided", "limit_exceeded"},
		{"CLEO", "cleo/payin.full", "choose", payAtBank("bank-success"), "decided", "insufficient_funds"},
		{"BRITE", "brite/payin.full", "choose", payAtBank("bank-success"), "decided", "psu_no_funds"},
		{"WORLDPAY_EU", "worldpay/payin.full", "card", payByCard("1111"), "decided", "51"},
		{"TRUST", "trust/payin.full", "card", payByCard("1111"), "used", "70000"},
		{"EMERCHANTPAY", "emerchantpay/payin.challenge", "challenge", passStepUp, "decided", "510"},
	}
}

func payAtBank(bank string) func(*Tab) {
	return func(tab *Tab) {
		tab.t.Helper()
		tab.Follow(bank)
		wantState(tab, "login")
		tab.Type("bank-user", tab.Text("test-user"))
		tab.Type("bank-password", tab.Text("test-password"))
		tab.Follow("bank-login")
		wantState(tab, "confirm")
		tab.Follow("bank-confirm")
	}
}

func payByCard(last string) func(*Tab) {
	return func(tab *Tab) {
		tab.t.Helper()
		tab.Follow("test-card-" + last)
		tab.Follow("card-pay")
	}
}

func passStepUp(tab *Tab) {
	tab.t.Helper()
	tab.Type("otp", tab.Text("otp-shown"))
	tab.Follow("otp-submit")
}

// wantState checks the state of the page.
func wantState(tab *Tab, want string) {
	tab.t.Helper()
	if got := tab.Attribute("page", "data-state"); got != want {
		tab.fail("the page is in the state %q, want %q", got, want)
	}
}

// waitForState waits until the page gets into a state by itself.
func waitForState(tab *Tab, want string) {
	tab.t.Helper()
	tab.WaitUntil("the state is "+want, `document.querySelector('[data-testid="page"]')?.dataset.state === `+quote(want))
}

// wantOutcome checks the outcome that the page shows.
func wantOutcome(tab *Tab, want string) {
	tab.t.Helper()
	if got := tab.Attribute("outcome", "data-result"); got != want {
		tab.t.Errorf("the outcome is %q, want %q", got, want)
	}
}

// Each provider's page leads to each outcome, by the page's own buttons and by the simulator's bar; every outcome is one
// decision, and the merchant is told the status that belongs to it.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			m := newMerchant(t)
			tab := m.newTab()
			h.approved(m, tab)
			h.declined(m, tab)
			h.cancelled(m, tab)
			h.expired(m, tab)
		})
	}
}

// start makes a payment and opens its page.
func (h hostedPage) start(m *merchant, tab *Tab) order {
	m.t.Helper()
	o := m.pay(h.fixture, nil)
	if status := tab.Open(o.URL); status != 200 {
		m.t.Fatalf("%s: the page is answered %d", h.psp, status)
	}
	wantState(tab, h.first)
	return o
}

func (h hostedPage) approved(m *merchant, tab *Tab) {
	m.t.Helper()
	o := h.start(m, tab)
	h.pay(tab)
	wantState(tab, h.paid)
	m.wantDecisions(o, "approve")
	m.wantFinal(o, "Approved")
	tab.Reload()
	wantOutcome(tab, "success")
	if h.psp != "BRITE" && len(m.payment(o).Deliveries) == 0 { // Brite has no webhook (documented)
		m.t.Error("no webhook was sent")
	}

	o = h.start(m, tab)
	tab.Follow("sim-approve")
	wantState(tab, h.paid)
	m.wantDecisions(o, "approve")
	m.wantFinal(o, "Approved")
}

func (h hostedPage) declined(m *merchant, tab *Tab) {
	m.t.Helper()
	o := h.start(m, tab)
	if h.reason != "" {
		tab.Click("sim-reasons")
	}
	tab.Follow(strings.TrimSuffix("sim-decline-"+h.reason, "-"))
	if h.psp == "TRUST" { // a declined card shows the form again
		wantState(tab, "card")
		tab.WaitFor("alert")
	} else {
		wantState(tab, "decided")
		wantOutcome(tab, "failure")
	}
	m.wantDecisions(o, strings.TrimSpace("decline "+h.reason))
	m.wantFinal(o, "Declined")
}

func (h hostedPage) cancelled(m *merchant, tab *Tab) {
	m.t.Helper()
	for _, button := range []string{"cancel", "sim-cancel"} {
		o := h.start(m, tab)
		tab.Follow(button)
		wantOutcome(tab, "cancelled")
		m.wantDecisions(o, "cancel")
		m.wantFinal(o, "Declined")
	}
}

// expired tries the bar, and the company's clock while the page is open.
func (h hostedPage) expired(m *merchant, tab *Tab) {
	m.t.Helper()
	o := h.start(m, tab)
	tab.Follow("sim-expire")
	wantState(tab, "expired")
	m.wantDecisions(o, "expire")
	m.wantFinal(o, "Declined")

	o = h.start(m, tab)
	if h.paid != "" && m.payment(o).PageExpires.IsZero() {
		return // a page that does not expire
	}
	tab.Follow("sim-nothing")
	m.wantDecisions(o, "abandon")
	m.advance(m.payment(o).PageExpires.Sub(m.payment(o).Created) + time.Second)
	waitForState(tab, "expired") // the page follows what happens
	m.wantFinal(o, "Declined")
	if tab.Visible("sim-approve") {
		m.t.Error("an expired page still lets people approve")
	}
}

// Every test bank leads to the outcome that its name says.
func TestBanks(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		if h.first != "choose" {
			continue
		}
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			m := newMerchant(t)
			tab := m.newTab()
			h.start(m, tab)
			banks := Evaluate[[]string](tab, `[...document.querySelectorAll('button[data-testid^="bank-"]')].map(b => b.dataset.testid).filter(id => id !== "bank-success" && id !== "bank-back")`)
			if len(banks) == 0 {
				t.Fatal("no bank declines")
			}
			for _, bank := range banks {
				o := h.start(m, tab)
				payAtBank(bank)(tab)
				wantState(tab, "decided")
				wantOutcome(tab, "failure")
				m.wantDecisions(o, "decline "+strings.TrimPrefix(bank, "bank-"))
			}
		})
	}
}

// A bank accepts only its credentials, and lets the shopper choose another bank.
func TestBankLogin(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	o := m.pay("payone/payin.full", nil)
	tab.Open(o.URL)
	tab.Follow("bank-limit_exceeded")
	tab.Follow("bank-back")
	wantState(tab, "choose")
	tab.Follow("bank-success")
	tab.Type("bank-user", "somebody")
	tab.Type("bank-password", "else")
	tab.Follow("bank-login")
	wantState(tab, "login")
	tab.WaitFor("alert")
	tab.WaitFor("error-login")
	m.wantDecisions(o)
}

// Cleo's page has the banks of the country.
func TestCleoByCountry(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	for country, currency := range map[string]string{"CL": "CLP", "PE": "PEN", "MX": "MXN"} {
		tab.Open(m.pay("cleo/payin.full", map[string]any{"countryCode": country, "currency": currency, "currencyCode": currency}).URL)
		tab.WaitForText("country", country)
		tab.WaitForText("bank-success", map[string]string{"CL": "Chile", "PE": "Perú", "MX": "México"}[country])
		tab.WaitForText("amount", currency)
	}
}

// Too little keeps the invoice open, the rest confirms it. Too much is confirmed.
func TestCrypto(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	o := m.pay("forumpay/payin.full", nil)
	tab.Open(o.URL)
	for _, id := range []string{"qr", "crypto-address", "crypto-amount", "amount", "rate", "countdown"} {
		tab.WaitFor(id)
	}
	address := tab.Text("crypto-address")
	tab.Follow("coin-ETH")
	if tab.Text("crypto-address") == address {
		t.Error("another coin has the same address")
	}
	tab.Follow("coin-BTC")
	tab.Follow("pay-under")
	wantState(tab, "invoice")
	tab.WaitFor("alert")
	m.wantDecisions(o, "underpay")
	tab.Follow("pay-exact")
	wantState(tab, "processing")
	m.wantDecisions(o, "underpay", "approve")
	m.advanceUntilIdle()
	waitForState(tab, "decided") // confirmed, and the page follows by itself
	wantOutcome(tab, "success")
	m.wantFinal(o, "Approved")

	o = m.pay("forumpay/payin.full", nil)
	tab.Open(o.URL)
	tab.Follow("pay-over")
	m.wantDecisions(o, "overpay")
	m.wantFinal(o, "Approved")

	o = m.pay("forumpay/payin.full", nil) // too little, and then nothing until the rate expires
	tab.Open(o.URL)
	tab.Follow("pay-under")
	m.wantFinal(o, "Declined")
}

// A pay-out's page waits for an admin, follows the approval, and then lets the shopper act.
func TestDepositPage(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	o := m.pay("gigadat/payout-eto.full", nil)
	if !strings.Contains(o.URL, "/deposit") {
		t.Fatalf("the finalizationURL is %s", o.URL)
	}
	tab.Open(o.URL)
	wantState(tab, "awaiting")
	tab.Follow("sim-approve-payout")
	wantState(tab, "simulated") // Gigadat itself would pay out now
	tab.Follow("take-over")
	wantState(tab, "choose")
	payAtBank("bank-success")(tab)
	wantState(tab, "decided")
	wantOutcome(tab, "success")
	m.wantDecisions(o, "approve-payout", "approve")
	m.wantFinal(o, "Approved")

	o = m.pay("gigadat/payout-eto.full", nil)
	tab.Open(o.URL)
	tab.Follow("sim-reject-payout")
	wantOutcome(tab, "failure")
	m.wantDecisions(o, "reject-payout")
	m.wantFinal(o, "Declined")
}
