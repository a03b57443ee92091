package simulator

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// One connection too many is closed at once; when another ends there is room again. Who has one is not disturbed.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	config := Default()
	config.PublicAddr, config.AdminAddr, config.MaxConnections = "127.0.0.1:0", "", 2
	s, err := New(config)
	must(t, err)
	r := serve(t, s)
	talk := func(conn net.Conn) error {
		must(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
		if _, err := conn.Write([]byte("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			return err
		}
		_, err := conn.Read(make([]byte, 4096))
		return err
	}
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", r.address)
		must(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	first, second := dial(), dial()
	must(t, talk(first))
	must(t, talk(second))
	if err := talk(dial()); err == nil {
		t.Error("a third connection is answered")
	}
	must(t, talk(first))
	if told := strings.Join(gathered(t, s), ""); !strings.Contains(told, `{limit="connections"} 1`) {
		t.Errorf("the metrics say\n%s", told)
	}
}

// gathered lists the counters of the bounds, one a line.
func gathered(t *testing.T, s *Simulator) (lines []string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "mozartosim_limit_reached_total{") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// What a bound refuses is counted, whichever door it stands at.
func TestBoundsAreCounted(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *Config) { c.MaxCompanies, c.MaxBody = 2, 1024 }).adminOf(t, "second", nil)
	d.call("POST", "/v1/companies", `{"name": "third"}`).fails(http.StatusConflict, "there are 2 companies already")
	if got := d.pay(d.company, `{"padding": "`+strings.Repeat("x", 2000)+`"}`).Code; got != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too large is answered %d", got)
	}
	told := strings.Join(gathered(t, d.Simulator), "")
	for _, want := range []string{`{limit="full"} 1`, `{limit="body"} 1`} {
		if !strings.Contains(told, want) {
			t.Errorf("the metrics do not say %s but\n%s", want, told)
		}
	}
}

func TestTLSFlags(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Config)
		says   string
	}{
		"a certificate without its key": {func(c *Config) { c.TLSCert = "listen_test.go" }, "tls-cert and tls-key must be set together"},
		"both kinds":                    {func(c *Config) { c.TLSCert, c.TLSKey, c.TLSSelfSigned = "listen_test.go", "listen_test.go", true }, "tls-self-signed must not be set beside tls-cert"},
		"no such file":                  {func(c *Config) { c.TLSCert, c.TLSKey = "none.pem", "listen_test.go" }, "tls-cert: stat none.pem"},
		"no certificate":                {func(c *Config) { c.TLSCert, c.TLSKey = "listen_test.go", "listen_test.go" }, "tls-cert listen_test.go and tls-key listen_test.go"},
	} {
		config := Default()
		config.PublicAddr, config.AdminAddr = "127.0.0.1:0", ""
		c.change(&config)
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A scripted reset is one under TLS too, and never over HTTP/2.
func TestTLSServes(t *testing.T) {
	t.Parallel()
	config := Default()
	config.PublicAddr, config.AdminAddr, config.TLSSelfSigned = "127.0.0.1:0", "", true
	s, err := New(config)
	must(t, err)
	r := serve(t, s)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
	t.Cleanup(client.CloseIdleConnections)
	answer, err := client.Get("https://" + r.address + "/nowhere")
	must(t, err)
	_ = answer.Body.Close()
	if answer.ProtoMajor != 1 || answer.StatusCode != http.StatusNotFound || len(s.Fingerprint()) != 64 {
		t.Errorf("%s %s", answer.Proto, answer.Status)
	}
	company := r.testSimulator.company("secured", nil)
	request, err := http.NewRequest(http.MethodPost, "https://"+r.address+"/v1/api/mozarto/cashier", strings.NewReader(r.body))
	must(t, err)
	request.Header = r.testSimulator.header(company)
	request.Header.Set("Mozartosim-Scenario", "answer-reset")
	if _, err := client.Do(request); err == nil {
		t.Error("a scripted reset is answered")
	}
}
