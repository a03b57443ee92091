package simulator

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scheduler"
)

// card is a form with a test card.
func card(number, name string) string {
	return url.Values{"do": {"card"}, "number": {number}, "expiry": {"12/30"}, "cvv": {"123"}, "name": {name}}.Encode()
}

// What the test cards and names of a provider lead to, by the form of its page.
func TestCardForms(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	for _, c := range []struct{ name, request, form, state, decided string }{
		{"worldpay", "worldpay/payin.full", card("4444 3333 2222 1111", "Jane Doe"), "decided", "page approve"},
		{"worldpay refused", "worldpay/payin.full", card("4444333322221111", "REFUSED"), "decided", "page decline 5"},
		{"worldpay error", "worldpay/payin.full", card("5555555555554444", "ERROR"), "card", "page decline ERROR"},
		{"worldpay amex", "worldpay/payin.full", "do=card&number=343434343434343&expiry=01%2F26&cvv=1234&name=J", "card", ""},
		{"worldpay step-up", "worldpay/payin.full", card("4444333322221111", "3DS"), "challenge", ""},
		{"worldpay, another provider's card", "worldpay/payin.full", card("4111111111111111", "Jane"), "decided", "page approve"},
		{"trust", "trust/payin.full", card("4111-1111-1111-1111", "Jane Doe"), "used", "page approve"},
		{"trust step-up", "trust/payin.full", card("4900490000000501", "Jane Doe"), "challenge", ""},
		{"trust not authenticated", "trust/payin.full", card("4900490000000519", "Jane Doe"), "challenge", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := h.goes(t, c.request, nil, nil)
			page := b.presses(c.form)
			if page.state != c.state {
				t.Errorf("the page is %s, want %s: %s", page.state, c.state, page.body)
			}
			if c.decided == "" {
				b.decided()
				return
			}
			b.decided(c.decided)
		})
	}
}

// Worldpay tells of the test name ERROR in a word of its own.
func TestErrorByName(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "worldpay/payin.full", nil, nil)
	b.presses(card("4444333322221111", "ERROR"))
	if p := b.payment(); p.Status != payment.Declined || p.Raw != "ERROR" {
		t.Errorf("it is %s (%s)", p.Status, p.Raw)
	}
	b.want(b.presses(card("4444333322221111", "Jane")), "decided", "success") // the shopper may try again (provider)
	b.decided("page decline ERROR", "page approve")
}

// A step-up asks for its code; the wrong one asks again, the right one ends as the card has it.
func TestStepUp(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	for _, c := range []struct{ name, request, form, deed, state, decided string }{
		{"approved", "trust/payin.full", card("4900490000000501", "Jane"), "do=otp&otp=123456", "used", "page approve"},
		{"not authenticated", "trust/payin.full", card("4900490000000519", "Jane"), "do=otp&otp=123456&ends=challenge-fail&reason=60022", "card", "page challenge-fail 60022"},
		{"failed by hand", "trust/payin.full", card("4900490000000501", "Jane"), "do=challenge-fail&reason=", "card", "page challenge-fail"},
		{"emerchantpay", "emerchantpay/payin.challenge", "", "do=otp&otp=+123456+", "decided", "page approve"},
		{"emerchantpay failed", "emerchantpay/payin.challenge", "", "do=challenge-fail", "decided", "page challenge-fail"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := h.goes(t, c.request, nil, nil)
			if c.form != "" {
				b.want(b.presses(c.form), "challenge", "")
			}
			wrong := b.presses("do=otp&otp=654321&ends=challenge-fail&reason=60022")
			if b.want(wrong, "challenge", ""); !wrong.has("error-otp") || wrong.has("alert") {
				t.Errorf("a wrong code: %s", wrong.body)
			}
			if page := b.presses(c.deed); page.state != c.state {
				t.Errorf("the page is %s, want %s", page.state, c.state)
			}
			b.decided(c.decided)
		})
	}
}

// Trust shows its form again after a declined card, as often as it takes, until the page's time is over.
func TestDeclineShowsTheFormAgain(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "trust/payin.full", nil, nil)
	for _, reason := range []string{"70000", "60042"} {
		page := b.presses("do=decline&reason=" + reason)
		if b.want(page, "card", ""); !page.has("alert") || !page.has("sim-declined") || !strings.Contains(page.body, reason) {
			t.Errorf("after the decline: %s", page.body)
		}
	}
	page := b.presses(card("4111111111111111", "Jane"))
	if b.want(page, "used", "success"); strings.Contains(page.body, "has been used") {
		t.Error("who has just paid is told that the page has been used")
	}
	if page = b.get(""); !strings.Contains(page.body, "This page has been used") {
		t.Error(page.body)
	}
	b.decided("page decline 70000", "page decline 60042", "page approve")
	h.advance(t, b.company, scheduler.Advance{By: time.Minute})
	if told := b.payment().Notifications; len(told) != 3 || told[2].TransactionStatus != "Approved" { // as the simulator's box says
		t.Errorf("the merchant is notified of %+v", told)
	}
	t.Run("cancel ends it", func(t *testing.T) { // as the simulator's box says
		b := h.goes(t, "trust/payin.minimal", nil, nil)
		b.presses("do=decline")
		b.want(b.presses("do=cancel"), "used", "cancelled")
	})
	late := h.goes(t, "trust/payin.minimal", nil, nil)
	late.presses("do=decline")
	h.advance(t, late.company, scheduler.Advance{By: 5 * time.Minute})
	late.want(late.get(""), "used", "failure")
	late.send("turn=1&do=approve")
	late.decided("page decline")
}

