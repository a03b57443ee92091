package cashier

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/mask"
	"mozartosim/simulator/observed"
	"mozartosim/simulator/payment"
	"mozartosim/simulator/payments"
	"mozartosim/simulator/provider"
	"mozartosim/simulator/random"
	"mozartosim/simulator/refusal"
	"mozartosim/simulator/scenario"
	"mozartosim/simulator/words"
)

// answer opens the payment, asks the provider, and keeps everything, with the jobs that follow, in one append before the answer
// leaves: a payment is kept whole or not at all.
func (p *Pipeline) answer(ctx context.Context, c *call) error {
	if err := p.open(c); err != nil {
		return err
	}
	result, refused := p.ask(c)
	c.refused = refused
	redirected := c.operation.Redirect != "" && result.Data.Has(c.provider.Redirect) // before it is worded, which may rename it
	if redirected && c.provider.SessionLifetime > 0 {
		c.asked.Terms.PageExpires = c.asked.Now.Add(c.provider.SessionLifetime)
	}
	terms, err := p.terms(c)
	if err != nil {
		return err
	}
	paid, opened := payment.Open(terms, c.asked.Now)
	tx := &payments.Tx{Payment: &paid, Company: c.company, Provider: c.provider, Plan: &c.plan, Now: c.asked.Now}
	tx.Record(opened)
	answer, shown, move := p.word(ctx, c, result, refused)
	moved, err := paid.Move(move, tx.Now)
	if err != nil {
		return err
	}
	tx.Record(moved)
	script(c, &answer, &shown)
	if c.plan.Webhooks.Order != scenario.BeforeAnswer {
		tx.Lead = c.plan.Answer.Delay.Fixed
	}
	if err := p.Outcomes.Follow(tx, redirected); err != nil {
		return err
	}
	answered := adminapi.Answer{
		Status: answer.Status, Body: shown, Fault: string(answer.Fault), DelayMS: answer.Delay.Milliseconds(), Observed: c.observed,
	}
	tx.Record(paid.Answered(answered, tx.Now))
	tx.Hold = c.plan.Webhooks.Order != scenario.BeforeAnswer && p.Jobs.Holds(c.runtime)
	answer.Written = p.written(ctx, c, tx)
	within, cancel := p.Stored(ctx)
	defer cancel()
	if err := p.Payments.Append(within, tx); err != nil {
		answer.Written()
		return err
	}
	c.answer, c.made = answer, true
	p.Metrics.Payment(paid)
	if c.plan.Webhooks.Order == scenario.BeforeAnswer {
		if err := p.Jobs.RunDue(ctx, c.company.ID, paid.ID); err != nil {
			p.Log.ErrorContext(ctx, "webhook before the answer", "payment", paid.ID, "error", err)
		}
	}
	return p.checkAnswer(c, answer)
}

// written lets a payment's jobs wait until the function that it returns is called: when the answer has been written.
func (p *Pipeline) written(ctx context.Context, c *call, tx *payments.Tx) func() {
	first, id := tx.FirstJob(), tx.Payment.ID
	done := c.runtime.Answers.Begin(id, func() { c.runtime.Alarm.RingFor(first) })
	if !tx.Hold {
		return done
	}
	return sync.OnceFunc(func() {
		if err := p.Jobs.ReleaseHeld(context.WithoutCancel(ctx), c.company.ID, id); err != nil {
			p.Log.ErrorContext(ctx, "jobs are held until their leases lapse", "payment", id, "error", err)
		}
		done()
	})
}

// open draws the payment's ids from its own stream and fixes its terms.
func (p *Pipeline) open(c *call) error {
	plan, err := encodePlan(&c.plan)
	if err != nil {
		return err
	}
	asked, body := &c.asked, c.request.Body
	asked.Now = c.runtime.Clock.Now()
	asked.Random = payments.Random(c.company, c.ordinal, "")
	asked.Terms = payment.Terms{
		ID:                asked.Random.ObjectID(asked.Now, c.ordinal),
		Company:           c.company.ID,
		Ordinal:           c.ordinal,
		PSP:               c.operation.PSP,
		Type:              c.operation.Type,
		Variant:           c.operation.Variant,
		Session:           asked.Random.UUID(),
		UserID:            cmp.Or(body.Text("userId"), c.user.ID),
		Email:             cmp.Or(body.Text("email"), c.user.Email),
		BrandID:           body.Text("brandId"),
		Amount:            asked.Amount,
		Currency:          cmp.Or(body.Text("currency"), c.provider.Currency),
		MerchantReference: body.Text("merchantReference"),
		Plan:              plan,
		Trace:             c.request.Span.Kept(),
	}
	if asked.Terms.Request, asked.Terms.LeftOut, err = keptRequest(c.operation, body); err != nil {
		return err
	}
	asked.Terms.PSPTransactionID = c.provider.PSPTransactionID(asked.Random, asked.Terms.ID)
	return nil
}

// MaxUnknown is how many bytes of fields that the contract doesn't know are kept with a payment. Where there are more, none of them
// is: a payment is as large as the contract lets it be, and not as large as a body may be.
const MaxUnknown = 4 << 10

// keptRequest is a request as it is kept, its secrets masked, and what was left out of it.
func keptRequest(op *openapi.Operation, body openapi.Document) (json.RawMessage, *adminapi.LeftOut, error) {
	if len(body.Raw) <= MaxUnknown {
		return mask.Fields(body.Raw, body.Fields), nil, nil
	}
	known, unknown, size, err := op.Known(body.Fields)
	if err != nil || size <= MaxUnknown {
		return mask.Fields(body.Raw, body.Fields), nil, err
	}
	var text bytes.Buffer
	if err := words.JSON(&text, known, ""); err != nil {
		return nil, nil, fmt.Errorf("request: %w", err)
	}
	return mask.Fields(bytes.TrimSpace(text.Bytes()), known), &adminapi.LeftOut{Fields: unknown, Bytes: size}, nil
}

