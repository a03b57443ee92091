package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/scheduler"
)

// Where each provider's shopper goes, by result: the call's own URLs, then the configured site, with what the provider adds.
func TestReturnURLs(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	const site = "https://shop.test/base?lang=fr"
	for _, c := range []struct{ name, request, psp, does, site, want string }{
		{"site", "payone/payin.full", "PAYONE", "approve", site, "https://shop.test/base/payment/success?lang=fr&transactionId=ID&status=success"},
		{"site, declined", "gigadat/payin.full", "GIGADAT", "decline", site, "https://shop.test/base/payment/failure?lang=fr&transactionId=ID&status=failure"},
		{"site, cancelled", "cleo/payin.full", "CLEO", "cancel", site, "https://shop.test/base/payment/failure?lang=fr&transactionId=ID&status=cancelled"},
		{"site, undecided", "brite/payin.full", "BRITE", "", site, "https://shop.test/base/payment/pending?lang=fr&transactionId=ID&status=pending"},
		{"crypto, not confirmed", "forumpay/payin.full", "FORUMPAY", "approve", site, "https://shop.test/base/payment/pending?lang=fr&transactionId=ID&status=pending"},
		{"own URL", "trust/payin.full", "TRUST", "approve", site, "OWN-SUCCESS"},
		{"own URL, cancelled", "trust/payin.full", "TRUST", "cancel", site, "OWN-FAILURE"},
		{"own URLs, undecided", "trust/payin.full", "TRUST", "", site, "https://shop.test/base/payment/pending?lang=fr&transactionId=ID&status=pending"},
		{"own URLs only, undecided", "trust/payin.full", "TRUST", "", "", "OWN-FAILURE"},
		{"no own URL", "trust/payin.minimal", "TRUST", "approve", site, "https://shop.test/base/payment/success?lang=fr&transactionId=ID&status=success"},
		{"step-up", "emerchantpay/payin.challenge", "EMERCHANTPAY", "decline", site, "https://shop.test/base/payment/failure?lang=fr&transactionId=ID&status=failure"},
		{"none known", "gigadat/payin.full", "GIGADAT", "approve", "", ""},
		{"none known, worldpay", "worldpay/payin.full", "WORLDPAY_EU", "approve", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var value any = c.site
			if c.site == "" {
				value = nil
			}
			b := h.goes(t, c.request, h.configure(c.psp, map[string]any{"siteUrl": value}), nil)
			if c.does != "" {
				b.presses("do=" + c.does)
			}
			left := b.get("/return")
			if left.status != http.StatusSeeOther {
				t.Fatalf("%d %s", left.status, left.body)
			}
			request, err := openapi.Decode(b.payment().Request)
			must(t, err)
			want := strings.ReplaceAll(c.want, "ID", b.id)
			switch c.want {
			case "":
				if page := b.get("?stay=1"); left.to != b.path+"?stay=1" || !page.has("alert") && !page.has("no-return") || page.has("return-link") {
					t.Errorf("it returns to %s: %s", left.to, page.body)
				}
				return
			case "OWN-SUCCESS":
				want = added(t, request.Text("hppSuccessUrl"), b.id, "success")
			case "OWN-FAILURE":
				want = added(t, request.Text("hppFailureUrl"), b.id, map[string]string{"cancel": "cancelled", "": "pending"}[c.does])
			}
			if left.to != want {
				t.Errorf("got  %s\nwant %s", left.to, want)
			}
			visits := b.payment().PageVisit()
			if len(visits.Returns) != 1 || strings.Contains(visits.Returns[0].To, "?") || !strings.HasPrefix(want, visits.Returns[0].To) {
				t.Errorf("the journal has %+v", visits)
			}
		})
	}
}

// added is a URL with the usual query after its own.
func added(t *testing.T, base, id, status string) string {
	t.Helper()
	u, err := url.Parse(base)
	must(t, err)
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += "transactionId=" + id + "&status=" + status
	return u.String()
}

