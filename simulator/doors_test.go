package simulator

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
)

const doorToken = "a token of enough characters"

// door is a simulator's admin listener, as a browser with a cookie uses it.
func door(t *testing.T, j journal.Journal) func(method, path string, form url.Values, cookie *http.Cookie) *http.Response {
	t.Helper()
	s := open(t, func(c *Config) {
		c.AdminAddr, c.AdminToken = "127.0.0.1:0", doorToken
		if j != nil {
			c.Journal, c.DataKey = j, "a key"
		}
	})
	admin, err := s.Admin()
	must(t, err)
	return func(method, path string, form url.Values, cookie *http.Cookie) *http.Response {
		r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie != nil {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		admin.ServeHTTP(w, r)
		return w.Result()
	}
}

// A logout holds in every process that shares the data, and in one that starts later; a session is known as long.
func TestLogoutHoldsEverywhere(t *testing.T) {
	t.Parallel()
	j := shared{journal.NewMemory(0)}
	first, second := door(t, j), door(t, j)
	cookie := first("POST", "/login", url.Values{"token": {doorToken}}, nil).Cookies()[0]
	page := second("GET", "/payments", nil, cookie)
	text := make([]byte, 64<<10)
	n, _ := page.Body.Read(text)
	form := regexp.MustCompile(`name="_token" value="([^"]+)"`).FindSubmatch(text[:n])
	if page.StatusCode != http.StatusOK || form == nil {
		t.Fatalf("a replica answers %d", page.StatusCode)
	}
	if answer := first("POST", "/logout", url.Values{"_token": {string(form[1])}}, cookie); answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("the logout answers %d", answer.StatusCode)
	}
	for name, process := range map[string]func(string, string, url.Values, *http.Cookie) *http.Response{"the same": first, "another": second, "a later": door(t, j)} {
		for _, path := range []string{"/payments", "/v1/companies"} {
			if answer := process("GET", path, nil, cookie); answer.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s process answers %s with %d", name, path, answer.StatusCode)
			}
		}
	}
}

// Where nothing outlives the process, its sessions don't either: a logout could not.
func TestSessionsEndWithTheirData(t *testing.T) {
	t.Parallel()
	first, second := door(t, nil), door(t, nil)
	cookie := first("POST", "/login", url.Values{"token": {doorToken}}, nil).Cookies()[0]
	if a, b := first("GET", "/payments", nil, cookie), second("GET", "/payments", nil, cookie); a.StatusCode != http.StatusOK || b.StatusCode != http.StatusUnauthorized {
		t.Errorf("the process answers %d, another one with the same token %d", a.StatusCode, b.StatusCode)
	}
}

// A token that can be guessed is refused where others can try.
func TestShortAdminTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		addr, token string
		refused     bool
	}{
		{"127.0.0.1:0", "short", false}, {"localhost:0", "short", false}, {"[::1]:0", "short", false}, {"", "short", false},
		{"0.0.0.0:0", "", false}, {"0.0.0.0:0", "sixteen letters!", false},
		{"0.0.0.0:0", "fifteen letters", true}, {":0", "short", true}, {"10.0.0.1:0", "short", true}, {"example.test:0", "short", true},
	} {
		config := Default()
		config.AdminAddr, config.AdminToken = c.addr, c.token
		err := config.Validate()
		if (err != nil) != c.refused || err != nil && (!strings.Contains(err.Error(), "admin-token must have at least 16 characters") || strings.Contains(err.Error(), c.token)) {
			t.Errorf("%s with %q: %v", c.addr, c.token, err)
		}
	}
}

// The demo company's secret is one that a header can carry, and goes with the demo company only; it is not repeated.
func TestWebhookSecret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ secret, file, refused string }{
		{"hush-hush", "", ""}, {strings.Repeat("ü", 256), "", ""}, {"", "doors_test.go", ""},
		{strings.Repeat("h", 257), "", "at most 256 characters"}, {"hush\nhush", "", "no line breaks"},
		{"hush-hush", "doors_test.go", "config doors_test.go has companies of its own"},
	} {
		config := Default()
		config.WebhookSecret, config.ConfigFile = c.secret, c.file
		err := config.Validate()
		if (err != nil) != (c.refused != "") || err != nil && (!strings.Contains(err.Error(), c.refused) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%q with %q: %v", c.secret, c.file, err)
		}
	}
}

// Verify-user goes where webhooks may go.
func TestVerifyUserIsGuarded(t *testing.T) {
	t.Parallel()
	called := 0
	verify := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		called++
		_, _ = w.Write([]byte(`{}`))
	}))
	t.Cleanup(verify.Close)
	for _, c := range []struct {
		allow  []string
		status int
	}{{nil, 200}, {[]string{"127.0.0.1"}, 200}, {[]string{"10.0.0.0/8"}, 500}} {
		h := open(t, func(config *Config) { config.WebhookAllow = c.allow })
		company := h.company("guarded", func(c *backoffice.Company) { c.UserAuthURL = strings.Replace(verify.URL, "127.0.0.1", "0.0.0.0", 1) })
		header := h.header(company)
		header.Del("X-User-Token")
		header.Set("X-User-Authorization", "Bearer session-1")
		body, _ := h.contract.Example("PayonePayInRequest")
		if answer := h.call(header, string(body)); answer.Code != c.status {
			t.Errorf("with %q: %d %s", c.allow, answer.Code, answer.Body)
		}
		h.identity.Close()
	}
	if called != 2 {
		t.Errorf("it was called %d times", called)
	}
}

// What must never be called, or sent in a header, is refused when it is configured.
func TestUnsafeConfigurations(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	payone := `"accountName": "a", "apiKey": "k"`
	for body, want := range map[string]string{
		`{` + payone + `, "webhookUrl": "http://169.254.169.254/latest"}`:             "webhookUrl must be another address",
		`{` + payone + `, "webhookUrl": "http://[fd00:ec2::254]/"}`:                   "webhookUrl must be another address",
		`{` + payone + `, "webhookUrl": "http://metadata.google.internal/"}`:          "webhookUrl must be another address",
		`{` + payone + `, "siteUrl": "http://169.254.1.1/"}`:                          "siteUrl must be another address",
		`{` + payone + `, "webhookSecret": "s3cret\r\nX-Evil: 1"}`:                    "webhookSecret must not contain line breaks",
		`{` + payone + `, "webhookSecret": "s3cret\u0000", "isWebhookSecured": true}`: "webhookSecret must not contain line breaks",
	} {
		if _, err := h.reader.PSP("PAYONE", decoded(t, body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := h.reader.Company(decoded(t, `{"name": "a", "userAuthUrl": "http://169.254.169.254/"}`)); err == nil || !strings.Contains(err.Error(), "userAuthUrl must be another address") {
		t.Errorf("userAuthUrl: %v", err)
	}
	if _, err := h.reader.PSP("PAYONE", decoded(t, `{`+payone+`, "webhookUrl": "http://127.0.0.1:9090/", "webhookSecret": "s3cret"}`)); err != nil {
		t.Error(err)
	}
}
