package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"mozartosim/simulator/mask"
)

// fill types a card.
func fill(at *Tab, number, expiry, cvv, name string) {
	at.t.Helper()
	at.Type("card-number", number)
	at.Type("card-expiry", expiry)
	at.Type("card-cvv", cvv)
	at.Type("card-name", name)
}

// couldBeLive makes a number that has the right check digit and that no provider publishes; it is written nowhere.
func couldBeLive() string {
	const start = "4539000000000"
	for digit := range 1000 {
		if number := fmt.Sprintf("%s%03d", start, digit); mask.Luhn(number) {
			return number
		}
	}
	return ""
}

// What is wrong with a card is said at its field, and nothing is decided.
func TestCardForm(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	o := s.pay("worldpay/payin.full", nil)
	for _, c := range []struct{ number, expiry, cvv, name, wrong string }{
		{"4444333322221112", "12/27", "123", "Jane Doe", "number"}, // check digit
		{"4444", "12/27", "123", "Jane Doe", "number"},
		{couldBeLive(), "12/27", "123", "Jane Doe", "number"}, // it passes the check and is no test card
		{"4444333322221111", "13/27", "123", "Jane Doe", "expiry"},
		{"4444333322221111", "12/25", "123", "Jane Doe", "expiry"}, // the company's clock stands in 2026
		{"4444333322221111", "soon", "123", "Jane Doe", "expiry"},
		{"4444333322221111", "12/27", "12", "Jane Doe", "cvv"},
		{"343434343434343", "12/27", "123", "Jane Doe", "cvv"}, // American Express has four
		{"4444333322221112", "01/20", "1", "Jane Doe", "number expiry cvv"},
	} {
		at.Open(o.URL)
		fill(at, c.number, c.expiry, c.cvv, c.name)
		at.Leave("card-pay")
		stands(at, "card")
		at.See("alert")
		for _, field := range []string{"number", "expiry", "cvv", "name"} {
			if wrong := strings.Contains(c.wrong, field); at.Has("error-"+field) != wrong {
				t.Errorf("%+v: error-%s is shown: %t", c, field, !wrong)
			}
		}
		if text := Ask[string](at, `location.href + document.body.innerText`); strings.Contains(text, c.number) && len(c.number) > 4 {
			t.Errorf("%+v: the page shows the number again", c)
		}
	}
	at.Open(o.URL) // an empty form does not even leave the browser
	at.Click("card-pay")
	at.When("the browser asks for the number", `document.querySelector('[data-testid="card-number"]').matches(":user-invalid")`)
	s.decided(o)

	fill(at, "4444 3333 2222 1111", "12/2027", "123", "Jane Doe")
	at.Leave("card-pay")
	stands(at, "decided")
	s.decided(o, "approve")
	s.ends(o, "Approved")
}

// The name on the card, a wallet and a step-up on Worldpay's page.
func TestWorldpay(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	o := s.pay("worldpay/payin.full", nil)
	at.Open(o.URL)
	at.Leave("test-name-REFUSED")
	at.Leave("card-pay")
	turnsOut(at, "failure")
	s.decided(o, "decline 5")

	for _, wallet := range []string{"apple-pay", "google-pay"} {
		o = s.pay("worldpay/payin.full", nil)
		at.Open(o.URL)
		at.Leave(wallet)
		at.Leave("wallet-back")
		at.Leave(wallet)
		stands(at, "wallet")
		at.Leave("wallet-pay")
		turnsOut(at, "success")
		s.decided(o, "approve")
	}

	o = s.pay("worldpay/payin.full", nil)
	at.Open(o.URL)
	at.Leave("test-name-3DS")
	at.Leave("card-pay")
	stands(at, "challenge")
	s.decided(o)
	passStepUp(at)
	s.decided(o, "approve")
}

// Trust shows the form again after a decline, so that one order may see several before it is paid; the page is then used.
func TestTrust(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	o := s.pay("trust/payin.full", map[string]any{"hppSuccessUrl": nil, "hppFailureUrl": nil})
	at.Open(o.URL)
	at.Leave("test-card-0519")
	at.Leave("card-pay")
	stands(at, "challenge")
	at.Type("otp", "000000")
	at.Leave("otp-submit")
	at.See("error-otp")
	s.decided(o)
	passStepUp(at)
	stands(at, "card") // the step-up failed
	at.See("alert")
	at.Leave("test-card-0501")
	at.Leave("card-pay")
	stands(at, "challenge")
	at.Leave("otp-fail")
	stands(at, "card")
	at.Leave("test-card-0501")
	at.Leave("card-pay")
	passStepUp(at)
	stands(at, "used")
	turnsOut(at, "success")
	s.decided(o, "challenge-fail 60022", "challenge-fail", "approve")
	s.ends(o, "Approved")

	at.Open(o.URL) // for one use, and it has been used
	stands(at, "used")
	if at.Has("sim-approve") || at.Has("card-pay") {
		t.Error("a used page can still be paid on")
	}

	o = s.pay("trust/payin.full", nil)
	at.Open(o.URL)
	bar(at, "sim-decline")
	stands(at, "card")
	at.Leave("test-card-1111")
	at.Leave("card-pay")
	s.decided(o, "decline", "approve")
	s.ends(o, "Approved")
}

// eMerchantPay's page is the issuer's step-up, and nothing else.
func TestStepUp(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	at := s.tab()
	o := s.pay("emerchantpay/payin.challenge", nil)
	at.Open(o.URL)
	stands(at, "challenge")
	at.Type("otp", "654321")
	at.Leave("otp-submit")
	at.See("error-otp")
	s.decided(o)
	at.Leave("otp-fail")
	turnsOut(at, "failure")
	s.decided(o, "challenge-fail")
	s.ends(o, "Declined")
}
