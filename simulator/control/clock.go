package control

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/backoffice"
	"mozartosim/simulator/clock"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/scheduler"
)

// clockShown is a company's clock as it is answered.
type clockShown struct {
	Mode    clock.Mode `json:"mode"`
	Factor  float64    `json:"factor"`
	Now     time.Time  `json:"now"`
	Next    time.Time  `json:"next,omitzero"`
	Waiting int        `json:"waiting"`
}

func (s *server) readClock(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	return s.showClock(r, c)
}

func (s *server) showClock(r *request, c *backoffice.Company) (reply, error) {
	next, all, err := s.Lists.Jobs(r.Context(), c.ID, 1)
	if err != nil {
		return reply{}, fmt.Errorf("due work: %w", err)
	}
	at := s.Runtimes.Get(c.ID).Clock
	shown := clockShown{Now: at.Now(), Waiting: all}
	shown.Mode, shown.Factor = at.Mode()
	if len(next) > 0 {
		shown.Next = next[0].At.UTC()
	}
	return ok(shown)
}

func (s *server) putClock(r *request) (reply, error) {
	doc, err := s.input(r, "ClockInput")
	if err != nil {
		return reply{}, err
	}
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	mode, factor := clock.Mode(doc.Text("mode")), 1.0
	switch has := doc.Has("factor"); {
	case mode == clock.Scaled && !has:
		return reply{}, breaks("factor must not be missing: how many times as fast as the machine's clock?")
	case mode != clock.Scaled && has:
		return reply{}, breaks("factor must not be set unless mode is scaled")
	case has:
		if factor, err = strconv.ParseFloat(doc.Text("factor"), 64); err != nil {
			return reply{}, breaks("factor must be a number of ordinary size")
		}
	}
	if err := s.Settings.SetClock(r.Context(), c.ID, mode, factor); err != nil {
		return reply{}, err
	}
	return s.showClock(r, c)
}

func (s *server) advance(r *request) (reply, error) {
	doc, err := s.input(r, "AdvanceInput")
	if err != nil {
		return reply{}, err
	}
	how, err := advanceOf(doc)
	if err != nil {
		return reply{}, err
	}
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	happened, err := s.Scheduler.Advance(r.Context(), c.ID, how)
	if err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"now": s.Runtimes.Get(c.ID).Clock.Now(), "jobs": append([]scheduler.CompletedJob{}, happened...)})
}

func advanceOf(doc openapi.Document) (a scheduler.Advance, err error) {
	given := 0
	for _, name := range []string{"by", "to", "until", "deliveries"} {
		if doc.Has(name) {
			given++
		}
	}
	if given != 1 {
		return a, breaks("body must have exactly one of by, to, until and deliveries, such as {\"by\": \"5m\"}")
	}
	if a.By, err = span(doc, "by"); err != nil {
		return a, err
	}
	if to := doc.Text("to"); to != "" {
		if a.To, err = time.Parse(time.RFC3339Nano, to); err != nil {
			return a, breaks("to must be a point of time such as 2026-06-01T12:00:00Z")
		}
	}
	a.UntilIdle, a.Deliveries = doc.Has("until"), whole(doc, "deliveries")
	return a, nil
}

// dueShown is due work as it is answered.
type dueShown struct {
	At      time.Time       `json:"at"`
	Kind    string          `json:"kind"`
	Payment string          `json:"payment"`
	Data    json.RawMessage `json:"data"`
}

func (s *server) listDue(r *request) (reply, error) {
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	limit, err := strconv.Atoi(r.query["limit"])
	if err != nil {
		return reply{}, err
	}
	next, err := s.dueWork(r, c, limit)
	if err != nil {
		return reply{}, fmt.Errorf("due work: %w", err)
	}
	due := []dueShown{}
	for _, d := range next[:min(limit, len(next))] {
		if len(d.Data) == 0 {
			d.Data = []byte(`{}`)
		}
		due = append(due, dueShown{d.At, d.Kind, d.Stream, d.Data})
	}
	return ok(map[string]any{"jobs": due})
}

// dueWork is the company's, or that of the payment that the query names.
func (s *server) dueWork(r *request, c *backoffice.Company, limit int) ([]journal.Job, error) {
	if id := r.query["payment"]; id != "" {
		return s.Lists.JobsOf(r.Context(), c.ID, id)
	}
	next, _, err := s.Lists.Jobs(r.Context(), c.ID, limit)
	return next, err
}
