package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scheduler"
)

// Overrides are listed and taken back in every process and after a restart; a payment says which scenario shaped it, and why.
func TestOverridesCanBeTakenBack(t *testing.T) {
	t.Parallel()
	a, b := replicas(t)
	for _, body := range []string{
		`{"name": "webhook-twice"}`, `{"name": "answer-lost"}`, `{"scenario": {"match": {"psp": "PAYONE"}, "answer": {"delay": "1s"}}}`, `{"name": "answer-lost"}`,
	} {
		a.call("POST", a.at("/overrides"), body).want(200)
	}
	names := func(d *testAdmin) string {
		d.t.Helper()
		var list map[string][]adminapi.Override
		must(d.t, json.Unmarshal([]byte(d.call("GET", d.at("/overrides"), "").want(200).text), &list))
		var names []string
		for _, o := range list["overrides"] {
			names = append(names, o.Name)
		}
		return strings.Join(names, " ")
	}
	if got := names(b); got != "webhook-twice answer-lost one-shot answer-lost" {
		t.Errorf("another process lists %s", got)
	}
	b.call("DELETE", b.at("/overrides?name=answer-lost"), "").want(200).is("unset", "2", "waiting", "2")
	b.call("DELETE", b.at("/overrides?name=answer-lost"), "").want(404)
	restarted := a.in(open(t, on(b.config.Journal)))
	for _, d := range []*testAdmin{a, restarted} {
		if got := names(d); got != "webhook-twice one-shot" {
			t.Errorf("%s is left", got)
		}
	}
	shaped := func(d *testAdmin, id string) string {
		answer := d.call("GET", d.of("/v1/payments/"+id), "").want(200)
		return answer.at("scenario.name") + " by " + answer.at("scenario.by")
	}
	first, second := restarted.made("PayonePayInRequest"), restarted.made("PayonePayInRequest")
	if got := shaped(a, first) + ", " + shaped(b, second); got != "webhook-twice by override, one-shot by override" {
		t.Errorf("payments were shaped: %s", got)
	}
	a.call("POST", a.at("/overrides"), `{"name": "answer-lost"}`).want(200)
	b.call("DELETE", b.at("/overrides"), "").want(200).is("unset", "1", "waiting", "0")
	if got := shaped(b, b.made("PayonePayInRequest")); got != " by " {
		t.Errorf("an override that was taken back decides: %s", got)
	}
	a.call("PUT", a.at("/scenarios/all"), `{"match": {"psp": "PAYONE"}, "webhooks": {"copies": 2}}`).want(200)
	if got := shaped(b, b.made("PayonePayInRequest")); got != "all by match" {
		t.Errorf("a scenario that matches: %s", got)
	}
}

// What is said to be possible is what a decision finds so, for every action in every situation.
func TestPossibleIsLegal(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	ctx := t.Context()
	decide := func(c *backoffice.Company, id string, actions ...string) {
		for _, action := range actions {
			_, err := h.outcomes.Decide(ctx, c.ID, id, adminapi.Decision{Action: action, By: "control"})
			must(t, err)
		}
	}
	all := adminActions(t, h)
	for _, situation := range []struct {
		schema  string
		decided []string
		legal   int // how many actions
	}{
		{"PayonePayInRequest", nil, 8},
		{"PayonePayInRequest", []string{"approve"}, 0},
		{"PayonePayInRequest", []string{"abandon"}, 8},
		{"ForumpayPayInRequest", nil, 10},
		{"ForumpayPayInRequest", []string{"underpay"}, 10},
		{"TrustPayInRequest", []string{"decline"}, 8},
		{"TrustPayInRequest", []string{"cancel"}, 0},
		{"GigadatPayOutEtoRequest", nil, 0},
	} {
		name := fmt.Sprint(situation.schema, " ", situation.decided)
		c := h.company(name, nil)
		fresh := func() string {
			id := h.made(t, c, situation.schema).ID
			decide(c, id, situation.decided...)
			return id
		}
		next, err := h.outcomes.Possible(ctx, c.ID, fresh())
		must(t, err)
		if len(next.Actions) != situation.legal || next.Approval != (situation.schema == "GigadatPayOutEtoRequest") {
			t.Errorf("%s: %d actions are legal: %q, approval %t", name, len(next.Actions), next.Actions, next.Approval)
		}
		for _, action := range all {
			_, err := h.outcomes.Decide(ctx, c.ID, fresh(), adminapi.Decision{Action: action, By: "control"})
			if (err == nil) != slices.Contains(next.Actions, action) {
				t.Errorf("%s: %s is said to be possible: %q, but: %v", name, action, next.Actions, err)
			}
		}
	}
}

// adminActions are those that the contract has.
func adminActions(t *testing.T, h *testSimulator) []string {
	t.Helper()
	for _, f := range h.control.FieldsOf("DecisionInput") {
		if f.Path == "action" {
			return f.Enum
		}
	}
	t.Fatal("a decision has no action")
	return nil
}

// The retries that are foretold are those that are made; a payment is final once nothing can change it.
func TestNextForetells(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	d := h.adminOf(t, "next", nil)
	next := func(id string) (n adminapi.PaymentNext) {
		t.Helper()
		must(t, json.Unmarshal([]byte(d.call("GET", d.of("/v1/payments/"+id+"/next"), "").want(200).text), &n))
		return n
	}
	d.call("PUT", d.at("/inbox"), `{"replies": [{"status": 500, "times": 9}]}`).want(200)
	d.call("POST", d.at("/overrides"), `{"name": "charge-back-twice-second-wrong-secret"}`).want(200)
	id := d.made("PayonePayInRequest")
	if n := next(id); n.Final || len(n.Actions) == 0 || len(n.Jobs) == 0 || len(n.Retries) != 0 {
		t.Errorf("a pending payment: %+v", n)
	}
	h.advance(t, d.company, scheduler.Advance{By: 2 * time.Second})
	foretold := next(id)
	if foretold.Final || len(foretold.Actions) != 0 || len(foretold.Retries) != 4 {
		t.Errorf("approved, charge-back to come, first attempt failed: %+v", foretold)
	}
	h.advance(t, d.company, scheduler.Advance{By: 48 * time.Hour})
	p := h.read(t, d.company, id)
	var made, said []string
	entries, err := h.journal.Entries(t.Context(), d.company.ID, id)
	must(t, err)
	for _, e := range entries {
		if payment.Kind(e.Kind) == payment.KindDeliveryAttempted {
			if a := read[adminapi.Attempt](t, e); a.N > 2 {
				made = append(made, fmt.Sprint(a.Delivery, " ", a.N, " ", e.At))
			}
		}
	}
	for _, r := range foretold.Retries {
		said = append(said, fmt.Sprint(r.Delivery, " ", r.N, " ", r.At))
	}
	if !slices.Equal(made, said) {
		t.Errorf("made    %q\nforetold %q", made, said)
	}
	if n := next(id); n.Final {
		t.Errorf("%s with a charge-back to come is final: %+v", p.Status, n)
	}
	h.advance(t, d.company, scheduler.Advance{UntilIdle: true})
	if n := next(id); !n.Final || len(n.Actions)+len(n.Jobs)+len(n.Retries) > 0 {
		t.Errorf("a payment that is over: %+v", n)
	}
	d.call("GET", d.of("/v1/payments/665f1c2ab7e4d93a5c0f1a2d/next"), "").want(404)
}
