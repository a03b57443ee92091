package simulator

import (
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/backoffice"
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
	_, err := h.outcomes.Decide(t.Context(), c.ID, id, payment.Decision{Action: does, By: "control"})
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

// A script behind a declined card stays all that is told: the page's end adds nothing.
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
