package control

import "testing"

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
	for _, host := range []string{"localhost:8081", "LOCALHOST", "127.0.0.1", "127.8.8.8:1", "[::1]:8081", "localhost.", "sim.internal:8081", "admin.example"} {
		b.call("GET", "/version", "", "Host", host).want(200)
		b.call("GET", "/version", "", "Host", host, "Origin", "http://"+host).want(200)
		b.call("GET", "/version", "", "Host", host, "Origin", "https://evil.example").fails(403, "forbidden", "a page of https://evil.example must not use the admin API")
	}
	for _, host := range []string{"evil.example", "127.0.0.1.evil.example", "10.0.0.1:8081", "localhost.evil.example", "[::2]"} {
		b.call("POST", "/v1/reset", "", "Host", host, "Origin", "http://"+host).fails(403, "forbidden", "must not be called as")
		b.call("GET", "/healthz", "", "Host", host).want(200)
	}
	for _, origin := range []string{"null", "http://localhost:1", "file://", "::"} {
		b.call("POST", "/v1/reset", "", "Origin", origin).fails(403, "forbidden", "must not use the admin API")
	}
	b.call("POST", "/v1/reset", "", "Origin", b.URL).want(200)
}
