package query

import (
	"cmp"
	"errors"
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
		return nil, openapi.Problems{wrong.At(path)}.Err()
	}
	if err != nil {
		return nil, err
	}
	if problems := e.Check(path, vocabulary(contract)); problems != nil {
		return nil, problems[:1].Err()
	}
	if readsCalls(e) && slices.ContainsFunc(e.Fields(), func(f condition.Field) bool {
		return f.Name != "call" && !strings.HasPrefix(f.Name, "call.")
	}) {
		return nil, openapi.InvalidAt(path, "must read call alone, or payment and delivery: a refused call has no payment; call.payment has an accepted call's")
	}
	return e, nil
}

// vocabulary is what conditions can read of payments, deliveries and calls as the admin API has them. Below the second name anything goes.
func vocabulary(contract *openapi.Contract) condition.Vocabulary {
	schemas := map[string]string{"payment": "Payment", "delivery": "Delivery", "call": "RequestSummary"}
	return func(name string) (found openapi.Field, unknown string) {
		root, rest, _ := strings.Cut(name, ".")
		if schemas[root] == "" {
			return found, "there is no " + root + ": known are payment, delivery and call, such as payment.status, delivery.state and call.stage"
		}
		field, _, _ := strings.Cut(rest, ".")
		var known []string
		for _, f := range contract.FieldsOf(schemas[root]) {
			if f.Path == "events" || f.Path == "page" { // a condition does not see them
				continue
			}
			if f.Path == rest {
				found = f
			}
			if !strings.Contains(f.Path, ".") {
				known = append(known, f.Path)
			}
		}
		if field == "" || slices.Contains(known, field) {
			return found, ""
		}
		return found, "there is no field " + root + "." + field + cmp.Or(openapi.DidYouMean(field, known), "; known are "+strings.Join(known, ", "))
	}
}
