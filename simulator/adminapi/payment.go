package adminapi

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// PaymentSummary is a payment as a list shows it.
type PaymentSummary struct {
	ID                string      `json:"id"`
	Company           string      `json:"company"`
	Ordinal           uint64      `json:"ordinal"` // the company's n-th payment
	PSP               string      `json:"psp"`
	Type              string      `json:"type"` // PAYIN or PAYOUT
	Variant           string      `json:"variant,omitempty"`
	Status            string      `json:"status"`
	TransactionStatus string      `json:"transactionStatus"` // Pending, Approved or Declined, as the merchant is told
	UserID            string      `json:"userId"`
	BrandID           string      `json:"brandId,omitempty"`
	Amount            json.Number `json:"amount"`
	Currency          string      `json:"currency"`
	MerchantReference string      `json:"merchantReference"`
	Webhooks          string      `json:"webhooks,omitempty"` // of all deliveries together: open, exhausted or done
	Created           time.Time   `json:"created"`
	Updated           time.Time   `json:"updated"`
}

// PaymentList is a page of payments, newest first.
type PaymentList struct {
	Payments []PaymentSummary `json:"payments"`
	Next     string           `json:"next"` // cursor of the next page, "" at the end
}

// Payment is a payment with everything that happened to it.
type Payment struct {
	PaymentSummary
	Session          string          `json:"session"`
	PSPTransactionID string          `json:"pspTransactionId,omitempty"`
	Email            string          `json:"email,omitempty"`
	Request          json.RawMessage `json:"request"`           // the merchant's call, secrets masked
	LeftOut          *LeftOut        `json:"leftOut,omitempty"` // what is missing from Request; nil = nothing
	Raw              string          `json:"raw,omitempty"`
	Message          string          `json:"message,omitempty"`
	Answer           *Answer         `json:"answer,omitempty"`
	Scenario         *ChosenScenario `json:"scenario,omitempty"`
	Plan             json.RawMessage `json:"plan,omitempty"` // what a scenario or test data decided for it
	PageExpires      time.Time       `json:"pageExpires,omitzero"`
	Page             string          `json:"page,omitempty"` // URL where the shopper pays
	Visit            *PageVisit      `json:"visit,omitempty"`
	Decisions        []Decision      `json:"decisions,omitempty"`
	Notifications    []Notification  `json:"notifications,omitempty"`
	Deliveries       []Delivery      `json:"deliveries,omitempty"`
	Events           []Event         `json:"events"`
}

// ChosenScenario is the scenario that shaped a payment.
type ChosenScenario struct {
	Name string `json:"name"`
	By   string `json:"by"` // override, header, merchantReference or match; "" in payments of an older version
}

// LeftOut counts fields of a call that were not kept, because the contract doesn't know them and they are large.
type LeftOut struct {
	Fields int `json:"fields"`
	Bytes  int `json:"bytes"` // as JSON
}

// String says it in words.
func (l *LeftOut) String() string {
	fields := "unknown fields"
	if l.Fields == 1 {
		fields = "unknown field"
	}
	return fmt.Sprintf("%d %s of %d bytes left out", l.Fields, fields, l.Bytes)
}

// Answer is what the merchant's call was answered with, secrets masked.
type Answer struct {
	Status  int             `json:"status"`
	Body    json.RawMessage `json:"body"`
	Fault   string          `json:"fault,omitempty"` // how the answer failed on purpose
	DelayMS int64           `json:"delayMs,omitempty"`
	// Observed are the fields of the body, dotted, that rest on what a real target was seen to do.
	Observed []string `json:"observed,omitempty"`
}

// Event is an entry of a payment's journal.
type Event struct {
	Seq  uint64          `json:"seq"`
	At   time.Time       `json:"at"`
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}

// StreamEvent is an event of a company as it is followed.
type StreamEvent struct {
	Seq     uint64          `json:"seq"`
	At      time.Time       `json:"at"`
	Kind    string          `json:"kind"`
	Payment string          `json:"payment"`
	Data    json.RawMessage `json:"data"`
}

// Move is a change of a payment's status, as an event has it.
type Move struct {
	Status  string `json:"status"`
	Raw     string `json:"raw,omitempty"` // the provider's own word
	Message string `json:"message,omitempty"`
	By      string `json:"by"` // who caused it: provider, shopper, admin, clock or scenario
}

// Decision is the outcome that somebody chose for a payment.
type Decision struct {
	Action string `json:"action"`
	Reason string `json:"reason,omitempty"`
	By     string `json:"by"` // shopper (simulated), page, provider, admin, control, clock or scenario
}

// PageVisit is what happened on the hosted page, besides decisions.
type PageVisit struct {
	Opened    time.Time    `json:"opened,omitzero"`
	TakenOver time.Time    `json:"takenOver,omitzero"`
	Returns   []PageReturn `json:"returns,omitempty"`
}

// PageReturn is one time that the browser was sent back to the merchant.
type PageReturn struct {
	At     time.Time `json:"at"`
	Result string    `json:"result"` // success, failure, cancelled or pending
	To     string    `json:"to"`
}