// Wallets are test doubles on card pages; Trust's offers those of its configuration.
func TestWallets(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "worldpay/payin.full", nil, nil)
	if page := b.presses("do=wallet&wallet=google-pay"); page.state != "wallet" || !strings.Contains(page.body, "Google Pay") {
		t.Error(page.body)
	}
	b.want(b.presses("do=approve"), "decided", "success")
	for offered, wallets := range map[string]any{"apple-pay google-pay": nil, "google-pay": []any{"GOOGLE_PAY"}, "": []any{}} {
		trust := h.goes(t, "trust/payin.full", h.configure("TRUST", map[string]any{"wallets": wallets}), nil)
		page := trust.get("")
		for _, id := range []string{"apple-pay", "google-pay"} {
			if page.has(id) != strings.Contains(offered, id) {
				t.Errorf("wallets %v: %s", wallets, page.body)
			}
			if answer := trust.send("turn=0&do=wallet&wallet=" + id); (answer.status == http.StatusSeeOther) != strings.Contains(offered, id) {
				t.Errorf("wallets %v: %s is answered %d", wallets, id, answer.status)
			}
		}
		if state := trust.get("?step=wallet").state; (state == "wallet") != (offered != "") {
			t.Errorf("wallets %v: step=wallet shows %s", wallets, state)
		}
	}
}

// A card that could be a live one is refused, and so is every other mistake; nothing of it is kept, logged or shown.
func TestRefusedCardsLeaveNoTrace(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := open(t, func(c *Config) {
		manual(c)
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	b := h.goes(t, "trust/payin.full", nil, nil)
	live := "42424242" + "42424242" // passes the Luhn check, and is none of the providers' test cards
	for _, c := range []struct{ number, expiry, cvv, name, wrong string }{
		{live, "12/30", "987", "Jane Doe", "error-number"},
		{"4111111111111112", "12/30", "987", "Jane Doe", "error-number"},
		{"4111111111111111", "05/26", "987", "Jane Doe", "error-expiry"},
		{"4111111111111111", "12/30", "9876", "Jane Doe", "error-cvv"},
		{"4111111111111111", "12/30", "987", live, "error-name"},
	} {
		form := url.Values{"do": {"card"}, "number": {c.number}, "expiry": {c.expiry}, "cvv": {c.cvv}, "name": {c.name}}.Encode()
		answer := b.send("turn=0&" + form)
		page := b.get(strings.TrimPrefix(answer.to, b.path))
		if b.want(page, "card", ""); !page.has(c.wrong) {
			t.Errorf("%+v: %s", c, page.body)
		}
		for _, secret := range []string{c.number + `"`, c.number + "&", c.cvv} {
			if strings.Contains(answer.to+log.String(), strings.Trim(secret, `"&`)) || strings.Contains(page.body, `value="`+secret) {
				t.Errorf("%s can be read: %s", secret, answer.to)
			}
		}
	}
	b.decided()
	b.presses(card("4111111111111111", "Jane Q. Public"))
	for _, e := range h.entries(t, b) {
		if strings.Contains(e, "4111") || strings.Contains(e, "Jane Q. Public") {
			t.Errorf("the journal keeps the card: %s", e)
		}
	}
}

func (h *testSimulator) entries(t *testing.T, b *shopper) (all []string) {
	t.Helper()
	entries, err := h.journal.Entries(t.Context(), b.company.ID, b.id)
	must(t, err)
	for _, e := range entries {
		all = append(all, e.Kind+" "+string(e.Data))
	}
	return all
}

// After an error the form has what was right in it, but for the security code; what could be anybody's it forgets.
func TestErrorKeepsWhatWasRight(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "worldpay/payin.full", nil, nil)
	for _, c := range []struct {
		number, expiry, cvv, name string
		kept                      []string
		lost                      string
	}{
		{"4444333322221111", "12 / 30", "1", "Jane Doe", []string{"4444 3333 2222 1111", "12/30", "Jane Doe"}, `value="1"`},
		{"343434343434343", "13/30", "1234", "REFUSED", []string{"3434 343434 34343", "REFUSED"}, "13/30"},
		{"4444333322221112", "12/30", "123", "Sam Roe", []string{"12/30"}, "Sam Roe"},
		{"4444333322221111", "11/29", "123", "", []string{"4444 3333 2222 1111", "11/29"}, `value="123"`},
	} {
		form := url.Values{"do": {"card"}, "number": {c.number}, "expiry": {c.expiry}, "cvv": {c.cvv}, "name": {c.name}}
		page := b.presses(form.Encode())
		for _, value := range c.kept {
			if !strings.Contains(page.body, `value="`+value+`"`) {
				t.Errorf("%+v: the form has lost %q", c, value)
			}
		}
		if strings.Contains(page.body, c.lost) || !page.has("alert") {
			t.Errorf("%+v: the form has kept %q: %s", c, c.lost, page.body)
		}
	}
	if page := b.get("?wrong=cvv-form&card=%22%3E&expiry=%22%3E/1&name=%3Ci%3E"); strings.Contains(page.body, "<i>") || strings.Contains(page.body, `value="&#34;`) {
		t.Error(page.body)
	}
}

// A test card fills the form.
func TestTestCardFillsTheForm(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "worldpay/payin.full", nil, nil)
	page := b.get("?card=4343")
	for _, value := range []string{"3434 343434 34343", "12/27", "1234", "Jane Doe"} {
		if !strings.Contains(page.body, `value="`+value+`"`) {
			t.Errorf("the form has no %s: %s", value, page.body)
		}
	}
	if named := b.get("?name=REFUSED"); !strings.Contains(named.body, `value="REFUSED"`) || !strings.Contains(named.body, `value="4444 `) {
		t.Error("a test name does not fill the form")
	}
}

