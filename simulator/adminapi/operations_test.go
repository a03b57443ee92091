package adminapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// roundTrip is a transport of one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answered(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// everyCall calls every method of the clients once, every parameter set.
func everyCall(ctx context.Context, c *adminapi.Client) []error {
	page := adminapi.Page{Limit: 5, Cursor: "next"}
	shop := c.Company("company")
	office, scenarios := shop.BackOffice(), shop.Scenarios()
	var errs []error
	call := func(_ any, err error) { errs = append(errs, err) }
	call(nil, c.Health(ctx))
	call(nil, c.Ready(ctx))
	call(c.Version(ctx))
	call(c.PublicURL(ctx))
	call(c.SetPublicURL(ctx, "http://localhost:49153"))
	call(c.Metrics(ctx))
	call(c.CashierContract(ctx))
	call(c.ControlContract(ctx))
	call(c.GeneratorContract(ctx, "document"))
	call(c.Reset(ctx, "company", adminapi.KeepClock))
	call(c.Providers(ctx))
	call(c.Examples(ctx, adminapi.ExampleQuery{PSP: "PAYONE", Type: "PAYIN", Variant: "ETO", Seed: 7}))
	call(c.Ledger(ctx, adminapi.LedgerQuery{Basis: "assumed", PSP: "PAYONE", Search: "phone"}))
	call(c.Companies(ctx, page, adminapi.Revealed))
	call(c.CreateCompany(ctx, adminapi.CompanyInput{Name: "new"}))
	call(shop.Payments(ctx, adminapi.PaymentQuery{
		Page: page, PSP: "PAYONE", Type: "PAYIN", Status: "approved", UserID: "u", MerchantReference: "m", Webhooks: "done", Search: "s",
	}))
	call(shop.Payment(ctx, "payment"))
	call(shop.Next(ctx, "payment"))
	call(shop.Decide(ctx, "payment", adminapi.DecisionInput{Action: "approve"}))
	call(shop.Approve(ctx, "payment"))
	call(shop.Reject(ctx, "payment", "limit"))
	call(shop.Deliveries(ctx, adminapi.DeliveryQuery{Page: page, Payment: "payment", State: "pending"}))
	call(shop.Delivery(ctx, "delivery"))
	call(shop.Resend(ctx, "delivery", nil))
	call(shop.CancelDelivery(ctx, "delivery"))
	call(scenarios.Received(ctx, page))
	call(shop.Clock(ctx))
	call(shop.SetClock(ctx, adminapi.ClockInput{Mode: "manual"}))
	call(shop.Advance(ctx, adminapi.AdvanceInput{By: "5m"}))
	call(shop.Jobs(ctx, "payment", 5))
	call(shop.Counts(ctx))
	call(shop.Wait(ctx, adminapi.WaitInput{Condition: "true"}))
	call(shop.Verify(ctx, adminapi.VerifyInput{}))
	call(shop.Events(ctx, 0))
	calls := adminapi.RequestQuery{Page: page, Kind: "call", Outcome: "refused", Stage: "validate", Rule: "r", Payment: "payment", Status: 400, Search: "s"}
	call(shop.Requests().List(ctx, calls))
	call(shop.Requests().Archive(ctx, calls))
	call(shop.Requests().Request(ctx, "request"))
	call(shop.Requests().Events(ctx, false, 0))
	call(shop.Tokens(ctx, "u"))
	call(shop.Snapshot(ctx, io.Discard))
	call(shop.Restore(ctx, strings.NewReader(`{}`)))
	call(shop.Reset(ctx, adminapi.KeepClock))
	call(office.Company(ctx, adminapi.Revealed))
	call(office.Replace(ctx, adminapi.CompanyInput{Name: "new"}))
	call(office.Change(ctx, map[string]any{"brands": nil}))
	call(office.Delete(ctx))
	call(office.PSPs(ctx, adminapi.Revealed))
	call(office.PSP(ctx, "psp", adminapi.Revealed))
	call(office.PutPSP(ctx, "psp", map[string]any{}))
	call(office.DeletePSP(ctx, "psp"))
	call(office.Rules(ctx))
	call(office.CreateRule(ctx, adminapi.RuleInput{PSP: "PAYONE"}))
	call(office.Rule(ctx, "rule"))
	call(office.ReplaceRule(ctx, "rule", adminapi.RuleInput{PSP: "PAYONE"}))
	call(office.DeleteRule(ctx, "rule"))
	call(scenarios.List(ctx))
	call(scenarios.Scenario(ctx, "scenario"))
	call(scenarios.Put(ctx, "scenario", map[string]any{}))
	call(scenarios.Delete(ctx, "scenario"))
	call(scenarios.Check(ctx, adminapi.CheckInput{}))
	call(scenarios.Override(ctx, adminapi.OverrideInput{Name: "scenario"}))
	call(scenarios.Overrides(ctx))
	call(scenarios.Unset(ctx, "name"))
	call(scenarios.Outages(ctx))
	call(scenarios.StartOutage(ctx, "psp", adminapi.OutageInput{Kind: "down"}))
	call(scenarios.EndOutage(ctx, "psp"))
	call(scenarios.InboxReplies(ctx))
	call(scenarios.SetInboxReplies(ctx, adminapi.InboxReply{Status: 500}))
	call(scenarios.NextWebhook(ctx, adminapi.InboxNextInput{}))
	return errs
}

