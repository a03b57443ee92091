package payment

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"mozartosim/simulator/money"
)

// Kind is the kind of an event.
type Kind string

// The kinds of events.
const (
	KindOpened   Kind = "payment.opened"   // the call was accepted; Data is a Terms
	KindMoved    Kind = "payment.moved"    // the status changed; Data is a Move
	KindAnswered Kind = "payment.answered" // the merchant's call was answered; Data is an Answered
	KindDecided  Kind = "payment.decided"  // the shopper, an admin or a test chose the outcome; Data is a Decision
	KindNotified Kind = "payment.notified" // the provider notified; Data is a Notification

	KindPageOpened    Kind = "page.opened"     // the hosted page was opened for the first time; Data is empty
	KindPageTakenOver Kind = "page.taken-over" // a person decides instead of the simulated shopper; Data is empty
	KindPageLeft      Kind = "page.left"       // the browser was sent back to the merchant's site; Data is a Return

	KindDeliveryOpened    Kind = "delivery.opened"    // a webhook is to be delivered; Data is an Opening
	KindDeliveryAttempted Kind = "delivery.attempted" // it was tried; Data is an Attempt
	KindDeliveryCancelled Kind = "delivery.cancelled" // it was cancelled by hand; Data is a Cancellation
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
	LeftOut           *LeftOut        `json:"leftOut,omitempty"` // what is missing from Request; nil = nothing
	Sealed            []byte          `json:"sealed,omitempty"`  // what the merchant wrote where masking changed it (company.Originals)
	Trace             string          `json:"trace,omitempty"`   // traceparent of the call's span; "" = it had none
}

// LeftOut says how many fields were not kept with a request, because the contract doesn't know them and they are large.
type LeftOut struct {
	Fields int `json:"fields"`
	Bytes  int `json:"bytes"` // as JSON
}

// Move is a change of status.
type Move struct {
	Status  Status `json:"status"`
	Raw     string `json:"raw,omitempty"` // the provider's own word
	Message string `json:"message,omitempty"`
	By      string `json:"by"` // who caused it: provider, shopper, admin, clock, scenario
}

// Answered is the answer to the merchant's call, secrets masked.
type Answered struct {
	Status int             `json:"status"` // HTTP
	Body   json.RawMessage `json:"body,omitempty"`
	Fault  string          `json:"fault,omitempty"` // how the answer went wrong on purpose
	Delay  int64           `json:"delayMs,omitempty"`
	// Observed are the fields of the body, dotted, that rest on what a real target was seen to do.
	Observed []string `json:"observed,omitempty"`
}

// Decision is a chosen outcome.
type Decision struct {
	Action string `json:"action"` // approve, decline, cancel, expire, underpay, overpay, challenge-fail, reject
	Reason string `json:"reason,omitempty"`
	By     string `json:"by"` // shopper (the simulated one), page (a person on the hosted page), provider, admin, control, clock, scenario
}

// Notification is one notification of the provider. It moves the payment if that is legal; if it isn't, because a scenario
// scripted it, the merchant is notified all the same.
type Notification struct {
	N                 int    `json:"n"` // the payment's n-th notification, from 1
	Status            Status `json:"status,omitempty"`
	TransactionStatus string `json:"transactionStatus"`
	Raw               string `json:"raw"`
	Message           string `json:"message,omitempty"`
	Dropped           bool   `json:"dropped,omitempty"` // on purpose: no webhook follows
}

