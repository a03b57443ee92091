package simulator

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/api"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
	"mozartosim/simulator/scheduler"
)

// duringAnswer is a client that lets something happen while its answer is being written.
type duringAnswer struct {
	*httptest.ResponseRecorder
	do func()
}

func (w *duringAnswer) Write(p []byte) (int, error) {
	w.do()
	return w.ResponseRecorder.Write(p)
}

// A manual clock that another replica moves while an answer is being written: the webhook leaves after the answer.
func TestWebhookWaitsForAnotherReplicasAnswer(t *testing.T) {
	t.Parallel()
	j := shared{journal.NewMemory(0)}
	looked, giveUp := 0, func() {}
	watched := struct{ journal.Journal }{&journaltest.Faulty{Journal: j, Fail: func(call string) journaltest.Fault {
		if call == "jobs" {
			if looked++; looked == 2 { // it has waited once, and looks again
				giveUp()
			}
		}
		return journaltest.NoFault
	}}}
	answering, other := open(t, on(j)), open(t, on(watched))
	must(t, other.scheduler.Wall.Set(clock.Scaled, 1_000_000)) // its pauses take no time
	webhooks := make(chan bool, 1)
	handler := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { webhooks <- true }))
	t.Cleanup(handler.Close)
	company := answering.company("both", func(c *backoffice.Company) {
		answering.configure("PAYONE", map[string]any{"webhookUrl": handler.URL})(c)
	})

	body, _ := answering.contract.Example("PayonePayInRequest")
	r := httptest.NewRequest(http.MethodPost, openapi.CashierPath, strings.NewReader(string(body)))
	r.Header = answering.header(company)
	answering.public.ServeHTTP(&duringAnswer{httptest.NewRecorder(), func() {
		ctx, cancel := context.WithCancel(t.Context())
		giveUp = cancel
		if _, err := other.scheduler.Advance(ctx, company.ID, scheduler.Advance{By: time.Hour}); !errors.Is(err, context.Canceled) {
			t.Errorf("it does not wait: %v", err)
		}
		if len(webhooks) > 0 {
			t.Error("the webhook has left before the answer")
		}
	}}, r)
	giveUp = func() {}
	if _, err := other.scheduler.Advance(t.Context(), company.ID, scheduler.Advance{By: time.Hour}); err != nil {
		t.Fatal(err)
	}
	<-webhooks
}

// A manual clock's answer tells all that it did not make the caller wait for: the delay, and what comes after it.
func TestVirtualDelaysAddUp(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"delay": "5s"}`:                                   "5s",
		`{"delay": "5s", "fault": "hang"}`:                  "35s",
		`{"delay": "5s", "fault": "slow", "rate": 1000000}`: "5.000368s", // of 368 bytes
	} {
		h := open(t, nil)
		c := h.company("late", nil)
		must(t, h.runtimes.Get(c.ID).Scenarios().Put(h.scripted(t, `{"name": "late", "answer": `+answer+`}`)))
		body, _ := h.contract.Example("PayonePayInRequest")
		if got := h.pay(c, string(body)).Header().Get(api.VirtualDelay); got != want {
			t.Errorf("%s is told as %s, want %s", answer, got, want)
		}
	}
}
