package replay_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mozartosim/fixtures/recorded"
	"mozartosim/openapi"
	"mozartosim/simulator/replay"
	"mozartosim/simulator/requestlog"
)

// twice are two recordings of an answer to a call, which takes the first one first, and what they match.
func twice(t *testing.T, contract *openapi.Contract, r *http.Request, body string, answer recorded.Answer) (*recorded.Set, *recorded.Match) {
	t.Helper()
	sent, _ := openapi.Decode([]byte(body)) // without fields where it is no JSON
	match := recorded.MatchOf(contract, r.Header, sent)
	dir := t.TempDir()
	for range 2 {
		if _, err := (&recorded.Recording{Version: recorded.Version, Kind: recorded.Cashier, Match: match, Answer: answer}).Save(dir); err != nil {
			t.Fatal(err)
		}
	}
	set, err := recorded.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return set, match
}

func cashier(t *testing.T) *openapi.Contract {
	t.Helper()
	contract, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	return contract
}

// requests keeps nothing.
type requests struct{}

func (requests) NewID() string           { return "call-1" }
func (requests) Record(*requestlog.Call) {}

func handler(contract *openapi.Contract, recordings *recorded.Set) (http.Handler, *bytes.Buffer) {
	var log bytes.Buffer
	return replay.New(replay.Config{
		Recordings: recordings, Contract: contract, MaxBody: 100, Seed: 1,
		Log:     slog.New(slog.NewTextHandler(&log, nil)),
		Company: func(authorization string) (string, bool) { return "company", authorization == "Bearer good" }, Requests: requests{},
		Next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write(text)
		}),
	}), &log
}

// What fits is replayed, with its headers and its file's name; all else reaches the next handler with its body whole.
func TestReplay(t *testing.T) {
	t.Parallel()
	contract := cashier(t)
	ok := recorded.Answer{
		Status: http.StatusOK, Headers: map[string]string{"Content-Type": "application/json"}, Body: []byte(`{"token":"{{fake hex 8 1}}"}`),
	}
	unauthorized := recorded.Answer{Status: http.StatusUnauthorized}
	const body = `{"pspType":"PAYONE"}`
	for _, c := range []struct {
		name, method, path, body string
		header                   http.Header
		answer                   recorded.Answer
		replayed                 bool
	}{
		{"fits", "POST", openapi.CashierPath, body, nil, ok, true},
		{"a recorded 401 needs no token", "POST", openapi.CashierPath, body, http.Header{"Authorization": {"Bearer bad"}}, unauthorized, true},
		{"a token that is not taken", "POST", openapi.CashierPath, body, http.Header{"Authorization": {"Bearer bad"}}, ok, false},
		{"another method", "PUT", openapi.CashierPath, body, nil, ok, false},
		{"another path", "POST", "/pay/payone/1", body, nil, ok, false},
		{"no JSON", "POST", openapi.CashierPath, `{"pspType"`, nil, ok, false},
		{"no body", "POST", openapi.CashierPath, ``, nil, ok, false},
		{"too large", "POST", openapi.CashierPath, `{"a":"` + strings.Repeat("x", 200) + `"}`, nil, ok, false},
		{"compressed", "POST", openapi.CashierPath, body, http.Header{"Content-Encoding": {"gzip"}}, ok, false},
		{"a scenario by header", "POST", openapi.CashierPath, body, http.Header{"Mozartosim-Scenario": {"x"}}, ok, false},
		{"a scenario by reference", "POST", openapi.CashierPath, `{"merchantReference":"sim:x"}`, nil, ok, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			r.Header.Set("Authorization", "Bearer good")
			for name, values := range c.header {
				r.Header[name] = values
			}
			recordings, match := twice(t, contract, r, c.body, c.answer)
			first, _ := recordings.Peek(match)
			h, log := handler(contract, recordings)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			next, _ := recordings.Peek(match)
			if !c.replayed {
				if w.Code != http.StatusTeapot || w.Body.String() != c.body || w.Header().Get(replay.Header) != "" || next != first {
					t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
				}
				return
			}
			if w.Code != c.answer.Status || w.Header().Get(replay.Header) != first.File || next == first || !strings.Contains(log.String(), first.File) {
				t.Errorf("%d %s %v %s", w.Code, w.Body, w.Header(), log)
			}
			if strings.Contains(w.Body.String(), "fake") {
				t.Errorf("replayed as %s", w.Body)
			}
		})
	}
}

// Each replay has a token of its own.
func TestFreshTokens(t *testing.T) {
	t.Parallel()
	contract, call := cashier(t), func() *http.Request {
		return httptest.NewRequest(http.MethodPost, openapi.CashierPath, strings.NewReader(`{}`))
	}
	recordings, _ := twice(t, contract, call(), `{}`, recorded.Answer{Status: http.StatusUnauthorized, Text: "{{fake text 20 1}}"})
	h, _ := handler(contract, recordings)
	seen := map[string]bool{}
	for range 5 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, call())
		seen[w.Body.String()] = true
	}
	if len(seen) != 5 {
		t.Errorf("%v", seen)
	}
}
