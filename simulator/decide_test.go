package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/lifecycle"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/scheduler"
)

// undecided makes a payment whose shopper is a person, with a scenario in the set where text is set.
func (h *testSimulator) undecided(t *testing.T, schema, text string) (*backoffice.Company, *payment.Payment) {
	t.Helper()
	c := h.company(t.Name(), nil)
	if text != "" {
		h.runtimes.Get(c.ID).Scenarios().Replace([]*scenario.Scenario{h.scripted(t, text)})
	}
	return c, h.made(t, c, schema)
}

func (h *testSimulator) decided(t *testing.T, c *backoffice.Company, id, does string) {
	t.Helper()
	_, err := h.outcomes.Decide(t.Context(), c.ID, id, adminapi.Decision{Action: does, By: "control"})
	must(t, err)
}

// ended lets time pass and returns the payment's state and what was told of it.
func (h *testSimulator) ended(t *testing.T, c *backoffice.Company, id string) string {
	t.Helper()
	h.advance(t, c, scheduler.Advance{By: 60 * 24 * time.Hour})
	p := h.read(t, c, id)
	said := []string{string(p.Status)}
	for _, n := range p.Notifications {
		said = append(said, n.TransactionStatus+" "+n.Raw)
	}
	return strings.Join(said, ", ")
}

func manual(c *Config) { c.Shopper = ManualShopper }

