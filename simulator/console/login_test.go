package console_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

const adminToken = "correct-horse-battery"

func TestLogin(t *testing.T) {
	t.Parallel()
	b := start(t, withToken(adminToken))
	for _, page := range []string{"/", "/payments", "/companies/demo", "/nowhere"} {
		b.get(page).want(401).has("error", "log in with the admin token")
		if strings.Contains(b.body, "demo") {
			t.Errorf("%s shows something without a login", page)
		}
	}
	b.get("/v1/events").want(401)
	b.get("/login").want(200)
	for _, link := range regexp.MustCompile(`"(/assets/[^"]+)"`).FindAllStringSubmatch(b.body, -1) {
		b.get(link[1]).want(200)
	}
	b.get("/login").want(200).click("login-submit", "token", "wrong").want(401).has("error", "not the admin token")
	b.get("/login").click("login-submit", "token", adminToken).want(200).has("title", "Overview")
	b.get("/login").want(200).has("title", "Overview")

	b.get("/v1/payments").want(200) // the cookie lets a page's script read
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
		b.do(method, "/v1/reset", "").want(401) // and not write
	}
	b.get("/v1/payments", "Origin", "https://evil.example").want(401)
	b.get("/v1/payments", "Sec-Fetch-Site", "cross-site").want(401)
	b.get("/v1/payments", "Sec-Fetch-Site", "cross-site", "Authorization", "Bearer "+adminToken).want(403)
	b.get("/v1/payments", "Authorization", "Bearer wrong").want(401)

	b.get("/").click("logout").want(200).has("title", "log in")
	b.get("/payments").want(401)
	b.get("/v1/payments").want(401)
}

// The printed link logs in once, and has not the token in it.
func TestLoginLink(t *testing.T) {
	t.Parallel()
	b := start(t, withToken(adminToken))
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	link := b.sim.Simulator.ConsoleURL()
	if strings.Contains(link, adminToken) {
		t.Errorf("the link is %s", link)
	}
	b.get(link).want(303)
	if got := b.header.Get("Location"); got != "/" {
		t.Errorf("it leads to %s", got)
	}
	cookie := b.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %s lacks %s", cookie, want)
		}
	}
	if strings.Contains(cookie, adminToken) || strings.Contains(cookie, "Secure") {
		t.Errorf("the cookie is %s", cookie)
	}
	if !strings.Contains(cookie, "mozartosim_session_"+b.at.Port()+"=") {
		t.Errorf("the cookie %s is not this port's", cookie)
	}
	b.client.CheckRedirect = nil
	b.get("/payments").want(200).one("logout")
	b.click("logout")
	b.get(link).want(401).has("error", "that link has been used")
	b.get("/login?token="+adminToken).want(200).has("title", "log in") // no token is taken from an address
}

// logIn logs in as a person does who knows the token.
func (b *browser) logIn() *browser {
	return b.get("/login").click("login-submit", "token", adminToken).want(200)
}

// What a page of another site asks for is refused, with a token and without; following a link there loads the page again from here.
func TestFromAnotherSite(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{"open": "", "token": adminToken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, withToken(token))
			for _, path := range []string{"/payments?q=x", "/login", "/assets/console.js"} {
				b.get(path, "Sec-Fetch-Site", "cross-site").want(403)
				if !strings.Contains(b.body, `<meta http-equiv="refresh" content="0; url=`+path+`">`) {
					t.Errorf("%s is not loaded again: %s", path, b.body)
				}
			}
			b.do("POST", "/login", "token="+token, "Sec-Fetch-Site", "cross-site").want(403)
			b.get("/v1/companies", "Sec-Fetch-Site", "cross-site", "Authorization", "Bearer "+token).want(403)
			b.get("/healthz", "Sec-Fetch-Site", "cross-site").want(200)
		})
	}
}

// Wrong tokens are counted by address; the right one is taken however many wrong ones came before.
func TestTooManyWrongTokens(t *testing.T) {
	t.Parallel()
	b := start(t, withToken(adminToken))
	for range 20 {
		b.get("/login").click("login-submit", "token", "wrong").want(401)
	}
	b.get("/login").click("login-submit", "token", "wrong").want(429).has("error", "wait a minute")
	b.get("/version", "Authorization", "Bearer wrong").want(429)
	b.get("/version", "Authorization", "Bearer "+adminToken).want(200)
	b.logIn().has("title", "Overview")
}

// Without an admin token there is no login.
func TestNoLogin(t *testing.T) {
	t.Parallel()
	b := open(t)
	if got := b.sim.Simulator.ConsoleURL(); got != b.sim.AdminURL {
		t.Errorf("the console's link is %s", got)
	}
	b.get("/login?code=x").want(200).has("title", "Overview").hasNo("logout")
	b.do("POST", "/login", "token=x").want(200)
	b.get("/", "Host", "evil.example").want(403)
	b.get("/assets/console.js", "Host", "evil.example").want(403)
	b.get("/", "Origin", "https://evil.example").want(403)
}

// A form that another site sends does nothing.
func TestForgery(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{"open": "", "token": adminToken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, withToken(token))
			if token != "" {
				b.logIn()
			}
			form := url.Values{"name": {"made-by-evil"}, "_token": {b.get("/companies").token()}}
			post := func(status int, values url.Values, header ...string) {
				t.Helper()
				b.do("POST", "/companies", values.Encode(), header...).want(status)
			}
			for _, origin := range []string{"https://evil.example", "null", "http://127.0.0.1:1"} {
				post(403, form, "Origin", origin)
			}
			for _, site := range []string{"cross-site", "same-site"} {
				post(403, form, "Sec-Fetch-Site", site)
			}
			post(403, url.Values{"name": {"made-by-evil"}})
			post(403, url.Values{"name": {"made-by-evil"}, "_token": {"0123"}})
			b.get("/companies").want(200)
			if strings.Contains(b.body, "made-by-evil") {
				t.Error("a forged form made a company")
			}
			post(200, form, "Sec-Fetch-Site", "same-origin")
			b.has("title", "made-by-evil")
		})
	}
}

// The form token of one session is not valid in another.
func TestFormTokenIsTheSessions(t *testing.T) {
	t.Parallel()
	b := start(t, withToken(adminToken))
	b.logIn()
	old := b.get("/companies").token()
	b.click("logout")
	b.logIn()
	b.do("POST", "/companies", "name=x&_token="+old).want(403).has("error", "was not sent by a page of this console")
}

func TestLargeForm(t *testing.T) {
	t.Parallel()
	b := open(t)
	token := b.get("/cashier").token()
	b.do("POST", "/cashier", "_token="+token+"&body="+strings.Repeat("x", 3<<20)).want(400).has("error", "larger than")
	b.advance(time.Second)
}

// A page's script may follow the events with the login's cookie.
func TestEvents(t *testing.T) {
	t.Parallel()
	b := start(t, withToken(adminToken))
	b.logIn()
	follow := ""
	b.get("/payments").page.each(func(n *node) {
		if n.name == "body" {
			follow = n.attr["data-events"]
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.sim.AdminURL+follow, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("%s is %s", follow, got)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Scan() // it has begun
	id := b.pay("PAYONE-PAYIN")
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if !strings.Contains(data, id) || !strings.Contains(data, "payment.opened") {
				t.Errorf("the first event is %s", data)
			}
			return
		}
	}
	t.Error("no event came")
}
