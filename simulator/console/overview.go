package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/chart"
	"mozartosim/simulator/merchant"
)

// recent is how many calls the overview looks at for refused ones: its cost does not grow with what is kept.
const recent = 100

type overviewView struct {
	Empty     bool
	URL       string // of the Cashier API
	Notes     []note
	Charts    []chart.Bars
	Providers []adminapi.ProviderCounts
	Jobs      []dueJob // that are due next
	Refused   []adminapi.RequestSummary
}

// note is what wants attention, and where to see it.
type note struct{ Tone, Text, Link string }

// overview shows what wants attention, what the process counted, what is due next, and what was refused lately.
func overview(r *request) (*page, error) {
	counted, err := r.current().Counts(r.Context())
	if err != nil {
		return nil, err
	}
	called, err := r.current().Requests().List(r.Context(), adminapi.RequestQuery{Page: adminapi.Page{Limit: recent}})
	if err != nil {
		return nil, err
	}
	v := overviewView{Providers: counted.Providers, Empty: len(counted.Payments.Open)+len(counted.Attempts.Open)+len(counted.Providers)+len(called.Requests) == 0}
	if v.URL, err = cashierURL(r); err != nil {
		return nil, err
	}
	if v.Empty { // payments that were made before this process started count, too
		newest, err := merchant.Newest(r.Context(), r.current())
		if err != nil {
			return nil, err
		}
		v.Empty = newest.ID == ""
	}
	jobs, err := r.current().Jobs(r.Context(), "", 6)
	if err != nil {
		return nil, err
	}
	if v.Jobs, err = dueJobs(r, jobs); err != nil {
		return nil, err
	}
	v.Charts = []chart.Bars{
		bars("Payments", counted.Payments, chart.Kind{Name: "succeeded"}, chart.Kind{Name: "failed", Class: "bad"}, chart.Kind{Name: "open", Class: "wait"}),
		bars("Webhook attempts", counted.Attempts, chart.Kind{Name: "delivered"}, chart.Kind{Name: "failed", Class: "bad"}),
	}
	v.Refused = slices.DeleteFunc(called.Requests, func(c adminapi.RequestSummary) bool { return c.Outcome != "refused" })
	err = v.note(r)
	v.Refused = v.Refused[:min(6, len(v.Refused))]
	return &page{template: "overview", Title: "Overview", Nav: "overview", Live: "all", Data: &v}, err
}

// many bounds what is counted for a note.
const many = 20

// note adds what wants attention; outages and a clock that waits show on top of each page.
func (v *overviewView) note(r *request) error {
	add := func(n int, tone, one, more, link string) {
		switch {
		case n > many:
			v.Notes = append(v.Notes, note{tone, fmt.Sprintf("more than %d %s", many, more), link})
		case n > 1:
			v.Notes = append(v.Notes, note{tone, fmt.Sprintf("%d %s", n, more), link})
		case n == 1:
			v.Notes = append(v.Notes, note{tone, "1 " + one, link})
		}
	}
	for _, state := range [...]struct{ name, tone, one, more string }{
		{"exhausted", "bad", "webhook has failed for good", "webhooks have failed for good"},
		{"retrying", "wait", "webhook is being retried", "webhooks are being retried"},
	} {
		found, err := r.current().Deliveries(r.Context(), adminapi.DeliveryQuery{Page: adminapi.Page{Limit: many + 1}, State: state.name})
		if err != nil {
			return err
		}
		add(len(found.Deliveries), state.tone, state.one, state.more, r.Link("/deliveries", "state", state.name))
	}
	waiting, err := r.current().Payments(r.Context(), adminapi.PaymentQuery{Page: adminapi.Page{Limit: many + 1}, Status: "awaiting_approval"})
	if err != nil {
		return err
	}
	add(len(waiting.Payments), "wait", "pay-out awaits approval", "pay-outs await approval", r.Link("/payments", "status", "awaiting_approval"))
	add(len(v.Refused), "bad", "call was refused lately", "calls were refused lately", r.Link("/calls", "outcome", "refused"))
	overrides, err := r.current().Scenarios().Overrides(r.Context())
	add(len(overrides), "note", "override waits for a payment", "overrides wait for payments", r.Link("/scenarios"))
	return err
}

func bars(title string, s adminapi.CountSeries, kinds ...chart.Kind) chart.Bars {
	b := chart.Bars{Title: title, Kinds: kinds, Start: s.Start, Span: time.Duration(s.Seconds) * time.Second}
	for i := range s.Succeeded {
		b.Counts = append(b.Counts, []int{s.Succeeded[i], s.Failed[i], s.Open[i]}[:len(kinds)])
	}
	return b
}

type clockView struct {
	Jobs     []dueJob
	Advanced []dueJob // what the form that moved the clock led to
	Moved    bool     // by that form
}

// dueJob is a job with the payment that it belongs to; one without an id was dropped.
type dueJob struct {
	adminapi.Job
	Description string
	Paid        adminapi.PaymentSummary
}

// dueJobs adds their payments to jobs.
func dueJobs(r *request, jobs []adminapi.Job) (all []dueJob, err error) {
	for _, job := range jobs {
		all = append(all, dueJob{Job: job, Description: job.Description()})
	}
	return all, addPayments(r, all)
}

// addPayments reads each payment once.
func addPayments(r *request, jobs []dueJob) error {
	known := map[string]adminapi.PaymentSummary{}
	for i, job := range jobs {
		if _, read := known[job.Payment]; !read {
			paid, err := r.current().Payment(r.Context(), job.Payment)
			if err != nil && adminapi.StatusOf(err) != http.StatusNotFound {
				return err
			}
			known[job.Payment] = paid.PaymentSummary
		}
		jobs[i].Paid = known[job.Payment]
	}
	return nil
}

func clock(r *request) (*page, error) {
	jobs, err := r.current().Jobs(r.Context(), "", 50)
	if err != nil {
		return nil, err
	}
	due, err := dueJobs(r, jobs)
	return &page{template: "clock", Title: "Clock", Nav: "clock", Live: "all", Data: &clockView{Jobs: due}}, err
}

func setClock(r *request) (*page, error) {
	in := adminapi.ClockInput{Mode: r.field("mode")}
	if factor := r.field("factor"); factor != "" && in.Mode == "scaled" {
		var err error
		if in.Factor, err = strconv.ParseFloat(factor, 64); err != nil || in.Factor == 0 {
			return nil, badRequest("factor must be a number above 0, such as 60")
		}
	}
	_, err := r.current().SetClock(r.Context(), in)
	if to := r.back("clock"); to != nil {
		return to, err
	}
	return r.done("clock", "clock"), err
}

// advance moves a manual clock, and shows which jobs were carried out, or leads back to where the header was used.
func advance(r *request) (*page, error) {
	var in adminapi.AdvanceInput
	switch r.field("do") {
	case "next":
		in.To = r.field("to")
	case "idle":
		in.Until = "idle"
	case "delivery":
		in.Deliveries = 1
	default:
		in.By = r.field("by")
	}
	advanced, err := r.current().Advance(r.Context(), in)
	if err != nil {
		return nil, err
	}
	if to := r.back("advanced"); to != nil {
		return to, nil
	}
	p, err := clock(r)
	if err != nil {
		return nil, err
	}
	v := p.Data.(*clockView)
	v.Moved = true
	for _, job := range advanced.Jobs {
		v.Advanced = append(v.Advanced, dueJob{Job: adminapi.Job{At: job.At, Kind: job.Kind, Payment: job.Payment}, Description: job.Description})
	}
	return p, addPayments(r, v.Advanced)
}
