package control

import (
	"errors"
	"strings"
	"time"

	"mozartosim/openapi"
	"mozartosim/simulator/condition"
	"mozartosim/simulator/query"
)

// The bounds of waiting, in real time.
const (
	usualWait = 10 * time.Second
	mostWait  = 5 * time.Minute
)

// condition compiles a condition over payment and delivery. The error is *openapi.Invalid.
func (s *server) condition(path, source string) (*condition.Condition, error) {
	e, err := condition.Compile(source)
	var wrong *condition.Error
	if errors.As(err, &wrong) {
		return nil, breaks("%s must be a condition: %v", path, wrong)
	}
	if err != nil {
		return nil, err
	}
	for _, f := range e.Fields() {
		if why := s.unknownField(f.Name); why != "" {
			at := &condition.Error{Line: f.Line, Column: f.Column, Reason: why}
			return nil, breaks("%s must be a condition: %v", path, at)
		}
	}
	return e, nil
}

// unknownField says why a condition can't read a field, "" when it can. Below the second name anything goes.
func (s *server) unknownField(name string) string {
	root, rest, _ := strings.Cut(name, ".")
	schema := map[string]string{"payment": "Payment", "delivery": "Delivery"}[root]
	if schema == "" {
		return "there is no " + root + ": known are payment and delivery, such as payment.status and delivery.state"
	}
	field, _, _ := strings.Cut(rest, ".")
	var known []string
	for _, f := range s.Reader.Control.FieldsOf(schema) {
		if f.Path == "events" { // they are no part of what a condition sees
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
	if near := openapi.Similar(field, known); near != nil {
		return "there is no field " + root + "." + field + "; did you mean " + root + "." + near[0] + "?"
	}
	return "there is no field " + root + "." + field + "; known are " + strings.Join(known, ", ")
}

// sightShown is what a wait answers.
type sightShown struct {
	Met      bool              `json:"met"`
	Payment  *paymentShown     `json:"payment,omitempty"`
	Delivery *query.Delivery   `json:"delivery,omitempty"`
	Seen     []query.Candidate `json:"candidates,omitzero"`
}

func (s *server) wait(r *request) (reply, error) {
	doc, err := s.input(r, "WaitInput")
	if err != nil {
		return reply{}, err
	}
	limit, err := span(doc, "timeout")
	if err != nil {
		return reply{}, err
	}
	switch {
	case limit > mostWait:
		return reply{}, breaks("timeout must be at most 5m")
	case !doc.Has("timeout"):
		limit = usualWait
	}
	condition, err := s.condition("condition", doc.Text("condition"))
	if err != nil {
		return reply{}, err
	}
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	sight, err := s.Queries.Wait(r.Context(), c.ID, query.Wait{Condition: condition, Limit: limit})
	if err != nil {
		return reply{}, err
	}
	if !sight.Met {
		return ok(sightShown{Seen: append([]query.Candidate{}, sight.Candidates...)})
	}
	shown, err := s.paymentShown(r.Context(), c, sight.Payment.ID)
	if err != nil {
		return reply{}, err
	}
	return ok(sightShown{Met: true, Payment: &shown, Delivery: sight.Delivery})
}

func (s *server) verify(r *request) (reply, error) {
	doc, err := s.input(r, "VerifyInput")
	if err != nil {
		return reply{}, err
	}
	expected, err := s.expected(doc)
	if err != nil {
		return reply{}, err
	}
	c, err := s.company(r.path["company"])
	if err != nil {
		return reply{}, err
	}
	verdict, err := s.Queries.Verify(r.Context(), c.ID, expected)
	if err != nil {
		return reply{}, err
	}
	return ok(verdict)
}

// expected reads what is asserted of a document that holds.
func (s *server) expected(doc openapi.Document) (e query.Expectation, err error) {
	e = query.Expectation{PSP: doc.Text("received.psp"), Type: doc.Text("received.type"), Status: doc.Text("received.status"), AtLeast: 1, AtMost: -1}
	if when := doc.Text("received.when"); when != "" {
		if e.When, err = s.condition("received.when", when); err != nil {
			return e, err
		}
	}
	order, _ := doc.Object("received")["order"].([]any)
	for _, entry := range order {
		source, _ := entry.(string)
		condition, err := s.condition("received.order", source)
		if err != nil {
			return e, err
		}
		e.Order = append(e.Order, condition)
	}
	switch {
	case doc.Object("received.count") != nil:
		e.AtLeast = whole(doc, "received.count.atLeast")
		if doc.Has("received.count.atMost") {
			e.AtMost = whole(doc, "received.count.atMost")
		}
		if e.AtMost >= 0 && e.AtMost < e.AtLeast {
			return e, breaks("received.count.atMost must be at least atLeast")
		}
	case doc.Has("received.count"):
		e.AtLeast = whole(doc, "received.count")
		e.AtMost = e.AtLeast
	}
	return e, nil
}
