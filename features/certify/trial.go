package certify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"mozartosim/features/evidence"
	"mozartosim/simulator/clock"
)

// trial is one check of one flow while it is carried out. Its methods are steps: each is written down with what was expected
// and seen, and behind one that failed the others are skipped.
type trial struct {
	*certifier
	ctx   context.Context
	check check
	flow  *flow

	scenario  evidence.Scenario
	began     time.Time
	over      bool // a step failed, or the check can't go on
	spoils    bool // what is sent now is not as it should be
	reference string
	order     string // the merchant's own id
	hook      called
	payment   payment
	newest    []sent  // what was sent during the last step
	final     outcome // what the order must still be at the end of the run
}

// outcome is what a trial found true of its order in the end.
type outcome int

const (
	unjudged outcome = iota
	isCredited
	isNotCredited
)

// blocked says that a check can't be made, because of something that another check is for.
type blocked struct{ why string }

func (e *blocked) Error() string { return e.why }

// absent says that a check does not apply after all; it costs no points.
type absent struct{ why string }

func (e *absent) Error() string { return e.why }

// broken says that the certifier itself can't go on.
type broken struct{ err error }

func (e *broken) Error() string { return e.err.Error() }
func (e *broken) Unwrap() error { return e.err }

// BlockedTag marks a scenario that was not run because something it stands on failed: its points are lost.
const BlockedTag = "@blocked"

// step carries a step out and writes it down. seen is told of a step that held, too.
func (t *trial) step(keyword, text string, do func() (seen string, err error)) {
	step := evidence.Step{Keyword: keyword + " ", Text: text, Line: len(t.scenario.Steps) + 1, Status: evidence.Passed}
	if t.over {
		step.Status = evidence.Skipped
		t.scenario.Steps = append(t.scenario.Steps, step)
		return
	}
	began := t.wall()
	t.scenario.Steps = append(t.scenario.Steps, step)
	seen, err := do()
	t.collect()
	at := &t.scenario.Steps[len(t.scenario.Steps)-1]
	at.Took = evidence.Span(t.wall().Sub(began))
	if seen != "" {
		at.Argument = "seen: " + seen
	}
	if err != nil {
		t.stop(at, err)
	}
}

// stop ends the trial at a step.
func (t *trial) stop(step *evidence.Step, err error) {
	t.over = true
	step.Error = err.Error()
	var hindered *blocked
	var notThere *absent
	var fatal *broken
	switch {
	case errors.As(err, &hindered):
		t.scenario.Status, step.Status = evidence.NotRun, evidence.Skipped
		t.scenario.Tags = append(t.scenario.Tags, BlockedTag)
		t.scenario.Reason = "it could not be tried: " + hindered.why
	case errors.As(err, &notThere):
		t.scenario.Status, step.Status = evidence.NotRun, evidence.Skipped
		t.scenario.Reason = notThere.why
	default:
		t.scenario.Status, step.Status = evidence.Failed, evidence.Failed
		t.scenario.Reason = fmt.Sprintf("%s: %s. %s", step.Text, err, t.check.advice)
		t.scenario.Advice = t.check.advice
		if errors.As(err, &fatal) {
			t.fatal = fatal.err
		}
	}
}

// collect keeps the webhooks that came during a step.
func (t *trial) collect() {
	t.newest = t.gateway.taken()
	for i := range t.newest {
		s := &t.newest[i]
		s.genuine = s.genuine && !t.spoils
		if s.genuine {
			t.flow.acks = append(t.flow.acks, ack{t.scenario.Name, t.reference, *s})
		}
		t.scenario.Webhooks = append(t.scenario.Webhooks, evidence.Webhook{
			Label: "start", N: len(t.scenario.Webhooks) + 1, PSP: t.flow.PSP, Type: t.flow.Type,
			Headers: maskedHeaders(s.header), Body: s.body, Answered: s.status, Took: evidence.Span(s.took), Error: s.err,
		})
	}
}

