package simulator

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mozartosim/fixtures"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/scheduler"
)

// customer is a browser in the demo shop.
type customer struct {
	*shopper
	cookie string
}

func (h *testSimulator) customer(t *testing.T) *customer {
	t.Helper()
	demo, ok := h.directory.Get(backoffice.DemoName)
	if !ok {
		t.Fatal("there is no demo company")
	}
	return &customer{&shopper{h, t, demo, "", ""}, ""}
}

// goesTo asks for an address with the browser's cookie, and keeps the one that is set.
func (c *customer) goesTo(method, to, form string) seen {
	c.t.Helper()
	r := httptest.NewRequest(method, strings.TrimPrefix(to, "http://127.0.0.1:8080"), strings.NewReader(form))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.cookie != "" {
		r.Header.Set("Cookie", c.cookie)
	}
	s := c.do(r)
	if set, _, _ := strings.Cut(s.header.Get("Set-Cookie"), ";"); set != "" {
		c.cookie = set
	}
	return s
}

// A payment with each provider begins in the shop, is paid on the provider's page, and comes back to the shop, which believes the
// webhook alone.
func TestDemoShop(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for psp, p := range h.providers {
		c := h.customer(t)
		sent := c.goesTo(http.MethodPost, "/demo", url.Values{"psp": {psp}, "amount": {"41.50"}}.Encode())
		if sent.status != http.StatusSeeOther || c.cookie == "" || !strings.Contains(sent.header.Get("Set-Cookie"), "HttpOnly; SameSite=Lax") {
			t.Errorf("%s: %d to %q, %v", psp, sent.status, sent.to, sent.header)
			continue
		}
		if p.HasPage("PAYIN") {
			h.paysOnPage(c, psp, sent.to)
		}
		if psp != "BRITE" && psp != "FLEXEPIN" { // which send none (documented)
			if order := c.goesTo(http.MethodGet, "/demo/payment", ""); order.state != "waiting" || !strings.Contains(order.body, "<noscript><meta") {
				t.Errorf("%s: before the webhook the order is %s: %s", psp, order.state, order.body)
			}
		}
		before := c.goesTo(http.MethodGet, "/demo/payment/state", "").body
		h.advance(t, c.company, scheduler.Advance{By: time.Hour})
		after := c.goesTo(http.MethodGet, "/demo/payment/state", "").body
		if order := c.goesTo(http.MethodGet, "/demo/payment", ""); order.state != "paid" || !strings.Contains(order.body, ">41.50 ") {
			t.Errorf("%s: after the webhook the order is %s: %s", psp, order.state, order.body)
		}
		if before == after && psp != "FLEXEPIN" && psp != "BRITE" {
			t.Errorf("%s: the mark stays %s", psp, after)
		}
	}
}

// paysOnPage approves on the provider's page, as a person, and follows the way back to the shop.
func (h *testSimulator) paysOnPage(c *customer, psp, to string) {
	c.t.Helper()
	c.path = strings.TrimPrefix(to, "http://127.0.0.1:8080")
	c.path, _, _ = strings.Cut(c.path, "?")
	if page := c.get(""); page.state == "simulated" || page.status != http.StatusOK {
		c.t.Errorf("%s: the page at %s is %d, %s", psp, c.path, page.status, page.state)
		return
	}
	c.presses("do=approve")
	back := c.get("/return")
	if !strings.HasPrefix(back.to, "http://127.0.0.1:8080/demo/payment/") {
		c.t.Errorf("%s: the shopper returns to %q", psp, back.to)
		return
	}
	if landed := c.goesTo(http.MethodGet, back.to, ""); landed.status != http.StatusOK || !landed.has("order-returned") {
		c.t.Errorf("%s: back in the shop: %d %s", psp, landed.status, landed.body)
	}
}

