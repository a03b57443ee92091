package console

import (
	"net/http"
	"strconv"

	"mozartosim/simulator/adminapi"
)

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

// due adds their payments to jobs.
func (r *request) due(jobs []adminapi.Job) (all []dueJob, err error) {
	for _, job := range jobs {
		all = append(all, dueJob{Job: job, Description: job.Description()})
	}
	return all, r.addPayments(all)
}

// addPayments reads each payment once.
func (r *request) addPayments(jobs []dueJob) error {
	known := map[string]adminapi.PaymentSummary{}
	for i, job := range jobs {
		if _, read := known[job.Payment]; !read {
			paid, err := r.current().Payment(r.Context(), job.Payment)
			if err != nil && !isStatus(err, http.StatusNotFound) {
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
	due, err := r.due(jobs)
	return &page{template: "clock", title: "Clock", nav: "clock", live: "all", data: &clockView{Jobs: due}}, err
}

func setClock(r *request) (result, error) {
	in := adminapi.ClockInput{Mode: r.field("mode")}
	if factor := r.field("factor"); factor != "" && in.Mode == "scaled" {
		var err error
		if in.Factor, err = strconv.ParseFloat(factor, 64); err != nil || in.Factor == 0 {
			return result{}, badRequest("factor must be a number above 0, such as 60")
		}
	}
	_, err := r.current().SetClock(r.Context(), in)
	if to, ok := r.back("clock"); ok {
		return to, err
	}
	return r.done("clock", "clock"), err
}

// advance moves a manual clock, and shows which jobs were carried out, or leads back to where the header was used.
func advance(r *request) (result, error) {
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
		return result{}, err
	}
	if to, ok := r.back("advanced"); ok {
		return to, nil
	}
	p, err := clock(r)
	if err != nil {
		return result{}, err
	}
	v := p.data.(*clockView)
	v.Moved = true
	for _, job := range advanced.Jobs {
		v.Advanced = append(v.Advanced, dueJob{Job: adminapi.Job{At: job.At, Kind: job.Kind, Payment: job.Payment}, Description: job.Description})
	}
	return result{page: p}, r.addPayments(v.Advanced)
}
