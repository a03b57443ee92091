package control

import (
	"context"
	"net/http"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/scheduler"
)

func readClock(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	return r.Queries.Clock(ctx, c.ID)
}

func setClock(ctx context.Context, r *request, c *backoffice.Company, in adminapi.ClockInput) (any, error) {
	mode, factor := clock.Mode(in.Mode), 1.0
	switch {
	case mode == clock.Scaled && in.Factor == 0:
		return nil, openapi.InvalidAt("factor", "must not be missing: how many times as fast as the machine's clock?")
	case mode != clock.Scaled && in.Factor != 0:
		return nil, openapi.InvalidAt("factor", "must not be set unless mode is scaled")
	case mode == clock.Scaled:
		factor = in.Factor
	}
	if err := r.Settings.SetClock(ctx, c.ID, mode, factor); err != nil {
		return nil, err
	}
	return readClock(ctx, r, c)
}

func advanceClock(ctx context.Context, r *request, c *backoffice.Company, in adminapi.AdvanceInput) (any, error) {
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
		return a, openapi.InvalidAt("body", "must have exactly one of by, to, until and deliveries, such as {\"by\": \"5m\"}")
	}
	if a.By, err = duration("by", in.By); err != nil {
		return a, err
	}
	if in.To != "" {
		if a.To, err = time.Parse(time.RFC3339Nano, in.To); err != nil {
			return a, openapi.InvalidAt("to", "must be a point of time such as 2026-06-01T12:00:00Z")
		}
		if latest := clock.Latest(); a.To.After(latest) {
			return a, openapi.InvalidAt("to", "must be %s at the latest", latest.Format(time.RFC3339))
		}
	}
	a.UntilIdle, a.Deliveries = in.Until != "", in.Deliveries
	return a, nil
}

func listJobs(ctx context.Context, r *request, c *backoffice.Company) (any, error) {
	next, err := r.Queries.Jobs(ctx, c.ID, r.query["payment"], r.limit())
	return map[string][]adminapi.Job{"jobs": next}, err
}

func readCounts(_ context.Context, r *request, c *backoffice.Company) (any, error) {
	rt := r.Runtimes.Get(c.ID)
	return rt.Counts.Until(rt.Clock.Now()), nil
}
