package console

import (
	"html/template"
	"net/http"
	"slices"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/chart"
)

// recent is how many payments, webhooks and calls the overview looks at: its cost does not grow with what is kept.
const recent = 200

type overviewView struct {
	Payments  int // that it looks at
	Charts    []drawing
	Providers []providerFigures
	Jobs      []adminapi.Job // that are due next
	Refused   []adminapi.RequestSummary
}

// drawing is a chart with its words.
type drawing struct {
	Title, Text string
	SVG         template.HTML
}

// providerFigures is how a provider's recent payments ended, and how long its calls took.
type providerFigures struct {
	Name                           string
	PSP                            string
	Made, Succeeded, Failed, Calls int
	took                           []float64
}

// Success is the share of decided payments that succeeded, in percent; "none" when no payment is decided.
func (f providerFigures) Success() int { return f.Succeeded * 100 / max(1, f.Succeeded+f.Failed) }

// Decided says whether a payment is.
func (f providerFigures) Decided() bool { return f.Succeeded+f.Failed > 0 }

// Median is the middle of the times until an answer was ready, in milliseconds.
func (f providerFigures) Median() float64 { return f.took[len(f.took)/2] }

// Slowest is the longest of them.
func (f providerFigures) Slowest() float64 { return f.took[len(f.took)-1] }

// overview shows what happened lately, what is due next, and what was refused.
func overview(r *request) (*page, error) {
	now, err := r.current().Clock(r.Context())
	if err != nil {
		return nil, err
	}
	paid, err := r.current().Payments(r.Context(), adminapi.PaymentQuery{Page: adminapi.Page{Limit: recent}})
	if err != nil {
		return nil, err
	}
	sent, err := r.current().Deliveries(r.Context(), adminapi.DeliveryQuery{Page: adminapi.Page{Limit: recent}})
	if err != nil {
		return nil, err
	}
	called, err := r.current().Requests().List(r.Context(), adminapi.RequestQuery{Page: adminapi.Page{Limit: recent}})
	if err != nil {
		return nil, err
	}
	v := overviewView{Payments: len(paid.Payments)}
	if v.Jobs, err = r.current().Jobs(r.Context(), "", 6); err != nil {
		return nil, err
	}
	v.addPayments(paid.Payments, now.Now)
	v.addAttempts(sent.Deliveries, now.Now)
	v.addCalls(called.Requests)
	for i := range v.Providers {
		v.Providers[i].Name = r.Provider(v.Providers[i].PSP)
	}
	return &page{template: "overview", title: "Overview", nav: "overview", live: "all", data: &v}, nil
}

// of is the provider's figures, which are added when it has none yet.
func (v *overviewView) of(psp string) *providerFigures {
	i := slices.IndexFunc(v.Providers, func(f providerFigures) bool { return f.PSP == psp })
	if i < 0 {
		i, v.Providers = len(v.Providers), append(v.Providers, providerFigures{PSP: psp})
	}
	return &v.Providers[i]
}

// ended is how a status counts: 0 succeeded, 1 failed, 2 open.
func ended(status string) int {
	switch status {
	case "approved", "captured", "settled":
		return 0
	case "created", "pending", "awaiting_approval":
		return 2
	}
	return 1
}

func (v *overviewView) addPayments(all []adminapi.PaymentSummary, now time.Time) {
	var events []chart.Event
	for _, p := range all {
		f, end := v.of(p.PSP), ended(p.Status)
		f.Made++
		switch end {
		case 0:
			f.Succeeded++
		case 1:
			f.Failed++
		}
		events = append(events, chart.Event{At: p.Created, Kind: end})
	}
	v.draw("Payments", []chart.Kind{{Name: "succeeded"}, {Name: "failed", Class: "bad"}, {Name: "open", Class: "wait"}}, events, now)
}

func (v *overviewView) addAttempts(all []adminapi.Delivery, now time.Time) {
	var events []chart.Event
	for _, d := range all {
		for i, a := range d.Attempts {
			e := chart.Event{At: d.Due, Kind: 1}
			if i > 0 {
				e.At = d.Attempts[i-1].Next
			}
			if a.State == "delivered" {
				e.Kind = 0
			}
			events = append(events, e)
		}
	}
	v.draw("Webhook attempts", []chart.Kind{{Name: "delivered"}, {Name: "failed", Class: "bad"}}, events, now)
}

func (v *overviewView) draw(title string, kinds []chart.Kind, events []chart.Event, now time.Time) {
	b := chart.Count(title, kinds, events, now)
	v.Charts = append(v.Charts, drawing{title, b.Text(), template.HTML(b.SVG())}) //nolint:gosec // the package escapes
}

// addCalls measures the calls of each provider, and keeps the newest refused ones.
func (v *overviewView) addCalls(all []adminapi.RequestSummary) {
	for _, c := range all {
		if c.Outcome == "refused" && len(v.Refused) < 6 {
			v.Refused = append(v.Refused, c)
		}
		if c.PSP != "" && c.Method == http.MethodPost {
			f := v.of(c.PSP)
			f.Calls++
			f.took = append(f.took, c.TookMS)
		}
	}
	for i := range v.Providers {
		slices.Sort(v.Providers[i].took)
	}
}