// terms are the payment's terms as they are kept: what the merchant wrote, with card numbers in it masked. The answer, webhooks and returns
// have the merchant's own words.
func (p *Pipeline) terms(c *call) (terms payment.Terms, err error) {
	terms = c.asked.Terms
	shown := []*string{&terms.UserID, &terms.Email, &terms.BrandID, &terms.MerchantReference}
	used := make([]string, 0, len(shown)+3)
	for _, name := range [...]string{"siteUrl", "hppSuccessUrl", "hppFailureUrl"} {
		used = append(used, c.request.Body.Text(name))
	}
	for _, text := range shown {
		used = append(used, *text)
		*text = mask.Cards(*text)
	}
	terms.Sealed, err = p.Originals.Seal(terms.ID, used...)
	return terms, err
}

// encodePlan writes the plan as it is kept; a plan that says nothing is not kept.
func encodePlan(plan *scenario.Plan) (json.RawMessage, error) {
	if plan.Scenario == "" && plan.Outcome == (scenario.Outcome{}) {
		return nil, nil
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return text, nil
}

// ask gets the provider's answer, unless an outage or a scenario decides it.
func (p *Pipeline) ask(c *call) (provider.Answer, error) {
	delay, err := c.runtime.Outages.Get().Check(c.operation.PSP, c.asked.Now, func() *random.Stream {
		return payments.Random(c.company, c.ordinal, "outage")
	})
	if err != nil {
		return provider.Answer{}, err
	}
	if seen := p.Observed.Answers[c.operation.Answer]; seen != nil && !seen.Delay.Zero() && c.plan.Answer.Delay.Zero() {
		c.plan.Answer.Delay = scenario.Fixed(seen.Delay.Draw(payments.Random(c.company, c.ordinal, "observed delay")))
	}
	c.plan.Answer.Delay.Fixed += delay
	switch plan := c.plan.Answer; {
	case plan.Error != "":
		return provider.Answer{}, &provider.TransportError{Code: plan.Error}
	case plan.Reason != "":
		return provider.Answer{}, c.provider.Refuse(plan.Reason)
	}
	return c.flow.Answer(&c.asked)
}

// word makes the answer of what the provider answered or refused; shown is the same with its secrets masked.
func (p *Pipeline) word(ctx context.Context, c *call, result provider.Answer, refused error) (answer Answer, shown []byte, move adminapi.Move) {
	if refused == nil {
		envelope := success(result)
		answer.Status = http.StatusOK
		if seen := p.Observed.Answers[c.operation.Answer]; seen != nil {
			envelope, c.observed = seen.Apply(envelope, observed.Payment{ID: c.asked.Terms.ID, Now: c.asked.Now})
			answer.Status, answer.Header = cmp.Or(seen.Status, answer.Status), seen.Headers
		}
		answer.Body = envelope.Append(make([]byte, 0, 512), false)
		if shown = answer.Body; envelope.Secret() || mask.HasCards(shown) {
			shown = envelope.Append(make([]byte, 0, 512), true)
		}
		status := cmp.Or(result.Status, payment.Pending)
		return answer, shown, adminapi.Move{Status: string(status), Raw: cmp.Or(result.Raw, c.provider.Words.Pending), By: "provider"}
	}
	id := c.asked.Terms.ID
	refusedAs, unexpected := refusal.Explain(&refusal.PaymentError{ID: id, Err: refused})
	if unexpected {
		p.Log.ErrorContext(ctx, "provider failed unexpectedly", "payment", id, "psp", c.provider.Code, "error", refused)
	}
	move = adminapi.Move{Status: string(payment.Failed), Message: refused.Error(), By: "provider"}
	var rejected *provider.Rejection
	if errors.As(refused, &rejected) {
		move = adminapi.Move{Status: string(payment.Declined), Raw: c.provider.Words.Declined, Message: rejected.Message, By: "provider"}
	}
	p.refuse(&refusedAs, observed.Refused{
		Operation: c.operation, Rule: c.brokenByProvider(refused), Payment: observed.Payment{ID: id, Now: c.asked.Now},
	})
	body := refusedAs.Body()
	return Answer{Status: refusedAs.Status, Body: body, Header: refusedAs.Header}, mask.JSON(body), move
}

// script changes the answer as the scenario says.
func script(c *call, answer *Answer, shown *[]byte) {
	plan := c.plan.Answer
	answer.Delay, answer.Clock = plan.Delay.Fixed, c.runtime.Clock
	answer.Fault, answer.Rate = plan.Fault, plan.Rate
	if plan.HTTP != nil {
		answer.Status, answer.Body, answer.Header = plan.HTTP.Status, []byte(plan.HTTP.Body), http.Header{}
		for name, value := range plan.HTTP.Headers {
			answer.Header.Set(name, value)
		}
		c.observed = nil
		*shown = mask.JSON(answer.Body)
	}
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

// checkAnswer checks the answer that is about to leave, when that was asked for; an answer that breaks the contract is a bug of
// ours and must not pass for the vendor's.
func (p *Pipeline) checkAnswer(c *call, answer Answer) error {
	if !p.ValidateAnswers || answer.Status/100 != 2 || c.plan.Answer.HTTP != nil {
		return nil
	}
	doc, err := openapi.Decode(answer.Body)
	if err == nil {
		err = p.Contract.ValidateAs(c.operation.Answer, doc)
	}
	if err != nil {
		answer.Written()
		return fmt.Errorf("our own answer breaks %s: %w", c.operation.Answer, err)
	}
	return nil
}
