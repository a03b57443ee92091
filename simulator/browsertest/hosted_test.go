package browsertest

import (
	"strings"
	"testing"
	"time"
)

// hosted is a provider's page and how a shopper pays on it.
type hosted struct {
	psp, fixture string
	first        string // the state in which the page opens
	pay          func(*Tab)
	paid         string // the state that paying leads to
	reason       string // one of the provider's reasons, "" when it has none
}

func hostedPages() []hosted {
	return []hosted{
		{"FORUMPAY", "forumpay/payin.full", "invoice", func(at *Tab) { at.Leave("pay-exact") }, "processing", ""},
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
	return func(at *Tab) {
		at.t.Helper()
		at.Leave(bank)
		stands(at, "login")
		at.Type("bank-user", at.Text("test-user"))
		at.Type("bank-password", at.Text("test-password"))
		at.Leave("bank-login")
		stands(at, "confirm")
		at.Leave("bank-confirm")
	}
}

func payByCard(last string) func(*Tab) {
	return func(at *Tab) {
		at.t.Helper()
		at.Leave("test-card-" + last)
		at.Leave("card-pay")
	}
}

func passStepUp(at *Tab) {
	at.t.Helper()
	at.Type("otp", at.Text("otp-shown"))
	at.Leave("otp-submit")
}

// stands holds the page against the state in which it should be.
func stands(at *Tab, want string) {
	at.t.Helper()
	if got := at.Attribute("page", "data-state"); got != want {
		at.fail("the page stands at "+got+" instead of "+want, nil)
	}
}

// becomes waits until the page gets into a state without anybody's doing.
func becomes(at *Tab, want string) {
	at.t.Helper()
	at.When("it becomes "+want, `document.querySelector('[data-testid="page"]')?.dataset.state === `+quote(want))
}

// turnsOut holds an outcome's page against what the shopper should read there.
func turnsOut(at *Tab, want string) {
	at.t.Helper()
	if got := at.Attribute("outcome", "data-result"); got != want {
		at.t.Errorf("the outcome is %q instead of %q", got, want)
	}
}

// bar opens the simulator's bar, if it is closed, and presses one of its buttons.
func bar(at *Tab, button string) {
	at.t.Helper()
	if !Ask[bool](at, `document.querySelector('[data-testid="sim-bar"]').open`) {
		at.Click("sim-toggle")
	}
	at.Leave(button)
}

// Each provider's page comes to each of its ends, by the page's own buttons and by the simulator's bar; every end is one
// decision, and the merchant gets the word that belongs to it.
func TestEnds(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			at := s.tab()
			h.approved(s, at)
			h.declined(s, at)
			h.cancelled(s, at)
			h.expired(s, at)
		})
	}
}

// start makes a payment and opens its page.
func (h hosted) start(s *shop, at *Tab) order {
	s.t.Helper()
	o := s.pay(h.fixture, nil)
	if status := at.Open(o.URL); status != 200 {
		s.t.Fatalf("%s: the page is answered with %d", h.psp, status)
	}
	stands(at, h.first)
	return o
}

func (h hosted) approved(s *shop, at *Tab) {
	s.t.Helper()
	o := h.start(s, at)
	h.pay(at)
	stands(at, h.paid)
	s.decided(o, "approve")
	s.ends(o, "Approved")
	at.Reload()
	turnsOut(at, "success")
	if h.psp != "BRITE" && len(s.payment(o).Deliveries) == 0 { // Brite has no webhook (documented)
		s.t.Error("no webhook was sent")
	}

	o = h.start(s, at)
	bar(at, "sim-approve")
	stands(at, h.paid)
	s.decided(o, "approve")
	s.ends(o, "Approved")
}

func (h hosted) declined(s *shop, at *Tab) {
	s.t.Helper()
	o := h.start(s, at)
	if h.reason != "" {
		at.Click("sim-toggle")
		at.Choose("sim-reason", h.reason)
	}
	bar(at, "sim-decline")
	if h.psp == "TRUST" { // a declined card shows the form again
		stands(at, "card")
		at.See("alert")
	} else {
		stands(at, "decided")
		turnsOut(at, "failure")
	}
	s.decided(o, strings.TrimSpace("decline "+h.reason))
	s.ends(o, "Declined")
}

func (h hosted) cancelled(s *shop, at *Tab) {
	s.t.Helper()
	for _, button := range []string{"cancel", "sim-cancel"} {
		o := h.start(s, at)
		if button == "cancel" {
			at.Leave(button)
		} else {
			bar(at, button)
		}
		turnsOut(at, "cancelled")
		s.decided(o, "cancel")
		s.ends(o, "Declined")
	}
}

