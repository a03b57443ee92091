package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"mozartosim/cmd/mozartosim/cli"
	"mozartosim/simulator"
)

// Both listeners speak TLS; the client verbs trust the certificate that they were told of, and no other.
func TestSelfSigned(t *testing.T) {
	s := startSimulator(t, func(c *simulator.Config) { c.TLSSelfSigned = true })
	if !strings.HasPrefix(s.PublicURL(), "https://") || !strings.HasPrefix(s.AdminURL(), "https://") {
		t.Fatalf("%s, %s", s.PublicURL(), s.AdminURL())
	}
	if _, err := http.Get(s.PublicURL()); err == nil {
		t.Error("a certificate that nobody knows is trusted")
	}
	call := func(args ...string) (code int, said string) {
		var out bytes.Buffer
		code = run(t.Context(), args, &out, &out)
		return code, out.String()
	}
	t.Setenv("MOZARTOSIM_ADMIN_URL", s.AdminURL())
	if code, said := call("health"); code != 0 {
		t.Errorf("health on this machine: %d %s", code, said)
	}
	if code, said := call("payments"); code != 1 || !strings.Contains(said, "is not trusted here: set "+"MOZARTOSIM_ADMIN_FINGERPRINT") || strings.Contains(said, "start one") {
		t.Errorf("a certificate that nobody knows: %d %s", code, said)
	}
	t.Setenv("MOZARTOSIM_ADMIN_FINGERPRINT", strings.Repeat("00:", 31)+"00")
	if code, said := call("payments"); code != 1 || !strings.Contains(said, "MOZARTOSIM_ADMIN_FINGERPRINT") {
		t.Errorf("another certificate than the pinned one: %d %s", code, said)
	}
	t.Setenv("MOZARTOSIM_ADMIN_FINGERPRINT", s.Fingerprint())
	if code, said := call("payments"); code != 0 || !strings.Contains(said, "no payments") {
		t.Errorf("the pinned one: %d %s", code, said)
	}
	t.Setenv("MOZARTOSIM_ADMIN_TOKEN", s.AdminToken())
	if code, said := call("trigger", "PAYONE", "approve"); code != 0 || !strings.Contains(said, "approved") {
		t.Errorf("the merchant's call, to where the admin API says: %d %s", code, said)
	}
	one := []string{"contract", "run", "--psp", "TRUST", "--target", s.PublicURL(), "--admin-url"}
	t.Setenv("MOZARTOSIM_ADMIN_FINGERPRINT", "")
	if code, said := call(append(one, s.AdminURL())...); code != 2 || !strings.Contains(said, "MOZARTOSIM_ADMIN_FINGERPRINT") || strings.Contains(said, "<nil>") {
		t.Errorf("contract run, a certificate that nobody knows: %d %s", code, said)
	}
	plain := "http" + strings.TrimPrefix(s.AdminURL(), "https")
	if code, said := call(append(one, plain)...); code != 2 || !strings.Contains(said, "try "+s.AdminURL()) {
		t.Errorf("contract run without TLS: %d %s", code, said)
	}
	for _, verb := range []string{"payments --admin-url", "health --url", "token company --admin-url"} {
		if code, said := call(append(strings.Fields(verb), plain)...); code != 1 || !strings.Contains(said, "try "+s.AdminURL()) {
			t.Errorf("%s without TLS: %d %s", verb, code, said)
		}
	}
}

// A token that is set, but wrong, is not asked for as if there were none; and nobody may guess on.
func TestWrongAdminToken(t *testing.T) {
	s := startSimulator(t, func(c *simulator.Config) { c.AdminToken = "the-right-admin-token" })
	t.Setenv("MOZARTOSIM_ADMIN_URL", s.AdminURL())
	t.Setenv("MOZARTOSIM_ADMIN_TOKEN", "another-admin-token")
	said := ""
	for range 30 {
		var out bytes.Buffer
		run(t.Context(), []string{"token", "company", "--admin-url", s.AdminURL()}, &out, &out)
		if said == "" && !strings.Contains(out.String(), "is set, but wrong") {
			t.Errorf("a wrong one: %s", out.String())
		}
		said = out.String()
	}
	if !strings.Contains(said, "wait a minute") {
		t.Errorf("too many wrong ones: %s", said)
	}
}

func TestOwnAdminURL(t *testing.T) {
	for _, c := range []struct{ addr, cert, selfSigned, want string }{
		{"", "", "", cli.DefaultAdminURL},
		{"0.0.0.0:9000", "", "", "http://127.0.0.1:9000"},
		{"0.0.0.0:9000", "cert.pem", "", "https://127.0.0.1:9000"},
		{":9000", "", "true", "https://127.0.0.1:9000"},
	} {
		t.Setenv("MOZARTOSIM_ADMIN_ADDR", c.addr)
		t.Setenv("MOZARTOSIM_TLS_CERT", c.cert)
		t.Setenv("MOZARTOSIM_TLS_SELF_SIGNED", c.selfSigned)
		if got := ownAdminURL(); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
