package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"
)

func (c *console) paymentPages() map[string]show {
	return map[string]show{"/{$}": payments, "/payments": payments, "/payments/{id}": timeline}
}

func (c *console) paymentForms() map[string]form {
	return map[string]form{
		"/payments/{id}/decide":  {"decide", decide, timeline},
		"/payments/{id}/approve": {"approve", approve, timeline},
		"/payments/{id}/reject":  {"approve", reject, timeline},
		"/payments/{id}/advance": {"advance", advanceToNext, timeline},
		"/payments/{id}/manual":  {"advance", switchToManual, timeline},
	}
}

// paymentBrief is a payment as a list tells it.
type paymentBrief struct {
	ID                string      `json:"id"`
	PSP               string      `json:"psp"`
	Type              string      `json:"type"`
	Variant           string      `json:"variant"`
	Status            string      `json:"status"`
	TransactionStatus string      `json:"transactionStatus"`
	UserID            string      `json:"userId"`
	BrandID           string      `json:"brandId"`
	Amount            json.Number `json:"amount"`
	Currency          string      `json:"currency"`
	MerchantReference string      `json:"merchantReference"`
	Webhooks          string      `json:"webhooks"`
	Created           time.Time   `json:"created"`
	Updated           time.Time   `json:"updated"`
}

// choices are what selects offer.
type choices struct{ PSPs, Types, Statuses, Sums, States []string }

func offered() choices {
	return choices{
		PSPs:  []string{"FORUMPAY", "GIGADAT", "WORLDPAY_EU", "TRUST", "CLEO", "PAYONE", "NEOSURF", "FLEXEPIN", "BRITE", "EMERCHANTPAY"},
		Types: []string{"PAYIN", "PAYOUT"},
		Statuses: []string{
			"created", "awaiting_approval", "pending", "approved", "declined", "cancelled", "expired", "captured", "settled",
			"refunded", "charged_back", "reversed", "failed",
		},
		Sums:   []string{"open", "exhausted", "done"},
		States: []string{"pending", "retrying", "delivered", "exhausted", "dropped"},
	}
}

// listView is a list with its filters.
type listView struct {
	Offer    choices
	Filter   url.Values
	Filtered bool
	Next     string // the link of the next page, "" at the end
	First    string // of the first, "" when this is it
}

// Is says whether a filter stands at a value.
func (l listView) Is(name, value string) bool { return l.Filter.Get(name) == value }

// Of is what a filter stands at.
func (l listView) Of(name string) string { return l.Filter.Get(name) }

type paymentsView struct {
	listView
	Payments []paymentBrief `json:"payments"`
	NextPage string         `json:"next"`
}

// pageSize is how many rows a list has.
const pageSize = "50"

// list reads the filters of a list out of the address.
func (v *visit) list(names ...string) (l listView, query url.Values) {
	l = listView{Offer: offered(), Filter: url.Values{}}
	for _, name := range names {
		if value := v.ask(name); value != "" {
			l.Filter.Set(name, value)
			l.Filtered = true
		}
	}
	query = v.ofCompany("limit", pageSize, "cursor", v.ask("cursor"))
	for name := range l.Filter {
		query.Set(name, l.Filter.Get(name))
	}
	return l, query
}

// paged fills in the links between a list's pages.
func (v *visit) paged(l *listView, at, next string) {
	var pairs []string
	for name := range l.Filter {
		pairs = append(pairs, name, l.Filter.Get(name))
	}
	if next != "" {
		l.Next = v.link(at, append(slices.Clone(pairs), "cursor", next)...)
	}
	if v.ask("cursor") != "" {
		l.First = v.link(at, pairs...)
	}
}

func payments(v *visit) (*page, error) {
	if v.company.ID == "" {
		return &page{template: "nobody", title: "Payments", nav: "payments"}, nil
	}
	l, query := v.list("psp", "type", "status", "webhooks", "q")
	shown := paymentsView{listView: l}
	p := &page{template: "payments", title: "Payments", nav: "payments", live: "all"}
	if err := v.get("/v1/payments", query, &shown); err != nil {
		if p.why = v.told(err); p.why.Status != http.StatusBadRequest {
			return nil, err
		}
		p.failed, p.status = "filter", p.why.Status
	}
	v.paged(&shown.listView, "/payments", shown.NextPage)
	p.data = shown
	return p, nil
}

// back is the payment's timeline, with what was done.
func (v *visit) back(done string) outcome {
	return outcome{to: v.link(pathOf("payments", v.in("id")), "done", done)}
}

func (v *visit) toPayment(deed string) string {
	return v.onCompany(pathOf("v1", "payments", v.in("id"), deed))
}

func decide(v *visit) (outcome, error) {
	body := map[string]string{"action": v.said("action")}
	if reason := v.said("reason"); reason != "" {
		body["reason"] = reason
	}
	return v.back("decided"), v.do(http.MethodPost, v.toPayment("decide"), body, nil)
}

func approve(v *visit) (outcome, error) {
	return v.back("approved"), v.do(http.MethodPost, v.toPayment("approve"), nil, nil)
}

func reject(v *visit) (outcome, error) {
	body := map[string]string{}
	if reason := v.said("reason"); reason != "" {
		body["reason"] = reason
	}
	return v.back("rejected"), v.do(http.MethodPost, v.toPayment("reject"), body, nil)
}

// advanceToNext moves a manual clock to the next work: the payment's own where the form says so, else the company's.
func advanceToNext(v *visit) (outcome, error) {
	return v.back("advanced"), v.advance(map[string]any{"to": v.said("to")}, nil)
}

func switchToManual(v *visit) (outcome, error) {
	return v.back("manual"), v.do(http.MethodPut, v.path("clock"), map[string]string{"mode": "manual"}, nil)
}

func (v *visit) advance(how map[string]any, into any) error {
	return v.do(http.MethodPost, v.path("clock", "advance"), how, into)
}
