package steps

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/cucumber/godog"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
)

// World is what one scenario knows. It belongs to one goroutine.
type World struct {
	env  *Environment
	id   string // of the scenario
	key  string // short, of this try: names what is made for it
	ctx  context.Context
	step int
	born time.Time

	company, other *Company
	acting         *Company // who calls: company, or other
	request        *draft
	headers        http.Header // beside the usual ones, for the next calls
	credentials    credentials
	answers        []*answer
	kept           map[string]any // values that a step has put aside
	seen           int            // webhooks that steps have looked at
	ids            map[string]bool
	page           *answer

	now       time.Time   // on the company's clock, as far as it is known
	moments   []time.Time // when webhooks arrived on that clock, in their order; zero where it isn't known
	exchanges []evidence.Exchange
	sightings []int // by which step each webhook was seen first
}

// NewWorld makes a scenario's world. id is the same in every run, key unique among the tries of all runs on this target.
func NewWorld(env *Environment, id, key string) *World {
	return &World{
		env: env, id: id, key: key, ctx: context.Background(), born: env.Now(), headers: http.Header{},
		kept: map[string]any{}, ids: map[string]bool{},
	}
}

// At says which step is next, so that calls are kept under it.
func (w *World) At(step int) { w.step = step }

// Done says that the step is over: what has arrived by now was seen by it.
func (w *World) Done() {
	for range len(w.mine()) - len(w.sightings) {
		w.sightings = append(w.sightings, w.step)
	}
}

// Failure is a step that did not hold: what was seen and what was expected, and the ledger's entries that say so.
type Failure struct {
	Says  string
	Rules []string
}

func (e *Failure) Error() string { return e.Says }

// failed makes a Failure. rules are ids of the ledger; those that it doesn't have are left out by whoever looks them up.
func failed(rules []string, format string, args ...any) error {
	return &Failure{Says: fmt.Sprintf(format, args...), Rules: rules}
}

// NotRun is a step that this target can't be asked for; the scenario then counts neither as held nor as failed.
type NotRun struct{ Reason string }

func (e *NotRun) Error() string { return e.Reason }

// Unwrap makes Godog skip the rest of the scenario.
func (e *NotRun) Unwrap() error { return godog.ErrSkip }

// us returns the company that calls; the first to ask makes it.
func (w *World) us() (*Company, error) {
	if w.acting != nil {
		return w.acting, nil
	}
	var err error
	if w.company, err = w.newCompany(""); err != nil {
		return nil, err
	}
	w.acting = w.company
	return w.company, nil
}

// operation is that of the request, as far as it names one.
func (w *World) operation() *openapi.Operation {
	if w.request == nil {
		return nil
	}
	if op, err := w.env.Contract.Select(openapi.Document{Fields: w.request.fields}); err == nil {
		return op
	}
	return w.request.op
}

// last returns the newest answer, or an error that tells the author what lacks.
func (w *World) last() (*answer, error) {
	if len(w.answers) == 0 {
		return nil, fmt.Errorf("nothing has been sent yet: \"When the merchant sends it\" must come before")
	}
	return w.answers[len(w.answers)-1], nil
}

// say tells whoever watches.
func (w *World) say(format string, args ...any) {
	if w.env.Say != nil {
		w.env.Say(w.env.Masker.Text(fmt.Sprintf(format, args...)))
	}
}

// Close gives back what was made for the scenario.
func (w *World) Close(ctx context.Context) {
	w.ctx = ctx
	for _, c := range []*Company{w.company, w.other} {
		if c == nil || c.Shared {
			continue
		}
		if w.env.Control != nil && c.ID != "" {
			_ = w.env.Control.ask(ctx, http.MethodDelete, "/v1/companies/"+c.ID, nil, nil, nil) // it goes with the process otherwise
		}
		w.env.Masker.Forget(secretsOf(c)...)
		if w.env.Mail != nil && c.Mail != nil {
			w.env.Mail.Close(c.Mail)
		}
	}
}

// Exchanges returns the calls that were made, masked.
func (w *World) Exchanges() []evidence.Exchange { return slices.Clone(w.exchanges) }

// Webhooks returns what arrived for the scenario's payments, masked.
func (w *World) Webhooks() []evidence.Webhook {
	if w.company == nil || w.company.Mail == nil {
		return nil
	}
	w.Done()
	label, psp, kind, answered := w.origin()
	var found []evidence.Webhook
	seen := map[string]bool{}
	for i, r := range w.mine() {
		h := evidence.Webhook{
			Label: label, N: i + 1, Step: w.sightings[min(i, len(w.sightings)-1)], PSP: psp, Type: kind, Headers: w.env.Masker.Header(r.Header), Body: w.env.Masker.Body(r.Body),
			Answered: r.Answered, Duplicate: seen[string(r.Body)], After: w.after(i, r, answered),
			Unclocked: w.env.Control != nil && (i >= len(w.moments) || w.moments[i].IsZero()),
		}
		seen[string(r.Body)] = true
		found = append(found, h)
	}
	return found
}

// origin names the exchange that made the scenario's payment.
func (w *World) origin() (label, psp, kind string, answered *answer) {
	for _, a := range w.answers {
		if a.status == http.StatusOK || answered == nil {
			answered = a
		}
		if a.status == http.StatusOK {
			break
		}
	}
	if answered == nil {
		return w.id, "", "", nil
	}
	e := w.exchanges[answered.exchange]
	return e.Label, e.PSP, e.Type, answered
}

// after is how long behind the answer a webhook came, negative when it overtook it: on the target's clock where it is known,
// else in real time.
func (w *World) after(i int, r Received, answered *answer) evidence.Span {
	if answered == nil {
		return 0
	}
	overtook := r.At.Before(answered.arrived)
	if !overtook && i < len(w.moments) && !w.moments[i].IsZero() && !answered.at.IsZero() {
		return evidence.Span(w.moments[i].Sub(answered.at))
	}
	return evidence.Span(r.At.Sub(answered.arrived))
}