// operation is what the test compares of a call and of the contract: the query parameters in order.
type operation struct{ call, query string }

func TestClientHasEveryOperation(t *testing.T) {
	t.Parallel()
	made := map[string]operation{}
	client := adminapi.New("http://simulator.example/", "secret", adminapi.WithHTTPClient(&http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if got := r.Header.Get("Authorization"); got != "Bearer secret" {
				t.Errorf("%s %s: Authorization is %q", r.Method, r.URL.Path, got)
			}
			var names []string
			for name := range r.URL.Query() {
				names = append(names, name)
			}
			slices.Sort(names)
			call := r.Method + " " + r.URL.Path
			if _, twice := made[call]; twice {
				t.Errorf("%s is called by two methods", call)
			}
			made[call] = operation{call, strings.Join(names, " ")}
			return answered(http.StatusOK, `{}`), nil
		}),
	}))
	for _, err := range everyCall(t.Context(), client) {
		if err != nil {
			t.Error(err)
		}
	}
	for _, known := range contractOperations(t) {
		got, ok := made[known.call]
		if !ok && known.call != "GET /v1/companies/company/payments" { // GET /v1/payments is the same list
			t.Errorf("no method calls %s", known.call)
		}
		if ok && got.query != known.query {
			t.Errorf("%s sends the query parameters %q, the contract has %q", known.call, got.query, known.query)
		}
		delete(made, known.call)
	}
	for call := range made {
		t.Errorf("the contract has no %s", call)
	}
}

// contractOperations lists the contract's operations, what stands in braces written without.
func contractOperations(t *testing.T) (all []operation) {
	t.Helper()
	control, err := openapi.Control()
	if err != nil {
		t.Fatal(err)
	}
	type parameter struct {
		Ref, Name, In string
	}
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct {
			Parameters map[string]parameter
		}
	}
	text := regexp.MustCompile(`"\$ref"`).ReplaceAll(control.Bundled(), []byte(`"Ref"`))
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method, node := range methods {
			if method == "parameters" {
				continue
			}
			var op struct{ Parameters []parameter }
			if err := json.Unmarshal(node, &op); err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, p := range op.Parameters {
				if p.Ref != "" {
					p = doc.Components.Parameters[strings.TrimPrefix(p.Ref, "#/components/parameters/")]
				}
				if p.In == "query" && p.Name != "after" && p.Name != "unknown" && (p.Name != "reveal" || method == "get") { // Last-Event-ID is the same as after
					names = append(names, p.Name)
				}
			}
			slices.Sort(names)
			plain := strings.NewReplacer("{", "", "}", "").Replace(path)
			all = append(all, operation{strings.ToUpper(method) + " " + plain, strings.Join(names, " ")})
		}
	}
	return all
}
