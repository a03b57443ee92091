package payment

import (
	"fmt"
	"time"

	"mozartosim/simulator/adminapi"
)

// The states of a delivery.
const (
	DeliveryPending   = "pending"   // not tried yet
	DeliveryRetrying  = "retrying"  // tried and failed, another attempt is due
	DeliveryDelivered = "delivered" // acknowledged with a 2xx
	DeliveryExhausted = "exhausted" // every attempt failed
	DeliveryDropped   = "dropped"   // cancelled by hand
)

// cancellation ends a delivery by hand.
type cancellation struct {
	Delivery string `json:"delivery"`
	By       string `json:"by"`
}

// NotCancellable says that a delivery can't be cancelled any more.
type NotCancellable struct{ Delivery, State string }

func (e *NotCancellable) Error() string {
	return fmt.Sprintf("delivery %s is %s: only a pending or retrying one can be cancelled", e.Delivery, e.State)
}

// Conflicts marks it as a conflict with the state, not an error in the request.
func (*NotCancellable) Conflicts() {}

// Delivery finds one of the payment's deliveries by id.
func (p *Payment) Delivery(id string) (*adminapi.Delivery, bool) {
	for i := range p.Deliveries {
		if p.Deliveries[i].ID == id {
			return &p.Deliveries[i], true
		}
	}
	return nil, false
}

// Deliver records a webhook that is to be delivered: its text as it will be sent, secrets never in it. Of d, what happens to it later
// is left out.
func (p *Payment) Deliver(d adminapi.Delivery, now time.Time) Event {
	p.openDelivery(d, now)
	return Event{Kind: KindDeliveryOpened, At: now, Data: appendOpening(make([]byte, 0, 256+len(d.Body)), &d)}
}

// Attempted records an attempt.
func (p *Payment) Attempted(a adminapi.Attempt, now time.Time) (Event, error) {
	if err := p.attempted(a, now); err != nil {
		return Event{}, err
	}
	return Event{Kind: KindDeliveryAttempted, At: now, Data: appendAttempt(make([]byte, 0, 512), &a)}, nil
}

// CancelDelivery ends a delivery that is still open; otherwise the error is *NotCancellable.
func (p *Payment) CancelDelivery(delivery, by string, now time.Time) (Event, error) {
	if d, ok := p.Delivery(delivery); ok && !d.Open() {
		return Event{}, &NotCancellable{delivery, d.State}
	}
	if err := p.cancelDelivery(delivery, now); err != nil {
		return Event{}, err
	}
	data := append(text(text([]byte("{"), `"delivery":`, delivery), `,"by":`, by), '}')
	return Event{Kind: KindDeliveryCancelled, At: now, Data: data}, nil
}

// OpenDeliveries counts the deliveries that have another attempt to come.
func (p *Payment) OpenDeliveries() int {
	n := 0
	for i := range p.Deliveries {
		if p.Deliveries[i].Open() {
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
		switch d := &p.Deliveries[i]; {
		case d.Open():
			return "open"
		case d.State == DeliveryExhausted:
			sum = "exhausted"
		case sum == "":
			sum = "done"
		}
	}
	return sum
}

func (p *Payment) openDelivery(d adminapi.Delivery, now time.Time) {
	d.Payment, d.PSP = p.ID, p.PSP
	d.State, d.Created, d.Updated, d.Next = DeliveryPending, now, now, d.Due
	p.Deliveries = append(p.Deliveries, d)
}

func (p *Payment) attempted(a adminapi.Attempt, now time.Time) error {
	d, ok := p.Delivery(a.Delivery)
	if !ok {
		return fmt.Errorf("payment %s has no delivery %s", p.ID, a.Delivery)
	}
	d.Attempts = append(d.Attempts, a)
	d.State, d.Updated, d.Next = a.State, now, a.Next
	return nil
}

func (p *Payment) cancelDelivery(delivery string, now time.Time) error {
	d, ok := p.Delivery(delivery)
	if !ok {
		return fmt.Errorf("payment %s has no delivery %s", p.ID, delivery)
	}
	d.State, d.Updated, d.Next = DeliveryDropped, now, time.Time{}
	return nil
}
