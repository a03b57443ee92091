package payment

import (
	"fmt"
	"time"
)

// DeliveryState is where a webhook's delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryPending   DeliveryState = "pending"   // not tried yet
	DeliveryRetrying  DeliveryState = "retrying"  // tried and failed, another attempt is due
	DeliveryDelivered DeliveryState = "delivered" // acknowledged with a 2xx
	DeliveryExhausted DeliveryState = "exhausted" // every attempt failed
	DeliveryDropped   DeliveryState = "dropped"   // cancelled by hand
)

// Open says whether another attempt is to come.
func (s DeliveryState) Open() bool { return s == DeliveryPending || s == DeliveryRetrying }

// Opening is a webhook that is to be delivered: its text as it will be sent, secrets never in it.
type Opening struct {
	ID           string    `json:"id"` // <payment>-<n>
	Notification int       `json:"notification"`
	Copy         int       `json:"copy,omitempty"` // 2 for the first duplicate
	URL          string    `json:"url"`
	Body         string    `json:"body"`
	Auth         string    `json:"auth,omitempty"` // secured, or how it misbehaves: wrong, missing, other-company, old
	Due          time.Time `json:"due"`
	Padded       bool      `json:"padded,omitempty"`   // sent with 2 MiB of padding, which is not stored
	Resend       bool      `json:"resend,omitempty"`   // sent again by hand
	Observed     []string  `json:"observed,omitempty"` // the body's fields that rest on what a real target was seen to do
}

// Attempt is one attempt to deliver.
type Attempt struct {
	Delivery  string            `json:"delivery"`
	N         int               `json:"n"`
	Headers   map[string]string `json:"headers"` // of the request, secrets masked
	Status    int               `json:"status,omitempty"`
	Answer    map[string]string `json:"answer,omitempty"` // the answer's headers
	Body      string            `json:"body,omitempty"`   // its first 4 KiB
	Truncated bool              `json:"truncated,omitempty"`
	TookMS    int64             `json:"tookMs"`
	Error     string            `json:"error,omitempty"`   // in words
	Stage     string            `json:"stage,omitempty"`   // before, during, after
	State     DeliveryState     `json:"state"`             // of the delivery from now on
	Next      time.Time         `json:"next,omitzero"`     // the next attempt
	Verdict   string            `json:"verdict,omitempty"` // the built-in inbox's on the secret: a webhook.Verdict
}

// Cancellation ends a delivery by hand.
type Cancellation struct {
	Delivery string `json:"delivery"`
	By       string `json:"by"`
}

// Delivery is the fold of a webhook's events.
type Delivery struct {
	Opening
	State    DeliveryState `json:"state"`
	Created  time.Time     `json:"created"`
	Updated  time.Time     `json:"updated"`
	Next     time.Time     `json:"next,omitzero"`
	Attempts []Attempt     `json:"attempts,omitempty"`
}

// Delivery finds one of the payment's deliveries by id.
func (p *Payment) Delivery(id string) (*Delivery, bool) {
	for i := range p.Deliveries {
		if p.Deliveries[i].ID == id {
			return &p.Deliveries[i], true
		}
	}
	return nil, false
}

// Deliver records a webhook that is to be delivered.
func (p *Payment) Deliver(o Opening, now time.Time) (Event, error) {
	p.openDelivery(o, now)
	return Event{Kind: KindDeliveryOpened, At: now, Data: o.append(make([]byte, 0, 256+len(o.Body)))}, nil
}

// Attempted records an attempt.
func (p *Payment) Attempted(a Attempt, now time.Time) (Event, error) {
	if err := p.attempted(a, now); err != nil {
		return Event{}, err
	}
	return Event{Kind: KindDeliveryAttempted, At: now, Data: a.append(make([]byte, 0, 512))}, nil
}

// CancelDelivery ends a delivery that is still open.
func (p *Payment) CancelDelivery(c Cancellation, now time.Time) (Event, error) {
	if d, ok := p.Delivery(c.Delivery); ok && !d.State.Open() {
		return Event{}, fmt.Errorf("delivery %s is %s: only a pending or retrying one can be cancelled", c.Delivery, d.State)
	}
	if err := p.cancelDelivery(c, now); err != nil {
		return Event{}, err
	}
	return newEvent(KindDeliveryCancelled, now, c)
}

// OpenDeliveries counts the deliveries that have another attempt to come.
func (p *Payment) OpenDeliveries() int {
	n := 0
	for i := range p.Deliveries {
		if p.Deliveries[i].State.Open() {
			n++
		}
	}
	return n
}

// DeliverySummary sums the deliveries up in one word: open when another attempt is to come, exhausted when all attempts of one
// failed, otherwise done; "" when there are none.
func (p *Payment) DeliverySummary() string {
	sum := ""
	for i := range p.Deliveries {
		switch state := p.Deliveries[i].State; {
		case state.Open():
			return "open"
		case state == DeliveryExhausted:
			sum = "exhausted"
		case sum == "":
			sum = "done"
		}
	}
	return sum
}

func (p *Payment) openDelivery(o Opening, now time.Time) {
	p.Deliveries = append(p.Deliveries, Delivery{Opening: o, State: DeliveryPending, Created: now, Updated: now, Next: o.Due})
}

func (p *Payment) attempted(a Attempt, now time.Time) error {
	d, ok := p.Delivery(a.Delivery)
	if !ok {
		return fmt.Errorf("payment %s has no delivery %s", p.ID, a.Delivery)
	}
	d.Attempts = append(d.Attempts, a)
	d.State, d.Updated, d.Next = a.State, now, a.Next
	return nil
}

func (p *Payment) cancelDelivery(c Cancellation, now time.Time) error {
	d, ok := p.Delivery(c.Delivery)
	if !ok {
		return fmt.Errorf("payment %s has no delivery %s", p.ID, c.Delivery)
	}
	d.State, d.Updated, d.Next = DeliveryDropped, now, time.Time{}
	return nil
}
