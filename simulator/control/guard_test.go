package control

import (
	"fmt"
	"net/http"
	"testing"
)

func TestToken(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.Token = "correct-horse" })
	b.call("GET", "/healthz", "").want(200)
	b.call("GET", "/readyz", "").want(200)
	for _, path := range []string{"/version", "/metrics", "/openapi/control.json", "/v1/companies", "/v1/payments", "/nowhere"} {
		refused := b.call("GET", path, "")
		refused.fails(401, "unauthorized", "this needs the admin token")
		if got := refused.header.Get("WWW-Authenticate"); got != "Bearer" {
			t.Errorf("%s: WWW-Authenticate %q", path, got)
		}
	}
	for _, header := range []string{"correct-horse", "Bearer", "Bearer ", "Bearer wrong", "Bearer correct-horse2", "Basic correct-horse", "Bearer correct-hors"} {
		b.call("GET", "/version", "", "Authorization", header).fails(401, "unauthorized")
	}
	for _, header := range []string{"Bearer correct-horse", "bearer correct-horse"} {
		b.call("GET", "/version", "", "Authorization", header, "Origin", "https://console.example", "Host", "sim.example").want(200)
	}
}

func TestBrowsers(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.Hosts = []string{"sim.internal", "admin.example:8081"} })
	for _, host := range []string{"localhost:8081", "LOCALHOST", "127.0.0.1", "127.8.8.8:1", "[::1]:8081", "localhost.", "sim.internal:8081", "Admin.example."} {
		b.call("GET", "/version", "", "Host", host).want(200)
		b.call("GET", "/version", "", "Host", host, "Origin", "http://"+host).want(200)
		b.call("GET", "/version", "", "Host", host, "Origin", "https://evil.example").fails(403, "forbidden", "a page of https://evil.example must not use the admin API")
	}
	for _, host := range []string{"evil.example", "127.0.0.1.evil.example", "10.0.0.1:8081", "localhost.evil.example", "localhost..", "[::2]"} {
		b.call("POST", "/v1/reset", "", "Host", host, "Origin", "http://"+host).fails(403, "forbidden", "must not be called as")
		b.call("GET", "/healthz", "", "Host", host).want(200)
	}
	for _, origin := range []string{"null", "http://localhost:1", "file://", "::"} {
		b.call("POST", "/v1/reset", "", "Origin", origin).fails(403, "forbidden", "must not use the admin API")
	}
	b.call("POST", "/v1/reset", "", "Origin", b.URL).want(200)
}

// An address's wrong tokens are answered 429 when there were too many; its right one never is.
func TestTokenGuesses(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.Token = "correct-horse" })
	for range maxFailed {
		b.call("GET", "/version", "", "Authorization", "Bearer guess").fails(401, "unauthorized")
	}
	stopped := b.call("GET", "/version", "", "Authorization", "Bearer guess")
	stopped.fails(429, "rate_limited", "wait a minute")
	if got := stopped.header.Get("Retry-After"); got != "60" && got != "61" {
		t.Errorf("Retry-After %q", got)
	}
	b.call("GET", "/version", "", "Authorization", "Bearer correct-horse").want(200)
	b.call("GET", "/readyz", "").want(200)
}

// What a page of another site asks for is refused, with the right token too, and when it only reads.
func TestCrossSite(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", "correct-horse"} {
		b := newBench(t, func(c *Config) { c.Token = token })
		for _, path := range []string{"/version", "/v1/companies", "/metrics", "/debug/pprof/heap"} {
			b.call("GET", path, "", "Sec-Fetch-Site", "cross-site", "Authorization", "Bearer "+token).fails(403, "forbidden", "a page of another site")
		}
		b.call("GET", "/healthz", "", "Sec-Fetch-Site", "cross-site").want(200)
	}
}

func TestFailedLoginsAreBounded(t *testing.T) {
	t.Parallel()
	failed := newFailedLogins()
	for range maxFailed {
		failed.add("10.0.0.1")
	}
	if failed.blocked("10.0.0.1") == 0 || failed.blocked("10.0.0.2") != 0 {
		t.Error("the wrong address is blocked")
	}
	for i := range 3 * maxAddresses {
		failed.add(fmt.Sprint("10.1.", i))
	}
	if n := len(failed.addresses); n > maxAddresses {
		t.Errorf("%d addresses are remembered", n)
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config) { c.Token = "correct-horse" })
	b.call("GET", "/debug/pprof/heap?debug=1", "").fails(401, "unauthorized")
	request, err := http.NewRequest(http.MethodGet, b.URL+"/debug/pprof/heap?debug=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer correct-horse")
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", answer, err)
	}
	_ = answer.Body.Close()
}
