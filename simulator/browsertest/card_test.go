package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"mozartosim/simulator/mask"
)

// fill fills in the card form.
func fill(tab *Tab, number, expiry, cvv, name string) {
	tab.t.Helper()
	tab.Type("card-number", number)
	tab.Type("card-expiry", expiry)
	tab.Type("card-cvv", cvv)
	tab.Type("card-name", name)
}

// couldBeLive makes a number with a valid check digit that no provider publishes, so that it is in no file.
func couldBeLive() string {
	const start = "4539000000000"
	for digit := range 1000 {
		if number := fmt.Sprintf("%s%03d", start, digit); mask.Luhn(number) {
			return number
		}
	}
	return ""
}

// Each field shows what is wrong with it, and nothing is decided.
func TestCardForm(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	o := m.pay("worldpay/payin.full", nil)
	for _, c := range []struct{ number, expiry, cvv, name, wrong string }{
		{"4444333322221112", "12/27", "123", "Jane Doe", "number"}, // check digit
		{"4444", "12/27", "123", "Jane Doe", "number"},
		{couldBeLive(), "12/27", "123", "Jane Doe", "number"}, // a valid check digit, but no test card
		{"4444333322221111", "13/27", "123", "Jane Doe", "expiry"},
		{"4444333322221111", "12/25", "123", "Jane Doe", "expiry"}, // on the company's clock it is 2026
		{"4444333322221111", "12/27", "12", "Jane Doe", "cvv"},
		{"343434343434343", "12/27", "123", "Jane Doe", "cvv"}, // American Express has four
		{"4444333322221112", "01/20", "1", "Jane Doe", "number expiry cvv"},
	} {
		tab.Open(o.URL)
		fill(tab, c.number, c.expiry, c.cvv, c.name)
		tab.Follow("card-pay")
		wantState(tab, "card")
		tab.WaitFor("alert")
		for _, field := range []string{"number", "expiry", "cvv", "name"} {
			if wrong := strings.Contains(c.wrong, field); tab.Visible("error-"+field) != wrong {
				t.Errorf("%+v: error-%s is shown: %t", c, field, !wrong)
			}
		}
		if text := Evaluate[string](tab, `location.href + document.body.innerText`); strings.Contains(text, c.number) && len(c.number) > 4 {
			t.Errorf("%+v: the page shows the number again", c)
		}
	}
	tab.Open(o.URL) // inputs take their form as one types
	fill(tab, "3434343434", "530", "12a3", "Sam Roe")
	if got, want := Evaluate[string](tab, `['number', 'expiry', 'cvv'].map((n) => document.querySelector('[name=' + n + ']').value).join() + document.querySelector('.number-field text').textContent`), "3434 343434,05/30,123Amex"; got != want {
		t.Errorf("typed, the form has %q, want %q", got, want)
	}
	tab.Follow("card-pay") // and the name stays in the tab when the form comes back
	tab.WaitUntil("the name is there", `document.querySelector('[name=name]').value === 'Sam Roe'`)

	tab.Open(o.URL) // the browser does not send an empty form
	tab.Click("card-pay")
	tab.WaitUntil("the browser asks for the number", `document.querySelector('[data-testid="card-number"]').matches(":user-invalid")`)
	m.wantDecisions(o)

	fill(tab, "4444 3333 2222 1111", "12/2027", "123", "Jane Doe")
	tab.Follow("card-pay")
	wantState(tab, "decided")
	m.wantDecisions(o, "approve")
	m.wantFinal(o, "Approved")
}

// The name on the card, a wallet and a step-up on Worldpay's page.
func TestWorldpay(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	o := m.pay("worldpay/payin.full", nil)
	tab.Open(o.URL)
	tab.Follow("test-name-REFUSED")
	tab.Follow("card-pay")
	wantOutcome(tab, "failure")
	m.wantDecisions(o, "decline 5")

	o = m.pay("worldpay/payin.full", nil) // nothing tells of a cancel until the order expires
	tab.Open(o.URL)
	tab.Follow("cancel")
	wantOutcome(tab, "cancelled")
	m.wantDecisions(o, "cancel")
	if n := len(m.payment(o).Deliveries); n != 0 {
		t.Errorf("%d deliveries after a cancel", n)
	}

	for _, wallet := range []string{"apple-pay", "google-pay"} {
		o = m.pay("worldpay/payin.full", nil)
		tab.Open(o.URL)
		tab.Follow(wallet)
		tab.Follow("wallet-back")
		tab.Follow(wallet)
		wantState(tab, "wallet")
		tab.Follow("wallet-pay")
		wantOutcome(tab, "success")
		m.wantDecisions(o, "approve")
	}

	o = m.pay("worldpay/payin.full", nil)
	tab.Open(o.URL)
	tab.Follow("test-name-3DS")
	tab.Follow("card-pay")
	wantState(tab, "challenge")
	m.wantDecisions(o)
	passStepUp(tab)
	m.wantDecisions(o, "approve")
}

// Trust shows the form again after a decline, so an order may have several before it is paid; then the page is used.
func TestTrust(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	o := m.pay("trust/payin.full", map[string]any{"hppSuccessUrl": nil, "hppFailureUrl": nil})
	tab.Open(o.URL)
	tab.Follow("test-card-0519")
	tab.Follow("card-pay")
	wantState(tab, "challenge")
	tab.Type("otp", "000000")
	tab.Follow("otp-submit")
	tab.WaitFor("error-otp")
	m.wantDecisions(o)
	passStepUp(tab)
	wantState(tab, "card") // the step-up failed
	tab.WaitFor("alert")
	tab.Follow("test-card-0501")
	tab.Follow("card-pay")
	wantState(tab, "challenge")
	tab.Follow("otp-fail")
	wantState(tab, "card")
	tab.Follow("test-card-0501")
	tab.Follow("card-pay")
	passStepUp(tab)
	wantState(tab, "used")
	wantOutcome(tab, "success")
	m.wantDecisions(o, "challenge-fail 60022", "challenge-fail", "approve")
	m.wantFinal(o, "Approved")

	tab.Open(o.URL) // for one use
	wantState(tab, "used")
	if tab.Visible("sim-approve") || tab.Visible("card-pay") {
		t.Error("a used page can still be paid on")
	}

	o = m.pay("trust/payin.full", nil)
	tab.Open(o.URL)
	tab.Follow("google-pay")
	wantState(tab, "wallet")
	tab.Follow("wallet-pay")
	wantState(tab, "used")
	m.wantDecisions(o, "approve")

	o = m.pay("trust/payin.full", nil)
	tab.Open(o.URL)
	tab.Follow("sim-decline")
	wantState(tab, "card")
	tab.Follow("test-card-1111")
	tab.Follow("card-pay")
	m.wantDecisions(o, "decline", "approve")
	m.wantFinal(o, "Approved")
}

// eMerchantPay's page is only the step-up.
func TestStepUp(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	tab := m.newTab()
	o := m.pay("emerchantpay/payin.challenge", nil)
	tab.Open(o.URL)
	wantState(tab, "challenge")
	tab.Type("otp", "654321")
	tab.Follow("otp-submit")
	tab.WaitFor("error-otp")
	m.wantDecisions(o)
	tab.Follow("otp-fail")
	wantOutcome(tab, "failure")
	m.wantDecisions(o, "challenge-fail")
	m.wantFinal(o, "Declined")
}