// What was to be told of an outcome is not told any more once a later decision has overtaken it.
func TestToppedUp(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	c, p := h.undecided(t, "ForumpayPayInRequest", "")
	h.decided(t, c, p.ID, "underpay")
	h.advance(t, c, scheduler.Advance{By: 5 * time.Minute})
	h.decided(t, c, p.ID, "approve")
	want := "approved, Pending waiting, Pending underpayment, Pending zero_confirmed, Approved confirmed"
	if got := h.ended(t, c, p.ID); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Somebody who looks at an underpaid invoice and leaves doesn't keep it from being cancelled.
func TestUnderpaidAndAbandoned(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	c, p := h.undecided(t, "ForumpayPayInRequest", "")
	h.decided(t, c, p.ID, "underpay")
	h.decided(t, c, p.ID, "abandon")
	want := "expired, Pending waiting, Pending underpayment, Declined cancelled"
	if got := h.ended(t, c, p.ID); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A script is told once: what a second card leads to, on the page that shows its form again, is the provider's own.
func TestScriptIsToldOnce(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	script := `{"name": "script", "match": {"psp": "TRUST"}, "then": [{"status": "Declined", "raw": "odd"}, {"after": "1m", "status": "Pending"}]}`
	c, p := h.undecided(t, "TrustPayInRequest", script)
	h.decided(t, c, p.ID, "decline")
	h.decided(t, c, p.ID, "approve")
	if got, want := h.ended(t, c, p.ID), "approved, Declined odd, Approved authorised"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A script after a declined card stays all that is told: the page's end adds nothing.
func TestScriptOutlivesThePage(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	c, p := h.undecided(t, "TrustPayInRequest", `{"name": "script", "match": {"psp": "TRUST"}, "then": [{"after": "10m", "status": "Declined"}]}`)
	h.decided(t, c, p.ID, "decline")
	if got, want := h.ended(t, c, p.ID), "declined, Declined declined"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// An admin's rejection is told in its own words, whatever a script had in mind for the pay-out.
func TestRejectedPayOut(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]string{"no script": "", "empty script": `, "then": []`, "script": `, "then": [{"status": "Approved"}]`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, nil)
			c, p := h.undecided(t, "GigadatPayOutEtoRequest", `{"name": "script"`+then+`}`)
			_, err := h.outcomes.Approve(t.Context(), c.ID, p.ID, false, "not today")
			must(t, err)
			if got, want := h.ended(t, c, p.ID), "declined, Declined STATUS_REJECTED"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// A payment is final or it isn't: once that has been said of it, by a refusal or by the clock, no action changes it, whichever
// provider's it is; and that is said of it only when no action can.
func TestFinalIsFinal(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	c := h.company("final", nil)
	const final = "its outcome is final"
	actions := []string{"approve", "decline", "cancel", "expire", "abandon", "underpay", "overpay", "challenge-fail", "return-first"}
	ends := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		p := h.made(t, c, rapid.SampledFrom([]string{
			"ForumpayPayInRequest", "GigadatPayInRequest", "WorldpayPayInRequest", "TrustPayInRequest", "CleoPayInRequest",
			"PayonePayInRequest", "BritePayInRequest", "EmerchantpayPayInRequest", "PayonePayOutRequest", "NeosurfPayInRequest",
		}).Draw(rt, "schema"))
		said := ""
		for range 12 {
			if by := rapid.SampledFrom([]time.Duration{0, time.Second, 4 * time.Minute, 10 * time.Minute, 48 * time.Hour}).Draw(rt, "passes"); by > 0 {
				for _, job := range h.advance(t, c, scheduler.Advance{By: by}) {
					if job.Payment == p.ID && strings.Contains(job.Description, final) {
						said = job.Description
					}
				}
			}
			before := h.read(t, c, p.ID).Status
			action := rapid.SampledFrom(actions).Draw(rt, "action")
			after, err := h.outcomes.Decide(t.Context(), c.ID, p.ID, adminapi.Decision{Action: action, By: "control"})
			var refused *lifecycle.Undecidable
			switch {
			case err == nil && said != "":
				rt.Fatalf("%s %s changed it to %s although %q was said", p.PSP, action, after.Status, said)
			case errors.As(err, &refused) && refused.Reason == final:
				if said = err.Error(); refused.Status != before || before.Open() {
					rt.Fatalf("%s is %s: %s", p.PSP, before, err)
				}
				ends[p.PSP]++
			case err != nil && refused == nil:
				rt.Fatal(err)
			}
		}
	})
	if len(ends) < 8 {
		t.Errorf("not every provider's payments ended: %v", ends)
	}
}

// A declined card's form is shown again until the page ends (Trust): so long an expiry is refused for that reason, and from then on
// the payment is final.
func TestDeclinedUntilThePageEnds(t *testing.T) {
	t.Parallel()
	h := open(t, manual)
	c, p := h.undecided(t, "TrustPayInRequest", "")
	h.decided(t, c, p.ID, "decline")
	refusal := func(action string) string {
		_, err := h.outcomes.Decide(t.Context(), c.ID, p.ID, adminapi.Decision{Action: action, By: "control"})
		return fmt.Sprint(err)
	}
	if got := refusal("expire"); !strings.Contains(got, "is declined: its form is shown again until "+p.PageExpires.Format(time.RFC3339)) {
		t.Error(got)
	}
	jobs := h.advance(t, c, scheduler.Advance{To: p.PageExpires})
	if last := jobs[len(jobs)-1].Description; last != "clock: expire changes nothing: its outcome is final" {
		t.Error(last)
	}
	for _, action := range []string{"approve", "decline", "cancel", "expire"} {
		if got := refusal(action); !strings.Contains(got, "is declined: its outcome is final") {
			t.Errorf("%s: %s", action, got)
		}
	}
}

// A shopper who cancels a payment without a page ends it: there is no page whose end could.
func TestCancelWithoutAPage(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	c := h.company("direct", h.configure("WORLDPAY_EU", map[string]any{"integrationMode": "direct"}))
	body := strings.Replace(h.changed(t, "WorldpayPayInRequest", map[string]string{"merchantReference": "sim:shopper-cancels"}), "{",
		`{"card": {"pan": "`+plainCard+`", "expiry": "12/2030", "cvv": "123", "name_on_card": "AUTHORISED"},`, 1)
	if answer := h.pay(c, body); answer.Code != http.StatusOK || strings.Contains(answer.Body.String(), "paymentUrl") {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	h.advance(t, c, scheduler.Advance{UntilIdle: true})
	p := h.read(t, c, h.streams(t, c.ID)[0])
	if p.Status != payment.Cancelled || len(p.Deliveries) != 1 || !p.PageExpires.IsZero() {
		t.Errorf("it is %s with %d webhooks, and its page expires at %s", p.Status, len(p.Deliveries), p.PageExpires)
	}
}
