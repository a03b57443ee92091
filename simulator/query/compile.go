package query

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/condition"
	"mozartosim/simulator/mask"
)

// compile compiles a condition over payment and delivery, or over call, that stands at a path of a body. The error is *openapi.Invalid.
func compile(contract *openapi.Contract, path, source string) (*condition.Condition, error) {
	e, err := condition.Compile(mask.Cards(source)) // what it compares with is kept masked
	var wrong *condition.Error
	if errors.As(err, &wrong) {
		return nil, openapi.InvalidAt(path, "must be a condition: %v", wrong)
	}
	if err != nil {
		return nil, err
	}
	for _, f := range e.Fields() {
		if reason := unknownField(contract, f.Name); reason != "" {
			at := &condition.Error{Line: f.Line, Column: f.Column, Reason: reason}
			return nil, openapi.InvalidAt(path, "must be a condition: %v", at)
		}
	}
	if err := e.Check(func(name string) condition.Kind { return condition.KindOf(fieldNamed(contract, name).Type) }); err != nil {
		return nil, openapi.InvalidAt(path, "must be a condition: %v", err)
	}
	for _, compared := range e.Compared() {
		if words := fieldNamed(contract, compared.Name).Enum; words != nil && !slices.Contains(words, compared.Text) {
			at := &condition.Error{Line: compared.Line, Column: compared.Column, Reason: fmt.Sprintf("%s is never %q: it is one of %s%s",
				compared.Name, compared.Text, strings.Join(words, ", "), openapi.DidYouMean(compared.Text, words))}
			return nil, openapi.InvalidAt(path, "must be a condition: %v", at)
		}
	}
	if readsCalls(e) && slices.ContainsFunc(e.Fields(), func(f condition.Field) bool {
		return f.Name != "call" && !strings.HasPrefix(f.Name, "call.")
	}) {
		return nil, openapi.InvalidAt(path, "must read call alone, or payment and delivery: a refused call has no payment; call.payment has an accepted call's")
	}
	return e, nil
}

// schemaNamed is the schema of what a condition's names begin with, "" for an unknown one.
func schemaNamed(root string) string {
	return map[string]string{"payment": "Payment", "delivery": "Delivery", "call": "RequestSummary"}[root]
}

// fieldNamed is a field that a condition reads as the contract has it, an empty one when it has none.
func fieldNamed(contract *openapi.Contract, name string) openapi.Field {
	root, rest, _ := strings.Cut(name, ".")
	for _, f := range contract.FieldsOf(schemaNamed(root)) {
		if f.Path == rest {
			return f
		}
	}
	return openapi.Field{}
}

// unknownField says why a condition can't read a field, "" when it can. Below the second name anything goes.
func unknownField(contract *openapi.Contract, name string) string {
	root, rest, _ := strings.Cut(name, ".")
	schema := schemaNamed(root)
	if schema == "" {
		return "there is no " + root + ": known are payment, delivery and call, such as payment.status, delivery.state and call.stage"
	}
	field, _, _ := strings.Cut(rest, ".")
	var known []string
	for _, f := range contract.FieldsOf(schema) {
		if f.Path == "events" || f.Path == "page" { // a condition does not see them
			continue
		}
		if f.Path == field {
			return ""
		}
		if !strings.Contains(f.Path, ".") {
			known = append(known, f.Path)
		}
	}
	if field == "" {
		return ""
	}
	return "there is no field " + root + "." + field + cmp.Or(openapi.DidYouMean(field, known), "; known are "+strings.Join(known, ", "))
}
