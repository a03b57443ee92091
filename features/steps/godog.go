package steps

import (
	"context"
	"reflect"
	"slices"

	"github.com/cucumber/godog"
)

// worldKey is under which a context carries the World of its feature scenario.
type worldKey struct{}

// WithWorld gives the steps of a feature scenario their World: by a hook that Godog calls before it.
func WithWorld(ctx context.Context, w *World) context.Context {
	return context.WithValue(ctx, worldKey{}, w)
}

// Register registers every step with Godog. A step works on the World of its context; without one it is matched and does
// nothing.
func (v *Vocabulary) Register(suite *godog.ScenarioContext) {
	for i, step := range v.steps {
		suite.Step(v.matches[i], handler(step, v.matches[i].NumSubexp()))
	}
}

// Match is what Godog has matched a step's text with.
type Match struct {
	Step      *Step  // nil when no pattern matches, or several do
	PSP, Flow string // that the text names
}

// Matched reads a match of Godog's.
func (v *Vocabulary) Matched(definition *godog.StepDefinition, text string) Match {
	if definition == nil {
		return Match{}
	}
	m := Match{Step: &v.steps[slices.Index(v.matches, definition.Expr)]}
	values := definition.Expr.FindStringSubmatch(text)[1:]
	for i, kind := range KindsOf(m.Step.Pattern) {
		switch kind {
		case "{psp}":
			m.PSP = values[i]
		case "{flow}":
			m.Flow = values[i]
		}
	}
	return m
}

// handler makes a function as Godog wants it for a step: the context, a text for each value, and a table or a text below the
// step where the example shows one.
func handler(step Step, values int) any {
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
		err := reflect.New(reflect.TypeFor[error]()).Elem()
		ctx, _ := given[0].Interface().(context.Context)
		w, ok := ctx.Value(worldKey{}).(*World)
		if !ok {
			return []reflect.Value{err}
		}
		var a Args
		for _, value := range given[1 : 1+values] {
			a.Values = append(a.Values, unquote(value.String()))
		}
		if below != nil {
			a.take(given[len(given)-1].Interface())
		}
		w.ctx = ctx
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