// What the shop doesn't sell, and what isn't an amount, it says; a call that the API refuses, too. A declined payment isn't delivered.
func TestDemoShopRefuses(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	c := h.customer(t)
	for _, test := range []struct{ psp, amount, want string }{
		{"TRUST", "-1", "error-amount"}, {"TRUST", "1,50", "error-amount"}, {"TRUST", "0.00", "error-amount"}, {"TRUST", "", "error-amount"},
	} {
		sent := c.goesTo(http.MethodPost, "/demo", url.Values{"psp": {test.psp}, "amount": {test.amount}}.Encode())
		if page := c.goesTo(http.MethodGet, sent.to, ""); sent.status != http.StatusSeeOther || !page.has(test.want) || !strings.Contains(page.body, `value="TRUST" selected`) {
			t.Errorf("%+v: %d, then %s", test, sent.status, page.body)
		}
	}
	if sent := c.goesTo(http.MethodPost, "/demo", "psp=PAYPAL&amount=1"); sent.status != http.StatusBadRequest {
		t.Errorf("another provider: %d", sent.status)
	}
	h.takeAway(t, c.company, "TRUST")
	sent := c.goesTo(http.MethodPost, "/demo", "psp=PAYONE&amount=20")
	c.path, _, _ = strings.Cut(strings.TrimPrefix(sent.to, "http://127.0.0.1:8080"), "?")
	c.presses("do=decline&reason=insufficient_funds")
	h.advance(t, c.company, scheduler.Advance{By: time.Hour})
	if order := c.goesTo(http.MethodGet, "/demo/payment", ""); order.state != "unpaid" {
		t.Errorf("a declined order is %s", order.state)
	}
}

// What shall happen happens: by the simulated shopper, by a voucher that is rejected, by the webhook's scenario.
func TestDemoShopWishes(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	c := h.customer(t)
	for _, test := range []struct{ psp, what, want string }{
		{"TRUST", "shopper-approves", "paid"}, {"TRUST", "shopper-declined", "unpaid"}, {"BRITE", "shopper-cancels", "unpaid"},
		{"NEOSURF", "shopper-declined", "refused: 400 "}, {"FLEXEPIN", "ALREADY_REDEEMED", "refused: 400 "},
		{"NEOSURF", "webhook-never", "waiting"}, {"NEOSURF", "webhook-twice", "paid"}, {"FLEXEPIN", "shopper-approves", "paid"},
		{"TRUST", "ALREADY_REDEEMED", "Trust Payments can’t have that: it takes no vouchers."},
		{"NEOSURF", "shopper-by-hand", "Neosurf can’t have that: it has no page on which a shopper decides."},
		{"BRITE", "webhook-twice", "and it sends no webhooks."},
	} {
		sent := c.goesTo(http.MethodPost, "/demo", url.Values{"psp": {test.psp}, "amount": {"20"}, "what": {test.what}}.Encode())
		if strings.Contains(test.want, " ") {
			if page := c.goesTo(http.MethodGet, sent.to, ""); !strings.Contains(page.body, test.want) || !strings.Contains(page.body, `value="`+test.what+`" selected`) {
				t.Errorf("%+v: %s", test, page.body)
			}
			continue
		}
		h.advance(t, c.company, scheduler.Advance{By: 2 * time.Hour})
		if order := c.goesTo(http.MethodGet, "/demo/payment", ""); order.state != test.want {
			t.Errorf("%+v: the order is %s: %s", test, order.state, order.body)
		}
	}
	if sent := c.goesTo(http.MethodPost, "/demo", "psp=TRUST&amount=1&what=webhook-wrong-secret"); sent.status != http.StatusBadRequest {
		t.Errorf("a wish that the shop doesn't have: %d", sent.status)
	}
	if page := c.goesTo(http.MethodGet, "/demo?psp=TRUST&amount=700.00", ""); !page.has("shop-amount-700.00") || !strings.Contains(page.body, `value="700.00"`) {
		t.Errorf("a test amount: %s", page.body)
	}
}

// takeAway removes a provider's rule, so that its calls are refused.
func (h *testSimulator) takeAway(t *testing.T, company *backoffice.Company, psp string) {
	t.Helper()
	changed := *company
	changed.Rules = nil
	for _, rule := range company.Rules {
		if rule.PSP != psp {
			changed.Rules = append(changed.Rules, rule)
		}
	}
	_, err := h.directory.Put(changed, start)
	must(t, err)
	c := h.customer(t)
	sent := c.goesTo(http.MethodPost, "/demo", "psp="+psp+"&amount=5")
	if page := c.goesTo(http.MethodGet, sent.to, ""); !page.has("refused") || c.cookie != "" {
		t.Errorf("a refused call: %d to %s: %s", sent.status, sent.to, page.body)
	}
}

