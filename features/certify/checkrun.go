package certify

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/clock"
)

// checkRun is one check of one flow while it is made: what its steps work on.
type checkRun struct {
	*session
	check Check
	flow  *flow

	scenario  *evidence.Scenario
	began     time.Time
	at        int    // the step that runs
	seen      string // by that step
	err       error  // of that step
	invalid   bool   // what that step sends is invalid on purpose, and need not be acknowledged
	mayFail   bool   // the next call fails on purpose: any answer of the hook is right
	realTime  bool   // the simulator's clock runs
	reference string
	order     string            // the merchant's own id
	hook      evidence.Exchange // the latest call of the start hook
	payment   adminapi.Payment
	latest    []delivery // what was sent by the last step that sent any
	atEnd     string     // what must still be true of the order at the end of the run
	still     func(orderState) bool
}

// step is what a step of a check does. seen is shown below it, whether it passed or not.
type step func(ctx context.Context, r *checkRun) (seen string, err error)

// newCheckRun begins a check of a flow: the scenario becomes the flow's.
func (s *session) newCheckRun(f *flow, check Check, scenario *evidence.Scenario) *checkRun {
	r := &checkRun{session: s, check: check, flow: f, scenario: scenario, began: s.wall(), reference: s.reference()}
	r.order = r.reference
	kind := strings.ToLower(f.Type)
	scenario.ID, scenario.Name = check.ID+"/"+strings.ReplaceAll(f.short(), " ", "-"), fmt.Sprintf("%s: %s (%s)", check.ID, check.Name, f.short())
	scenario.PSP, scenario.Flow, scenario.Tags = f.PSP, kind, []string{"@" + check.ID, "@psp:" + f.PSP, "@flow:" + kind}
	words := r.words()
	for i := range scenario.Steps {
		scenario.Steps[i].Text, scenario.Steps[i].Line = words.Replace(scenario.Steps[i].Text), i+1
	}
	s.observe = r.record
	s.runs = append(s.runs, r)
	return r
}

// words fills in what steps say in <angle brackets>.
func (r *checkRun) words() *strings.Replacer {
	limits := r.config.Limits
	return strings.NewReplacer(
		"<payment>", r.flow.payment(), "<amount>", r.flow.Amount.Fixed(2), "<redirect>", r.flow.op.Redirect, "<otherCurrency>", r.flow.otherCurrency(),
		"<contentType>", wrongContentType, "<slowAnswer>", limits.SlowAnswer.String(), "<limit>", limits.Acknowledge.String(),
	)
}

// wrongContentType is what no webhook has.
const wrongContentType = "text/plain"

// Supply supplies steps with the check.
func (r *checkRun) Supply(ctx context.Context, t reflect.Type) (any, error) {
	if t == reflect.TypeFor[context.Context]() {
		return ctx, nil
	}
	return r, nil
}

// At begins a step.
func (r *checkRun) At(step int) { r.at, r.seen, r.err, r.invalid = step, "", nil, false }

// saw notes what a step has seen, and why it does not pass.
func (r *checkRun) saw(seen string, err error) error {
	r.seen, r.err = seen, err
	return err
}

// Done ends a step: what it saw and the webhooks that came meanwhile are kept.
func (r *checkRun) Done() {
	r.collect()
	at := &r.scenario.Steps[r.at]
	if r.seen != "" {
		at.Argument = "seen: " + r.seen
	}
	if r.err != nil {
		at.Error = r.err.Error()
	}
	if errors.As(r.err, new(blocked)) {
		r.scenario.Tags = append(r.scenario.Tags, BlockedTag)
	}
}

// End ends the check. What is left of its payment is run, without the merchant receiving any of it.
func (r *checkRun) End(ctx context.Context, _ *evidence.Scenario) {
	if r.scenario.Status == evidence.Failed {
		r.failed()
	}
	if r.realTime {
		_ = r.setClock(ctx, adminapi.ClockInput{Mode: string(clock.Manual)}) // an error ends the run
	}
	r.observe = nil
	r.gateway.set(swallow)
	defer r.gateway.set(pass)
	_ = r.advance(ctx, adminapi.AdvanceInput{Until: "idle"}) // an error ends the run
	r.gateway.take()
}

// failed says why the check failed, at the step that it is at, and what to do about it.
func (r *checkRun) failed() {
	at := &r.scenario.Steps[r.at]
	r.scenario.Reason, r.scenario.Advice = at.Text+": "+at.Error, r.check.Advice
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
	e.Step, e.At = r.at, evidence.Span(r.wall().Sub(r.began))
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
			return r.broken(err)
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

// advanced advances the simulator's clock and tells what became of the webhooks on the way.
func (r *checkRun) advanced(ctx context.Context, how adminapi.AdvanceInput) (string, error) {
	err := r.advance(ctx, how)
	return r.gateway.summary(), err
}

func brief(text string) string {
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return strings.TrimSpace(text)
}