// Payment is the fold of a payment's events.
type Payment struct {
	Terms
	Status  Status    `json:"status"`
	Raw     string    `json:"raw,omitempty"`
	Message string    `json:"message,omitempty"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	Answer  *Answered `json:"answer,omitempty"`

	Visit         *Visit         `json:"visit,omitempty"` // of the hosted page; nil when it was never opened
	Decisions     []Decision     `json:"decisions,omitempty"`
	Notifications []Notification `json:"notifications,omitempty"`
	Deliveries    []Delivery     `json:"deliveries,omitempty"`
}

// Open begins a payment.
func Open(terms Terms, now time.Time) (Payment, Event) {
	event := Event{Kind: KindOpened, At: now, Data: terms.append(make([]byte, 0, 512+len(terms.Plan)+len(terms.Request)))}
	return Payment{Terms: terms, Status: Created, Created: now, Updated: now}, event
}

// Move changes the status and returns the event that says so, or an *IllegalMove.
func (p *Payment) Move(move Move, now time.Time) (Event, error) {
	if err := p.move(move, now); err != nil {
		return Event{}, err
	}
	return Event{Kind: KindMoved, At: now, Data: move.append(make([]byte, 0, 128))}, nil
}

func (p *Payment) move(move Move, now time.Time) error {
	if !p.Status.May(move.Status) {
		return &IllegalMove{Payment: p.ID, From: p.Status, To: move.Status}
	}
	p.Status, p.Raw, p.Message, p.Updated = move.Status, move.Raw, move.Message, now
	return nil
}

// Answered records the answer to the merchant's call.
func (p *Payment) Answered(answer Answered, now time.Time) Event {
	p.Answer = &answer
	size := 64 + len(answer.Body)
	for _, name := range answer.Observed {
		size += len(`"",`) + len(name)
	}
	data := strconv.AppendInt(append(make([]byte, 0, size), `{"status":`...), int64(answer.Status), 10)
	if answer.Fault != "" {
		data = fmt.Appendf(data, `,"fault":%q`, answer.Fault)
	}
	if answer.Delay > 0 {
		data = fmt.Appendf(data, `,"delayMs":%d`, answer.Delay)
	}
	data = texts(data, `,"observed":`, answer.Observed)
	return Event{Kind: KindAnswered, At: now, Data: append(raw(data, `,"body":`, answer.Body), '}')}
}

// Decide records a chosen outcome; its moves and notifications are events of their own.
func (p *Payment) Decide(d Decision, now time.Time) (Event, error) {
	p.Decisions = append(p.Decisions, d)
	return Event{Kind: KindDecided, At: now, Data: d.Append(make([]byte, 0, 64))}, nil
}

// Notify records a notification of the provider, and moves the payment if that is legal.
func (p *Payment) Notify(n Notification, now time.Time) (Event, error) {
	p.notify(n, now)
	return Event{Kind: KindNotified, At: now, Data: n.append(make([]byte, 0, 192))}, nil
}

func (p *Payment) notify(n Notification, now time.Time) {
	p.Notifications = append(p.Notifications, n)
	if n.Status != "" && (p.Status == n.Status || p.Status.May(n.Status)) {
		p.Status, p.Raw, p.Message = n.Status, n.Raw, n.Message
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
		return decode(r, e.Data, &p.Terms)
	case KindMoved:
		return fold(r, e, func(m Move) error { return p.move(m, e.At) })
	case KindAnswered:
		p.Answer = &Answered{}
		return decode(r, e.Data, p.Answer)
	case KindDecided:
		return fold(r, e, func(d Decision) error { p.Decisions = append(p.Decisions, d); return nil })
	case KindNotified:
		return fold(r, e, func(n Notification) error { p.notify(n, e.At); return nil })
	case KindPageOpened:
		p.visit(func(v *Visit) { v.Opened = e.At })
	case KindPageTakenOver:
		p.visit(func(v *Visit) { v.TakenOver = e.At })
	case KindPageLeft:
		return fold(r, e, func(back Return) error { p.leave(back, e.At); return nil })
	case KindDeliveryOpened:
		return fold(r, e, func(o Opening) error { p.openDelivery(o, e.At); return nil })
	case KindDeliveryAttempted:
		return fold(r, e, func(a Attempt) error { return p.attempted(a, e.At) })
	case KindDeliveryCancelled:
		return fold(r, e, func(c Cancellation) error { return p.cancelDelivery(c, e.At) })
	}
	return nil
}

// fold decodes an event's data and applies it.
func fold[T any, P readable[T]](r *reader, e Event, take func(T) error) error {
	var data T
	if err := decode(r, e.Data, P(&data)); err != nil {
		return err
	}
	return take(data)
}

func newEvent(kind Kind, now time.Time, data any) (Event, error) {
	text, err := jsonv2.Marshal(data, jsonv2.Deterministic(true))
	if err != nil {
		return Event{}, fmt.Errorf("write event %s: %w", kind, err)
	}
	return Event{Kind: kind, At: now, Data: text}, nil
}
