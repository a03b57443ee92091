package steps

import (
	"context"
	"reflect"
	"slices"

	"github.com/cucumber/godog"

	"mozartosim/features/cells"
	"mozartosim/features/receiver"
	"mozartosim/simulator/adminapi"
)

// Register registers every step with Godog. A step works on the World of its context; without one it is matched and does
// nothing.
func (v *Vocabulary) Register(suite *godog.ScenarioContext) {
	for i, step := range v.steps {
		suite.Step(v.expressions[i], bind(step.do))
	}
}

type worldKey struct{}

// WithWorld gives the steps of a feature scenario their World, in a hook before it.
func WithWorld(ctx context.Context, w *World) context.Context {
	return context.WithValue(ctx, worldKey{}, w)
}

// bind makes a step's function one that Godog can call. Parameters of the types that supply knows are taken from the World; the
// others are the values in the step's text, in their order, and then the table or the text below it.
func bind(do any) any {
	f := reflect.ValueOf(do)
	in := []reflect.Type{reflect.TypeFor[context.Context]()}
	for t := range f.Type().Ins() {
		switch {
		case supplied(t):
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
		err := call(given[0].Interface().(context.Context), f, given[1:])
		return []reflect.Value{reflect.ValueOf(&err).Elem()}
	}).Interface()
}

// call calls a step's function with what it takes of the World and with what Godog has read.
func call(ctx context.Context, f reflect.Value, given []reflect.Value) error {
	w, ok := ctx.Value(worldKey{}).(*World)
	if !ok {
		return nil
	}
	var in []reflect.Value
	for t := range f.Type().Ins() {
		if supplied(t) {
			value, err := w.supply(ctx, t)
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

// supplied reports whether supply knows a type.
func supplied(t reflect.Type) bool {
	return slices.Contains([]reflect.Type{
		reflect.TypeFor[context.Context](), reflect.TypeFor[*World](), reflect.TypeFor[*request](), reflect.TypeFor[*answer](),
		reflect.TypeFor[*receiver.Call](), reflect.TypeFor[*receiver.Mailbox](), reflect.TypeFor[*page](), reflect.TypeFor[*Company](),
		reflect.TypeFor[*adminapi.CompanyClient](), reflect.TypeFor[paymentID](),
	}, t)
}

// supply returns what steps are about: the request, the newest answer or webhook, the page that is open; the company that calls,
// its mailbox, its client of the admin API, its payment. The error tells the feature's author which step must come before.
func (w *World) supply(ctx context.Context, t reflect.Type) (any, error) {
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
