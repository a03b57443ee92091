package scenario

import (
	"time"

	"mozartosim/simulator/random"
)

// Plan is what shall happen to one payment: a scenario's words with every chance drawn. It is kept with the payment, so
// that a restart changes nothing.
type Plan struct {
	Scenario string             `json:"scenario,omitempty"` // "" = nothing but defaults
	Outcome  Outcome            `json:"fate,omitzero"`
	Answer   AnswerPlan         `json:"answer,omitzero"`
	Shopper  *ShopperPlan       `json:"shopper,omitempty"`
	Then     []NotificationPlan `json:"then,omitempty"`
	HasThen  bool               `json:"hasThen,omitempty"` // Then replaces the provider's notices, even when it is empty
	Webhooks WebhooksPlan       `json:"webhooks,omitzero"`
}

// AnswerPlan is an Answer, drawn.
type AnswerPlan struct {
	Delay   time.Duration `json:"delay,omitempty"`
	Error   string        `json:"error,omitempty"`
	Voucher string        `json:"voucher,omitempty"`
	Reason  string        `json:"reason,omitempty"`
	HTTP    *HTTP         `json:"http,omitempty"`
	Fault   Fault         `json:"fault,omitempty"`
	Rate    int           `json:"rate,omitempty"`
}

// ShopperPlan is a Shopper, drawn.
type ShopperPlan struct {
	Action ShopperAction `json:"action"`
	Reason string        `json:"reason,omitempty"`
	After  time.Duration `json:"after"`
}

// NotificationPlan is a Notice, drawn.
type NotificationPlan struct {
	After   time.Duration `json:"after"`
	Status  string        `json:"status"`
	Raw     string        `json:"raw,omitempty"`
	Message string        `json:"message,omitempty"`
}

// WebhooksPlan is a Webhooks; Spaced is drawn, Delay is drawn anew for each notice.
type WebhooksPlan struct {
	Copies int           `json:"copies,omitempty"`
	Spaced time.Duration `json:"spaced,omitempty"`
	Order  Order         `json:"order,omitempty"`
	Delay  Duration      `json:"delay,omitzero"`
	Drop   []int         `json:"drop,omitempty"`
	Auth   string        `json:"auth,omitempty"`
	Body   string        `json:"body,omitempty"`
}

// Plan draws everything that the scenario leaves to chance.
func (s *Scenario) Plan(r *random.Stream) Plan {
	p := Plan{
		Scenario: s.Name,
		Answer: AnswerPlan{
			Delay: s.Answer.Delay.Draw(r), Error: s.Answer.Error, Voucher: s.Answer.Voucher, Reason: s.Answer.Reason,
			HTTP: s.Answer.HTTP, Fault: s.Answer.Fault, Rate: s.Answer.Rate,
		},
		HasThen: s.Then != nil,
		Webhooks: WebhooksPlan{
			Copies: s.Webhooks.Copies, Spaced: s.Webhooks.Spaced.Draw(r), Order: s.Webhooks.Order, Delay: s.Webhooks.Delay,
			Drop: s.Webhooks.Drop, Auth: s.Webhooks.Auth, Body: s.Webhooks.Body,
		},
	}
	if s.Shopper != nil {
		p.Shopper = &ShopperPlan{Action: s.Shopper.Action, Reason: s.Shopper.Reason, After: s.Shopper.After.Draw(r)}
	}
	for _, n := range s.Then {
		p.Then = append(p.Then, NotificationPlan{After: n.After.Draw(r), Status: n.Status, Raw: n.Raw, Message: n.Message})
	}
	return p
}
