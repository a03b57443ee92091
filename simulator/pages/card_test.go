package pages

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/mask"
)

var noon = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

func known(number string) bool {
	return number == "4111111111111111" || number == "343434343434343"
}

func TestCardForm(t *testing.T) {
	t.Parallel()
	good := cardForm{"4111 1111 1111 1111", "06/26", "123", "Jane Doe"}
	amex := cardForm{"3434-343434-34343", "12/2030", "1234", "J"}
	change := func(f cardForm, to func(*cardForm)) cardForm { to(&f); return f }
	for _, c := range []struct {
		name string
		form cardForm
		want []complaint
	}{
		{"good to the end of this month", good, nil},
		{"Amex, long year", amex, nil},
		{"empty", cardForm{}, []complaint{numberMissing, expiryForm, cvvForm, nameMissing}},
		{"letters", change(good, func(f *cardForm) { f.number = "4111 1111 1111 111O" }), []complaint{numberForm}},
		{"other digits", change(good, func(f *cardForm) { f.number = "４１１１１１１１１１１１１１１１" }), []complaint{numberForm}},
		{"short", change(good, func(f *cardForm) { f.number = "4111" }), []complaint{numberForm}},
		{"long", change(good, func(f *cardForm) { f.number = strings.Repeat("4", 20) }), []complaint{numberForm}},
		{"check digit", change(good, func(f *cardForm) { f.number = "4111111111111112" }), []complaint{numberLuhn}},
		{"could be live", change(good, func(f *cardForm) { f.number = "42424242" + "42424242" }), []complaint{numberLive}},
		{"passes Luhn, begins with 9", change(good, func(f *cardForm) { f.number = "9000000000000001" }), []complaint{numberLive}},
		{"last month", change(good, func(f *cardForm) { f.expiry = "05/26" }), []complaint{expiryPast}},
		{"last century", change(good, func(f *cardForm) { f.expiry = "05/1999" }), []complaint{expiryPast}},
		{"no month", change(good, func(f *cardForm) { f.expiry = "13/30" }), []complaint{expiryForm}},
		{"month 0", change(good, func(f *cardForm) { f.expiry = "00/30" }), []complaint{expiryForm}},
		{"no slash", change(good, func(f *cardForm) { f.expiry = "1230" }), []complaint{expiryForm}},
		{"three digits", change(good, func(f *cardForm) { f.expiry = "12/203" }), []complaint{expiryForm}},
		{"blanks", change(good, func(f *cardForm) { f.expiry = " 6 / 26 " }), nil},
		{"far", change(good, func(f *cardForm) { f.expiry = "12/2099" }), []complaint{expiryFar}},
		{"CVV of another brand", change(good, func(f *cardForm) { f.cvv = "1234" }), []complaint{cvvForm}},
		{"Amex CVV of another brand", change(amex, func(f *cardForm) { f.cvv = "123" }), []complaint{cvvFour}},
		{"CVV in letters", change(good, func(f *cardForm) { f.cvv = "12a" }), []complaint{cvvForm}},
		{"blank name", change(good, func(f *cardForm) { f.name = "  " }), []complaint{nameMissing}},
		{"number for a name", change(good, func(f *cardForm) { f.name = "4111 1111 1111 1111" }), []complaint{nameForm}},
		{"long name", change(good, func(f *cardForm) { f.name = strings.Repeat("é", 65) }), []complaint{nameForm}},
		{"name of two lines", change(good, func(f *cardForm) { f.name = "a\nb" }), []complaint{nameForm}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.form.check(noon, known); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// The year that a card has in two digits is of this century, on the company's clock.
func TestExpiryFollowsTheClock(t *testing.T) {
	t.Parallel()
	form := cardForm{expiry: "12/30"}
	if got := form.checkExpiry(time.Date(2030, 12, 31, 23, 59, 59, 0, time.UTC)); got != "" {
		t.Errorf("on its last day: %s", got)
	}
	if got := form.checkExpiry(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)); got != expiryPast {
		t.Errorf("a day later: %q", got)
	}
}

// Every complaint has its words, and a redirect carries them; what is none says nothing.
func TestComplaints(t *testing.T) {
	t.Parallel()
	all := []complaint{
		numberMissing, numberForm, numberLuhn, numberLive, expiryForm, expiryPast, expiryFar, cvvForm, cvvFour, nameMissing,
		nameForm, otpWrong, loginWrong,
	}
	for _, c := range all {
		field, _, _ := strings.Cut(string(c), "-")
		if got := complaints(url.Values{"wrong": {"<b>," + string(c)}}); len(got) != 1 || got[field] == "" || got[field] != c.message() {
			t.Errorf("%s: %q", c, got)
		}
	}
	if got := complaints(url.Values{"wrong": {"number,,x-y"}}); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

// Whatever is typed: no form passes with a number that is no test card, and no complaint repeats what was typed.
func FuzzCardForm(f *testing.F) {
	f.Add("4111 1111 1111 1111", "12/30", "123", "Jane Doe")
	f.Add("343434343434343", "1/2031", "1234", "")
	f.Add("4242\x004242", "//", "٣", "\xff")
	f.Add("", "99999999999999999999/1", "", "a")
	f.Fuzz(func(t *testing.T, number, expiry, cvv, name string) {
		form := cardForm{number, expiry, cvv, name}
		wrong := form.check(noon, known)
		if len(wrong) == 0 && !known(mask.Digits(number)) {
			t.Errorf("%q was taken", number)
		}
		for _, c := range wrong {
			if c.message() == "" {
				t.Errorf("%q has no words", c)
			}
			if len(number) > 6 && strings.Contains(string(c)+c.message(), number) {
				t.Errorf("%q repeats what was typed", c)
			}
		}
	})
}