// expired: by the bar, and by the company's clock while the page is open.
func (h hosted) expired(s *shop, at *Tab) {
	s.t.Helper()
	o := h.start(s, at)
	bar(at, "sim-expire")
	stands(at, "expired")
	s.decided(o, "expire")
	s.ends(o, "Declined")

	o = h.start(s, at)
	if h.paid != "" && s.payment(o).PageExpires.IsZero() {
		return // a page without an end
	}
	bar(at, "sim-nothing")
	s.decided(o, "abandon")
	s.sim.Advance(s.t, s.payment(o).PageExpires.Sub(s.payment(o).Created)+time.Second)
	becomes(at, "expired") // by itself: the page follows what happens
	s.ends(o, "Declined")
	if at.Has("sim-approve") {
		s.t.Error("an expired page still lets people approve")
	}
}

// Every test bank leads to what its name says.
func TestBanks(t *testing.T) {
	t.Parallel()
	for _, h := range hostedPages() {
		if h.first != "choose" {
			continue
		}
		t.Run(h.psp, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			at := s.tab()
			h.start(s, at)
			banks := Ask[[]string](at, `[...document.querySelectorAll('button[data-testid^="bank-"]')].map(b => b.dataset.testid).filter(id => id !== "bank-success" && id !== "bank-back")`)
			if len(banks) == 0 {
				t.Fatal("no bank at which a payment is declined")
			}
			for _, bank := range banks {
				o := h.start(s, at)
				payAtBank(bank)(at)
				stands(at, "decided")
				turnsOut(at, "failure")
				s.decided(o, "decline "+strings.TrimPrefix(bank, "bank-"))
			}
		})
	}
}

// A bank asks for the right credentials, and lets the shopper choose another one.
func TestBankLogin(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	o := s.pay("payone/payin.full", nil)
	at.Open(o.URL)
	at.Leave("bank-limit_exceeded")
	at.Leave("bank-back")
	stands(at, "choose")
	at.Leave("bank-success")
	at.Type("bank-user", "somebody")
	at.Type("bank-password", "else")
	at.Leave("bank-login")
	stands(at, "login")
	at.See("alert")
	at.See("error-login")
	s.decided(o)
}

// Cleo's page is that of the country.
func TestCleoByCountry(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	for country, currency := range map[string]string{"CL": "CLP", "PE": "PEN", "MX": "MXN"} {
		at.Open(s.pay("cleo/payin.full", map[string]any{"countryCode": country, "currency": currency, "currencyCode": currency}).URL)
		at.Says("country", country)
		at.Says("bank-success", map[string]string{"CL": "Chile", "PE": "Perú", "MX": "México"}[country])
		at.Says("amount", currency)
	}
}

// Too little keeps the invoice open, the rest confirms it; too much is confirmed.
func TestCrypto(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	o := s.pay("forumpay/payin.full", nil)
	at.Open(o.URL)
	for _, id := range []string{"qr", "crypto-address", "crypto-amount", "fiat-amount", "rate", "countdown"} {
		at.See(id)
	}
	address := at.Text("crypto-address")
	at.Leave("coin-ETH")
	if at.Text("crypto-address") == address {
		t.Error("another coin has the same address")
	}
	at.Leave("coin-BTC")
	at.Leave("pay-under")
	stands(at, "invoice")
	at.See("alert")
	s.decided(o, "underpay")
	at.Leave("pay-exact")
	stands(at, "processing")
	s.decided(o, "underpay", "approve")
	s.sim.AdvanceUntilIdle(t)
	becomes(at, "decided") // confirmed, and the page follows by itself
	turnsOut(at, "success")
	s.ends(o, "Approved")

	o = s.pay("forumpay/payin.full", nil)
	at.Open(o.URL)
	at.Leave("pay-over")
	s.decided(o, "overpay")
	s.ends(o, "Approved")

	o = s.pay("forumpay/payin.full", nil) // too little, and then nothing: the rate is held for so long only
	at.Open(o.URL)
	at.Leave("pay-under")
	s.ends(o, "Declined")
}

// A pay-out's page waits for an admin, follows the approval, and is then the shopper's.
func TestDepositPage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	o := s.pay("gigadat/payout-eto.full", nil)
	if !strings.Contains(o.URL, "/deposit") {
		t.Fatalf("the finalizationURL is %s", o.URL)
	}
	at.Open(o.URL)
	stands(at, "awaiting")
	bar(at, "sim-approve-payout")
	stands(at, "simulated") // Gigadat itself would pay out now
	at.Leave("take-over")
	stands(at, "choose")
	payAtBank("bank-success")(at)
	stands(at, "decided")
	turnsOut(at, "success")
	s.decided(o, "approve-payout", "approve")
	s.ends(o, "Approved")

	o = s.pay("gigadat/payout-eto.full", nil)
	at.Open(o.URL)
	bar(at, "sim-reject-payout")
	turnsOut(at, "failure")
	s.decided(o, "reject-payout")
	s.ends(o, "Declined")
}
