package simulator

import (
	simcompany "mozartosim/simulator/company"

	"strings"
	"testing"

	"mozartosim/simulator/payment"
	"mozartosim/simulator/scheduler"
)

// An empty schedule means no retries; an absent one the usual five.
func TestEmptyRetrySchedule(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for name, c := range map[string]struct {
		schedule any
		tries    int
	}{"absent": {nil, 6}, "empty": {[]any{}, 1}, "own": {[]any{"1s", "1m"}, 3}} {
		t.Run(name, func(t *testing.T) {
			company := h.company("schedule "+name, h.configure("PAYONE", map[string]any{"retrySchedule": c.schedule}))
			h.runtimes.Get(company.ID).Inbox.Set([]simcompany.Reply{{Status: 500, Times: 100}})
			p := h.made(t, company, "PayonePayInRequest")
			h.advance(t, company, scheduler.Advance{UntilIdle: true})
			p = h.read(t, company, p.ID)
			if d := p.Deliveries[0]; len(d.Attempts) != c.tries || d.State != payment.DeliveryExhausted {
				t.Errorf("%d attempts, %s; want %d, exhausted", len(d.Attempts), d.State, c.tries)
			}
		})
	}
}

// The Authorization header of secured webhooks follows the template; a secret that is missing is said.
func TestWebhookAuthorization(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *Config) { c.WebhookAuthorization = "Secret {secret}" })
	company := h.company("secured", h.configure("PAYONE", map[string]any{"isWebhookSecured": true, "webhookSecret": "a-shared-secret-0001"}))
	p := h.made(t, company, "PayonePayInRequest")
	h.advance(t, company, scheduler.Advance{UntilIdle: true})
	p = h.read(t, company, p.ID)
	if got := p.Deliveries[0].Attempts[0].Headers["Authorization"]; got != "Secret ***0001" {
		t.Errorf("Authorization %q", got)
	}
	bare := h.company("no secret", h.configure("PAYONE", map[string]any{"isWebhookSecured": true}))
	if got := strings.Join(bare.Warnings(), "\n"); got != "psps.PAYONE has isWebhookSecured but no webhookSecret: its webhooks carry no Authorization" {
		t.Errorf("warnings %q", got)
	}
	config := Default()
	config.WebhookAuthorization = "Bearer secret"
	if err := config.Validate(); err == nil || !strings.Contains(err.Error(), "{secret}") {
		t.Errorf("a template without {secret} gives %v", err)
	}
}
