package console_test

import (
	"regexp"
	"strings"
	"testing"
)

// pageToken is what a page of /docs sends with the calls that are tried out on it.
func pageToken(t *testing.T, body string) string {
	t.Helper()
	found := regexp.MustCompile(`data-token="([^"]+)"`).FindStringSubmatch(body)
	if found == nil {
		t.Fatal("the page has no form token")
	}
	return found[1]
}

// The documentation and what it hands on need a login; schemas and style sheets don't.
func TestDocsNeedALogin(t *testing.T) {
	t.Parallel()
	b := start(t, withToken(adminToken))
	for _, page := range []string{"/docs", "/docs/cashier", "/docs/admin", "/docs/recipes", "/docs/recipes/payment.sh"} {
		b.get(page).want(401)
	}
	b.do("POST", "/docs/try/admin/v1/reset", "{}").want(401)
	b.do("POST", "/docs/try/cashier/v1/api/mozarto/cashier", "{}").want(401)
	b.do("GET", "/schemas/scenario.json", "").want(200)
	b.do("GET", "/docs/assets/swagger-ui.css", "").want(200)
	b.get("/assets/console.css").want(200).get("/assets/icon.svg").want(200) // a documentation page asks for them

	b.get("/login").click("login-submit", "token", adminToken).want(200)
	token := pageToken(t, b.get("/docs/admin").want(200).body)
	b.do("POST", "/docs/try/admin/v1/reset", "").want(403)
	b.do("POST", "/docs/try/admin/v1/reset", "", "Mozartosim-Form-Token", "guessed").want(403)
	b.do("POST", "/docs/try/admin/v1/reset", "", "Mozartosim-Form-Token", token, "Origin", "https://evil.example").want(403)
	b.do("POST", "/docs/try/admin/v1/reset", "", "Mozartosim-Form-Token", token, "Sec-Fetch-Site", "cross-site").want(403)
	b.do("POST", "/docs/try/admin/v1/reset", "", "Mozartosim-Form-Token", token).want(200)
	b.do("DELETE", "/docs/try/admin/v1/companies/nobody", "", "Mozartosim-Form-Token", token).want(404)
}

// Calls to the Cashier API reach it as they were typed, and the public listener permits no other origin.
func TestDocsTryTheCashier(t *testing.T) {
	t.Parallel()
	b := start(t)
	token := pageToken(t, b.get("/docs/cashier").want(200).body)
	b.do("POST", "/docs/try/cashier/v1/api/mozarto/cashier", "{}", "Mozartosim-Form-Token", token, "Content-Type", "application/json").want(401)
	b.do("POST", "/docs/try/cashier/v1/api/mozarto/cashier", `{"pspType": "STRIPE"}`, "Mozartosim-Form-Token", token,
		"Content-Type", "application/json", "Authorization", "Bearer "+b.sim.CompanyToken, "x-user-token", "Bearer "+b.sim.UserToken(t, "u-1")).want(400)
	b.do("POST", "/docs/try/nowhere/v1/reset", "", "Mozartosim-Form-Token", token).want(404)
	b.do("OPTIONS", b.sim.URL+"/v1/api/mozarto/cashier", "", "Origin", b.sim.AdminURL, "Access-Control-Request-Method", "POST")
	if got := b.header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("the public listener permits pages of %s", got)
	}
}

// Beside the console's own, scripts run on the reference alone, by a nonce that is new each time.
func TestDocsPolicy(t *testing.T) {
	t.Parallel()
	b := open(t)
	nonce := func(page string) string {
		t.Helper()
		b.get(page).want(200)
		policy := b.header.Get("Content-Security-Policy")
		if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("%s: %s", page, policy)
		}
		found := regexp.MustCompile(`script-src 'nonce-([^']+)'`).FindStringSubmatch(policy)
		if found == nil {
			return ""
		}
		if !strings.Contains(strings.ReplaceAll(b.body, "&#43;", "+"), `nonce="`+found[1]+`"`) {
			t.Errorf("%s has no script with the nonce of its policy", page)
		}
		return found[1]
	}
	if first, second := nonce("/docs/cashier"), nonce("/docs/cashier"); first == "" || first == second {
		t.Errorf("nonces %q and %q", first, second)
	}
	if got := nonce("/docs/scenarios"); got != "" {
		t.Errorf("a guide has scripts, with nonce %s", got)
	}
	b.get("/payments").want(200)
	if policy := b.header.Get("Content-Security-Policy"); strings.Contains(policy, "nonce") || strings.Contains(policy, "data:") {
		t.Errorf("the console's policy is %s", policy)
	}
}

// Guides are pages, and their links lead to pages or are none.
func TestDocsGuides(t *testing.T) {
	t.Parallel()
	b := open(t)
	seen := map[string]bool{}
	var follow func(page string)
	follow = func(page string) {
		if seen[page] {
			return
		}
		seen[page] = true
		b.do("GET", page, "").want(200)
		if !strings.HasPrefix(b.header.Get("Content-Type"), "text/html") {
			return
		}
		for _, link := range regexp.MustCompile(`href="(/docs[^"#]*)`).FindAllStringSubmatch(b.body, -1) {
			follow(link[1])
		}
	}
	follow("/docs")
	for _, page := range []string{"/docs/scenarios", "/docs/features", "/docs/certify", "/docs/recipes", "/docs/operations", "/docs/recipes/webhook.mjs"} {
		if !seen[page] {
			t.Errorf("no page leads to %s", page)
		}
	}
	b.do("GET", "/docs/nothing", "").want(404)
	b.do("GET", "/docs/recipes/doc.go", "").want(404)
}