// values are what templates can name.
func (t *trial) values() map[string]string {
	return map[string]string{
		"psp": t.flow.PSP, "type": t.flow.Type, "variant": t.flow.Variant, "amount": t.flow.Amount.Fixed(2), "currency": t.flow.Currency,
		"reference": t.reference, "order": t.order, "transactionId": t.payment.ID,
	}
}

// arrange lets a scenario of the simulator decide the flow's next payment.
func (t *trial) arrange(text string, scenario map[string]any) {
	t.step("Given", text, func() (string, error) {
		if !t.flow.webhooks() { // nothing can be told
			delete(scenario, "then")
			delete(scenario, "webhooks")
		}
		scenario["match"] = map[string]any{"psp": t.flow.PSP, "type": t.flow.Type}
		if err := t.control.override(t.ctx, scenario); err != nil {
			return "", &broken{err}
		}
		return "", nil
	})
}

// start lets the merchant start a payment, and finds it in the simulator. Its hook must answer with a 2xx.
func (t *trial) start() { t.startAs(false) }

// startOddly is start for a call of the merchant's that goes wrong: whatever the hook answers is well.
func (t *trial) startOddly() { t.startAs(true) }

func (t *trial) startAs(oddly bool) {
	text := fmt.Sprintf("the shop starts a %s of %s %s", t.flow.words(), t.flow.Amount.Fixed(2), t.flow.Currency)
	t.step("When", text, func() (string, error) {
		if t.flow.deaf {
			return "", &blocked{"no payment could be started; see happy-path"}
		}
		before, err := t.control.newest(t.ctx, t.flow.PSP, t.flow.Type, 1)
		if err != nil {
			return "", &broken{err}
		}
		ordinal := uint64(0)
		if len(before) > 0 {
			ordinal = before[0].Ordinal
		}
		says, err := t.begin(oddly)
		if err == nil {
			err = t.find(ordinal)
		}
		if t.check.id == "happy-path" || t.check.id == "final-answer" {
			t.flow.deaf = err != nil
		}
		return says, err
	})
	t.approvePayOut()
}

// begin calls the hook, or asks whoever is there to do what it would.
func (t *trial) begin(oddly bool) (says string, err error) {
	start := t.config.Merchant.Start
	if start.Wait > 0 {
		t.say("waiting up to %s for a %s of %s %s (%s)", start.Wait, t.flow.words(), t.flow.Amount.Fixed(2), t.flow.Currency, t.check.id)
		return "", nil
	}
	values := t.values()
	ctx, cancel := context.WithTimeout(t.ctx, t.config.Limits.Call+t.patience)
	defer cancel()
	t.hook, err = call(ctx, t.client, start.Method, fill(start.URL, values, inURL), start.Headers, fill(start.Body, values, inText))
	t.exchange("start", t.hook, err)
	if err != nil {
		if oddly {
			return err.Error(), nil
		}
		return "", err
	}
	if start.Order != "" {
		if order, ok := pick(t.hook.document(), start.Order); ok {
			t.order = order
		} else if !oddly {
			return "", fmt.Errorf("the hook's answer must have the order's id at %s", start.Order)
		}
	}
	if t.hook.status/100 != 2 && !oddly {
		return "", fmt.Errorf("the hook must answer with a 2xx, but answered %d %s", t.hook.status, brief(t.hook.out))
	}
	return fmt.Sprintf("the hook answered %d", t.hook.status), nil
}

// find looks for the payment that was made since, as long as the merchant may take.
func (t *trial) find(since uint64) error {
	wait := t.config.Limits.Settle
	if t.config.Merchant.Start.Wait > 0 {
		wait = t.config.Merchant.Start.Wait
	}
	var found summary
	err := t.until(wait, func() (bool, error) {
		newest, err := t.control.newest(t.ctx, t.flow.PSP, t.flow.Type, 5)
		if err != nil {
			return false, &broken{err}
		}
		for _, p := range newest { // the newest first
			if p.Ordinal > since && (t.flow.Variant == "" || p.Variant == t.flow.Variant) {
				found = p
			}
		}
		return found.ID != "", nil
	})
	switch {
	case err != nil:
		return err
	case found.ID == "":
		return fmt.Errorf("no call of %s arrived at the simulator (%s), or it was refused: its log says why", t.flow.words(), t.public)
	}
	if t.payment, err = t.control.payment(t.ctx, found.ID); err != nil {
		return &broken{err}
	}
	if t.config.Merchant.Start.Wait > 0 {
		t.reference = found.MerchantReference
	}
	return nil
}