// Forms are taken from the page itself only, and nothing that no page has is.
func TestForeignForms(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "payone/payin.full", nil, nil)
	const approve, form = "turn=0&do=approve", "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, kind, body string
		header           map[string]string
		status           int
	}{
		{"cross-site", form, approve, map[string]string{"Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		{"same-site", form, approve, map[string]string{"Sec-Fetch-Site": "same-site"}, http.StatusForbidden},
		{"an old browser's, from elsewhere", form, approve, map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden},
		{"a sandboxed frame's", form, approve, map[string]string{"Origin": "null"}, http.StatusForbidden},
		{"JSON", "application/json", `{"do":"approve"}`, nil, http.StatusUnsupportedMediaType},
		{"no type", "", approve, nil, http.StatusUnsupportedMediaType},
		{"too large", form, approve + "&name=" + strings.Repeat("x", 9<<10), nil, http.StatusRequestEntityTooLarge},
		{"not encoded", form, "turn=0&do=%zz", nil, http.StatusBadRequest},
		{"no turn", form, "do=approve", nil, http.StatusBadRequest},
		{"negative turn", form, "turn=-1&do=approve", nil, http.StatusBadRequest},
		{"unknown deed", form, "turn=0&do=settle", nil, http.StatusBadRequest},
		{"a deed of the pages' own", form, "turn=0&do=close-tab", nil, http.StatusBadRequest},
		{"unknown reason", form, "turn=0&do=decline&reason=because", nil, http.StatusBadRequest},
		{"unknown bank", form, "turn=0&do=bank&bank=mine", nil, http.StatusBadRequest},
		{"unknown bank confirmed", form, "turn=0&do=confirm&bank=mine", nil, http.StatusBadRequest},
		{"a card for a bank", form, "turn=0&" + card("4111111111111111", "J"), nil, http.StatusBadRequest},
		{"underpaid at a bank", form, "turn=0&do=underpay", nil, http.StatusSeeOther},
	} {
		r := httptest.NewRequest(http.MethodPost, b.path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		for name, value := range c.header {
			r.Header.Set(name, value)
		}
		if answer := b.do(r); answer.status != c.status {
			t.Errorf("%s: %d, want %d", c.name, answer.status, c.status)
		}
	}
	b.decided()
	r := httptest.NewRequest(http.MethodPost, "http://inside:8080"+b.path, strings.NewReader(approve)) // behind a proxy
	r.Header.Set("Content-Type", form)
	r.Header.Set("Origin", "http://127.0.0.1:8080")
	if answer := b.do(r); answer.status != http.StatusSeeOther {
		t.Errorf("behind a proxy: %d", answer.status)
	}
	b.decided("page approve")
}

// Every answer forbids what no page needs.
func TestPageHeaders(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "payone/payin.full", func(*backoffice.Company) {}, nil)
	for _, path := range []string{"", "/return", "/state", "-unknown"} {
		header := b.get(path).header
		policy := header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if header.Get("Cache-Control") != "no-store" || header.Get("Referrer-Policy") != "same-origin" || header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, header)
		}
	}
	if page := b.get(""); strings.Contains(page.body, " style=") || strings.Contains(page.body, "<style") || strings.Contains(page.body, "onclick") {
		t.Error("something is inline")
	}
}
