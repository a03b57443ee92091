package query

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"mozartosim/openapi"
	"mozartosim/simulator/adminapi"
	"mozartosim/simulator/condition"
	"mozartosim/simulator/payment"
)

// view is what a condition sees: a payment and one of its deliveries, or none.
type view struct {
	fields   map[string]any
	delivery *adminapi.Delivery
}

// viewsOf makes the views of a payment: one for each delivery, newest first, when the condition reads deliveries; else one.
func viewsOf(e *condition.Condition, p *payment.Payment) ([]view, error) {
	answered := paymentOf(p)
	shown, err := fieldsOf(answered)
	if err != nil {
		return nil, err
	}
	if !readsDeliveries(e) {
		return []view{{fields: map[string]any{"payment": shown}}}, nil
	}
	var views []view
	for _, d := range slices.Backward(answered.Deliveries) {
		fields, err := fieldsOf(d)
		if err != nil {
			return nil, err
		}
		views = append(views, view{map[string]any{"payment": shown, "delivery": fields}, &d})
	}
	return views, nil
}

func readsDeliveries(e *condition.Condition) bool { return reads(e, "delivery") }

// fieldsOf makes a value's JSON into fields, numbers as they are written.
func fieldsOf(value any) (map[string]any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	doc, err := openapi.Decode(text)
	if err != nil {
		return nil, fmt.Errorf("fields of a payment: %w", err)
	}
	return doc.Fields, nil
}

// meets says whether a payment meets a condition, and by which of its deliveries. A condition that compares what can't be
// compared is *openapi.Invalid.
func meets(e *condition.Condition, p *payment.Payment) (*adminapi.Delivery, bool, error) {
	views, err := viewsOf(e, p)
	if err != nil {
		return nil, false, err
	}
	for _, v := range views {
		met, err := e.Match(v.fields)
		if err != nil {
			return nil, false, &openapi.Invalid{Problems: []string{
				fmt.Sprintf("the condition %s does not work with payment %s: %v", e, p.ID, err),
			}}
		}
		if met {
			return v.delivery, true, nil
		}
	}
	return nil, false, nil
}

// describe lists the values that a condition reads.
func (v view) describe(e *condition.Condition) string {
	var parts []string
	described := map[string]bool{}
	for _, f := range e.Fields() {
		if described[f.Name] {
			continue
		}
		described[f.Name] = true
		var value any = v.fields
		for name := range strings.SplitSeq(f.Name, ".") {
			object, _ := value.(map[string]any)
			value = object[name]
		}
		parts = append(parts, f.Name+" is "+inWords(value))
	}
	return strings.Join(parts, ", ")
}

func inWords(value any) string {
	if value == nil {
		return "not set"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "unreadable"
	}
	const limit = 120
	if len(text) > limit {
		return strings.ToValidUTF8(string(text[:limit]), "") + "…"
	}
	return string(text)
}
