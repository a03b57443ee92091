package main

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/requestlog"
)

// A list of refused calls says how many others reached no company, and those are aged by the clock that stamped them; one call says
// what would be right.
func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	s := startSimulator(t, func(config *simulator.Config) {
		config.Clock, config.ClockStart = clock.Manual, clock.Wall().Add(12*24*time.Hour)
	})
	said := func(line string) (out, errOut string) {
		t.Helper()
		var o, e bytes.Buffer
		if code := run(context.Background(), append(strings.Fields(line), "--admin-url", s.AdminURL()), &o, &e); code != 0 {
			t.Fatalf("%s: code %d: %s", line, code, e.String())
		}
		return o.String(), e.String()
	}
	company, _ := said("token company")
	user, _ := said("token user")
	call := func(token, body string) (id string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.PublicURL()+openapi.CashierPath, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("X-User-Token", "Bearer "+strings.TrimSpace(user))
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.Header.Get(requestlog.Header)
	}
	if _, errOut := said("requests --refused"); errOut != "" {
		t.Errorf("no call was refused: %s", errOut)
	}
	company = strings.TrimSpace(company)
	contract, err := openapi.Cashier()
	if err != nil {
		t.Fatal(err)
	}
	text, _ := contract.Example("PayonePayInRequest")
	wrong := call(company, regexp.MustCompile(`("baseamount": *)[0-9.]+`).ReplaceAllString(string(text), `$1"25"`))
	unknown := []string{call("wrong", "{}"), call(company, "{")}

	out, errOut := said("requests --refused")
	if !strings.Contains(out, wrong) || strings.Contains(out, unknown[0]) ||
		errOut != "2 more reached no company: mozartosim requests --refused --unknown\n" {
		t.Errorf("%s\n%s", out, errOut)
	}
	if _, errOut := said("requests --refused --status 401"); errOut != "1 more reached no company: mozartosim requests --refused --unknown --status 401\n" {
		t.Error(errOut)
	}
	out, errOut = said("requests --refused --unknown")
	if !strings.Contains(out, unknown[0]) || !strings.Contains(out, unknown[1]) || regexp.MustCompile(`[0-9]d[0-9h]* ago`).MatchString(out) || errOut != "" {
		t.Errorf("%s\n%s", out, errOut)
	}
	if out, _ := said("requests " + unknown[1]); !strings.Contains(out, "refused by read") {
		t.Error(out)
	}
	if out, _ := said("requests " + wrong); !regexp.MustCompile(`what would be right +required; [A-Z]`).MatchString(out) {
		t.Error(out)
	}
}
