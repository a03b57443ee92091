package certify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mozartosim/features/certify"
	"mozartosim/features/evidence"
	"mozartosim/features/merchants"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/simtest"
)

var update = flag.Bool("update", false, "write the goldens anew")

// queued is a shop that acknowledges a webhook at once and books it a little later, one after the other.
type queued struct {
	shop  http.Handler
	jobs  chan *http.Request
	under sync.WaitGroup
}

func newQueued(t *testing.T, shop http.Handler) *queued {
	q := &queued{shop: shop, jobs: make(chan *http.Request, 1000)}
	q.under.Go(func() {
		for r := range q.jobs {
			_, _ = clock.New().Hold(context.Background(), 5*time.Millisecond)
			q.shop.ServeHTTP(httptest.NewRecorder(), r)
		}
	})
	t.Cleanup(func() { close(q.jobs); q.under.Wait() })
	return q
}

func (q *queued) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/webhook" {
		q.shop.ServeHTTP(w, r)
		return
	}
	text, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(text))
	if !json.Valid(text) || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Authorization") != "Bearer "+secret {
		q.shop.ServeHTTP(w, r) // what is wrong at a glance is refused at once
		return
	}
	later := r.Clone(context.Background())
	later.Body = io.NopCloser(bytes.NewReader(text))
	q.jobs <- later
}

// A shop that books after its acknowledgement has full marks too.
func TestBooksLater(t *testing.T) {
	t.Parallel()
	config := shop(t, func(c merchants.Config) http.Handler { return newQueued(t, merchants.Correct(c)) }, flow("PAYONE", "PAYIN", "CAD"))
	config.Limits.Settle = 20 * time.Second
	run := certified(t, config, certify.Options{})
	if !certify.Passed(run) {
		t.Error(certificate(t, run))
	}
}

// And a late second credit is found, by the last look at the latest.
func TestBooksTwiceLater(t *testing.T) {
	t.Parallel()
	m, err := merchants.MistakesOf("credits-twice")
	if err != nil {
		t.Fatal(err)
	}
	config := shop(t, func(c merchants.Config) http.Handler { return newQueued(t, merchants.Naive(c, m)) }, flow("PAYONE", "PAYIN", "CAD"))
	config.Limits.Settle = 20 * time.Second
	run := certified(t, config, certify.Options{Capabilities: []string{"starting payments", "idempotency"}})
	for _, id := range []string{"duplicate", "duplicate-at-once", "resent-later"} {
		if !strings.Contains(strings.Join(failedChecks(run), " "), id) {
			t.Errorf("%s held:\n%s", id, certificate(t, run))
		}
	}
}

// Without a start hook the certifier waits for the merchant to call; the order is read by the call's merchantReference.
func TestWaitsForCalls(t *testing.T) {
	t.Parallel()
	config := shop(t, merchants.Correct, flow("PAYONE", "PAYIN", "CAD"))
	hook := config.Merchant.Start
	config.Merchant.Start = certify.Start{Wait: 10 * time.Second}
	n := 0
	run := certified(t, config, certify.Options{
		Capabilities: []string{"idempotency"},
		Logf: func(format string, _ ...any) {
			if !strings.Contains(format, "waiting") {
				return
			}
			n++
			body := strings.NewReplacer("{psp}", "PAYONE", "{type}", "PAYIN", "{variant}", "", "{amount}", "25.00", "{currency}", "CAD", "{reference}", fmt.Sprint("by-hand-", n)).Replace(hook.Body)
			answer, err := http.Post(hook.URL, "application/json", strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			answer.Body.Close()
		},
	})
	http.DefaultClient.CloseIdleConnections()
	if !certify.Passed(run) || n != 5 {
		t.Errorf("%d payments\n%s", n, certificate(t, run))
	}
}

// A simulator that runs already is used as it is, and left as it was.
func TestRunningSimulator(t *testing.T) {
	t.Parallel()
	sim := simtest.Start(t, simtest.RealTime())
	config := shop(t, func(c merchants.Config) http.Handler {
		c.CashierURL, c.CompanyToken = sim.URL, sim.CompanyToken
		return merchants.Correct(c)
	}, flow("PAYONE", "PAYIN", "CAD"), flow("TRUST", "PAYIN", "EUR"))
	config.Simulator = certify.Simulator{URL: sim.URL, Admin: sim.AdminURL}
	before := show(t, sim.AdminURL)
	run := certified(t, config, certify.Options{})
	if !certify.Passed(run) {
		t.Error(certificate(t, run))
	}
	if after := show(t, sim.AdminURL); after != before {
		t.Errorf("before %s\nafter %s", before, after)
	}
}

// show tells what of a company the certifier changes for a while.
func show(t *testing.T, admin string) string {
	t.Helper()
	var all strings.Builder
	for _, path := range []string{"/v1/companies/demo/psps?reveal=true", "/v1/companies/demo/clock"} {
		answer, err := http.Get(admin + path)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		var fields map[string]any
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		delete(fields, "now")
		kept, _ := json.Marshal(fields)
		all.Write(kept)
	}
	http.DefaultClient.CloseIdleConnections()
	return all.String()
}

// The probe may be a command that prints two words, or JSON, or nothing.
func TestProbeCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, fields, script string
	}{
		{"two words", "", `printf 'paid 25.00'`},
		{"JSON", "status: order.state, credited: sums.0,", `printf '{"order":{"state":"paid"},"sums":["25.0"]}'`},
		{"no such order", "", `true`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := shop(t, merchants.Correct, flow("FLEXEPIN", "PAYIN", "EUR"))
			read, err := certify.Read("c.yaml", fmt.Appendf(nil, `
merchant:
  start: {url: "http://localhost/x"}
  probe: {command: [sh, -c, %q, "{reference}"], %s}
  statuses: {credited: paid, pending: pending, failed: failed}
flows: [{psp: FLEXEPIN, amount: 25, currency: EUR}]
`, c.script, strings.TrimSuffix(c.fields, ",")))
			if err != nil {
				t.Fatal(err)
			}
			config.Merchant.Probe = read.Merchant.Probe
			run := certified(t, config, certify.Options{})
			if got := len(failedChecks(run)); got != 1 { // "paid" is wrong for the refused voucher, nothing for the other
				t.Errorf("%d failed\n%s", got, certificate(t, run))
			}
		})
	}
}

