package egress_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mozartosim/simulator/egress"
)

// A guarded transport calls what its list allows and nothing else, by no redirect, name or proxy.
func TestTransport(t *testing.T) {
	s := httptest.NewServer(http.RedirectHandler("http://169.254.169.254/latest/meta-data", http.StatusFound))
	t.Cleanup(s.Close)
	t.Setenv("HTTP_PROXY", s.URL)
	guard, err := egress.New([]string{"127.0.0.0/8", "169.254.169.254", "metadata.google.internal", "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	transport := guard.Transport(&http.Transport{Proxy: http.ProxyFromEnvironment})
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	for target, want := range map[string]string{
		s.URL:                                    "169.254.169.254 is a cloud's metadata address", // where it redirects to
		"http://10.0.0.1/":                       "10.0.0.1:80 is not on the list",
		"http://169.254.169.254/":                "a cloud's metadata address",
		"http://[fe80::1]/":                      "a link-local address",
		"http://metadata.google.internal/":       "metadata.google.internal is a cloud's metadata address",
		"http://METADATA.google.internal.:80/v1": "a cloud's metadata address",
	} {
		answer, err := client.Post(target, "text/plain", strings.NewReader("x"))
		if err == nil {
			_ = answer.Body.Close()
		}
		var denied egress.NotAllowed
		if !errors.As(err, &denied) || !strings.Contains(denied.Error(), want) {
			t.Errorf("%s: %v, want %s", target, err, want)
		}
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
}
