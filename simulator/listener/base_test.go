package listener_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"

	"mozartosim/simulator/listener"
)

func TestBase(t *testing.T) {
	t.Parallel()
	const own = "http://localhost:8080"
	for name, c := range map[string]struct {
		set   string
		trust bool
		host  string
		tls   bool
		extra map[string]string
		want  string
	}{
		"follows the request":         {host: "localhost:49153", want: "http://localhost:49153"},
		"a name":                      {host: "mozartosim", want: "http://mozartosim"},
		"an IPv6 address":             {host: "[::1]:8080", want: "http://[::1]:8080"},
		"TLS":                         {host: "pay.test", tls: true, want: "https://pay.test"},
		"set":                         {set: "https://pay.test/sim/", host: "localhost:49153", trust: true, extra: map[string]string{"X-Forwarded-Host": "x"}, want: "https://pay.test/sim"},
		"a proxy that is not trusted": {host: "a:1", extra: map[string]string{"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https"}, want: "http://a:1"},
		"a proxy":                     {trust: true, host: "a:1", extra: map[string]string{"X-Forwarded-Host": "pay.test", "X-Forwarded-Proto": "https"}, want: "https://pay.test"},
		"two proxies":                 {trust: true, host: "a:1", extra: map[string]string{"X-Forwarded-Host": "pay.test, b:2", "X-Forwarded-Proto": "https,http"}, want: "https://pay.test"},
		"a proxy that says nothing":   {trust: true, host: "a:1", want: "http://a:1"},
		"another scheme":              {trust: true, host: "a:1", extra: map[string]string{"X-Forwarded-Proto": "javascript"}, want: "http://a:1"},
		"no host":                     {host: "", want: own},
		"a path in the host":          {host: "a/b", want: own},
		"a user in the host":          {host: "user@evil.test", want: own},
		"a blank in the host":         {trust: true, host: "a:1", extra: map[string]string{"X-Forwarded-Host": "a b"}, want: own},
		"quotes in the host":          {trust: true, host: "a:1", extra: map[string]string{"X-Forwarded-Host": `a"onload="x`}, want: own},
		"no port":                     {trust: true, host: "a:1", extra: map[string]string{"X-Forwarded-Host": "a:x"}, want: own},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := listener.NewBase(own, c.trust)
			b.Set(c.set)
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			r.Host = c.host
			if c.tls {
				r.TLS = &tls.ConnectionState{}
			}
			for name, value := range c.extra {
				r.Header.Set(name, value)
			}
			if got := b.Of(r); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestBaseIsSet(t *testing.T) {
	t.Parallel()
	b := listener.NewBase("http://localhost:8080", false)
	if b.URL() != "http://localhost:8080" || b.Prefix() != "" || b.Fixed() != "" {
		t.Errorf("at first %s, %q", b.URL(), b.Prefix())
	}
	b.Set("https://pay.test/a%20sim/")
	if b.URL() != "https://pay.test/a%20sim" || b.Prefix() != "/a%20sim" || b.Fixed() != b.URL() {
		t.Errorf("then %s, %q", b.URL(), b.Prefix())
	}
	b.Set("")
	if b.URL() != "http://localhost:8080" || b.Prefix() != "" {
		t.Errorf("at last %s, %q", b.URL(), b.Prefix())
	}
}