// Worldpay's result URL is signed when there is a secret; a cancelled order has no status.
func TestWorldpayResultURL(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	sign := func(text string) string {
		mac := hmac.New(sha256.New, []byte("s3cret-for-the-mac"))
		mac.Write([]byte(text))
		return hex.EncodeToString(mac.Sum(nil))
	}
	for does, want := range map[string]string{
		"approve": "/payment/success?orderKey=DEMOMERCHANT%5EID&paymentStatus=AUTHORISED&paymentAmount=8000&paymentCurrency=EUR&mac=" + "MAC(KEY:8000:EUR:AUTHORISED)",
		"decline": "/payment/failure?orderKey=DEMOMERCHANT%5EID&paymentStatus=REFUSED&paymentAmount=8000&paymentCurrency=EUR&mac=" + "MAC(KEY:8000:EUR:REFUSED)",
		"cancel":  "/payment/failure?orderKey=DEMOMERCHANT%5EID&orderAmount=8000&orderCurrency=EUR&status=cancelled&mac=" + "MAC(KEY:8000:EUR)",
	} {
		t.Run(does, func(t *testing.T) {
			t.Parallel()
			b := h.goes(t, "worldpay/payin.full", h.configure("WORLDPAY_EU", map[string]any{"siteUrl": "https://shop.test", "macSecret": "s3cret-for-the-mac"}), nil)
			b.presses("do=" + does)
			want := "https://shop.test" + strings.ReplaceAll(want, "ID", b.id)
			want = regexp.MustCompile(`MAC\(KEY(.*)\)`).ReplaceAllStringFunc(want, func(m string) string {
				return sign("DEMOMERCHANT^" + b.id + strings.TrimSuffix(strings.TrimPrefix(m, "MAC(KEY"), ")"))
			})
			if left := b.get("/return"); left.to != want {
				t.Errorf("got  %s\nwant %s", left.to, want)
			}
		})
	}
	b := h.goes(t, "worldpay/payin.full", h.configure("WORLDPAY_EU", map[string]any{"siteUrl": "https://shop.test"}), nil)
	b.presses("do=approve")
	if left := b.get("/return"); strings.Contains(left.to, "mac=") {
		t.Errorf("signed without a secret: %s", left.to)
	}
}

// Whatever a browser sends, it is redirected to the page itself or to what the merchant has said; and what the merchant
// says must be http or https.
func TestNoOpenRedirect(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "payone/payin.full", h.configure("PAYONE", map[string]any{"siteUrl": "https://shop.test"}), nil)
	for _, query := range []string{
		"?to=https://evil.test", "?url=//evil.test", "?return=https://evil.test", "?siteUrl=https://evil.test", "?result=https://evil.test",
		"?successURL=https://evil.test", "?hppSuccessUrl=https://evil.test", "?%0d%0aLocation:https://evil.test",
	} {
		if left := b.get("/return" + query); !strings.HasPrefix(left.to, "https://shop.test/payment/") || strings.Contains(left.to, "evil") {
			t.Errorf("%s leads to %s", query, left.to)
		}
		if page := b.get(query); strings.Contains(page.body, "evil") {
			t.Errorf("%s is on the page", query)
		}
	}
	for _, form := range []string{"do=wallet&wallet=//evil.test", "do=login&user=a&password=b&bank=//evil.test", "do=otp&otp=1&reason=//evil.test&ends=challenge-fail", "do=card&number=//evil.test"} {
		answer := b.send("turn=0&" + form)
		if answer.to != "" && !strings.HasPrefix(answer.to, b.path+"?") {
			t.Errorf("%s leads to %s", form, answer.to)
		}
	}
	signed := psp(t, `{"siteSecurityPassword":"s"}`)
	for _, own := range []string{"javascript:alert(1)", "data:text/html,x", "//evil.test/x", "/relative", "ftp://files.test/x", "https://user:word@shop.test/x", "http:///x", ":"} {
		p := h.providers["TRUST"]
		for _, terms := range []provider.Returning{
			{Request: openapi.Document{Fields: map[string]any{"hppSuccessUrl": own}}, PSP: signed, Result: provider.Succeeded},
			{PSP: psp(t, `{"siteSecurityPassword":"s","siteUrl":`+quoted(own)+`}`), Result: provider.Succeeded},
		} {
			if to, ok := p.ReturnURL(terms); ok {
				t.Errorf("%s leads to %s", own, to)
			}
		}
	}
}

