package payment

import (
	"encoding/json"
	"fmt"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"mozartosim/simulator/money"
)

// Kind says what an event tells.
type Kind string

// The kinds of events.
const (
	KindOpened   Kind = "payment.opened"   // the call was accepted; Data is a Terms
	KindMoved    Kind = "payment.moved"    // the status changed; Data is a Move
	KindAnswered Kind = "payment.answered" // the merchant's call was answered; Data is an Answered
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
	Request           json.RawMessage `json:"request,omitempty"`
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
	Body   json.RawMessage `json:"body"`
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
}

// Open begins a payment.
func Open(terms Terms, now time.Time) (Payment, Event, error) {
	bare := terms
	bare.Request = nil
	event, err := newEvent(KindOpened, now, bare)
	if err != nil {
		return Payment{}, Event{}, err
	}
	event.Data = withRaw(event.Data, "request", terms.Request)
	return Payment{Terms: terms, Status: Created, Created: now, Updated: now}, event, nil
}

// Move changes the status and returns the event that says so, or an *IllegalMove.
func (p *Payment) Move(move Move, now time.Time) (Event, error) {
	if !p.Status.May(move.Status) {
		return Event{}, &IllegalMove{Payment: p.ID, From: p.Status, To: move.Status}
	}
	event, err := newEvent(KindMoved, now, move)
	if err != nil {
		return Event{}, err
	}
	p.Status, p.Raw, p.Message, p.Updated = move.Status, move.Raw, move.Message, now
	return event, nil
}

// Answered notes the answer to the merchant's call.
func (p *Payment) Answered(answer Answered, now time.Time) Event {
	p.Answer = &answer
	data := withRaw(fmt.Appendf(nil, `{"status":%d}`, answer.Status), "body", answer.Body)
	return Event{Kind: KindAnswered, At: now, Data: data}
}

// Fold makes the payment out of its events. Kinds that it doesn't know are passed over: they belong to other rooms.
func Fold(events []Event) (Payment, error) {
	var p Payment
	for i, e := range events {
		if err := p.apply(e); err != nil {
			return Payment{}, fmt.Errorf("event %d, %s: %w", i+1, e.Kind, err)
		}
	}
	if p.ID == "" {
		return Payment{}, fmt.Errorf("no %s among %d events", KindOpened, len(events))
	}
	return p, nil
}

func (p *Payment) apply(e Event) error {
	switch e.Kind {
	case KindOpened:
		p.Status, p.Created, p.Updated = Created, e.At, e.At
		return jsonv2.Unmarshal(e.Data, &p.Terms)
	case KindMoved:
		var move Move
		if err := jsonv2.Unmarshal(e.Data, &move); err != nil {
			return err
		}
		if !p.Status.May(move.Status) {
			return &IllegalMove{Payment: p.ID, From: p.Status, To: move.Status}
		}
		p.Status, p.Raw, p.Message, p.Updated = move.Status, move.Raw, move.Message, e.At
	case KindAnswered:
		p.Answer = &Answered{}
		return jsonv2.Unmarshal(e.Data, p.Answer)
	}
	return nil
}

// withRaw adds a member to a JSON object, its value copied as it is: bodies are JSON already and need not be read again.
func withRaw(object []byte, name string, value json.RawMessage) []byte {
	if len(value) == 0 {
		return object
	}
	out := make([]byte, 0, len(object)+len(name)+len(value)+4)
	out = append(out, object[:len(object)-1]...)
	out = append(out, `,"`+name+`":`...)
	return append(append(out, value...), '}')
}

func newEvent(kind Kind, now time.Time, data any) (Event, error) {
	text, err := jsonv2.Marshal(data)
	if err != nil {
		return Event{}, fmt.Errorf("write event %s: %w", kind, err)
	}
	return Event{Kind: kind, At: now, Data: text}, nil
}
