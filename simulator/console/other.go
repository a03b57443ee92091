package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

func (c *console) otherPages() map[string]show {
	return map[string]show{"/clock": clockPage, "/ledger": ledger, "/cashier": cashierForm}
}

func (c *console) otherForms() map[string]form {
	return map[string]form{
		"/clock/set":     {"clock", setClock, clockPage},
		"/clock/advance": {"advance", advance, clockPage},
		"/cashier":       {"cashier", sendPayment, cashierAgain},
	}
}

type clockView struct {
	Due      []due `json:"jobs"`
	Happened []happened
	Moved    bool
}

// happened is work that was carried out.
type happened struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Payment string    `json:"payment"`
	Says    string    `json:"description"`
}

func clockPage(v *visit) (*page, error) {
	if v.company.ID == "" {
		return &page{template: "nobody", title: "Clock", nav: "clock"}, nil
	}
	var shown clockView
	if err := v.get(v.path("jobs"), url.Values{"limit": {pageSize}}, &shown); err != nil {
		return nil, err
	}
	return &page{template: "clock", title: "Clock", nav: "clock", live: "all", data: shown}, nil
}

func setClock(v *visit) (outcome, error) {
	body := map[string]any{"mode": v.said("mode")}
	if factor := v.said("factor"); factor != "" && v.said("mode") == "scaled" {
		if !json.Valid([]byte(factor)) {
			return outcome{}, &problem{Status: http.StatusBadRequest, Message: "factor must be a number, such as 60"}
		}
		body["factor"] = json.Number(factor)
	}
	return outcome{to: v.link("/clock", "done", "clock")}, v.do(http.MethodPut, v.path("clock"), body, nil)
}

// advance moves a manual clock, and shows what happened on the way.
func advance(v *visit) (outcome, error) {
	how := map[string]any{}
	switch v.said("do") {
	case "next":
		how["to"] = v.said("to")
	case "idle":
		how["until"] = "idle"
	case "delivery":
		how["deliveries"] = 1
	default:
		how["by"] = v.said("by")
	}
	var moved struct {
		Happened []happened `json:"jobs"`
	}
	if err := v.advance(how, &moved); err != nil {
		return outcome{}, err
	}
	p, err := clockPage(v)
	if err != nil {
		return outcome{}, err
	}
	shown := p.data.(clockView)
	shown.Happened, shown.Moved = moved.Happened, true
	p.data = shown
	return outcome{page: p}, nil
}

type ledgerView struct {
	listView
	Counts  map[string]int `json:"counts"`
	Entries []struct {
		Rule string `json:"rule"`
		Says string `json:"description"`
		Mark mark   `json:"provenance"`
	} `json:"entries"`
}

// Bases are the marks to choose from.
func (ledgerView) Bases() []string { return []string{"documented", "provider", "assumed"} }

func ledger(v *visit) (*page, error) {
	l, _ := v.list("basis", "psp", "q")
	shown := ledgerView{listView: l}
	p := &page{template: "ledger", title: "Contract ledger", nav: "ledger"}
	if err := v.get("/v1/ledger", l.Filter, &shown); err != nil {
		if p.why = v.told(err); p.why.Status != http.StatusBadRequest {
			return nil, err
		}
		p.failed, p.status = "filter", p.why.Status
	}
	p.data = shown
	return p, nil
}

// cashierAgain is the form as it was sent.
func cashierAgain(v *visit) (*page, error) {
	shown, err := v.cashierView(v.said("flow"), "")
	if err != nil {
		return nil, err
	}
	shown.Body, shown.Payer, shown.Scenario = v.PostForm.Get("body"), v.said("payer"), v.said("scenario")
	return &page{template: "cashier", title: "Make a payment", nav: "cashier", data: shown}, nil
}