// until tries something within a span of real time: at once, then after 5 ms, then each time after twice as long, at most an
// eighth of the span.
func (t *trial) until(span time.Duration, done func() (bool, error)) error {
	pause := 5 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		if ok, err := done(); ok || err != nil || waited >= span {
			return err
		}
		pause = min(2*pause, max(span/8, time.Millisecond), span-waited)
		if _, err := clock.New().Hold(t.ctx, pause); err != nil {
			return &broken{err}
		}
	}
}

// approvePayOut lets a pay-out go that waits for an admin (documented for Gigadat).
func (t *trial) approvePayOut() {
	if t.over || t.payment.Status != "awaiting_approval" {
		return
	}
	t.step("And", "the pay-out is approved in the back office", func() (string, error) {
		if err := t.control.approve(t.ctx, t.payment.ID); err != nil {
			return "", &broken{err}
		}
		return "", nil
	})
}

// passes moves the simulator's clock.
func (t *trial) passes(by string) {
	t.step("And", spell(by), func() (string, error) { return t.move(map[string]any{"by": by}) })
}

// delivers moves the simulator's clock until so many webhooks have been tried.
func (t *trial) delivers(n int) {
	text := "the webhook is sent"
	if n > 1 {
		text = fmt.Sprintf("%d webhooks are sent", n)
	}
	t.step("And", text, func() (string, error) { return t.move(map[string]any{"deliveries": n}) })
}

func (t *trial) move(how map[string]any) (string, error) {
	if err := t.control.advance(t.ctx, how); err != nil {
		return "", &broken{err}
	}
	return t.told(), nil
}

// told says what became of the webhooks that came just now.
func (t *trial) told() string {
	var all []string
	for _, s := range t.gateway.peek() {
		all = append(all, s.says())
	}
	if len(all) == 0 {
		return "no webhook"
	}
	return "webhook " + strings.Join(all, ", ")
}

// spell writes a span of a scenario for people.
func spell(by string) string {
	units := map[string]string{"s": "second", "m": "minute", "h": "hour", "d": "day"}
	n, unit := by[:len(by)-1], units[by[len(by)-1:]]
	if n == "1" {
		return n + " " + unit + " passes"
	}
	return n + " " + unit + "s pass"
}

func brief(text string) string {
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return strings.TrimSpace(text)
}

// tidy carries out what is left of a payment, without the merchant hearing of it.
func (t *trial) tidy() error {
	t.gateway.set(swallowRest, 0)
	defer t.gateway.set(pass, 0)
	err := t.control.advance(t.ctx, map[string]any{"until": "idle"})
	t.gateway.taken()
	return err
}

// returns opens the page of the merchant's that the provider sends the shopper back to.
func (t *trial) returns(result string) {
	t.step("And", "the shopper's browser comes back to the "+result+" page", func() (string, error) {
		target, err := t.returnURL(result)
		if err != nil {
			return "", err
		}
		ctx, cancel := context.WithTimeout(t.ctx, t.config.Limits.Call)
		defer cancel()
		for range 4 { // a redirect or two are usual
			made, err := call(ctx, t.client, http.MethodGet, target, nil, "")
			t.exchange("return", made, err)
			if err != nil {
				return "", &absent{fmt.Sprintf("the return page does not answer (%v): set merchant.site", err)}
			}
			if made.status/100 != 3 {
				return fmt.Sprintf("%s answered %d", target, made.status), nil
			}
			break
		}
		return "it redirects", nil
	})
}