func psp(t *testing.T, text string) backoffice.PSP {
	t.Helper()
	doc, err := openapi.Decode([]byte(text))
	must(t, err)
	return backoffice.NewPSP(doc, "")
}

func quoted(text string) string { return `"` + text + `"` }

// The usual shopper is simulated: an open page says so and when, lets a person take over, and otherwise shows the outcome
// and goes back to the merchant's once.
func TestSimulatedShopper(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	site := h.configure("PAYONE", map[string]any{"siteUrl": "https://shop.test"})
	b := h.goes(t, "payone/payin.full", site, nil)
	page := b.get("")
	if b.want(page, "simulated", ""); !page.has("shopper-note") || !page.has("take-over") || !strings.Contains(page.body, `data-until="2026-06-01T12:00:02Z"`) {
		t.Error(page.body)
	}
	h.advance(t, b.company, scheduler.Advance{By: 2 * time.Second})
	later := b.get("?done=1")
	if b.want(later, "decided", "success"); !later.has("returning") || !later.has("by-hand") || !strings.Contains(later.body, "The simulated shopper") {
		t.Error(later.body)
	}
	b.get("/return")
	if again := b.get("?done=1"); again.has("returning") || !again.has("return-link") {
		t.Error("who goes back to the page is sent away again")
	}
	mine := h.goes(t, "payone/payin.minimal", site, nil)
	mine.want(mine.presses("do=take-over"), "choose", "")
	if due, err := h.journal.Jobs(t.Context(), mine.company.ID, journal.JobQuery{Limit: 10}); err != nil || len(due) != 1 || due[0].Kind != string(payments.Expiry) {
		t.Errorf("still due: %+v, %v", due, err)
	}
	h.advance(t, mine.company, scheduler.Advance{By: time.Minute})
	mine.decided()
	mine.presses("do=bank&bank=insufficient_funds")
	mine.presses("do=confirm&bank=insufficient_funds")
	mine.decided("page decline insufficient_funds")
	if kinds := strings.Join(h.entries(t, mine), "\n"); !strings.Contains(kinds, "page.opened") || !strings.Contains(kinds, "page.taken-over") {
		t.Error(kinds)
	}
}

// The time that a page shows for the simulated shopper is the one that is on the agenda.
func TestShownTimeIsTheAgendas(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for _, name := range []string{"", "shopper-takes-a-while", "slow-answer", "long-tailed-answer", "shopper-declined", "shopper-cancels"} {
		header := http.Header{}
		if name != "" {
			header.Set("Mozartosim-Scenario", name)
		}
		b := h.goes(t, "payone/payin.full", func(c *backoffice.Company) { c.Name += name }, header)
		due, err := h.journal.Jobs(t.Context(), b.company.ID, journal.JobQuery{Limit: 1})
		must(t, err)
		if page := b.get(""); page.state != "simulated" || !strings.Contains(page.body, `shopper-countdown" data-until="`+due[0].At.Format(time.RFC3339Nano)+`"`) {
			t.Errorf("%q: due at %s, the page: %s", name, due[0].At, page.body)
		}
	}
}

// A decision that is under way when somebody takes over changes nothing.
func TestTakenOverUnderWay(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	b := h.goes(t, "payone/payin.full", nil, nil)
	b.presses("do=take-over")
	_, err := h.outcomes.Decide(t.Context(), b.company.ID, b.id, adminapi.Decision{Action: "approve", By: "shopper"})
	if err == nil || !strings.Contains(err.Error(), "somebody on its hosted page decides instead") {
		t.Errorf("got %v", err)
	}
	b.decided()
	b.presses("do=approve")
	if again := b.send("turn=1&do=take-over"); again.status != http.StatusSeeOther {
		t.Errorf("taken over when it was decided: %d", again.status)
	}
}

