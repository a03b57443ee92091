package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"mozartosim/openapi"
	"mozartosim/simulator/api"
	"mozartosim/simulator/journal"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/scenario"
)

// pay opens the payment, asks the provider, and keeps everything with the work that is due later in one append, before the
// answer leaves: a payment is there whole or not at all.
func (s *Simulator) pay(ctx context.Context, v *visit) error {
	if err := s.open(v); err != nil {
		return err
	}
	call := v.asked
	paid, opened := payment.Open(call.Terms, call.Now)
	c := &change{Payment: &paid, company: v.company, provider: v.provider, plan: v.plan, now: call.Now, events: []payment.Event{opened}}
	result, refused := s.ask(v)
	answer, shown, move := s.word(v, result, refused, paid.ID)
	moved, err := paid.Move(move, call.Now)
	if err := c.note(moved, err); err != nil {
		return err
	}
	s.script(v, &answer, &shown)
	if err := s.expect(c, v, result); err != nil {
		return err
	}
	c.events = append(c.events, paid.Answered(answered(answer, shown), call.Now))
	answer.Written = v.tenant.answering(paid.ID, c.earliest())
	if err := s.append(ctx, c); err != nil {
		answer.Written()
		return err
	}
	v.answer = answer
	s.metrics.payment(paid)
	if v.plan.Webhooks.Order == scenario.BeforeAnswer {
		if err := s.settle(ctx, v.tenant, paid.ID); err != nil {
			s.log.Error("webhook before the answer", "payment", paid.ID, "error", err)
		}
	}
	return s.holdAgainstContract(v, answer)
}

// open draws the payment's ids from its own stream and fixes its terms.
func (s *Simulator) open(v *visit) error {
	plan, err := planText(v.plan)
	if err != nil {
		return err
	}
	call := v.asked
	call.Now = v.tenant.clock.Now()
	call.Random = s.draw(v.company.Seed, v.company.ID, v.ordinal, "")
	call.Terms = payment.Terms{
		ID:                call.Random.ObjectID(call.Now, v.ordinal),
		Company:           v.company.ID,
		Ordinal:           v.ordinal,
		PSP:               v.operation.PSP,
		Type:              v.operation.Type,
		Variant:           v.operation.Variant,
		Session:           call.Random.UUID(),
		PSPTransactionID:  v.provider.Reference(call.Random),
		UserID:            firstOf(v.Body.Text("userId"), v.user.ID),
		Email:             firstOf(v.Body.Text("email"), v.user.Email),
		BrandID:           v.Body.Text("brandId"),
		Amount:            call.Amount,
		Currency:          firstOf(v.Body.Text("currency"), v.provider.Currency),
		MerchantReference: v.Body.Text("merchantReference"),
		Plan:              plan,
		Request:           mask.Fields(v.Body.Raw, v.Body.Fields),
	}
	if v.operation.Redirect != "" && v.provider.SessionLifetime > 0 {
		call.Terms.PageExpires = call.Now.Add(v.provider.SessionLifetime)
	}
	return nil
}

