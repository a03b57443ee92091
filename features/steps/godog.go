package steps

import (
	"context"
	"reflect"

	"github.com/cucumber/godog"
)

// Register makes the vocabulary known to a suite that Godog runs: in a ScenarioInitializer, with the world of the scenario
// that begins, which the caller closes behind it. It is the only place that knows Godog.
func (v *Vocabulary) Register(suite *godog.ScenarioContext, w *World) {
	for i, step := range v.steps {
		suite.Step(v.matches[i], handler(w, step, v.matches[i].NumSubexp()))
	}
}

// handler makes a function as Godog wants it for a step: the context, a text for each value, and a table or a text below the
// step where the example shows one.
func handler(w *World, step Step, values int) any {
	in := []reflect.Type{reflect.TypeFor[context.Context]()}
	for range values {
		in = append(in, reflect.TypeFor[string]())
	}
	below := below(step)
	if below != nil {
		in = append(in, below)
	}
	shape := reflect.FuncOf(in, []reflect.Type{reflect.TypeFor[error]()}, false)
	return reflect.MakeFunc(shape, func(given []reflect.Value) []reflect.Value {
		var a Args
		for _, value := range given[1 : 1+values] {
			a.Values = append(a.Values, unquote(value.String()))
		}
		if below != nil {
			a.take(given[len(given)-1].Interface())
		}
		w.ctx, _ = given[0].Interface().(context.Context)
		err := reflect.New(reflect.TypeFor[error]()).Elem()
		if failed := step.Do(w, a); failed != nil {
			err.Set(reflect.ValueOf(failed))
		}
		return []reflect.Value{err}
	}).Interface()
}

// below is the type of what stands below a step; nil when nothing does.
func below(step Step) reflect.Type {
	switch step.below() {
	case "table":
		return reflect.TypeFor[*godog.Table]()
	case "text":
		return reflect.TypeFor[*godog.DocString]()
	}
	return nil
}

// take reads what stands below a step.
func (a *Args) take(given any) {
	switch given := given.(type) {
	case *godog.DocString:
		a.Text, a.IsText = given.Content, true
	case *godog.Table:
		for _, row := range given.Rows {
			var texts []string
			for _, cell := range row.Cells {
				texts = append(texts, cell.Value)
			}
			a.Table = append(a.Table, texts)
		}
	}
}
