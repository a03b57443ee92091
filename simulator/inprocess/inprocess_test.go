package inprocess

import (
	"errors"
	"net/http"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// A merchant's call has the name and the scheme by which merchants reach the simulator, whatever stands before the path there.
func TestCashier(t *testing.T) {
	t.Parallel()
	cashier := Cashier(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != openapi.CashierPath || r.Host != "sim.example" || r.TLS == nil || r.RemoteAddr != Own || r.UserAgent() != "browser" {
			t.Errorf("called %s of %s from %s, TLS %v", r.URL.Path, r.Host, r.RemoteAddr, r.TLS != nil)
		}
		if r.Header.Get("Mozartosim-Scenario") == "lost" {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusTeapot)
	}), "browser")
	tokens := adminapi.Tokens{URL: "https://sim.example/below" + openapi.CashierPath, Company: "c", User: "u"}
	for scenario, want := range map[string]error{"": nil, "lost": ErrAborted} {
		call, err := tokens.Request(t.Context(), []byte("{}"), scenario)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := cashier.RoundTrip(call)
		if !errors.Is(err, want) {
			t.Fatalf("scenario %q: %v, want %v", scenario, err, want)
		}
		if want != nil {
			continue
		}
		if answer.Body.Close(); answer.StatusCode != http.StatusTeapot {
			t.Errorf("answered %d", answer.StatusCode)
		}
	}
}
