package simtest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mozartosim/openapi"
	"mozartosim/simulator/simtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const body = `{"pspType":"PAYONE","type":"PAYIN","baseamount":100.00,"currency":"CAD","currencyCode":"CAD","userId":"user-7",` +
	`"email":"jane@example.com","firstName":"Jane","lastName":"Doe","phone":"4165550123","merchantReference":"order-7"}`

func call(t *testing.T, sim *simtest.Sim) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, sim.URL+openapi.CashierPath, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+sim.CompanyToken)
	r.Header.Set("x-user-token", "Bearer "+sim.UserToken(t, "user-7"))
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", answer.StatusCode, text)
	}
}

// A merchant's test: call, move the clock, look at what arrived.
func TestManualClock(t *testing.T) {
	t.Parallel()
	sim := simtest.Start(t)
	call(t, sim)
	if sent := sim.Deliveries(t); len(sent) != 0 {
		t.Fatalf("webhooks before their time: %+v", sent)
	}
	sim.Advance(t, time.Minute)
	sent := sim.Deliveries(t)
	if len(sent) != 1 || sent[0].State != "delivered" {
		t.Fatalf("%+v", sent)
	}
	if p := sim.Payments(t)[0]; p.Status != "approved" || p.MerchantReference != "order-7" {
		t.Errorf("%+v", p)
	}
}

// The merchant's own handler gets the webhook, in real time, after the answer.
func TestRealTime(t *testing.T) {
	t.Parallel()
	arrived := make(chan string, 1)
	merchant := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		arrived <- string(text)
	}))
	defer merchant.Close()
	sim := simtest.Start(t, simtest.RealTime(), simtest.WebhookURL(merchant.URL), simtest.ManualShopper())
	call(t, sim)
	sim.Decide(t, sim.Payments(t)[0].ID, "decline")
	if got := <-arrived; !strings.Contains(got, `"transaction_status":"Declined"`) {
		t.Errorf("the webhook says %s", got)
	}
}
