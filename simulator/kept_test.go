package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mozartosim/fixtures"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/data"
	"mozartosim/simulator/payment"
)

// Data files and exports are read by every later version: testdata/kept has one of each, which the version that added this test
// made, and what the admin API answers about them. -update writes the answers again, and files only where there are none: those that are
// there are never replaced, or what they guard would be lost.
func TestDataOfEarlierVersions(t *testing.T) {
	t.Parallel()
	const folder = "testdata/kept/"
	if _, err := os.Stat(folder + "data.db"); *update && errors.Is(err, fs.ErrNotExist) {
		makeKept(t, folder)
	}
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		kept, err := os.ReadFile(folder + "data.db")
		must(t, err)
		file := filepath.Join(t.TempDir(), "data.db")
		must(t, os.WriteFile(file, kept, 0o600))
		answers, calls := answersAbout(t, file)
		golden(t, folder+"answers.txt", answers)
		golden(t, folder+"calls.txt", calls)
	})
	t.Run("export", func(t *testing.T) {
		t.Parallel()
		export, err := os.Open(folder + "export.jsonl")
		must(t, err)
		defer export.Close()
		file := filepath.Join(t.TempDir(), "data.db")
		_, err = data.Import(t.Context(), file, "devel", export, false)
		must(t, err)
		answers, _ := answersAbout(t, file) // an export has no calls
		golden(t, folder+"answers.txt", answers)
	})
}

// keptIn is a simulator with the data in a file, which is closed by its caller.
func keptIn(t *testing.T, file string) *testAdmin {
	t.Helper()
	config := Default()
	config.PublicAddr, config.AdminAddr, config.PublicURL = "127.0.0.1:0", "", "http://127.0.0.1:8080"
	config.Clock, config.ClockStart, config.Data, config.DataKey = clock.Manual, start, file, "a key"
	s, err := New(config)
	must(t, err)
	public, err := s.Public()
	must(t, err)
	admin, err := s.Admin()
	must(t, err)
	c, _ := s.Company("kept")
	return &testAdmin{&testSimulator{t, s, public}, t, c, admin}
}

// answersAbout is what the admin API answers about all that a file keeps, its calls apart, and what comes of the jobs that wait in it.
func answersAbout(t *testing.T, file string) (answers, calls []byte) {
	t.Helper()
	d := keptIn(t, file)
	defer func() { must(t, d.Close()) }()
	told := func(method, path, body string) []byte {
		answer := d.call(method, path, body).want(http.StatusOK)
		var text bytes.Buffer
		must(t, json.Indent(&text, []byte(strings.TrimSpace(answer.text)), "", " "))
		return fmt.Appendf(nil, "%s %s\n%s\n", method, path, &text)
	}
	for _, path := range []string{
		d.at("?reveal=true"), d.at("/clock"), d.at("/scenarios/kept"), d.at("/outages"), d.at("/inbox"), d.at("/overrides"), d.at("/jobs"),
	} {
		answers = append(answers, told("GET", path, "")...)
	}
	for _, id := range d.streams(t, d.company.ID) {
		answers = append(answers, told("GET", d.of("/v1/payments/"+id), "")...)
	}
	for _, path := range []string{d.of("/v1/requests"), "/v1/requests?unknown=true"} {
		calls = append(calls, told("GET", path, "")...)
		for _, r := range d.call("GET", path, "").doc.Fields["requests"].([]any) {
			if one := decoded(t, jsonOf(t, r)); one.Text("outcome") == "refused" {
				calls = append(calls, told("GET", strings.Replace(path, "/v1/requests", "/v1/requests/"+one.Text("id"), 1), "")...)
			}
		}
	}
	answers = append(answers, told("POST", d.at("/clock/advance"), `{"until": "idle"}`)...)
	return append(answers, told("GET", d.of("/v1/payments"), "")...), calls
}

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	must(t, err)
	return string(text)
}

