package certify_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"mozartosim/features/certify"
	"mozartosim/features/evidence"
	"mozartosim/features/merchants"
	"mozartosim/features/steps"
	"mozartosim/fixtures"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/money"
	"mozartosim/simulator/simtest"
)

// shared is the simulator of all tests but those that are about how one is started; each has a company of its own there.
var shared struct {
	start     sync.Once
	sim       *simtest.Sim
	err       error
	companies atomic.Int32
}

// tests stops the shared simulator when they have ended.
type tests struct{ *testing.M }

func (m tests) Run() int {
	code := m.M.Run()
	if shared.sim != nil {
		if err := shared.sim.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(tests{m}) }

// companyOf makes a company of the shared simulator for a test, like the demo company.
func companyOf(t *testing.T) (of certify.Simulator, token string) {
	t.Helper()
	shared.start.Do(func() {
		config := simtest.Default()
		config.WebhookTimeout = 30 * time.Second // the gateway times out first
		shared.sim, shared.err = simtest.Open(config)
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	demo, err := shared.sim.Demo.BackOffice().Company(t.Context(), adminapi.Revealed)
	if err != nil {
		t.Fatal(err)
	}
	in := adminapi.CompanyInput{Name: fmt.Sprintf("shop-%d", shared.companies.Add(1)), PSPs: demo.PSPs, Users: demo.Users, Brands: demo.Brands}
	for _, rule := range demo.Rules {
		in.Rules = append(in.Rules, adminapi.RuleInput{PSP: rule.PSP, Brand: rule.Brand})
	}
	made, err := shared.sim.Client.CreateCompany(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return certify.Simulator{URL: shared.sim.URL, Admin: shared.sim.AdminURL, Company: in.Name}, tokenOf(made.Credentials.APIKey, made.Credentials.SecretKey)
}

// demoToken is the demo company's JWT, which is the same on every start.
func demoToken(t *testing.T) string {
	t.Helper()
	reader, err := backoffice.NewReader()
	if err != nil {
		t.Fatal(err)
	}
	demo, err := backoffice.Demo(reader, backoffice.InboxURL, "")
	if err != nil {
		t.Fatal(err)
	}
	put, err := backoffice.NewDirectory(backoffice.DefaultSeed).Put(demo, clock.Wall())
	if err != nil {
		t.Fatal(err)
	}
	return tokenOf(put.Credentials.APIKey, put.Credentials.SecretKey)
}

func tokenOf(apiKey, secretKey string) string {
	return steps.CompanyToken(apiKey, secretKey, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{})
}

// allFlows are all flows of all providers, in the currencies of the fixtures.
func allFlows(t *testing.T) []certify.Flow {
	t.Helper()
	requests, err := fixtures.Requests()
	if err != nil {
		t.Fatal(err)
	}
	var flows []certify.Flow
	for _, r := range requests {
		if r.Kind != "minimal" {
			continue
		}
		doc, err := openapi.Decode(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		f := certify.Flow{PSP: r.PSP, Type: r.Type, Variant: r.Variant, Amount: money.MustParse("25.00"), Currency: doc.Text("currency")}
		if f.Currency == "" {
			f.Currency = "CAD"
		}
		flows = append(flows, f)
	}
	return flows
}

// free is an address that nobody listens on. It is on a loopback address of its own where there are many of them, so that
// nobody who takes any free port takes just this one before the simulator does.
func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.9.9.9:0")
	if err != nil { // a machine with one loopback address
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

const secret = "a-secret-of-the-shop"

// shop opens a sample shop and returns the configuration that certifies it against the shared simulator.
func shop(t *testing.T, build func(merchants.Config) http.Handler, flows ...certify.Flow) *certify.Config {
	t.Helper()
	simulator, token := companyOf(t)
	return shopAt(t, simulator, simulator.URL, token, build, flows...)
}

// hostedShop is shop with a simulator that the certifier starts.
func hostedShop(t *testing.T, build func(merchants.Config) http.Handler, flows ...certify.Flow) *certify.Config {
	t.Helper()
	listen := free(t)
	return shopAt(t, certify.Simulator{Listen: listen}, "http://"+listen, demoToken(t), build, flows...)
}

func shopAt(t *testing.T, simulator certify.Simulator, cashier, token string, build func(merchants.Config) http.Handler, flows ...certify.Flow) *certify.Config {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	server := httptest.NewServer(build(merchants.Config{
		CashierURL: cashier, CompanyToken: token, Secret: secret, Client: &http.Client{Transport: transport},
	}))
	t.Cleanup(server.Close)
	config, err := certify.Read("certify.yaml", fmt.Appendf(nil, `
merchant:
  name: a sample shop
  start:
    url: %[1]s/start
    body: '{"psp":"{psp}","type":"{type}","variant":"{variant}","amount":"{amount}","currency":"{currency}","reference":"{reference}"}'
    redirect: redirectUrl
  webhook: {url: %[1]s/webhook, secret: %[2]s}
  site: %[1]s
  probe: {url: "%[1]s/orders/{reference}", status: status, credited: credited}
  statuses: {credited: [paid], pending: [pending], failed: [failed]}
flows:
  - {psp: PAYONE, amount: "25.00", currency: CAD}
limits: {settle: 100ms, slowAnswer: 20ms}
`, server.URL, secret))
	if err != nil {
		t.Fatal(err)
	}
	config.Flows, config.Simulator = flows, simulator
	return config
}

func certified(t *testing.T, config *certify.Config, options certify.Options) *evidence.Run {
	t.Helper()
	run, err := certify.Run(t.Context(), config, options)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// failedChecks are the ids of the checks that did not hold.
func failedChecks(run *evidence.Run) (ids []string) {
	for _, f := range run.Features {
		for _, s := range f.Scenarios {
			id := strings.TrimPrefix(s.Tags[0], "@")
			if s.Status == evidence.Failed && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

func certificate(t *testing.T, run *evidence.Run) string {
	t.Helper()
	var text strings.Builder
	if err := certify.WriteGrades(&text, run); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// The correct shop gets full marks with every flow of every provider.
func TestCorrectShop(t *testing.T) {
	t.Parallel()
	run := certified(t, hostedShop(t, merchants.Correct, allFlows(t)...), certify.Options{})
	if !certify.Passed(run) || len(failedChecks(run)) > 0 {
		t.Errorf("%s", certificate(t, run))
	}
	for _, f := range run.Features {
		for _, s := range f.Scenarios {
			if s.Status != evidence.Passed {
				t.Errorf("%s: %s: %s", s.Status, s.Name, s.Reason)
			}
		}
	}
	if len(run.Grades) != 1+len(certify.Capabilities()) {
		t.Errorf("grades: %+v", run.Grades)
	}
}

// The naive shop as it is shipped: its report names each of its mistakes.
func TestNaiveShop(t *testing.T) {
	t.Parallel()
	telltale := map[string]string{
		"credits-on-return": "not-on-return", "credits-twice": "duplicate", "ignores-secret": "wrong-secret", "uses-raw-status": "raw-status",
		"trusts-amount": "amount-mismatch", "ignores-currency": "currency-mismatch", "credits-strangers": "unknown-transaction",
		"refuses-unknown-fields": "unknown-fields", "breaks-on-malformed": "malformed", "last-word-wins": "reversed",
		"gives-up-on-error": "timeout-but-paid", "answers-slowly": "in-time", "hands-tokens-on": "tokens-kept",
	}
	run := certifiedNaive(t, merchants.Classic(), flow("TRUST", "PAYIN", "EUR"), flow("GIGADAT", "PAYIN", "CAD"))
	failed, report := failedChecks(run), certificate(t, run)
	for _, mistake := range merchants.Classic() {
		id, known := telltale[mistake]
		if !known || !slices.Contains(failed, id) || !strings.Contains(report, "✗ "+id+": ") {
			t.Errorf("%s is not found by %q", mistake, id)
		}
	}
	if run.Grades[0].Word != certify.Fails {
		t.Errorf("overall: %+v", run.Grades[0])
	}
}

// flow is one flow by its short name.
func flow(psp, kind, currency string) certify.Flow {
	return certify.Flow{PSP: psp, Type: kind, Amount: money.MustParse("25.00"), Currency: currency}
}

// Each mistake alone fails the checks that are for it, and no others.
func TestOneMistakeAtATime(t *testing.T) {
	t.Parallel()
	failing := map[string][]string{
		"credits-on-answer":       {"not-on-answer", "pending-first"},
		"credits-on-return":       {"not-on-return"},
		"fails-on-return":         {"failed-return"},
		"credits-twice":           {"answer-lost-then-retried", "duplicate", "duplicate-at-once", "resent-later"},
		"races":                   {"duplicate-at-once"},
		"ignores-secret":          {"another-companys-secret", "missing-secret", "refusals", "wrong-secret"},
		"uses-raw-status":         {"raw-status", "raw-word"},
		"trusts-amount":           {"amount-mismatch"},
		"ignores-currency":        {"currency-mismatch"},
		"credits-strangers":       {"unknown-transaction"},
		"ignores-transaction-id":  {"another-payment"},
		"refuses-unknown-fields":  {"unknown-fields"},
		"breaks-on-malformed":     {"empty", "malformed"},
		"credits-unknown-status":  {"unknown-status"},
		"credits-pending":         {"pending-webhook"},
		"credits-underpayment":    {"topped-up", "underpaid"},
		"last-word-wins":          {"reversed", "stale-decline"},
		"first-word-wins":         {"approved-after-declined"},
		"stores-after-call":       {"answer-lost", "before-answer", "timeout-but-paid"},
		"gives-up-on-error":       {"answer-lost", "timeout-but-paid"},
		"acknowledges-everything": {"refusals"},
		"answers-slowly":          {"in-time"},
		"hands-tokens-on":         {"tokens-kept"},
		"wrong-redirect":          {"redirect"},
	}
	for _, mistake := range merchants.AllMistakes() {
		t.Run(mistake.Name, func(t *testing.T) {
			t.Parallel()
			flows := []certify.Flow{flow("TRUST", "PAYIN", "EUR")} // which has most checks
			switch mistake.Name {
			case "credits-pending": // of which PAYONE and GIGADAT report none by themselves
				flows = []certify.Flow{flow("PAYONE", "PAYIN", "CAD"), flow("GIGADAT", "PAYIN", "CAD")}
			case "credits-underpayment":
				flows = append(flows, flow("FORUMPAY", "PAYIN", "EUR"))
			case "hands-tokens-on":
				flows = append(flows, flow("GIGADAT", "PAYIN", "CAD"))
			}
			run := certifiedNaive(t, []string{mistake.Name}, flows...)
			want := failing[mistake.Name]
			slices.Sort(want)
			if diff := cmp.Diff(want, failedChecks(run)); diff != "" || certify.Passed(run) {
				t.Errorf("%s (- expected, + failed):\n%s\n%s", mistake.Description, diff, certificate(t, run))
			}
		})
	}
}

// certifiedNaive certifies the naive shop. Its time and the certifier's are a clock that only its slowness moves.
func certifiedNaive(t *testing.T, mistakes []string, flows ...certify.Flow) *evidence.Run {
	t.Helper()
	m, err := merchants.MistakesOf(mistakes...)
	if err != nil {
		t.Fatal(err)
	}
	watch := clock.NewManual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if !m.Races { // that one needs time to pass
		m.Hold = func(d time.Duration) {
			if err := watch.MoveTo(watch.Now().Add(d)); err != nil {
				t.Error(err)
			}
		}
	}
	config := shop(t, func(c merchants.Config) http.Handler { return merchants.Naive(c, m) }, flows...)
	return certified(t, config, certify.Options{Wall: watch.Now})
}
