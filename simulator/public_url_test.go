package simulator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"mozartosim/openapi"
)

// redirect pays by way of a Host and returns the payment's id and where its shopper is sent.
func (h *testSimulator) redirect(t *testing.T, host string, header ...string) (id, to string) {
	t.Helper()
	company, _ := h.Company("")
	body, _ := h.contract.Example("PayonePayInRequest")
	r := httptest.NewRequest(http.MethodPost, openapi.CashierPath, strings.NewReader(string(body)))
	r.Host, r.Header = host, h.header(company)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.public.ServeHTTP(w, r)
	var answer struct {
		Data map[string]any
	}
	must(t, json.Unmarshal(w.Body.Bytes(), &answer))
	id, _ = answer.Data["transactionId"].(string)
	for _, value := range answer.Data {
		if text, _ := value.(string); strings.Contains(text, "/pay/payone/") {
			to = text
		}
	}
	if w.Code != http.StatusOK || to == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return id, to
}

// Redirect URLs lead to where the call came in, whatever the port is by which a container is reached, unless a URL is set; the page is
// found there, and the admin API names it.
func TestRedirectsFollowTheCall(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *Config) { c.PublicURL = "" })
	admin := h.adminOf(t, "any", nil)
	demo, _ := h.Company("")
	for host, header := range map[string][]string{"localhost:49153": nil, "mozartosim:8080": {"X-Forwarded-Host", "evil.test"}} {
		id, to := h.redirect(t, host, header...)
		if !strings.HasPrefix(to, "http://"+host+"/pay/payone/") {
			t.Errorf("a call to %s leads to %s", host, to)
		}
		admin.call("GET", "/v1/payments/"+id+"?company="+demo.Name, "").want(200).is("page", to)
		page, err := url.Parse(to)
		must(t, err)
		w := httptest.NewRecorder()
		h.public.ServeHTTP(w, httptest.NewRequest(http.MethodGet, page.Path, nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `href="/pay/assets/`) {
			t.Errorf("the page answers %d", w.Code)
		}
	}

	admin.call("PUT", "/v1/public-url", `{"url": "https://pay.test/sim"}`).want(200)
	id, to := h.redirect(t, "localhost:49153")
	if !strings.HasPrefix(to, "https://pay.test/sim/pay/payone/") {
		t.Errorf("with a URL that was set a call leads to %s", to)
	}
	admin.call("GET", "/v1/payments/"+id+"?company="+demo.Name, "").want(200).is("page", to)
	w := httptest.NewRecorder()
	h.public.ServeHTTP(w, httptest.NewRequest(http.MethodGet, strings.TrimPrefix(to, "https://pay.test/sim"), nil))
	if !strings.Contains(w.Body.String(), `href="/sim/pay/assets/`) {
		t.Errorf("the page's assets are elsewhere: %s", w.Body)
	}
	admin.call("PUT", "/v1/public-url", `{"url": ""}`).want(200)
	if _, to := h.redirect(t, "localhost:49153"); !strings.HasPrefix(to, "http://localhost:49153/") {
		t.Errorf("afterwards a call leads to %s", to)
	}
}

// A flag and the admin API refuse the same public URLs, in the same words, which don't repeat what may be a password.
func TestPublicURLsThatAreRefused(t *testing.T) {
	t.Parallel()
	admin := open(t, nil).adminOf(t, "any", nil)
	for _, wrong := range []string{"pay.test", "ftp://pay.test", "https://", "https://jane:hush@pay.test", "https://pay.test?x=1", "https://pay.test#x"} {
		config := Default()
		config.PublicURL, config.AdminPublicURL = wrong, wrong
		said := " must be an http or https URL without user, query and fragment, such as http://localhost:8080"
		if err := config.Validate(); err == nil || err.Error() != "public-url"+said+"\nadmin-public-url"+said {
			t.Errorf("%s: %v", wrong, err)
		}
		admin.call("PUT", "/v1/public-url", `{"url": "`+wrong+`"}`).fails(http.StatusBadRequest, "\nurl"+said)
	}
}

// Behind a proxy that is trusted, redirect URLs lead to the proxy, and forms of its pages are taken.
func TestTrustedProxy(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *Config) { c.PublicURL, c.TrustProxy = "", true })
	_, to := h.redirect(t, "10.0.0.7:8080", "X-Forwarded-Host", "pay.test", "X-Forwarded-Proto", "https")
	page, err := url.Parse(to)
	must(t, err)
	if page.Scheme != "https" || page.Host != "pay.test" {
		t.Errorf("a call leads to %s", to)
	}
	for origin, status := range map[string]int{"https://pay.test": http.StatusSeeOther, "https://evil.test": http.StatusForbidden} {
		r := httptest.NewRequest(http.MethodPost, page.Path, strings.NewReader("do=take-over&turn=0"))
		r.Host = "10.0.0.7:8080"
		r.Header = http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}, "X-Forwarded-Host": {"pay.test"}, "X-Forwarded-Proto": {"https"},
		}
		w := httptest.NewRecorder()
		h.public.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("a form from %s: %d", origin, w.Code)
		}
	}
}

// The console's link, and the pages' links to it, are those that people can open.
func TestConsoleURL(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Config){
		"https://admin.test/sim":         func(c *Config) { c.AdminPublicURL = "https://admin.test/sim/" },
		"https://admin.test/login?code=": func(c *Config) { c.AdminPublicURL, c.AdminToken = "https://admin.test", doorToken },
		"http://127.0.0.1:":              func(*Config) {},
	} {
		h := open(t, func(c *Config) { c.AdminAddr = "127.0.0.1:0"; change(c) })
		if got := h.ConsoleURL(); !strings.HasPrefix(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
		id, to := h.redirect(t, "localhost")
		w := httptest.NewRecorder()
		h.public.ServeHTTP(w, httptest.NewRequest(http.MethodGet, strings.TrimPrefix(to, "http://127.0.0.1:8080"), nil))
		base, _, _ := strings.Cut(want, "/login")
		if link := `href="` + base; !strings.Contains(w.Body.String(), link) || !strings.Contains(w.Body.String(), "/payments/"+id+"?company=demo") {
			t.Errorf("the page does not lead to %s: %s", base, w.Body)
		}
	}
}
