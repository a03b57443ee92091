package simulator

import (
	"testing"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scheduler"
)

// A PSP configuration without webhookUrl is no worse for that: its webhooks go to the built-in inbox.
func TestNoWebhookURL(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	company := h.company("no webhookUrl", h.configure("PAYONE", map[string]any{"webhookUrl": nil}))
	if w := company.Warnings(); len(w) != 0 {
		t.Errorf("warnings %q", w)
	}
	p := h.made(t, company, "PayonePayInRequest")
	h.advance(t, company, scheduler.Advance{UntilIdle: true})
	p = h.read(t, company, p.ID)
	if len(p.Deliveries) != 1 || p.Deliveries[0].URL != InboxURL || p.Deliveries[0].State != payment.DeliveryDelivered {
		t.Errorf("%+v", p.Deliveries)
	}
}

// What is allowed and probably not meant is said.
func TestWarnings(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	company := h.company("odd", func(c *backoffice.Company) {
		h.configure("PAYONE", map[string]any{"siteUrl": nil})(c)
		delete(c.PSPs, "NEOSURF")
		c.Rules = append(c.Rules, adminapi.Rule{ID: "golden", PSP: "TRUST", Brand: "gold", Active: true})
	})
	want := []string{
		"psps.PAYONE lacks siteUrl: it counts as not found",
		"rules.rule-7 leads to NEOSURF, which has no configuration",
		"rules.golden is for the brand gold, which the company does not have",
	}
	got := company.Warnings()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}
