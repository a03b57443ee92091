package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cucumber/godog"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// World is what one feature scenario knows. It belongs to one goroutine.
type World struct {
	env *Environment
	key string // short, of this try: names what is made for it
	record
	inbox

	company, other *Company
	acting         *Company         // who calls: company, or other
	setup, api     *adminapi.Client // of the simulator, nil for any other target; api's calls are evidence
	clock          time.Time        // the company's time, as far as it is known

	request     *request
	headers     http.Header // beside the usual ones, for the next calls
	credentials credentials
	answers     []*answer
	kept        map[string]any // values of answers, by the names that steps gave them
	page        *page
}

// NewWorld makes a scenario's world. id is the same in every run, key unique among the tries of all runs on this target.
func NewWorld(env *Environment, id, key string) *World {
	w := &World{
		env: env, key: key, headers: http.Header{}, kept: map[string]any{},
		record: record{id: id, began: env.Now(), wall: env.Now, masker: env.Masker},
		inbox:  inbox{ids: map[string]bool{}},
	}
	if env.Admin != nil {
		w.setup, w.api = env.Admin(env.Client.Transport), env.Admin(&recorder{&w.record, env.Client.Transport})
	}
	return w
}

// Failure is a step that did not pass: what was seen and what was expected, and the ledger's entries about it.
type Failure struct {
	Description string
	Rules       []string
}

func (e *Failure) Error() string { return e.Description }

// failed makes a Failure. rules are ids of the ledger; those that it doesn't have are ignored.
func failed(rules []string, format string, args ...any) error {
	return &Failure{fmt.Sprintf(format, args...), rules}
}

// NotRun is a step that this target can't run; the scenario then counts neither as passed nor as failed.
type NotRun struct{ Reason string }

func (e *NotRun) Error() string { return e.Reason }

// Unwrap makes Godog skip the rest of the scenario.
func (e *NotRun) Unwrap() error { return godog.ErrSkip }

// caller returns the company that calls; the first step that asks for it makes it.
func (w *World) caller(ctx context.Context) (*Company, error) {
	if w.acting != nil {
		return w.acting, nil
	}
	var err error
	if w.company, err = w.newCompany(ctx, ""); err != nil {
		return nil, err
	}
	w.acting = w.company
	return w.company, nil
}

// admin returns the client of the calling company in the simulator's admin API.
func (w *World) admin(ctx context.Context) (*adminapi.CompanyClient, error) {
	c, err := w.caller(ctx)
	if err != nil {
		return nil, err
	}
	if w.api == nil {
		return nil, &NotRun{"needs the simulator's admin API"}
	}
	return w.api.Company(c.ID), nil
}

// ready returns the request that is about to be sent.
func (w *World) ready() (*request, error) {
	if w.request == nil {
		return nil, errors.New(`there is no request yet: "Given a valid PAYONE PAYIN request" must come before`)
	}
	return w.request, nil
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

// last returns the newest answer.
func (w *World) last() (*answer, error) {
	if len(w.answers) == 0 {
		return nil, errors.New(`nothing has been sent yet: "When the merchant sends it" must come before`)
	}
	return w.answers[len(w.answers)-1], nil
}

// say reports what the scenario waits for.
func (w *World) say(format string, args ...any) {
	if w.env.Say != nil {
		w.env.Say(w.masker.Text(fmt.Sprintf(format, args...)))
	}
}

// Close deletes what was made for the scenario.
func (w *World) Close(ctx context.Context) {
	for _, c := range []*Company{w.company, w.other} {
		if c == nil || c.Shared {
			continue
		}
		if w.setup != nil && c.ID != "" {
			_, _ = w.setup.Company(c.ID).BackOffice().Delete(ctx) // it goes with the process otherwise
		}
		w.masker.Forget(c.secrets()...)
		if w.env.Receiver != nil && c.Mailbox != nil {
			w.env.Receiver.Close(c.Mailbox)
		}
	}
}
