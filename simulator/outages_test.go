package simulator

import (
	"net/http"
	"strings"
	"testing"
)

// status pays the example request and returns the answer's status and error code.
func (d *testAdmin) status(schema string) string {
	d.t.Helper()
	body, ok := d.contract.Example(schema)
	if !ok {
		d.t.Fatalf("no example %s", schema)
	}
	answer := d.pay(d.company, string(body))
	for _, code := range []string{"PSP_UNAVAILABLE", "PSP_TIMEOUT", "PSP_RATE_LIMITED", "INVALID_PSP_CREDENTIALS"} {
		if strings.Contains(answer.Body.String(), code) {
			return code
		}
	}
	return http.StatusText(answer.Code)
}

// An outage ends by itself, on the company's clock.
func TestOutageEnds(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "outage", nil)
	path := d.at("/outages/PAYONE")
	d.call("PUT", path, `{"kind": "down", "for": "10m"}`).want(200).is("psp", "PAYONE", "kind", "down", "for", "10m", "until", "2026-06-01T12:10:00Z")
	d.call("GET", d.at("/outages"), "").want(200).is("outages", "1", "outages.0.psp", "PAYONE")
	if got := d.status("PayonePayInRequest") + " " + d.status("NeosurfPayInRequest"); got != "PSP_UNAVAILABLE OK" {
		t.Error(got)
	}
	d.call("POST", d.at("/clock/advance"), `{"by": "10m"}`).want(200)
	if got := d.status("PayonePayInRequest"); got != "OK" {
		t.Error(got)
	}
	d.call("GET", d.at("/outages"), "").want(200).is("outages", "0")
	d.call("DELETE", path, "").fails(404, "company outage has no outage of PAYONE")

	d.call("PUT", path, `{"kind": "rate-limited"}`).want(200).is("until", "")
	if got := d.status("PayonePayInRequest"); got != "PSP_RATE_LIMITED" {
		t.Error(got)
	}
	d.call("DELETE", path, "").want(200).is("deleted", "PAYONE")
	if got := d.status("PayonePayInRequest"); got != "OK" {
		t.Error(got)
	}
	d.call("PUT", path, `{"kind": "slow", "delay": "2s"}`).want(200).is("delay", "2s")
	for body, says := range map[string]string{
		`{}`:                                "kind must not be missing",
		`{"kind": "asleep"}`:                "kind must be one of: down, slow",
		`{"kind": "slow"}`:                  "delay must say how late",
		`{"kind": "down", "delay": "1s"}`:   "delay must not be set unless kind is slow",
		`{"kind": "down", "for": "0s"}`:     "for must be longer than 0s",
		`{"kind": "down", "for": "9y"}`:     "for must be a duration",
		`{"kind": "slow", "delay": "366d"}`: "delay must be at most 365d",
	} {
		d.call("PUT", path, body).fails(400, says)
	}
	d.call("PUT", d.at("/outages/PAYTWO"), `{"kind": "down"}`).fails(404, "there is no provider PAYTWO: known are FORUMPAY")
	d.call("DELETE", d.at("/outages/PAYTWO"), "").fails(404, "there is no provider PAYTWO")
}

func TestScenarioIsPut(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "put", nil)
	path := d.at("/scenarios/payone-down")
	d.call("PUT", path, `{"description": "twice", "match": {"psp": "PAYONE"}, "times": 2, "answer": {"error": "PSP_TIMEOUT"}}`).want(200).is("name", "payone-down", "times", "2")
	d.call("GET", d.at("/scenarios"), "").want(200).is("scenarios.0.name", "payone-down", "scenarios.0.file", "", "scenarios.0.line", "0", "scenarios.0.applied", "0")
	for range 3 {
		d.status("PayonePayInRequest")
	}
	d.call("GET", d.at("/scenarios"), "").want(200).is("scenarios.0.applied", "2", "scenarios.0.description", "twice")
	d.call("GET", path, "").want(200).is("answer.error", "PSP_TIMEOUT")
	d.call("PUT", path, `{"name": "payone-down", "match": {"psp": "PAYONE"}, "answer": {"error": "PSP_UNAVAILABLE"}}`).want(200)
	if got := d.status("PayonePayInRequest"); got != "PSP_UNAVAILABLE" {
		t.Error(got)
	}
	d.call("DELETE", path, "").want(200).is("deleted", "payone-down")
	if got := d.status("PayonePayInRequest"); got != "OK" {
		t.Error(got)
	}
	d.call("PUT", path, `{"match": {"psp": "PAYONE"}}`).want(200)
	for _, method := range []string{"GET", "DELETE"} {
		d.call(method, d.at("/scenarios/payone-dwon"), "").fails(404, `there is no scenario "payone-dwon", close matches are payone-down`)
	}
	d.call("PUT", path, `{"name": "other"}`).fails(400, "name must be payone-down, as in the path, or be left out")
	d.call("PUT", path, `{"answr": {}, "match": {"when": "bse == 1"}}`).fails(400, "answr must not be set", "match.when must be a condition")
	d.call("PUT", d.at("/scenarios/Wrong"), `{}`).fails(400, "name must begin with a lower-case letter")
}

func TestOverride(t *testing.T) {
	t.Parallel()
	d := open(t, nil).adminOf(t, "override", nil)
	path := d.at("/overrides")
	d.call("PUT", d.at("/scenarios/rare"), `{"match": {"psp": "PAYONE", "named": true}, "answer": {"error": "PSP_TIMEOUT"}}`).want(200)
	d.call("POST", path, `{"name": "rare"}`).want(200).is("name", "rare", "waiting", "1")
	d.call("POST", path, `{"scenario": {"match": {"psp": "PAYONE"}, "answer": {"error": "PSP_UNAVAILABLE"}}}`).want(200).is("name", "one-shot", "waiting", "2")
	var got []string
	for _, schema := range []string{"NeosurfPayInRequest", "PayonePayInRequest", "PayonePayInRequest", "PayonePayInRequest"} {
		got = append(got, d.status(schema))
	}
	if s := strings.Join(got, " "); s != "OK PSP_TIMEOUT PSP_UNAVAILABLE OK" {
		t.Error(s)
	}
	d.call("POST", path, `{"name": "rar"}`).fails(404, `there is no scenario "rar", close matches are rare`)
	d.call("POST", path, `{}`).fails(400, "body must have either name or scenario")
	d.call("POST", path, `{"name": "rare", "scenario": {}}`).fails(400, "body must have either name or scenario")
	d.call("POST", path, `{"scenario": {"shopper": {"action": "fly"}}}`).fails(400, "scenario.shopper.action must be one of")
}
