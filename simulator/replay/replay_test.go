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

// one is a folder with one recording, which fits every call.
type one struct {
	recording recorded.Recording
	found     int
}

func (o *one) Peek(*recorded.Match) (*recorded.Recording, bool) { return &o.recording, true }
func (o *one) Find(*recorded.Match) (*recorded.Recording, bool) {
	o.found++
	return &o.recording, true
}

// requests keeps nothing.
type requests struct{}

func (requests) NewID() string           { return "call-1" }
func (requests) Record(*requestlog.Call) {}

func handler(t *testing.T, o *one) (http.Handler, *bytes.Buffer) {
	t.Helper()
	contract, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	return replay.New(replay.Config{
		Recordings: o, Contract: contract, MaxBody: 100, Seed: 1,
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
	ok := recorded.Recording{File: "0001-x.json", Answer: recorded.Answer{
		Status: http.StatusOK, Headers: map[string]string{"Content-Type": "application/json"}, Body: []byte(`{"token":"{{fake hex 8 1}}"}`),
	}}
	unauthorized := recorded.Recording{File: "0002-x.json", Answer: recorded.Answer{Status: http.StatusUnauthorized}}
	const body = `{"pspType":"PAYONE"}`
	for _, c := range []struct {
		name, method, path, body string
		header                   http.Header
		recording                recorded.Recording
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
			o := &one{recording: c.recording}
			h, log := handler(t, o)
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			r.Header.Set("Authorization", "Bearer good")
			for name, values := range c.header {
				r.Header[name] = values
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if !c.replayed {
				if w.Code != http.StatusTeapot || w.Body.String() != c.body || w.Header().Get(replay.Header) != "" || o.found != 0 {
					t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
				}
				return
			}
			if w.Code != c.recording.Answer.Status || w.Header().Get(replay.Header) != c.recording.File || o.found != 1 || !strings.Contains(log.String(), c.recording.File) {
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
	h, _ := handler(t, &one{recording: recorded.Recording{Answer: recorded.Answer{Status: http.StatusUnauthorized, Text: "{{fake text 20 1}}"}}})
	seen := map[string]bool{}
	for range 5 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, openapi.CashierPath, strings.NewReader(`{}`)))
		seen[w.Body.String()] = true
	}
	if len(seen) != 5 {
		t.Errorf("%v", seen)
	}
}
