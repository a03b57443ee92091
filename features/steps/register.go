package steps

import (
	"context"
	"reflect"
	"slices"

	"github.com/cucumber/godog"

	"mozartosim/features/cells"
	"mozartosim/features/evidence"
	"mozartosim/features/receiver"
	"mozartosim/simulator/adminapi"
)

// Register registers every step with Godog. A step works on the World of its context; without one it is matched and does
// nothing.
func (v *Vocabulary) Register(suite *godog.ScenarioContext) {
	for i, step := range v.steps {
		suite.Step(v.expressions[i], v.bind(step.Do))
	}
}

// Supplier supplies the functions of steps with what they are about, by its type.
type Supplier interface {
	Supply(ctx context.Context, t reflect.Type) (any, error)
}

type worldKey struct{}

// WithWorld gives the steps of a feature scenario their World, in a hook before it.
func WithWorld(ctx context.Context, w Supplier) context.Context {
	return context.WithValue(ctx, worldKey{}, w)
}

// bind makes a step's function one that Godog can call. Parameters of the supplied types are taken from the World; the
// others are the values in the step's text, in their order, and then the table or the text below it.
func (v *Vocabulary) bind(do any) any {
	f := reflect.ValueOf(do)
	in := []reflect.Type{reflect.TypeFor[context.Context]()}
	for t := range f.Type().Ins() {
		switch {
		case slices.Contains(v.supplied, t):
		case t == reflect.TypeFor[cells.Table]():
			in = append(in, reflect.TypeFor[*godog.Table]())
		case t == reflect.TypeFor[docString]():
			in = append(in, reflect.TypeFor[string]())
		default:
			in = append(in, t)
		}
	}
	signature := reflect.FuncOf(in, []reflect.Type{reflect.TypeFor[error]()}, false)
	return reflect.MakeFunc(signature, func(given []reflect.Value) []reflect.Value {
		err := v.call(given[0].Interface().(context.Context), f, given[1:])
		return []reflect.Value{reflect.ValueOf(&err).Elem()}
	}).Interface()
}

// call calls a step's function with what it takes of the World and with what Godog has read.
func (v *Vocabulary) call(ctx context.Context, f reflect.Value, given []reflect.Value) error {
	w, ok := ctx.Value(worldKey{}).(Supplier)
	if !ok {
		return nil
	}
	var in []reflect.Value
	for t := range f.Type().Ins() {
		if slices.Contains(v.supplied, t) {
			value, err := w.Supply(ctx, t)
			if err != nil {
				return err
			}
			in = append(in, reflect.ValueOf(value))
			continue
		}
		switch value := given[0].Interface().(type) {
		case *godog.Table:
			in = append(in, reflect.ValueOf(newTable(value)))
		case string:
			if t != reflect.TypeFor[docString]() {
				value = cells.Unquote(value)
			}
			in = append(in, reflect.ValueOf(value).Convert(t))
		default:
			in = append(in, given[0])
		}
		given = given[1:]
	}
	err, _ := f.Call(in)[0].Interface().(error)
	return err
}

// supplied are the types that a World supplies.
func supplied() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[context.Context](), reflect.TypeFor[*World](), reflect.TypeFor[*request](), reflect.TypeFor[*answer](),
		reflect.TypeFor[*receiver.Call](), reflect.TypeFor[*receiver.Mailbox](), reflect.TypeFor[*page](), reflect.TypeFor[*Company](),
		reflect.TypeFor[*adminapi.CompanyClient](), reflect.TypeFor[paymentID](),
	}
}

// Supply returns what steps are about: the request, the newest answer or webhook, the page that is open; the company that calls,
// its mailbox, its client of the admin API, its payment. The error tells the feature's author which step must come before.
func (w *World) Supply(ctx context.Context, t reflect.Type) (any, error) {
	switch t {
	case reflect.TypeFor[context.Context]():
		return ctx, nil
	case reflect.TypeFor[*request]():
		return w.ready()
	case reflect.TypeFor[*answer]():
		return w.last()
	case reflect.TypeFor[*receiver.Call]():
		return w.newest(ctx)
	case reflect.TypeFor[*receiver.Mailbox]():
		return w.mailbox(ctx)
	case reflect.TypeFor[*page]():
		return w.opened()
	case reflect.TypeFor[*Company]():
		return w.caller(ctx)
	case reflect.TypeFor[*adminapi.CompanyClient]():
		return w.admin(ctx)
	case reflect.TypeFor[paymentID]():
		return w.paymentID(ctx)
	}
	return w, nil
}

// End puts the evidence into the scenario, and closes the world. Webhooks may arrive that are due by now, though no step has waited for
// them. Of the rule that a failed scenario's last call broke, its id is put there.
func (w *World) End(ctx context.Context, s *evidence.Scenario) {
	if s.Status == evidence.Failed {
		s.Timeline, s.Contract = w.timeline(ctx), []evidence.ContractRule{{ID: brokenRule(ctx, w)}}
	}
	if w.api != nil && len(w.mine()) > 0 {
		_, _ = w.advance(ctx, adminapi.AdvanceInput{By: "0s"}) // a clock that can't be moved has nothing to wait for
	}
	s.Exchanges, s.Webhooks = w.exchanges, w.received()
	w.Close(context.WithoutCancel(ctx))
}

// Close deletes what was made for the scenario.
func (w *World) Close(ctx context.Context) {
	for _, c := range []*Company{w.company, w.other} {
		if c != nil && c.Shared {
			w.env.made(w.ids)
		}
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

func newTable(below *godog.Table) cells.Table {
	var rows cells.Table
	for _, row := range below.Rows {
		var texts []string
		for _, cell := range row.Cells {
			texts = append(texts, cell.Value)
		}
		rows = append(rows, texts)
	}
	return rows
}
