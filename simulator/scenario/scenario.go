package scenario

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"mozartosim/simulator/condition"
	"mozartosim/simulator/random"
)

// Scenario says what the simulator shall do with payments that match. The json names are those of a scenario file.
type Scenario struct {
	Name        string
	Description string
	File        string // it was read from; "" when it came by the admin API
	Line        int    // of its first key in File
	Match       Match
	Times       int     // how many payments it applies to; 0 = unlimited
	Chance      float64 // 0 < chance ≤ 1; 0 = always
	Answer      Answer
	Shopper     *Shopper
	Then        []Notification // nil = the provider's own notifications; empty but not nil = none
	Webhooks    Webhooks
	Outage      *Outage // which each payment that matches begins anew

	source json.RawMessage // as it was written, in JSON
}

// Source returns the scenario as it was written, as JSON; nil for one that no Reader made.
func (s *Scenario) Source() json.RawMessage { return s.source }

// Match says which calls a scenario is for; empty fields match everything.
type Match struct {
	PSP, Type string
	When      *condition.Condition // over the request
	Nth       int                  // only the n-th call that matches everything else; 0 = every
	Named     bool                 // only when it is named
}

// Answer is how the merchant's call is answered. At most one of Error, Voucher, Reason, HTTP and Fault is set.
type Answer struct {
	Delay   Duration `json:"delay,omitzero"`
	Error   string   `json:"error,omitempty"`   // a normalised errorCode
	Voucher string   `json:"voucher,omitempty"` // why the voucher is rejected
	Reason  string   `json:"reason,omitempty"`  // the provider's own reason for refusing
	HTTP    *HTTP    `json:"http,omitempty"`
	Fault   Fault    `json:"fault,omitempty"`
	Rate    int      `json:"rate,omitempty"` // bytes per second of the fault slow
}

// HTTP is an answer that is sent as it stands here.
type HTTP struct {
	Status  int
	Body    string
	Headers map[string]string
}

// Fault is a way in which an answer goes wrong.
type Fault string

// The faults of an answer.
const (
	NoFault   Fault = ""
	Lost      Fault = "lost"      // the payment is made, the connection is cut before the answer
	Reset     Fault = "reset"     // the connection is reset
	Empty     Fault = "empty"     // 200 and no body
	Truncated Fault = "truncated" // half of the body
	Garbage   Fault = "garbage"   // bytes that are no JSON
	Slow      Fault = "slow"      // byte by byte
	Hang      Fault = "hang"      // no answer until the gateway's 504
)

// DefaultRate is how many bytes per second the fault slow sends unless the scenario sets a rate.
const DefaultRate = 64

// ShopperAction is what the shopper does.
type ShopperAction string

// The shopper's actions.
const (
	ActionApprove       ShopperAction = "approve"
	ActionDecline       ShopperAction = "decline"
	ActionCancel        ShopperAction = "cancel"
	ActionAbandon       ShopperAction = "abandon"        // nothing; the session expires
	ActionUnderpay      ShopperAction = "underpay"       // crypto: too little arrives
	ActionOverpay       ShopperAction = "overpay"        // crypto: too much arrives
	ActionChallengeFail ShopperAction = "challenge-fail" // the step-up fails
	ActionReturnFirst   ShopperAction = "return-first"   // approves, and returns to the merchant before any notification is sent
	ActionReturnTwice   ShopperAction = "return-twice"   // approves, and opens the return URL twice
	ActionCloseTab      ShopperAction = "close-tab"      // approves, and never returns
)

// Shopper decides on the hosted page.
type Shopper struct {
	Action ShopperAction `json:"action"`
	Reason string        `json:"reason,omitempty"` // the provider's own reason, for decline
	After  Duration      `json:"after"`
}

// Notification is one notification of the provider, and so one webhook.
type Notification struct {
	After   Duration `json:"after"`         // counted from the outcome
	Status  string   `json:"status"`        // transaction_status
	Raw     string   `json:"raw,omitempty"` // the provider's own word, `status`
	Message string   `json:"message,omitempty"`

	Webhook *Webhook `json:"webhook,omitempty"` // how its webhook is sent; nil = as Webhooks says
}

// Webhook is how a notification's webhook is sent.
type Webhook struct {
	Copies int      `json:"copies,omitempty"` // 0 and 1 = once
	Spaced Duration `json:"spaced,omitzero"`  // between copies
	Each   []Copy   `json:"each,omitempty"`   // the copies one by one, instead of Copies and Spaced
	Auth   string   `json:"auth,omitempty"`   // how Authorization is wrong: one of webhook.AuthKinds
	Body   string   `json:"body,omitempty"`   // how the body is wrong: one of webhook.BodyKinds
}

// Copy is one of the times that a notification is sent.
type Copy struct {
	After Duration `json:"after,omitzero"` // counted from the notification's own time
	Auth  string   `json:"auth,omitempty"`
	Body  string   `json:"body,omitempty"`
}