// The shop shows a browser what that browser has bought, and no other payment of the company; it has no form of another site's,
// no token in a page, and is not there without the demo company.
func TestDemoShopKeepsToItself(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	c := h.customer(t)
	if h.pay(c.company, h.fixture(t, "payone/payin.full")).Code != http.StatusOK {
		t.Fatal("the demo company can't pay")
	}
	p := h.read(t, c.company, h.streams(t, c.company.ID)[0])
	for _, cookie := range []string{"", "mozartosim-demo-order=" + p.ID, "mozartosim-demo-order=" + p.MerchantReference, "mozartosim-demo-order="} {
		c.cookie = cookie
		for _, to := range []string{"/demo/payment", "/demo/payment/success?transactionId=" + p.ID + "&status=success"} {
			if page := c.goesTo(http.MethodGet, to, ""); page.state != "foreign" || strings.Contains(page.body, p.ID) || strings.Contains(page.body, p.MerchantReference) {
				t.Errorf("%q at %s: %s", cookie, to, page.body)
			}
		}
		if page := c.goesTo(http.MethodGet, "/demo/payment/state", ""); page.status != http.StatusNotFound {
			t.Errorf("%q: the state is answered %d", cookie, page.status)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/demo", strings.NewReader("psp=TRUST&amount=5"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if forged := c.do(r); forged.status != http.StatusForbidden || len(h.streams(t, c.company.ID)) != 1 {
		t.Errorf("another site's form is answered %d", forged.status)
	}
	page := c.goesTo(http.MethodGet, "/demo", "")
	if page.status != http.StatusOK || !strings.Contains(page.header.Get("Content-Security-Policy"), "default-src 'none'") ||
		strings.Contains(page.body, "eyJ") || strings.Contains(page.body, c.company.Credentials.APIKey) {
		t.Errorf("%d %s", page.status, page.body)
	}
	golden(t, filepath.Join("testdata", "pages", "shop.html"), []byte(regexp.MustCompile(`(/pay/assets/\w+)\.[0-9a-f]{12}\.`).ReplaceAllString(page.body, "$1.HASH.")))
	if _, err := h.directory.Delete(c.company.ID); err != nil {
		t.Fatal(err)
	}
	if page := c.goesTo(http.MethodGet, "/demo", ""); page.status != http.StatusNotFound {
		t.Errorf("without the company it is answered %d", page.status)
	}
	file := filepath.Join(t.TempDir(), "mozartosim.yaml")
	must(t, os.WriteFile(file, []byte("companies: [{name: own, email: own@example.com}]\n"), 0o600))
	own := open(t, func(config *Config) { config.ConfigFile = file })
	if page := (&shopper{own, t, nil, "", ""}).do(httptest.NewRequest(http.MethodGet, "/demo", nil)); page.status != http.StatusNotFound || page.has("shop-pay") {
		t.Errorf("with companies of one's own it is answered %d", page.status)
	}
}

// A browser that opens the public listener's address sees where everything is; to everybody else the address is unknown.
func TestFrontPage(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	asks := func(h *testSimulator, method, accept string) seen {
		r := httptest.NewRequest(method, "/", nil)
		r.Header.Set("Accept", accept)
		return (&shopper{h, t, nil, "", ""}).do(r)
	}
	const navigates = "text/html,application/xhtml+xml,*/*;q=0.8"
	page := asks(h, http.MethodGet, navigates)
	if page.status != http.StatusOK || page.state != "front" || !page.has("front-shop") || !strings.Contains(page.body, ">POST http://127.0.0.1:8080/v1/api/mozarto/cashier<") {
		t.Errorf("a browser: %d %s", page.status, page.body)
	}
	for _, other := range [][2]string{{http.MethodGet, "*/*"}, {http.MethodGet, "application/json"}, {http.MethodPost, navigates}} {
		if got := asks(h, other[0], other[1]); got.status != http.StatusNotFound || !strings.Contains(got.body, `"Not found"`) {
			t.Errorf("%v: %d %s", other, got.status, got.body)
		}
	}
	file := filepath.Join(t.TempDir(), "mozartosim.yaml")
	must(t, os.WriteFile(file, []byte("companies: [{name: own, email: own@example.com}]\n"), 0o600))
	own := asks(open(t, func(config *Config) { config.ConfigFile = file }), http.MethodGet, navigates)
	if own.status != http.StatusOK || own.has("front-shop") {
		t.Errorf("without a shop: %d %s", own.status, own.body)
	}
}

// Every request of the shop can be read, and each provider has one.
func TestDemoShopHasEveryProvider(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	s, err := newShop(h.Simulator, h.public)
	must(t, err)
	all := s.Checkouts()
	if len(all) != len(h.providers) {
		t.Errorf("%d checkouts for %d providers: %+v", len(all), len(h.providers), all)
	}
	requests, err := fixtures.Requests()
	must(t, err)
	for _, c := range all {
		if c.Currency == "" || c.Name == "" || len(requests) == 0 {
			t.Errorf("%+v", c)
		}
	}
}
