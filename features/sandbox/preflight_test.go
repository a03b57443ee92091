package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"mozartosim/features/steps"
	"mozartosim/features/target"
	"mozartosim/simulator/words"
)

// sound answers a call as the contract has it: without a token, with one, and with a provider.
func sound(w http.ResponseWriter, r *http.Request, _ string) {
	status, message := http.StatusBadRequest, "Validation failed"
	if r.Header.Get("Authorization") == "" {
		status, message = http.StatusUnauthorized, "Unauthorized"
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"message":%q,"errors":[]}`, message)
}

// Whatever is wrong with a target is found before a payment is sent, each with what would be right; and no call of the pre-flight has
// an amount.
func TestPreflight(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	expired := steps.CompanyToken("key", "secret", at.Add(-time.Hour), at.Add(-time.Minute))
	only := func(check string, answers func(w http.ResponseWriter)) func(http.ResponseWriter, *http.Request, string) {
		return func(w http.ResponseWriter, r *http.Request, body string) {
			signed := r.Header.Get("Authorization") != ""
			if check == "reach" && !signed || check == "token" && signed && body == "{}" || strings.Contains(body, `"`+check+`"`) {
				answers(w)
				return
			}
			sound(w, r, body)
		}
	}
	says := func(status int, text string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(status); _, _ = io.WriteString(w, text) }
	}
	for name, c := range map[string]struct {
		answers func(http.ResponseWriter, *http.Request, string)
		change  func(*target.Profile)
		want    string // "" = no problem
		right   string
	}{
		"all is well":         {answers: sound},
		"another server":      {answers: only("reach", says(302, "")), want: "reach: that is no Cashier API", right: "without a path"},
		"it is down":          {answers: only("reach", says(502, "bad gateway")), want: "reach: answers 502 bad gateway", right: "try again"},
		"a wrong token":       {answers: only("token", says(401, `{"message":"Unauthorized"}`)), want: "token: is refused: 401 Unauthorized", right: "those of production are others"},
		"an expired token":    {answers: only("token", says(401, "")), change: func(p *target.Profile) { p.CompanyToken = expired }, want: "token: is refused", right: "expired at 2026-06-01T11:59:00Z"},
		"an expired password": {answers: only("token", says(403, `{"message":"Password expired"}`)), want: "token: 403 Password expired", right: "log in"},
		"no configuration":    {answers: only("TRUST", says(400, `{"data":"PSP Configuration not found. Please check you psp Configuration"}`)), want: "TRUST: is not configured", right: "leave it out of psps"},
		"a provider is down":  {answers: only("TRUST", says(500, "")), want: "TRUST: does not work there: 500", right: "leave it out"},
		"an unknown shopper":  {answers: only("TRUST", says(401, "")), want: "TRUST: refuses the shopper's token", right: "the first of users"},
		"it takes everything": {answers: only("TRUST", says(200, "{}")), want: "TRUST: takes a payment without an amount", right: "nothing more is sent"},
		"an address of its own": {answers: sound, change: func(p *target.Profile) {
			p.WebhookURL, p.Listen, p.WebhookCheck = "http://127.0.0.1:9", "127.0.0.1:0", false
		}, want: "webhooks: 127.0.0.1 is an address of this machine", right: "public address"},
		"a private address": {answers: sound, change: func(p *target.Profile) {
			p.WebhookURL, p.Listen, p.WebhookCheck = "https://10.1.2.3", "127.0.0.1:0", false
		}, want: "webhooks: 10.1.2.3 is an address of this machine or its network", right: "public address"},
		"nothing leads here": {answers: sound, change: func(p *target.Profile) {
			p.WebhookURL, p.Listen, p.WebhookCheck = "http://127.0.0.1:9", "127.0.0.1:0", true
		}, want: "webhooks: no server answers at http://127.0.0.1:9", right: "must lead to this machine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := standIn(t, func(w http.ResponseWriter, r *http.Request, body string) {
				if strings.Contains(body, "amount") {
					t.Errorf("sent %s", body)
				}
				c.answers(w, r, body)
			})
			p := target.Profile{BaseURL: server.URL, CompanyToken: "a-company-token", PSPs: []string{"PAYONE", "TRUST"}}
			if c.change != nil {
				c.change(&p)
			}
			found := Preflight(t.Context(), opened(t, p), p, at)
			problem := words.Finding{}
			for _, f := range found {
				if f.Level == words.Problem {
					problem = f
				}
			}
			check, part, _ := strings.Cut(c.want, ": ")
			if problem.Check != check || !strings.Contains(problem.Description, part) || !strings.Contains(problem.Fix, c.right) || words.Problems(found) > 1 {
				t.Errorf("found %+v", found)
			}
			if c.want == "" && len(found) != 5 { // reach, token, two providers, webhooks
				t.Errorf("found %+v", found)
			}
		})
	}
	p := target.Profile{BaseURL: "http://127.0.0.1:1", CompanyToken: "a-company-token"}
	if found := Preflight(t.Context(), opened(t, p), p, at); len(found) != 2 || found[0].Level != words.Problem || !strings.Contains(found[0].Fix, "firewall") {
		t.Errorf("found %+v", found)
	}
}

// In a private network a private address is one that the target may reach; loopback never is.
func TestHiddenAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base, host string
		hidden     bool
	}{
		{"https://93.184.216.34", "10.1.2.3", true}, {"https://10.9.8.7", "10.1.2.3", false}, {"https://10.9.8.7", "127.0.0.1", true},
		{"https://93.184.216.34", "93.184.216.35", false}, {"https://93.184.216.34", "::1", true}, {"https://93.184.216.34", "169.254.1.1", true},
	} {
		f := &flight{ctx: t.Context(), profile: target.Profile{BaseURL: c.base}}
		if got := f.hidden(c.host); got != c.hidden {
			t.Errorf("%s from %s: %v", c.host, c.base, got)
		}
	}
}
