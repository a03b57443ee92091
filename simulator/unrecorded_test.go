package simulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/journal/journaltest"
)

// A webhook that was sent while the journal could not be written is not sent again: what came of it is recorded when the journal
// is back. Meanwhile its job is claimed, and all jobs are counted.
func TestUnrecordedAttempt(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	full := atomic.Bool{}
	handler := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		full.Store(true) // from now on the disk is full
	}))
	t.Cleanup(handler.Close)
	j := &journaltest.Faulty{Journal: kept{journal.NewMemory(0)}, Fail: func(call string) journaltest.Fault {
		if call == "append" && full.Load() {
			return journaltest.Before
		}
		return journaltest.NoFault
	}}
	h := open(t, on(j))
	d := h.adminOf(t, "full", func(c *backoffice.Company) { h.configure("PAYONE", map[string]any{"webhookUrl": handler.URL})(c) })
	id := d.made("PayonePayInRequest")
	for range 3 {
		d.call("POST", d.at("/clock/advance"), `{"by": "1m"}`).want(500)
		d.call("GET", d.at("/jobs?payment="+id), "").want(200).is("jobs.0.kind", "attempt", "jobs.0.state", "claimed", "jobs.0.data.delivery", id+"-1", "jobs.0.holder", journal.ThisProcess())
		d.counts(t, `mozartosim_jobs{state="claimed"} 1`, `mozartosim_jobs{state="pending"} 0`)
	}
	full.Store(false)
	d.call("POST", d.at("/clock/advance"), `{"by": "1m"}`).want(200)
	p := h.read(t, d.company, id)
	if got := p.Deliveries[0]; calls.Load() != 1 || len(got.Attempts) != 1 || got.State != "delivered" {
		t.Errorf("sent %d times, %d attempts, %s", calls.Load(), len(got.Attempts), got.State)
	}
	d.counts(t, "mozartosim_webhook_attempts_unrecorded_total 1", `mozartosim_webhook_attempts_total{state="delivered"} 1`,
		`mozartosim_jobs{state="claimed"} 0`, `mozartosim_jobs{state="done"} 3`, "mozartosim_jobs_scheduled 3")
}

// counts looks for lines in the metrics.
func (d *testAdmin) counts(t *testing.T, want ...string) {
	t.Helper()
	w := httptest.NewRecorder()
	d.metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	for _, line := range want {
		if !strings.Contains(w.Body.String(), "\n"+line+"\n") {
			t.Errorf("%q is not among the metrics:\n%s", line, w.Body)
		}
	}
}
