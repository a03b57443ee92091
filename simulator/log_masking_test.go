package simulator

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"mozartosim/simulator/mask"
)

// logged collects lines from several goroutines.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// Whatever a refused call has secret in its path, header or body, no line of the log shows it, however much is logged.
func TestLogLinesShowNoSecrets(t *testing.T) {
	t.Parallel()
	const card, spaced, cvv, token, user = "4000000000000002", "4000 0000 0000 0002", "973", "Bearer company-token-of-a-shop", "user-token-of-a-shopper"
	var out logged
	h := open(t, func(c *Config) {
		c.Trace = true
		c.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	c := h.company("logs", nil)
	text, _ := h.contract.Example("PayonePayInRequest")
	change := func(old, with string) string { return strings.Replace(string(text), old, with, 1) }
	for _, body := range []string{
		fmt.Sprintf(`{"pspType":%q,"type":"PAYIN"}`, card),
		fmt.Sprintf(`{"pspType":"EMERCHANTPAY","type":"PAYIN","card":{"pan":%q,"cvv":%q}}`, card, cvv),
		fmt.Sprintf(`{"pspType":"PAYONE","%s":`, card),
		change(`"currency": "CAD"`, `"currency": "`+spaced+`"`),
		change(`"email"`, `"`+card+`"`),
		fmt.Sprintf(`{%[1]q:1,%[1]q:2}`, card), // the reason names the field
	} {
		if answer := h.pay(c, body); answer.Code < 400 {
			t.Fatalf("%s is answered with %d", body, answer.Code)
		}
	}
	header := h.header(c)
	header.Set("Authorization", token)
	h.call(header, string(text))
	header = h.header(c)
	header.Set("Mozartosim-Scenario", "paid with "+spaced) // the reason names the scenario
	h.call(header, string(text))
	header = h.header(c)
	header.Set("x-user-token", "Bearer "+user)
	h.call(header, string(text))
	for _, path := range []string{"/v1/" + card, "/pay/trust/" + card, "/pay/" + url.PathEscape(spaced) + "/x", "/v1/x?card=" + card + "&token=" + user} {
		w := httptest.NewRecorder()
		h.public.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code < 400 {
			t.Fatalf("%s is answered with %d", path, w.Code)
		}
	}
	out.mu.Lock()
	defer out.mu.Unlock()
	lines := out.text.String()
	if n := strings.Count(lines, "\n"); n < 11 {
		t.Errorf("only %d lines were logged: %s", n, lines)
	}
	for _, line := range strings.Split(lines, "\n") {
		for _, secret := range []string{card, spaced, url.PathEscape(spaced), strings.TrimPrefix(token, "Bearer "), user, `cvv":"` + cvv, "cvv=" + cvv} {
			if strings.Contains(line, secret) {
				t.Errorf("a line shows %q: %s", secret, line)
			}
		}
	}
	for _, what := range []string{"call refused", mask.Cards(card), mask.Cards(spaced)} {
		if !strings.Contains(lines, what) {
			t.Errorf("no line has %s: the test shows nothing; logged: %.2000s", what, lines)
		}
	}
}
