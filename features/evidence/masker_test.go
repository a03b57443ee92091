package evidence_test

import (
	"net/http"
	"strings"
	"testing"

	"mozartosim/features/evidence"
)

func TestMasker(t *testing.T) {
	t.Parallel()
	m := &evidence.Masker{}
	m.Hide("a-secret-of-ours", "short", "")
	for text, want := range map[string]string{
		"it is a-secret-of-ours!": "it is ***!",
		"short stays":             "short stays",
		"Bearer eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl x": "Bearer *** x",
		"https://x/?a=1&token=abc&b=2":                          "https://x/?a=1&token=***&b=2",
		"https://x/?Ticket=abc#y":                               "https://x/?Ticket=***#y",
		"card 4000000000000002 or 4000 0000 0000 0002":          "card 400000******0002 or 400000******0002",
		"test card 4444333322221111":                            "test card 4444333322221111",
		"payment 40000000-0000-4000-8000-400000000002 is open":  "payment 40000000-0000-4000-8000-400000000002 is open",
		"clear\x1b[2J \u202eback":                               `clear\u001b[2J \u202eback`,
		"order 1234567890123":                                   "order 1234567890123",
		`{"cvv": "123", "x": "123"}`:                            `{"cvv": "***", "x": "123"}`,
	} {
		if got := m.Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	m.Forget("a-secret-of-ours")
	if got := m.Text("a-secret-of-ours"); got != "a-secret-of-ours" {
		t.Errorf("what was forgotten is still hidden: %q", got)
	}
	body := m.Body([]byte(`{"card":{"pan":"4444333322221111","cvv":"123"},"voucherPin":"SIMNEO0001","amount":100.00}`))
	for _, secret := range []string{"4444333322221111", "123\"", "SIMNEO0001"} {
		if strings.Contains(body, secret) {
			t.Errorf("%q is kept: %s", secret, body)
		}
	}
	if !strings.Contains(body, "100.00") {
		t.Errorf("the amount's digits are gone: %s", body)
	}
	header := m.Header(http.Header{"Authorization": {"Bearer abcdefgh"}, "X-User-Token": {"abc"}, "Set-Cookie": {"sid=abcdef; Path=/"}, "Accept": {"*/*", "text/html"}})
	if header["Authorization"] != "Bearer ***" || header["X-User-Token"] != "***" || header["Set-Cookie"] != "***" || header["Accept"] != "*/*, text/html" {
		t.Errorf("got %v", header)
	}
}

// Whatever is masked, a known secret is never in it.
func FuzzMasker(f *testing.F) {
	f.Add("before ", " after")
	f.Add(`{"token":"`, `"}`)
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "the-secret-0123456789"
		m := &evidence.Masker{}
		m.Hide(secret)
		if got := m.Text(before + secret + after); strings.Contains(got, secret) {
			t.Errorf("%q", got)
		}
		if got := m.Body([]byte(before + secret + after)); strings.Contains(got, secret) {
			t.Errorf("%q", got)
		}
	})
}
