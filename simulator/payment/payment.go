package payment

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/money"
)

// Kind is the kind of an event.
type Kind string

// The kinds of events.
const (
	KindOpened   Kind = "payment.opened"   // the call was accepted; Data is a Terms
	KindMoved    Kind = "payment.moved"    // the status changed; Data is an adminapi.Move
	KindAnswered Kind = "payment.answered" // the merchant's call was answered; Data is an adminapi.Answer
	KindDecided  Kind = "payment.decided"  // the shopper, an admin or a test chose the outcome; Data is an adminapi.Decision
	KindNotified Kind = "payment.notified" // the provider notified; Data is an adminapi.Notification

	KindPageOpened    Kind = "page.opened"     // the hosted page was opened for the first time; Data is empty
	KindPageTakenOver Kind = "page.taken-over" // a person decides instead of the simulated shopper; Data is empty
	KindPageLeft      Kind = "page.left"       // the browser was sent back to the merchant's site; Data is an adminapi.PageReturn without its time

	KindDeliveryOpened    Kind = "delivery.opened"    // a webhook is to be delivered; Data is what an adminapi.Delivery begins with
	KindDeliveryAttempted Kind = "delivery.attempted" // it was tried; Data is an adminapi.Attempt
	KindDeliveryCancelled Kind = "delivery.cancelled" // it was cancelled by hand; Data is a cancellation
)

// Event is one thing that happened to a payment.
type Event struct {
	Kind Kind            `json:"kind"`
	At   time.Time       `json:"at"`
	Data json.RawMessage `json:"data"`
}

// Terms are what a payment is about, fixed when it is opened. Secrets in the request are masked.
type Terms struct {
	ID                string          `json:"id"` // 24 hexadecimal digits
	Company           string          `json:"company"`
	Ordinal           uint64          `json:"ordinal"` // the company's n-th payment
	PSP               string          `json:"psp"`
	Type              string          `json:"type"`
	Variant           string          `json:"variant,omitempty"`
	Session           string          `json:"session"` // UUID; the hosted page's key
	PSPTransactionID  string          `json:"pspTransactionId,omitempty"`
	UserID            string          `json:"userId"`
	Email             string          `json:"email,omitempty"`
	BrandID           string          `json:"brandId,omitempty"`
	Amount            money.Amount    `json:"amount"`
	Currency          string          `json:"currency"`
	MerchantReference string          `json:"merchantReference"`
	PageExpires       time.Time       `json:"pageExpires,omitzero"` // the hosted page's end; zero = none
	Plan              json.RawMessage `json:"plan,omitempty"`       // what shall happen; a scenario.Plan
	Request           json.RawMessage `json:"request,omitempty"`

	LeftOut *adminapi.LeftOut `json:"leftOut,omitempty"` // what is missing from Request; nil = nothing
	Sealed  []byte            `json:"sealed,omitempty"`  // what the merchant wrote where masking changed it (company.Originals)
	Trace   string            `json:"trace,omitempty"`   // traceparent of the call's span; "" = it had none
}

// Payment is the fold of a payment's events.
type Payment struct {
	Terms
	Status  Status    `json:"status"`
	Raw     string    `json:"raw,omitempty"`
	Message string    `json:"message,omitempty"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`

	Answer        *adminapi.Answer        `json:"answer,omitempty"`
	Visit         *adminapi.PageVisit     `json:"visit,omitempty"` // of the hosted page; nil when it was never opened
	Decisions     []adminapi.Decision     `json:"decisions,omitempty"`
	Notifications []adminapi.Notification `json:"notifications,omitempty"`
	Deliveries    []adminapi.Delivery     `json:"deliveries,omitempty"`
}

// Open begins a payment.
func Open(terms Terms, now time.Time) (Payment, Event) {
	event := Event{Kind: KindOpened, At: now, Data: terms.append(make([]byte, 0, 512+len(terms.Plan)+len(terms.Request)))}
	return Payment{Terms: terms, Status: Created, Created: now, Updated: now}, event
}

// Move changes the status and returns the event that says so, or an *IllegalMove.
func (p *Payment) Move(move adminapi.Move, now time.Time) (Event, error) {
	if err := p.move(move, now); err != nil {
		return Event{}, err
	}
	return Event{Kind: KindMoved, At: now, Data: appendMove(make([]byte, 0, 128), &move)}, nil
}

