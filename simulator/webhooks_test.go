package simulator

import (
	simcompany "mozartosim/simulator/company"

	"net/http"
	"strings"
	"testing"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/scheduler"
)

// made makes a payment of the example request and returns it.
func (h *testSimulator) made(t *testing.T, c *backoffice.Company, schema string) *payment.Payment {
	t.Helper()
	body, ok := h.contract.Example(schema)
	if !ok {
		t.Fatalf("no example %s", schema)
	}
	if answer := h.pay(c, string(body)); answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	list, err := h.journal.List(t.Context(), c.ID, journal.Query{Limit: 1})
	if err != nil || len(list) != 1 {
		t.Fatalf("%v %v", list, err)
	}
	return h.read(t, c, list[0].ID)
}

func (h *testSimulator) read(t *testing.T, c *backoffice.Company, id string) *payment.Payment {
	t.Helper()
	p, _, err := h.payments.Read(t.Context(), c.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (h *testSimulator) advance(t *testing.T, c *backoffice.Company, a scheduler.Advance) []adminapi.CompletedJob {
	t.Helper()
	happened, err := h.scheduler.Advance(t.Context(), c.ID, a)
	if err != nil {
		t.Fatal(err)
	}
	return happened
}

// Every provider's payment, left alone, ends as its provider does it: these words, in this order, these webhooks.
func TestDefaultTimelines(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for _, c := range []struct {
		schema string
		raws   string // of the notices
		status payment.Status
		sent   int // webhooks
	}{
		{"ForumpayPayInRequest", "waiting zero_confirmed confirmed", payment.Approved, 3},
		{"ForumpayPayOutRequest", "zero_confirmed confirmed", payment.Approved, 2},
		{"GigadatPayInRequest", "STATUS_SUCCESS", payment.Approved, 1},
		{"GigadatPayOutEtoRequest", "", payment.AwaitingApproval, 0},
		{"WorldpayPayInRequest", "AUTHORISED CAPTURED", payment.Captured, 2},
		{"TrustPayInRequest", "authorised", payment.Approved, 1},
		{"CleoPayInRequest", "approved", payment.Approved, 1},
		{"CleoPayOutRequest", "approved", payment.Approved, 1},
		{"PayonePayInRequest", "success", payment.Approved, 1},
		{"PayonePayOutRequest", "success", payment.Approved, 1},
		{"NeosurfPayInRequest", "ok", payment.Approved, 1},
		{"FlexepinPayInRequest", "", payment.Approved, 0},
		{"BritePayInRequest", "completed", payment.Approved, 0},
		{"EmerchantpayPayInRequest", "approved", payment.Approved, 1},
	} {
		t.Run(c.schema, func(t *testing.T) {
			company := h.company(c.schema, nil)
			p := h.made(t, company, c.schema)
			h.advance(t, company, scheduler.Advance{UntilIdle: true})
			p = h.read(t, company, p.ID)
			var raws []string
			for _, n := range p.Notifications {
				raws = append(raws, n.Raw)
			}
			if got := strings.Join(raws, " "); got != c.raws || p.Status != c.status || len(p.Deliveries) != c.sent {
				t.Errorf("got %q, %s, %d webhooks; want %q, %s, %d", got, p.Status, len(p.Deliveries), c.raws, c.status, c.sent)
			}
			for _, d := range p.Deliveries {
				if d.State != payment.DeliveryDelivered {
					t.Errorf("delivery %s is %s", d.ID, d.State)
				}
			}
		})
	}
}

// 500, 500, 200: three attempts, on the schedule's times.
func TestRetrySchedule(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	company := h.company("schedule", nil)
	h.runtimes.Get(company.ID).Inbox.Set([]simcompany.Reply{{Status: 500, Times: 2}})
	p := h.made(t, company, "PayonePayInRequest")
	h.advance(t, company, scheduler.Advance{By: time.Hour})
	p = h.read(t, company, p.ID)
	if len(p.Deliveries) != 1 || p.Deliveries[0].State != payment.DeliveryDelivered {
		t.Fatalf("%+v", p.Deliveries)
	}
	var answers []int
	for _, a := range p.Deliveries[0].Attempts {
		answers = append(answers, a.Status)
	}
	if len(answers) != 3 || answers[0] != 500 || answers[1] != 500 || answers[2] != 200 {
		t.Errorf("answers %v", answers)
	}
	if got := p.Deliveries[0].Updated.Sub(start); got != 2*time.Second+10*time.Second+30*time.Second {
		t.Errorf("delivered %s after the call", got)
	}
}
