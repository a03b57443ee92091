package simulator

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/scheduler"
)

// inFlight is a running simulator with a merchant whose handler has got a webhook and answers it with 500 once it is released; to
// later ones it answers 200 at once. got tells of each. The clock goes factor times as fast as the machine's.
func inFlight(t *testing.T, factor float64) (r *running, c *backoffice.Company, got chan string, release func()) {
	t.Helper()
	r = run(t, func(c *Config) { c.ShopperAfter = time.Millisecond })
	got, released := make(chan string, 10), make(chan bool)
	var calls atomic.Int32
	c = r.merchant(t, "merchant", func(w http.ResponseWriter, q *http.Request) {
		first := calls.Add(1) == 1
		var body struct {
			ID string `json:"transaction_id"`
		}
		if err := json.NewDecoder(q.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		got <- body.ID
		if first {
			<-released
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	must(t, r.settings.SetClock(t.Context(), c.ID, clock.Scaled, factor))
	post(t, r.address, r.body, r.testSimulator.header(c))
	<-got
	return r, c, got, func() { close(released) }
}

// A reset while a webhook is under way holds up no webhook of the payments that come after it.
func TestResetWhileAWebhookIsUnderWay(t *testing.T) {
	t.Parallel()
	r, c, got, release := inFlight(t, 1)
	defer release()
	must(t, r.settings.SetClock(t.Context(), c.ID, clock.Manual, 0)) // so that no second has two payments
	must(t, r.settings.MoveClock(t.Context(), r.runtimes.Get(c.ID), time.Now().Add(time.Hour)))
	must(t, r.settings.SetClock(t.Context(), c.ID, clock.Real, 0))
	_, err := r.snapshots.Reset(t.Context(), c.ID, true)
	must(t, err)
	post(t, r.address, r.body, r.testSimulator.header(c))
	if id := <-got; id != r.streams(t, c.ID)[0] {
		t.Errorf("the webhook is of %s", id)
	}
}

// What came of a webhook of before a reset is not recorded of the same payment that is made again within the second, and so with its ids.
func TestResetAndTheSamePaymentAgain(t *testing.T) {
	t.Parallel()
	r, c, got, release := inFlight(t, 0.05)
	_, err := r.snapshots.Reset(t.Context(), c.ID, true)
	must(t, err)
	post(t, r.address, r.body, r.testSimulator.header(c))
	r.untilOpened(t, c, 1)
	release()
	<-got
	for {
		changed := r.journal.Changed(c.ID)
		if d := r.read(t, c, r.streams(t, c.ID)[0]).Deliveries[0]; len(d.Attempts) > 0 {
			if d.State != "delivered" {
				t.Errorf("it is %s after what the earlier one was answered", d.State)
			}
			return
		}
		<-changed
	}
}

// A clock that is advanced waits for the webhook that was under way when it was set to manual, and runs the retry that follows.
func TestAdvanceWaitsForAWebhookUnderWay(t *testing.T) {
	t.Parallel()
	r, c, _, release := inFlight(t, 1)
	must(t, r.settings.SetClock(t.Context(), c.ID, clock.Manual, 0))
	release()
	done, err := r.scheduler.Advance(t.Context(), c.ID, scheduler.Advance{By: time.Hour})
	must(t, err)
	d := r.read(t, c, r.streams(t, c.ID)[0]).Deliveries[0]
	if len(done) != 1 || len(d.Attempts) != 2 || d.State != "delivered" {
		t.Errorf("%v; the webhook is %s after %d attempts", done, d.State, len(d.Attempts))
	}
}