// What is written down has no secret in it, and is whole: every scenario has steps, and its webhooks.
func TestEvidence(t *testing.T) {
	t.Parallel()
	run := certified(t, shop(t, merchants.Correct, flow("PAYONE", "PAYIN", "CAD"), flow("EMERCHANTPAY", "PAYIN", "EUR")), certify.Options{Version: "v1"})
	text, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(secret)) {
		t.Error("the shared secret stands in the evidence")
	}
	if run.Kind != "certify" || run.Target != "a sample shop" || run.Version != evidence.Version {
		t.Errorf("%s %s %d", run.Kind, run.Target, run.Version)
	}
	webhooks := 0
	for _, f := range run.Features {
		for _, s := range f.Scenarios {
			webhooks += len(s.Webhooks)
			if len(s.Steps) == 0 || s.ID == "" || s.Tries != 1 {
				t.Errorf("%s has %d steps", s.Name, len(s.Steps))
			}
		}
	}
	if webhooks < 50 {
		t.Errorf("%d webhooks", webhooks)
	}
}

// What can't be certified at all is an error that says why.
func TestCannotRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says   string
		change func(*certify.Config)
	}{
		{"can't be reached", func(c *certify.Config) { c.Merchant.Probe.URL = "http://127.0.0.1:1/{reference}" }},
		{"merchant.webhook.url is missing", func(c *certify.Config) { c.Merchant.Webhook.URL = "" }},
		{"public-addr", func(c *certify.Config) { c.Simulator = certify.Simulator{Listen: "nowhere"} }},
		{"gateway.listen", func(c *certify.Config) { c.Gateway.Listen = "nowhere" }},
		{"must print a status and an amount", func(c *certify.Config) { c.Merchant.Probe = certify.Probe{Command: []string{"echo", "paid"}} }},
		{"exit status 3: broken", func(c *certify.Config) {
			c.Merchant.Probe = certify.Probe{Command: []string{"sh", "-c", "echo broken >&2; exit 3"}}
		}},
		{"no simulator answers", func(c *certify.Config) {
			c.Simulator = certify.Simulator{URL: "http://127.0.0.1:1", Admin: "http://127.0.0.1:1"}
		}},
	} {
		t.Run(c.says, func(t *testing.T) {
			t.Parallel()
			config := shop(t, merchants.Correct, flow("PAYONE", "PAYIN", "CAD"))
			c.change(config)
			if _, err := certify.Run(t.Context(), config, certify.Options{}); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := certify.Run(t.Context(), shop(t, merchants.Correct), certify.Options{Capabilities: []string{"singing"}}); err == nil || !strings.Contains(err.Error(), "singing") {
		t.Errorf("got %v", err)
	}
	run, err := certify.Run(t.Context(), shop(t, merchants.Correct, flow("BRITE", "PAYIN", "EUR")), certify.Options{Capabilities: []string{"idempotency"}})
	if run != nil || err == nil || err.Error() != "no check of idempotency applies to a flow of the configuration" {
		t.Errorf("got %v, graded %+v", err, run)
	}
}

// Every mistake in a configuration is told at once, with its place and what would be right.
func TestReadErrors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/wrong.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/wrong.golden")
	if err != nil {
		t.Fatal(err)
	}
	_, got := certify.Read("wrong.yaml", text)
	if *update && got != nil {
		if err := os.WriteFile("testdata/wrong.golden", []byte(got.Error()+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got == nil || got.Error()+"\n" != string(want) {
		t.Errorf("got\n%v", got)
	}
	if _, err := certify.Read("c.yaml", []byte("merchant: [")); err == nil {
		t.Error("broken YAML is read")
	}
}

// The configurations of the sample shops are readable.
func TestSamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"testdata/full.yaml", "../merchants/certify.yaml"} {
		if _, err := certify.ReadFile(name); err != nil {
			t.Error(err)
		}
	}
}

// A merchant may have ids of its own, whatever is in them: the hook's answer tells them, and the probe asks by them.
func TestOwnOrderIDs(t *testing.T) {
	t.Parallel()
	config := shop(t, func(c merchants.Config) http.Handler {
		correct := merchants.Correct(c)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/by-id" {
				r.URL.Path = "/orders/" + strings.TrimPrefix(r.URL.Query().Get("id"), "id&of+")
			}
			if r.URL.Path != "/start" {
				correct.ServeHTTP(w, r)
				return
			}
			text, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(text))
			var wish struct{ Reference string }
			_ = json.Unmarshal(text, &wish)
			kept := httptest.NewRecorder()
			correct.ServeHTTP(kept, r)
			w.WriteHeader(kept.Code)
			fmt.Fprintf(w, `{"order":{"id":"id&of+%s"},"cashier":%s}`, wish.Reference, kept.Body)
		})
	}, flow("PAYONE", "PAYIN", "CAD"))
	config.Merchant.Start.Order, config.Merchant.Start.Redirect = "order.id", "cashier.redirectUrl"
	config.Merchant.Probe.URL = strings.Replace(config.Merchant.Probe.URL, "/orders/{reference}", "/by-id?id={order}", 1)
	run := certified(t, config, certify.Options{})
	for _, id := range failedChecks(run) { // an order that has no id, since the call was refused, can't be asked for
		t.Errorf("%s\n%s", id, certificate(t, run))
	}
}