// Notification is one thing that the provider told about a payment.
type Notification struct {
	N                 int    `json:"n"`
	Status            string `json:"status,omitempty"`
	TransactionStatus string `json:"transactionStatus"`
	Raw               string `json:"raw"` // the provider's own word
	Message           string `json:"message,omitempty"`
	Dropped           bool   `json:"dropped,omitempty"` // on purpose: no webhook follows
}

// DecisionInput is the outcome that is chosen for a payment.
type DecisionInput struct {
	Action string `json:"action"` // such as approve, decline, cancel or expire
	Reason string `json:"reason,omitempty"`
}

// Delivery is a webhook that is, was or will be delivered.
type Delivery struct {
	ID           string    `json:"id"`
	Payment      string    `json:"payment"`
	PSP          string    `json:"psp"`
	Notification int       `json:"notification"`
	Copy         int       `json:"copy,omitempty"` // 2 for the first duplicate
	URL          string    `json:"url"`
	Body         string    `json:"body"`
	Auth         string    `json:"auth,omitempty"`   // how its Authorization is wrong on purpose
	Padded       bool      `json:"padded,omitempty"` // sent with 2 MiB of padding that is not shown
	Resend       bool      `json:"resend,omitempty"`
	Observed     []string  `json:"observed,omitempty"` // the body's fields that rest on what a real target was seen to do
	Due          time.Time `json:"due"`
	State        string    `json:"state"` // pending, retrying, delivered, exhausted or dropped
	Created      time.Time `json:"created"`
	Updated      time.Time `json:"updated"`
	Next         time.Time `json:"next,omitzero"`
	Attempts     []Attempt `json:"attempts,omitempty"`
}

// DeliveryID is the id of a payment's nth delivery.
func DeliveryID(payment string, n int) string { return payment + "-" + strconv.Itoa(n) }

// ParseDeliveryID takes a delivery's id apart: the id of its payment, and its number, "" when id has none.
func ParseDeliveryID(id string) (payment, number string) {
	if i := strings.LastIndexByte(id, '-'); i >= 0 {
		return id[:i], id[i+1:]
	}
	return id, ""
}

// Attempt is one try to deliver a webhook.
type Attempt struct {
	Delivery  string            `json:"delivery"`
	N         int               `json:"n"`
	Headers   map[string]string `json:"headers"` // of the request, secrets masked
	Status    int               `json:"status,omitempty"`
	Answer    map[string]string `json:"answer,omitempty"` // headers of the answer
	Body      string            `json:"body,omitempty"`   // the first 4 KiB of the answer
	Truncated bool              `json:"truncated,omitempty"`
	TookMS    int64             `json:"tookMs"`
	Error     string            `json:"error,omitempty"`
	Stage     string            `json:"stage,omitempty"` // where it failed: before, during or after
	State     string            `json:"state"`           // of the delivery after the attempt
	Next      time.Time         `json:"next,omitzero"`
	Verdict   string            `json:"verdict,omitempty"` // of the inbox on the secret
}

// DeliveryList is a page of deliveries, the newest payment's first.
type DeliveryList struct {
	Deliveries []Delivery `json:"deliveries"`
	Next       string     `json:"next"`
}

// Received is a webhook that the built-in inbox received.
type Received struct {
	At       time.Time         `json:"at"`
	Delivery string            `json:"delivery"`
	Payment  string            `json:"payment"`
	PSP      string            `json:"psp"`
	N        int               `json:"n"` // the delivery's n-th attempt
	Headers  map[string]string `json:"headers"`
	Body     string            `json:"body"`
	Status   int               `json:"status,omitempty"`  // what the inbox answered
	Error    string            `json:"error,omitempty"`   // why it did not
	Verdict  string            `json:"verdict,omitempty"` // on the secret: right, wrong, missing, old or not-asked-for
}

// ReceivedList is a page of received webhooks, newest first.
type ReceivedList struct {
	Received []Received `json:"received"`
	Next     string     `json:"next"`
}

// InboxReplies is how the built-in inbox answers the next webhooks.
type InboxReplies struct {
	Replies []InboxReply `json:"replies"`
}

// InboxNextInput asks for the next webhook of the built-in inbox, after it has answered the one before.
type InboxNextInput struct {
	Timeout string       `json:"timeout,omitempty"` // how long to wait for one, in real time; "" = 10s, at most 5m
	Answer  *InboxAnswer `json:"answer,omitempty"`
}

// InboxAnswer is what a handler answered to a webhook that was taken.
type InboxAnswer struct {
	Delivery string `json:"delivery"`
	Status   int    `json:"status,omitempty"`
	Body     string `json:"body,omitempty"`
	Error    string `json:"error,omitempty"` // why there was no answer
}

// InboxNext is a webhook that waits for its answer; the zero value when none came in time.
type InboxNext struct {
	Delivery string            `json:"delivery,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"`
}

// InboxReply is one answer of the inbox; 200 at once unless set otherwise.
type InboxReply struct {
	Status int    `json:"status,omitempty"`
	Body   string `json:"body,omitempty"`
	Delay  string `json:"delay,omitempty"`
	HangUp bool   `json:"hangUp,omitempty"`
	Times  int    `json:"times,omitempty"` // webhooks that it answers; 0 = one
}