// makeKept makes a data file and an export of it: a payment of each provider and its webhooks, in all states, decided in all ways,
// with kept settings and refused calls.
func makeKept(t *testing.T, folder string) {
	t.Helper()
	must(t, os.MkdirAll(folder, 0o755))
	file := folder + "data.db"
	d := keptIn(t, file)
	d.company = d.testSimulator.company("kept", func(c *backoffice.Company) {
		c.Credentials.APIKey = "kept"
		d.secured(c)
	})
	d.call("PUT", d.at("/scenarios/kept"), `{"match": {"psp": "PAYONE", "nth": 3}, "webhooks": {"copies": 2, "spaced": {"uniform": ["1s", "9s"]}}}`).want(http.StatusOK)
	d.call("PUT", d.at("/outages/BRITE"), `{"kind": "flapping", "for": "1h"}`).want(http.StatusOK)
	byHand := d.keptPayment("TRUST", "PAYIN", "shopper-by-hand")
	for i, psp := range slices.Sorted(maps.Keys(d.providers)) {
		d.keptPayment(psp, "PAYIN", []string{"", "webhook-twice", "shopper-declined", "webhook-wrong-secret"}[i%4])
	}
	approved := d.keptPayment("GIGADAT", "PAYOUT", "")
	d.keptPayment("GIGADAT", "PAYOUT", "")
	text, _ := d.contract.Example("PayonePayInRequest")
	d.pay(d.company, strings.Replace(string(text), `"email"`, `"mail"`, 1))
	d.testCall(http.MethodGet, "/v1/nothing")
	d.public.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/pay/trust/"+byHand.Session, nil))
	d.call("POST", d.at("/clock/advance"), `{"by": "3s"}`).want(http.StatusOK)
	d.call("PUT", d.at("/inbox"), `{"replies": [{"status": 500, "times": 100}]}`).want(http.StatusOK)
	d.call("POST", d.of("/v1/payments/"+byHand.ID+"/decide"), `{"action": "decline", "reason": "insufficient funds"}`).want(http.StatusOK)
	d.call("POST", d.of("/v1/payments/"+approved.ID+"/approve"), "").want(http.StatusOK)
	d.call("POST", d.at("/clock/advance"), `{"by": "1m"}`).want(http.StatusOK)
	deliveries := d.call("GET", d.of("/v1/deliveries"), "").doc.Fields["deliveries"].([]any)
	delivery := func(state string) string {
		i := slices.IndexFunc(deliveries, func(d any) bool { return d.(map[string]any)["state"] == state })
		return deliveries[i].(map[string]any)["id"].(string)
	}
	d.call("POST", d.of("/v1/deliveries/"+delivery("delivered")+"/resend"), "{}")
	d.call("POST", d.of("/v1/deliveries/"+delivery("retrying")+"/cancel"), "").want(http.StatusOK)
	d.keptPayment("PAYONE", "PAYIN", "") // its webhook waits
	d.call("PUT", d.at("/inbox"), `{"replies": [{"hangUp": true}]}`).want(http.StatusOK)
	d.call("POST", d.at("/overrides"), `{"scenario": {"match": {"psp": "NEOSURF"}, "answer": {"reason": "no"}}}`).want(http.StatusOK)
	must(t, d.Close())
	export, err := os.Create(folder + "export.jsonl")
	must(t, err)
	_, err = data.Export(t.Context(), file, "devel", export)
	must(t, errors.Join(err, export.Close()))
}

// keptPayment makes a provider's payment by a scenario, "" for none; masking changes its reference.
func (d *testAdmin) keptPayment(psp, kind, scenario string) *payment.Payment {
	d.t.Helper()
	all, err := fixtures.Requests()
	must(d.t, err)
	i := slices.IndexFunc(all, func(r fixtures.Request) bool { return r.PSP == psp && r.Type == kind })
	fields := decoded(d.t, string(all[i].Body)).Fields
	fields["merchantReference"] = "5425233430109903"
	header := d.header(d.company)
	if scenario != "" {
		header.Set("Mozartosim-Scenario", scenario)
	}
	d.testSimulator.call(header, jsonOf(d.t, fields))
	ids := d.streams(d.t, d.company.ID)
	return d.read(d.t, d.company, ids[len(ids)-1])
}