// What scenarios have shoppers do when they come back really happens in the browser.
func TestReturnScenarios(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	goes := func(t *testing.T, scenario string) *shopper {
		site := h.configure("PAYONE", map[string]any{"siteUrl": "https://shop.test"})
		return h.goes(t, "payone/payin.full", site, http.Header{"Mozartosim-Scenario": {scenario}})
	}
	const success = "https://shop.test/payment/success?"
	t.Run("return-first", func(t *testing.T) {
		b := goes(t, "shopper-returns-first")
		if page := b.get(""); page.to != b.path+"/return" {
			t.Fatalf("%d to %q: %s", page.status, page.to, page.body)
		}
		if left := b.get("/return"); !strings.HasPrefix(left.to, success) {
			t.Errorf("it returns to %s", left.to)
		}
		b.decided()
		b.want(b.get(""), "simulated", "")
		h.advance(t, b.company, scheduler.Advance{By: 10 * time.Second})
		b.decided("shopper return-first")
		if page := b.get(""); page.has("returning") {
			t.Error("it returns a second time")
		}
	})
	t.Run("return-first, opened late", func(t *testing.T) {
		b := goes(t, "shopper-returns-first")
		h.advance(t, b.company, scheduler.Advance{By: 10 * time.Second})
		if page := b.get(""); !page.has("returning") {
			t.Error("it does not return")
		}
	})
	t.Run("return-twice", func(t *testing.T) {
		b := goes(t, "shopper-returns-twice")
		b.want(b.get(""), "simulated", "")
		h.advance(t, b.company, scheduler.Advance{By: 10 * time.Second})
		for range 2 {
			if page := b.get(""); !page.has("returning") {
				t.Error("it does not return")
			}
			b.get("/return")
		}
		if page := b.get("?done=1"); page.has("returning") || len(b.payment().PageVisit().Returns) != 2 {
			t.Error("it returns a third time")
		}
	})
	t.Run("close-tab", func(t *testing.T) {
		b := goes(t, "shopper-closes-the-tab")
		b.want(b.get(""), "simulated", "")
		h.advance(t, b.company, scheduler.Advance{By: 10 * time.Second})
		if page := b.get("?done=1"); page.has("returning") || !page.has("no-return") || page.result != "success" {
			t.Error(page.body)
		}
	})
	t.Run("by hand", func(t *testing.T) {
		b := goes(t, "shopper-by-hand")
		b.want(b.get(""), "choose", "")
	})
}

// Nobody fills the journal by reloading the way back.
func TestReturnsAreBounded(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	b := h.goes(t, "payone/payin.full", nil, nil)
	b.presses("do=approve")
	for range payment.MaxReturns + 5 {
		if left := b.get("/return"); left.status != http.StatusSeeOther {
			t.Fatal(left.status)
		}
	}
	if n := len(b.payment().PageVisit().Returns); n != payment.MaxReturns {
		t.Errorf("%d returns are kept", n)
	}
}

// One page of each kind is held as it is drawn.
func TestGoldenPages(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	hash := regexp.MustCompile(`(/pay/assets/\w+)\.[0-9a-f]{12}\.`)
	for name, c := range map[string]struct{ request, query, form string }{
		"crypto":    {"forumpay/payin.full", "", ""},
		"bank":      {"cleo/payin.full", "", ""},
		"login":     {"payone/payin.full", "?step=login&bank=success", ""},
		"confirm":   {"gigadat/payin.full", "?step=confirm&bank=STATUS_FAILED", ""},
		"card":      {"worldpay/payin.full", "?card=1111&wrong=cvv-form", ""},
		"wallet":    {"worldpay/payin.full", "?step=wallet&wallet=apple-pay", ""},
		"challenge": {"emerchantpay/payin.challenge", "", ""},
		"awaiting":  {"gigadat/payout-eto.full", "", ""},
		"decided":   {"brite/payin.full", "?done=1", "do=decline&reason=psu_no_funds"},
		"used":      {"trust/payin.full", "", "do=approve"},
		"expired":   {"trust/payin.minimal", "", "do=expire"},
		"no-page":   {"payone/payout.full", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := h.goes(t, c.request, nil, nil)
			if c.form != "" {
				b.presses(c.form)
			}
			b.path = strings.TrimSuffix(b.path, "/deposit")
			page := b.get(c.query)
			golden(t, filepath.Join("testdata", "pages", name+".html"), []byte(hash.ReplaceAllString(page.body, "$1.HASH.")))
		})
	}
}
