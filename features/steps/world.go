package steps

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"mozartosim/features/evidence"
	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
)

// World is what one feature scenario knows. It belongs to one goroutine.
type World struct {
	env *Environment
	key string // short, of this try: names what is made for it
	record
	inbox
	aside inbox // that of the company that doesn't call

	company, other *Company
	acting         *Company         // who calls: company, or other
	setup, api     *adminapi.Client // of the simulator, nil for any other target; api's calls are evidence

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
		record: record{id: id, began: env.Now(), masker: env.Masker},
		inbox:  inbox{ids: map[string]bool{}},
	}
	if env.Admin != nil {
		w.setup, w.api = env.Admin(env.Client.Transport), env.Admin(evidence.Recording(env.Client.Transport, env.Now, w.keepControl))
	}
	return w
}

// caller returns the company that calls; the first step that asks for it makes it.
func (w *World) caller(ctx context.Context) (*Company, error) {
	if w.acting != nil {
		return w.acting, nil
	}
	w.company = w.env.Fixed
	switch {
	case w.company != nil:
	case w.setup == nil:
		return nil, &NotRun{"needs a company: a profile, or the simulator's admin API to make one"}
	default:
		var err error
		if w.company, w.clock, err = w.env.newCompany(ctx, w.setup, w.key); err != nil {
			return nil, err
		}
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

// opened returns the page that was opened last.
func (w *World) opened() (*page, error) {
	if w.page == nil {
		return nil, errors.New(`no page has been opened yet: "When the shopper opens the provider's page" must come before`)
	}
	return w.page, nil
}

// webhookRules names the ledger's entries about a field of the scenario's webhooks; "" is the webhook as a whole.
func (w *World) webhookRules(path string) []string {
	op := w.operation()
	switch {
	case op == nil || op.Webhook == "":
		return []string{"Webhook"}
	case path == "":
		return []string{op.Webhook, "webhook-acknowledged"}
	case slices.ContainsFunc(w.env.Contract.FieldsOf(op.Webhook), func(f openapi.Field) bool { return f.Path == path }):
		return []string{op.Webhook + "." + path}
	}
	return []string{op.Webhook}
}

// only drops what an operation of the admin API answers.
func only[T any](_ T, err error) error { return err }
