package control

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/scheduler"
)

func readClock(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	next, all, err := r.Queries.Jobs(ctx, c.ID, 1)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	at := r.Runtimes.Get(c.ID).Clock
	mode, factor := at.Mode()
	out := adminapi.Clock{Mode: string(mode), Factor: factor, Now: at.Now(), Waiting: all}
	if len(next) > 0 {
		out.Next = next[0].At.UTC()
	}
	return out, nil
}

func setClock(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	in, err := body[adminapi.ClockInput](r)
	if err != nil {
		return nil, err
	}
	mode, factor := clock.Mode(in.Mode), 1.0
	switch {
	case mode == clock.Scaled && in.Factor == 0:
		return nil, breaks("factor", "must not be missing: how many times as fast as the machine's clock?")
	case mode != clock.Scaled && in.Factor != 0:
		return nil, breaks("factor", "must not be set unless mode is scaled")
	case mode == clock.Scaled:
		factor = in.Factor
	}
	if err := r.Settings.SetClock(ctx, c.ID, mode, factor); err != nil {
		return nil, err
	}
	return readClock(ctx, r, c)
}

func advanceClock(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	in, err := body[adminapi.AdvanceInput](r)
	if err != nil {
		return nil, err
	}
	how, err := advanceOf(in)
	if err != nil {
		return nil, err
	}
	done, err := r.Scheduler.Advance(ctx, c.ID, how)
	if err != nil {
		return nil, orNotFound(err, "company %s was deleted while its clock was advanced", c.Name)
	}
	result := adminapi.AdvanceResult{Now: r.Runtimes.Get(c.ID).Clock.Now(), Jobs: orEmpty(done)}
	return stream(func(w http.ResponseWriter) { // hundreds of thousands of jobs are never in memory as text
		startJSON(w, http.StatusOK)
		_ = jsonv2.MarshalWrite(w, result) // the client has gone
	}), nil
}

func advanceOf(in adminapi.AdvanceInput) (a scheduler.Advance, err error) {
	given := 0
	for _, set := range []bool{in.By != "", in.To != "", in.Until != "", in.Deliveries != 0} {
		if set {
			given++
		}
	}
	if given != 1 {
		return a, breaks("body", "must have exactly one of by, to, until and deliveries, such as {\"by\": \"5m\"}")
	}
	if a.By, err = duration("by", in.By); err != nil {
		return a, err
	}
	if in.To != "" {
		if a.To, err = time.Parse(time.RFC3339Nano, in.To); err != nil {
			return a, breaks("to", "must be a point of time such as 2026-06-01T12:00:00Z")
		}
		if latest := clock.Latest(); a.To.After(latest) {
			return a, breaks("to", "must be %s at the latest", latest.Format(time.RFC3339))
		}
	}
	a.UntilIdle, a.Deliveries = in.Until != "", in.Deliveries
	return a, nil
}

func listJobs(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	next, err := r.Queries.JobList(ctx, c.ID, r.query["payment"], r.limit())
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return map[string][]adminapi.Job{"jobs": each(next, jobOf)}, nil
}

func jobOf(j journal.Job) adminapi.Job {
	switch {
	case len(j.Data) == 0:
		j.Data = []byte(`{}`)
	case j.Kind == string(payments.Attempt): // its name says which delivery; the API says it with the data
		j.Data = withDelivery(j.Data, payments.DeliveryOf(j))
	}
	state := "pending"
	if j.Holder != "" {
		state = "claimed"
	}
	return adminapi.Job{At: j.At, Kind: j.Kind, Payment: j.Stream, State: state, Holder: j.Holder, Data: j.Data}
}

// withDelivery returns the data of an attempt's job as the admin API has them.
func withDelivery(data []byte, delivery string) []byte {
	attempt := struct {
		Delivery string `json:"delivery"`
		payments.AttemptData
	}{Delivery: delivery}
	_ = json.Unmarshal(data, &attempt.AttemptData) // a broken job still says which webhook it is about
	whole, _ := json.Marshal(attempt)
	return whole
}

func readCounts(_ context.Context, r *request, c *backoffice.Company) (any, error) {
	rt := r.Runtimes.Get(c.ID)
	return rt.Counts.Until(rt.Clock.Now()), nil
}