// planText is the plan as it is kept; a plan that says nothing is not kept at all.
func planText(plan *scenario.Plan) (json.RawMessage, error) {
	if plan.Scenario == "" && plan.Outcome == (scenario.Outcome{}) {
		return nil, nil
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return text, nil
}

// ask gets the provider's answer, unless an outage or a scenario speaks first.
func (s *Simulator) ask(v *visit) (provider.Answer, error) {
	delay, err := v.tenant.outages.strike(v.operation.PSP, v.asked.Now, func() *random.Stream {
		return s.draw(v.company.Seed, v.company.ID, v.ordinal, "outage")
	})
	if err != nil {
		return provider.Answer{}, err
	}
	v.plan.Answer.Delay.Fixed += delay
	switch plan := v.plan.Answer; {
	case plan.Error != "":
		return provider.Answer{}, &provider.TransportError{Code: plan.Error}
	case plan.Reason != "":
		return provider.Answer{}, v.provider.Refuse(plan.Reason)
	}
	return v.flow.Answer(v.asked)
}

// word makes the answer out of what the provider said or refused; shown is the same with its secrets masked.
func (s *Simulator) word(v *visit, result provider.Answer, refused error, id string) (answer api.Answer, shown []byte, move payment.Move) {
	if refused == nil {
		envelope := success(result)
		answer = api.Answer{Status: http.StatusOK, Body: envelope.Append(make([]byte, 0, 512), false)}
		if shown = answer.Body; envelope.Secret() {
			shown = envelope.Append(make([]byte, 0, 512), true)
		}
		status := result.Status
		if status == "" {
			status = payment.Pending
		}
		return answer, shown, payment.Move{Status: status, Raw: firstOf(result.Raw, v.provider.Words.Pending), By: "provider"}
	}
	answer, unexpected := api.Explain(&api.PaymentError{ID: id, Err: refused})
	if unexpected {
		s.log.Error("provider failed unexpectedly", "payment", id, "psp", v.provider.Code, "error", refused)
	}
	move = payment.Move{Status: payment.Failed, Message: refused.Error(), By: "provider"}
	var rejected *provider.Rejection
	if errors.As(refused, &rejected) {
		move = payment.Move{Status: payment.Declined, Raw: v.provider.Words.Declined, Message: rejected.Message, By: "provider"}
	}
	return answer, answer.Body, move
}

// script lets the scenario have its way with the answer.
func (s *Simulator) script(v *visit, answer *api.Answer, shown *[]byte) {
	plan := v.plan.Answer
	answer.Delay, answer.Clock = plan.Delay.Fixed, v.tenant.clock
	answer.Fault, answer.Rate = plan.Fault, plan.Rate
	if plan.HTTP != nil {
		answer.Status, answer.Body, answer.Header = plan.HTTP.Status, []byte(plan.HTTP.Body), plan.HTTP.Headers
		*shown = nil
		if json.Valid(answer.Body) {
			*shown = answer.Body
		}
	}
}

func answered(answer api.Answer, shown []byte) payment.Answered {
	return payment.Answered{Status: answer.Status, Body: shown, Fault: string(answer.Fault), Delay: answer.Delay.Milliseconds()}
}

// expect puts on the agenda what follows a call: the provider's opening notices, the shopper's or provider's decision, the
// end of the session. A payment that is final, or waits for an admin, expects nothing.
func (s *Simulator) expect(c *change, v *visit, result provider.Answer) error {
	if c.plan.Webhooks.Order != scenario.BeforeAnswer {
		c.lead = v.plan.Answer.Delay.Fixed
	}
	if c.Status != payment.Pending {
		return s.epilogue(c)
	}
	if !c.plan.HasThen && c.Type == "PAYIN" {
		if err := s.schedule(c, c.provider.OpeningNotifications); err != nil {
			return err
		}
	}
	return s.awaitOutcome(c, v.operation.Redirect != "" && result.Data.Has(c.provider.Redirect))
}

// epilogue schedules a scenario's notices behind an answer that was final already.
func (s *Simulator) epilogue(c *change) error {
	if !c.plan.HasThen || c.Status == payment.AwaitingApproval {
		return nil
	}
	return s.schedule(c, c.provider.Notifications(provider.Outcome{}, c.plan))
}

// success is the envelope of an answer that the provider gave.
func success(a provider.Answer) provider.Fields {
	envelope := make(provider.Fields, 1, 4)
	envelope[0] = provider.Field{Name: "status", Value: "success"}
	if a.Message != "" {
		envelope = append(envelope, provider.Field{Name: "message", Value: a.Message})
	}
	return append(envelope,
		provider.Field{Name: "isSuccess", Value: true},
		provider.Field{Name: "data", Value: a.Data},
	)
}

// sessionKey is the journal's key of the payment behind a hosted page.
func sessionKey(session string) string { return "session:" + session }

// labels are what payments can be listed by.
func labels(p payment.Payment) journal.Labels {
	return journal.Labels{
		{Name: "psp", Value: p.PSP},
		{Name: "type", Value: p.Type},
		{Name: "status", Value: string(p.Status)},
		{Name: "userId", Value: p.UserID},
		{Name: "merchantReference", Value: p.MerchantReference},
		{Name: "currency", Value: p.Currency},
		{Name: "amount", Value: p.Amount.String()},
		{Name: "deliveries", Value: p.DeliverySummary()},
	}
}

// holdAgainstContract checks the answer that is about to leave, when that was asked for; an answer that breaks the
// contract is a bug of ours and must not pass for the vendor's.
func (s *Simulator) holdAgainstContract(v *visit, answer api.Answer) error {
	if !s.config.ValidateAnswers || answer.Status != http.StatusOK || v.plan.Answer.HTTP != nil {
		return nil
	}
	doc, err := openapi.Decode(answer.Body)
	if err == nil {
		err = s.contract.ValidateAs(v.operation.Answer, doc)
	}
	if err != nil {
		answer.Written()
		return fmt.Errorf("our own answer breaks %s: %v", v.operation.Answer, err)
	}
	return nil
}

func firstOf(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