// Webhooks is how notifications are delivered; what it says of one webhook counts where the notification says nothing.
type Webhooks struct {
	Webhook
	Order Order    `json:"order,omitempty"`
	Delay Duration `json:"delay,omitzero"` // added to each notification's own time
	Drop  []int    `json:"drop,omitempty"` // notifications that are never sent, from 1
}

// CopiesOf returns the copies of a notification that says own of its webhook, nil for nothing: a copy's own setting goes before the
// notification's, and that before the one for all. Durations must have been drawn.
func (w *Webhooks) CopiesOf(own *Webhook) []Copy {
	how := w.Webhook
	if own != nil {
		if own.Copies > 0 || own.Each != nil {
			how.Copies, how.Spaced, how.Each = own.Copies, own.Spaced, own.Each
		}
		how.Auth, how.Body = cmp.Or(own.Auth, how.Auth), cmp.Or(own.Body, how.Body)
	}
	copies := slices.Clone(how.Each)
	for i := len(copies); i < max(1, how.Copies); i++ {
		copies = append(copies, Copy{After: Fixed(time.Duration(i) * how.Spaced.Fixed)})
	}
	for i, c := range copies {
		copies[i].Auth, copies[i].Body = cmp.Or(c.Auth, how.Auth), cmp.Or(c.Body, how.Body)
	}
	return copies
}

// ChangesAuth says whether a webhook's Authorization is changed.
func (s *Scenario) ChangesAuth() bool {
	changed := func(c Copy) bool { return c.Auth != "" }
	return slices.ContainsFunc(s.Webhooks.CopiesOf(nil), changed) || slices.ContainsFunc(s.Then, func(n Notification) bool {
		return slices.ContainsFunc(s.Webhooks.CopiesOf(n.Webhook), changed)
	})
}

// drawn returns the copies with their times drawn.
func drawn(copies []Copy, r *random.Stream) []Copy {
	copies = slices.Clone(copies)
	for i := range copies {
		copies[i].After = Fixed(copies[i].After.Draw(r))
	}
	return copies
}

// Order is the order of a payment's notifications.
type Order string

// The orders of notifications.
const (
	AsWritten    Order = ""
	Reversed     Order = "reversed"
	Shuffled     Order = "shuffled"
	BeforeAnswer Order = "before-answer" // the first notification arrives before the answer's first byte
)

// OutageKind is a way in which a provider is unavailable.
type OutageKind string

// The kinds of outages.
const (
	Down           OutageKind = "down"            // PSP_UNAVAILABLE
	SlowProvider   OutageKind = "slow"            // answers late
	RateLimited    OutageKind = "rate-limited"    // PSP_RATE_LIMITED
	BadCredentials OutageKind = "bad-credentials" // INVALID_PSP_CREDENTIALS
	Flapping       OutageKind = "flapping"        // down for every other call, by seeded chance
)

// Outage makes a provider unavailable for a while of the company's clock.
type Outage struct {
	PSP   string        `json:"psp"`
	Kind  OutageKind    `json:"kind"`
	For   time.Duration `json:"for"`            // 0 = until it is ended
	Delay time.Duration `json:"delay"`          // of the kind slow
	Until time.Time     `json:"until,omitzero"` // once it is in force; zero = until it is ended
}

// Plan is what shall happen to one payment: a scenario with every duration drawn but Webhooks.Delay, which is drawn for each
// notification. It is stored with the payment, so that a restart changes nothing.
type Plan struct {
	Scenario string         `json:"scenario,omitempty"` // "" = defaults only
	By       string         `json:"by,omitempty"`       // why it was chosen: ByOverride, ByHeader, ByReference, ByMatch
	Outcome  Outcome        `json:"outcome,omitzero"`
	Answer   Answer         `json:"answer,omitzero"`
	Shopper  *Shopper       `json:"shopper,omitempty"`
	Then     []Notification `json:"then,omitempty"`
	HasThen  bool           `json:"hasThen,omitempty"` // Then replaces the provider's notifications, even when it is empty
	Webhooks Webhooks       `json:"webhooks,omitzero"`
}

// Plan draws the scenario's durations from the payment's stream.
func (s *Scenario) Plan(r *random.Stream) Plan {
	p := Plan{Scenario: s.Name, Answer: s.Answer, HasThen: s.Then != nil, Webhooks: s.Webhooks}
	p.Answer.Delay = Fixed(s.Answer.Delay.Draw(r))
	p.Webhooks.Spaced = Fixed(s.Webhooks.Spaced.Draw(r))
	if s.Shopper != nil {
		shopper := *s.Shopper
		shopper.After = Fixed(shopper.After.Draw(r))
		p.Shopper = &shopper
	}
	for _, n := range s.Then {
		n.After = Fixed(n.After.Draw(r))
		if n.Webhook != nil {
			own := *n.Webhook
			own.Spaced, own.Each = Fixed(own.Spaced.Draw(r)), drawn(own.Each, r)
			n.Webhook = &own
		}
		p.Then = append(p.Then, n)
	}
	p.Webhooks.Each = drawn(s.Webhooks.Each, r)
	return p
}