// A merchant that starts no payments fails one check for each flow; the others are not run and lose their points.
func TestDeafMerchant(t *testing.T) {
	t.Parallel()
	config := shop(t, func(c merchants.Config) http.Handler {
		c.CompanyToken = "nobody's"
		return merchants.Correct(c)
	}, flow("PAYONE", "PAYIN", "CAD"))
	run := certified(t, config, certify.Options{})
	counts := run.Count()
	if got := failedChecks(run); len(got) != 1 || got[0] != "happy-path" || counts.Passed != 0 || counts.NotRun == 0 {
		t.Errorf("%v %+v\n%s", got, counts, certificate(t, run))
	}
	if reason := scenario(t, run, "happy-path").Reason; !strings.Contains(reason, "the simulator refused the shop's call: 401, ") {
		t.Errorf("the simulator's reason is not told: %s", reason)
	}
	if run.Grades[0].Points != 0 || run.Grades[0].Of == 0 || certify.Passed(run) {
		t.Errorf("%+v", run.Grades[0])
	}
}

// A merchant without a shared secret can be told anything by anybody: three checks say so, and no others.
func TestNoSecret(t *testing.T) {
	t.Parallel()
	config := shop(t, func(c merchants.Config) http.Handler {
		c.Secret = ""
		return merchants.Correct(c)
	}, flow("PAYONE", "PAYIN", "CAD"))
	config.Merchant.Webhook.Secret = ""
	run := certified(t, config, certify.Options{})
	if got := strings.Join(failedChecks(run), " "); got != "another-companys-secret missing-secret wrong-secret" {
		t.Errorf("%s\n%s", got, certificate(t, run))
	}
}

// The header that bears the secret can be worded otherwise.
func TestOwnAuthorization(t *testing.T) {
	t.Parallel()
	config := hostedShop(t, func(c merchants.Config) http.Handler {
		correct := merchants.Correct(c)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Token "); ok {
				r.Header.Set("Authorization", "Bearer "+token)
			} else {
				r.Header.Del("Authorization")
			}
			correct.ServeHTTP(w, r)
		})
	}, flow("PAYONE", "PAYIN", "CAD"))
	config.Merchant.Webhook.Authorization = "Token {secret}"
	if run := certified(t, config, certify.Options{}); !certify.Passed(run) {
		t.Error(certificate(t, run))
	}
}
