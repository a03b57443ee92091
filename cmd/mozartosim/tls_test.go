package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

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
	if code, said := call("payments"); code != 1 || !strings.Contains(said, "certificate") {
		t.Errorf("a certificate that nobody knows: %d %s", code, said)
	}
	t.Setenv(fingerprintVariable, strings.Repeat("00:", 31)+"00")
	if code, said := call("payments"); code != 1 || !strings.Contains(said, fingerprintVariable) {
		t.Errorf("another certificate than the pinned one: %d %s", code, said)
	}
	t.Setenv(fingerprintVariable, s.Fingerprint())
	if code, said := call("payments"); code != 0 || !strings.Contains(said, "no payments") {
		t.Errorf("the pinned one: %d %s", code, said)
	}
}

func TestOwnAdminURL(t *testing.T) {
	for _, c := range []struct{ addr, cert, selfSigned, want string }{
		{"", "", "", defaultAdminURL},
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