func (p *Payment) move(move adminapi.Move, now time.Time) error {
	to := Status(move.Status)
	if !p.Status.May(to) {
		return &IllegalMove{Payment: p.ID, From: p.Status, To: to}
	}
	p.Status, p.Raw, p.Message, p.Updated = to, move.Raw, move.Message, now
	return nil
}

// Answered records the answer to the merchant's call.
func (p *Payment) Answered(answer adminapi.Answer, now time.Time) Event {
	p.Answer = &answer
	size := 64 + len(answer.Body)
	for _, name := range answer.Observed {
		size += len(`"",`) + len(name)
	}
	data := strconv.AppendInt(append(make([]byte, 0, size), `{"status":`...), int64(answer.Status), 10)
	if answer.Fault != "" {
		data = fmt.Appendf(data, `,"fault":%q`, answer.Fault)
	}
	if answer.DelayMS > 0 {
		data = fmt.Appendf(data, `,"delayMs":%d`, answer.DelayMS)
	}
	data = texts(data, `,"observed":`, answer.Observed)
	return Event{Kind: KindAnswered, At: now, Data: append(raw(data, `,"body":`, answer.Body), '}')}
}

// Decide records a chosen outcome; its moves and notifications are events of their own.
func (p *Payment) Decide(d adminapi.Decision, now time.Time) Event {
	p.Decisions = append(p.Decisions, d)
	return Event{Kind: KindDecided, At: now, Data: AppendDecision(make([]byte, 0, 64), &d)}
}

// Notify records a notification of the provider, and moves the payment if that is legal; if it isn't, because a scenario scripted it,
// the merchant is notified all the same.
func (p *Payment) Notify(n adminapi.Notification, now time.Time) Event {
	p.notify(n, now)
	return Event{Kind: KindNotified, At: now, Data: appendNotification(make([]byte, 0, 192), &n)}
}

func (p *Payment) notify(n adminapi.Notification, now time.Time) {
	p.Notifications = append(p.Notifications, n)
	if to := Status(n.Status); to != "" && (p.Status == to || p.Status.May(to)) {
		p.Status, p.Raw, p.Message = to, n.Raw, n.Message
	}
	p.Updated = now
}

// Fold makes the payment of its events. Events of unknown kinds are ignored.
func Fold(events []Event) (*Payment, error) {
	p, r := &Payment{}, &reader{}
	for i, e := range events {
		if err := p.apply(r, e); err != nil {
			return nil, fmt.Errorf("event %d, %s: %w", i+1, e.Kind, err)
		}
	}
	if p.ID == "" {
		return nil, fmt.Errorf("no %s among %d events", KindOpened, len(events))
	}
	return p, nil
}

func (p *Payment) apply(r *reader, e Event) error {
	switch e.Kind {
	case KindOpened:
		p.Status, p.Created, p.Updated = Created, e.At, e.At
		return decode(r, e.Data, &p.Terms, readTerms)
	case KindMoved:
		return fold(r, e, readMove, func(m adminapi.Move) error { return p.move(m, e.At) })
	case KindAnswered:
		p.Answer = &adminapi.Answer{}
		return decode(r, e.Data, p.Answer, readAnswer)
	case KindDecided:
		return fold(r, e, readDecision, func(d adminapi.Decision) error { p.Decisions = append(p.Decisions, d); return nil })
	case KindNotified:
		return fold(r, e, readNotification, func(n adminapi.Notification) error { p.notify(n, e.At); return nil })
	case KindPageOpened:
		p.visit(func(v *adminapi.PageVisit) { v.Opened = e.At })
	case KindPageTakenOver:
		p.visit(func(v *adminapi.PageVisit) { v.TakenOver = e.At })
	case KindPageLeft:
		return fold(r, e, nil, func(back adminapi.PageReturn) error { p.leave(back, e.At); return nil })
	case KindDeliveryOpened:
		return fold(r, e, readOpening, func(d adminapi.Delivery) error { p.openDelivery(d, e.At); return nil })
	case KindDeliveryAttempted:
		return fold(r, e, readAttempt, func(a adminapi.Attempt) error { return p.attempted(a, e.At) })
	case KindDeliveryCancelled:
		return fold(r, e, nil, func(c cancellation) error { return p.cancelDelivery(c.Delivery, e.At) })
	}
	return nil
}

// fold decodes an event's data and applies it.
func fold[T any](r *reader, e Event, read func(*reader, *T), take func(T) error) error {
	var data T
	if err := decode(r, e.Data, &data, read); err != nil {
		return err
	}
	return take(data)
}
