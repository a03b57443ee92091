package scenario

import "mozartosim/simulator/random"

// Plan is what shall happen to one payment: a scenario with every duration drawn but Webhooks.Delay, which is drawn for each
// notification. It is stored with the payment, so that a restart changes nothing.
type Plan struct {
	Scenario string         `json:"scenario,omitempty"` // "" = defaults only
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
		p.Then = append(p.Then, n)
	}
	return p
}
