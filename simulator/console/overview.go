package console

import (
	"html/template"
	"slices"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/chart"
)

// recent is how many calls the overview looks at for refused ones: its cost does not grow with what is kept.
const recent = 100

type overviewView struct {
	Empty     bool
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

// providerFigures is how a provider's payments ended, and how long its calls took.
type providerFigures struct {
	adminapi.ProviderCounts
	Name string
}

// Success is the share of decided payments that succeeded, in percent; 0 when none is decided.
func (f providerFigures) Success() int { return f.Succeeded * 100 / max(1, f.Succeeded+f.Failed) }

// Decided says whether a payment is.
func (f providerFigures) Decided() bool { return f.Succeeded+f.Failed > 0 }

// overview shows what the process counted, what is due next, and what was refused lately.
func overview(r *request) (*page, error) {
	counted, err := r.current().Counts(r.Context())
	if err != nil {
		return nil, err
	}
	called, err := r.current().Requests().List(r.Context(), adminapi.RequestQuery{Page: adminapi.Page{Limit: recent}})
	if err != nil {
		return nil, err
	}
	v := overviewView{Empty: len(counted.Payments.Open)+len(counted.Attempts.Open)+len(counted.Providers)+len(called.Requests) == 0}
	if v.Empty { // payments that were made before this process started count, too
		newest, err := newestPayment(r)
		if err != nil {
			return nil, err
		}
		v.Empty = newest == ""
	}
	if v.Jobs, err = r.current().Jobs(r.Context(), "", 6); err != nil {
		return nil, err
	}
	v.draw("Payments", []chart.Kind{{Name: "succeeded"}, {Name: "failed", Class: "bad"}, {Name: "open", Class: "wait"}}, counted.Payments)
	v.draw("Webhook attempts", []chart.Kind{{Name: "delivered"}, {Name: "failed", Class: "bad"}}, counted.Attempts)
	for _, p := range counted.Providers {
		v.Providers = append(v.Providers, providerFigures{p, r.Provider(p.PSP)})
	}
	v.Refused = slices.DeleteFunc(called.Requests, func(c adminapi.RequestSummary) bool { return c.Outcome != "refused" })
	v.Refused = v.Refused[:min(6, len(v.Refused))]
	return &page{template: "overview", title: "Overview", nav: "overview", live: "all", data: &v}, nil
}

func (v *overviewView) draw(title string, kinds []chart.Kind, s adminapi.CountSeries) {
	b := chart.Bars{Title: title, Kinds: kinds, Start: s.Start, Span: time.Duration(s.Seconds) * time.Second}
	for i := range s.Succeeded {
		b.Counts = append(b.Counts, []int{s.Succeeded[i], s.Failed[i], s.Open[i]}[:len(kinds)])
	}
	v.Charts = append(v.Charts, drawing{title, b.Text(), template.HTML(b.SVG())}) //nolint:gosec // the package escapes
}
