package adminapi

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"time"
)

// RequestSummary is a call of the public listener as a list shows it.
type RequestSummary struct {
	ID       string    `json:"id"`                // also in the answer's header Mozartosim-Request and in the log
	Company  string    `json:"company,omitempty"` // by id; "" = the call reached none
	At       time.Time `json:"at"`                // on the company's clock; on the machine's when it reached none
	Method   string    `json:"method"`
	Path     string    `json:"path"`              // with the query, secrets masked
	Status   int       `json:"status"`            // of the answer
	Outcome  string    `json:"outcome"`           // accepted or refused
	Stage    string    `json:"stage,omitempty"`   // that refused it
	Reason   string    `json:"reason,omitempty"`  // why, in words
	Rule     string    `json:"rule,omitempty"`    // of the contract, by its id in the ledger
	PSP      string    `json:"psp,omitempty"`     // as far as the call was understood
	Type     string    `json:"type,omitempty"`    // PAYIN or PAYOUT
	Payment  string    `json:"payment,omitempty"` // that it made, or whose page it is about
	Scenario string    `json:"scenario,omitempty"`
	Replayed string    `json:"replayed,omitempty"` // the recording that answered
	Fault    string    `json:"fault,omitempty"`    // how the answer was broken on purpose
	TookMS   float64   `json:"tookMs"`             // until the answer was ready
}

// RequestDetails is the rest of a call.
type RequestDetails struct {
	Protocol  string          `json:"protocol"`
	Remote    string          `json:"remote"`
	Headers   []RequestHeader `json:"headers"`          // in the order of their names, secrets masked; of an accepted call only few
	Body      string          `json:"body"`             // masked; of an accepted call it stands in the payment
	BodyBytes int64           `json:"bodyBytes"`        // as it came; -1 = it was not read
	Truncated bool            `json:"truncated"`        // only the beginning of the body is kept
	Answer    string          `json:"answer,omitempty"` // the answer's body when the call was refused
	Fields    []string        `json:"fields,omitempty"` // of the body that were wrong or missing, dotted
}

// RequestHeader is a header of a call.
type RequestHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Request is a call of the public listener with all that is kept of it.
type Request struct {
	RequestSummary
	RequestDetails
	Expected   string      `json:"expected,omitempty"`   // what the rule says, in words
	Provenance *Provenance `json:"provenance,omitempty"` // of the rule
}

// RequestList is a page of calls, the newest first.
type RequestList struct {
	Requests []RequestSummary `json:"requests"`
	Next     string           `json:"next"` // cursor of the next page, "" at the end
}

// Requests calls the admin API for the calls that the public listener got from a company, refused ones too.
type Requests struct{ at scope }

func (r Requests) query(q RequestQuery) url.Values {
	if q.Unknown {
		return parameters(q)
	}
	return r.at.named(parameters(q))
}

// List lists calls, newest first.
func (r Requests) List(ctx context.Context, q RequestQuery) (out RequestList, err error) {
	return out, r.at.client.get(ctx, "/v1/requests", r.query(q), &out)
}

// Elsewhere says how many refused calls like those that are asked for reached no company, as "3" or "over 500"; "" = none, or
// accepted calls are asked for too.
func (r Requests) Elsewhere(ctx context.Context, q RequestQuery) (string, error) {
	if q.Unknown || q.Payment != "" || q.Outcome != "refused" {
		return "", nil
	}
	q.Unknown, q.Page = true, Page{Limit: 500}
	found, err := r.List(ctx, q)
	switch {
	case err != nil || len(found.Requests) == 0:
		return "", err
	case found.Next != "":
		return fmt.Sprintf("over %d", len(found.Requests)), nil
	}
	return strconv.Itoa(len(found.Requests)), nil
}

// Request reads a call of the company, or one that reached none.
func (r Requests) Request(ctx context.Context, id string) (out Request, err error) {
	return out, r.at.client.get(ctx, path("v1", "requests", id), r.query(RequestQuery{}), &out)
}

// Archive exports calls as an HTTP archive (HAR 1.2), the oldest first.
func (r Requests) Archive(ctx context.Context, q RequestQuery) (out json.RawMessage, err error) {
	return out, r.at.client.get(ctx, "/v1/requests.har", r.query(q), &out)
}

// Events follows calls as CompanyClient.Events follows events; unknown is of those that reach no company.
func (r Requests) Events(ctx context.Context, unknown bool, after int64) (iter.Seq2[RequestSummary, error], error) {
	return follow[RequestSummary](ctx, r.at.client, "/v1/events/requests", r.query(RequestQuery{Unknown: unknown}), after)
}
