package certify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
)

// Check is one thing that must be true of a merchant's system. It is made for each flow that it applies to.
type Check struct {
	ID         string
	Capability string
	Name       string // what must be true, as a sentence
	Points     int    // 3 where money is at stake, else 1
	Advice     string // for when it fails

	appliesTo func(*flow) bool // nil = every flow that has webhooks
	opens     bool             // finds out whether the flow's payments can be started at all
	once      bool             // only for the first flow: the result does not depend on the provider
	steps     []step
}

// step is one step of a check.
type step func(context.Context, *checkRun)

// checkRun is one check of one flow while it is made. Each step is recorded with what was expected and seen; after one that
// failed the others are skipped.
type checkRun struct {
	*session
	check Check
	flow  *flow

	scenario  evidence.Scenario
	began     time.Time
	over      bool // a step failed, or the check does not go on
	invalid   bool // what is sent now is invalid on purpose
	reference string
	order     string            // the merchant's own id
	hook      evidence.Exchange // the latest call of the start hook
	payment   adminapi.Payment
	latest    []delivery // what was sent by the last step that sent any
	atEnd     string     // what must still be true of the order at the end of the run
	still     func(orderState) bool
}

// makeCheck makes one check of one flow.
func (s *session) makeCheck(ctx context.Context, f *flow, check Check) *checkRun {
	r := &checkRun{session: s, check: check, flow: f, began: s.wall(), reference: s.reference()}
	r.order = r.reference
	r.scenario = evidence.Scenario{
		ID: check.ID + "/" + strings.ReplaceAll(f.short(), " ", "-"), Name: fmt.Sprintf("%s: %s (%s)", check.ID, check.Name, f.short()),
		PSP: f.PSP, Flow: strings.ToLower(f.Type), Tags: []string{"@" + check.ID, "@psp:" + f.PSP, "@flow:" + strings.ToLower(f.Type)},
		Status: evidence.Passed, Tries: 1,
	}
	s.observe = r.record
	for _, step := range check.steps {
		step(ctx, r)
	}
	s.observe = nil
	if err := r.finish(ctx); err != nil && s.fatal == nil {
		s.fatal = err
	}
	r.scenario.Took = evidence.Span(s.wall().Sub(r.began))
	return r
}

// step makes a step and records it. seen is recorded for a step that passed, too.
func (r *checkRun) step(keyword, text string, do func() (seen string, err error)) {
	step := evidence.Step{Keyword: keyword + " ", Text: text, Line: len(r.scenario.Steps) + 1, Status: evidence.Passed}
	if r.over {
		step.Status = evidence.Skipped
		r.scenario.Steps = append(r.scenario.Steps, step)
		return
	}
	began := r.wall()
	r.scenario.Steps = append(r.scenario.Steps, step)
	seen, err := do()
	r.collect()
	at := &r.scenario.Steps[len(r.scenario.Steps)-1]
	at.Took = evidence.Span(r.wall().Sub(began))
	if seen != "" {
		at.Argument = "seen: " + seen
	}
	if err != nil {
		r.stop(at, err)
	}
}

// stop ends the check at a step.
func (r *checkRun) stop(step *evidence.Step, err error) {
	r.over = true
	step.Error = err.Error()
	var not notMade
	var broken fatalError
	switch {
	case errors.As(err, &not):
		r.scenario.Status, step.Status = evidence.NotRun, evidence.Skipped
		if r.scenario.Reason = not.why; not.blocked {
			r.scenario.Tags = append(r.scenario.Tags, BlockedTag)
			r.scenario.Reason = "it could not be tried: " + not.why
		}
	default:
		r.scenario.Status, step.Status = evidence.Failed, evidence.Failed
		r.scenario.Reason = fmt.Sprintf("%s: %s. %s", step.Text, err, r.check.Advice)
		r.scenario.Advice = r.check.Advice
		if errors.As(err, &broken) {
			r.fatal = broken.error
		}
	}
}

// collect keeps the webhooks that came during a step.
func (r *checkRun) collect() {
	came := r.gateway.take()
	for i := range came {
		d := &came[i]
		d.check, d.reference = r.check.ID, r.reference
		d.Label, d.N, d.PSP, d.Type = "start", len(r.scenario.Webhooks)+1, r.flow.PSP, r.flow.Type
		d.Headers, d.Body = r.masker.Header(d.header), r.masker.Body([]byte(d.Body))
		if d.passed && !r.invalid {
			r.flow.valid = append(r.flow.valid, *d)
		}
		r.scenario.Webhooks = append(r.scenario.Webhooks, d.Webhook)
	}
	if len(came) > 0 {
		r.latest = came
	}
}

// record keeps a call, secrets masked.
func (r *checkRun) record(e evidence.Exchange) {
	e.Step, e.At = max(0, len(r.scenario.Steps)-1), evidence.Span(r.wall().Sub(r.began))
	e.Request.Body, e.Answer.Body = r.masker.Body([]byte(e.Request.Body)), r.masker.Body([]byte(e.Answer.Body))
	r.scenario.Exchanges = append(r.scenario.Exchanges, e)
}

// recordCall keeps a call of the merchant.
func (r *checkRun) recordCall(label string, e evidence.Exchange, err error) {
	e.Label, e.PSP, e.Type, e.Variant = label, r.flow.PSP, r.flow.Type, r.flow.Variant
	if err != nil {
		e.Error = err.Error()
	}
	r.record(e)
}

// retryFor tries something for a span of real time: at once, then after 5 ms, then each time after twice as long, at most an
// eighth of the span.
func (r *checkRun) retryFor(ctx context.Context, span time.Duration, done func() (bool, error)) error {
	pause := 5 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		if ok, err := done(); ok || err != nil || waited >= span {
			return err
		}
		pause = min(2*pause, max(span/8, time.Millisecond), span-waited)
		if _, err := clock.New().Hold(ctx, pause); err != nil {
			return fatal(err)
		}
	}
}

// values are what templates can name.
func (r *checkRun) values() map[string]string {
	return map[string]string{
		"psp": r.flow.PSP, "type": r.flow.Type, "variant": r.flow.Variant, "amount": r.flow.Amount.Fixed(2), "currency": r.flow.Currency,
		"reference": r.reference, "order": r.order, "transactionId": r.payment.ID,
	}
}

// finish runs what is left of a payment, without the merchant receiving any of it.
func (r *checkRun) finish(ctx context.Context) error {
	r.gateway.set(swallow)
	defer r.gateway.set(pass)
	err := r.advance(ctx, adminapi.AdvanceInput{Until: "idle"})
	r.gateway.take()
	return err
}

// elapse advances the simulator's clock.
func elapse(by string) step {
	units := map[string]string{"s": "second", "m": "minute", "h": "hour", "d": "day"}
	n, unit := by[:len(by)-1], units[by[len(by)-1:]]
	text := n + " " + unit + "s pass"
	if n == "1" {
		text = n + " " + unit + " passes"
	}
	return advance("And", text, adminapi.AdvanceInput{By: by})
}

// deliver advances the simulator's clock until a webhook has been sent.
func deliver(ctx context.Context, r *checkRun) {
	advance("And", "the webhook is sent", adminapi.AdvanceInput{Deliveries: 1})(ctx, r)
}

// advance advances the simulator's clock; what became of the webhooks on the way is recorded.
func advance(keyword, text string, how adminapi.AdvanceInput) step {
	return func(ctx context.Context, r *checkRun) {
		r.step(keyword, text, func() (string, error) {
			err := r.advance(ctx, how)
			return r.gateway.summary(), err
		})
	}
}

func brief(text string) string {
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return strings.TrimSpace(text)
}
