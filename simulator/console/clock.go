package console

import (
	"strconv"

	"mozartosim/simulator/adminapi"
)

type clockView struct {
	Jobs     []adminapi.Job
	Advanced *adminapi.AdvanceResult // what the form that moved the clock led to
}

func clock(r *request) (*page, error) {
	jobs, err := r.current().Jobs(r.Context(), "", 100)
	if err != nil {
		return nil, err
	}
	return &page{template: "clock", title: "Clock", nav: "clock", live: "all", data: &clockView{Jobs: jobs}}, nil
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
	p.data.(*clockView).Advanced = &advanced
	return result{page: p}, nil
}
